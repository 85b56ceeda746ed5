"""Help > Keyboard shortcuts: every key and gesture on one sheet, in columns, with search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement, pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.core.base.translation import tr
from app.gui.common import theme

Groups = Mapping[str, Sequence[tuple[str, str]]]
_SIZE = (1240, 764)
_COLUMNS = 3
"""With two, the sheet would be higher than a small screen."""


class ShortcutsSheet(QDialog):
    """What can be done without searching the menus.

    Parameters
    ----------
    groups
        (What it does, its keys or gesture), by the title of the group.
    parent
        Qt parent.

    Attributes
    ----------
    change_button
        Leads to the settings, where keys can be changed.
    """

    def __init__(self, groups: Groups, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self._groups = groups
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search for a command or a key"))
        self.search.setAccessibleName(tr("Search for a command or a key"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._fill)
        self._sheet = theme.named(QWidget(), "central")
        self._side_by_side = QHBoxLayout(self._sheet)
        self._side_by_side.setSpacing(26)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self._sheet)
        self.change_button = QPushButton(tr("Change keys…"))
        self.change_button.setAutoDefault(False)
        buttons = QDialogButtonBox()
        close = QPushButton(tr("Close"))
        buttons.addButton(self.change_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(close, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(area, 1)
        layout.addWidget(buttons)
        self.resize(*_SIZE)
        self._fill()

    def found(self) -> dict[str, list[tuple[str, str]]]:
        """The groups with what the search leaves of them."""
        wanted = self.search.text().casefold().split()
        kept = {
            title: [row for row in rows if all(word in " ".join(row).casefold() for word in wanted)]
            for title, rows in self._groups.items()
        }
        return {title: rows for title, rows in kept.items() if rows}

    def _fill(self) -> None:
        while (entry := self._side_by_side.takeAt(0)) is not None:
            if (widget := entry.widget()) is not None:
                widget.deleteLater()
        found = self.found()
        for titles in _dealt(found):
            self._side_by_side.addWidget(_column({title: found[title] for title in titles}), 1)
        if not found:
            self._side_by_side.insertWidget(0, QLabel(tr("Nothing of that name or key.")))


def _dealt(groups: Groups) -> list[list[str]]:
    """The titles for each column, in order, cut where the columns come out most alike."""
    titles = list(groups)
    heights = [len(groups[title]) + 2 for title in titles]

    def highest(cuts: tuple[int, ...]) -> int:
        ends = (0, *cuts, len(titles))
        return max(sum(heights[low:high]) for low, high in pairwise(ends))

    places = combinations_with_replacement(range(len(titles) + 1), _COLUMNS - 1)
    ends = (0, *min(places, key=highest), len(titles))
    return [titles[low:high] for low, high in pairwise(ends)]


def _column(groups: Groups) -> QWidget:
    column = QWidget()
    grid = QGridLayout(column)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setVerticalSpacing(1)
    grid.setColumnStretch(0, 3)
    grid.setColumnStretch(1, 2)
    row = 0
    for title, entries in groups.items():
        grid.addWidget(_label(title, "sheetTitle"), row, 0, 1, 2)
        for name, keys in entries:
            row += 1
            grid.addWidget(_label(name, "sheetName"), row, 0)
            grid.addWidget(_label(keys, "sheetKeys"), row, 1)
        row += 1
    grid.setRowStretch(row, 1)
    return column


def _label(text: str, name: str) -> QLabel:
    label = theme.named(QLabel(text), name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    label.setWordWrap(True)
    return label
