"""Help > Keyboard shortcuts: every key and gesture on one sheet, in two columns, with search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.core.translation import tr
from app.gui.widgets import theme

Groups = Mapping[str, Sequence[tuple[str, str]]]
_SIZE = (1060, 700)


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
        self.columns = (QLabel(), QLabel())
        sheet = theme.named(QWidget(), "central")
        side_by_side = QHBoxLayout(sheet)
        side_by_side.setSpacing(28)
        for column in self.columns:
            column.setTextFormat(Qt.TextFormat.RichText)
            column.setAlignment(Qt.AlignmentFlag.AlignTop)
            column.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            side_by_side.addWidget(column, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(sheet)
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
        found = self.found()
        halves = _halves(found)
        for column, titles in zip(self.columns, halves, strict=True):
            rows = "".join(_group(title, found[title]) for title in titles)
            column.setText(f"<table width='100%' cellpadding='2' cellspacing='0'>{rows}</table>")
        if not found:
            self.columns[0].setText(escape(tr("Nothing of that name or key.")))


def _halves(groups: Groups) -> tuple[list[str], list[str]]:
    """The titles for the left and for the right column, cut where they come out most alike."""
    titles = list(groups)
    heights = [len(groups[title]) + 2 for title in titles]
    cut = min(
        range(len(titles) + 1), key=lambda at: max(sum(heights[:at]), sum(heights[at:])), default=0
    )
    return titles[:cut], titles[cut:]


def _group(title: str, rows: Sequence[tuple[str, str]]) -> str:
    muted = theme.MUTED.name()
    head = f"<tr><td colspan='2'><br><b style='color:{muted}'>{escape(title)}</b></td></tr>"
    return head + "".join(
        f"<tr><td width='250'>{escape(name)}</td><td><b>{escape(keys)}</b></td></tr>"
        for name, keys in rows
    )
