"""Tools > Settings: a list of pages at the left, the chosen one at the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.gui.common.message_box import MessageBox
from app.gui.common.theme import named
from app.gui.settings.pages.page import SettingsPage
from app.gui.settings.remembered import Settings

_LIST_WIDTH = 172
_SIZE = QSize(820, 600)
_LAST_PAGE = "settings-page"


class SettingsDialog(QDialog):
    """Everything that can be set; nothing takes effect before OK or Apply.

    Parameters
    ----------
    settings
        Where it is kept.
    pages
        In the order of the list.
    parent
        Qt parent.

    Signals
    -------
    applied()
        Settings were kept: whoever uses them reads them again.
    """

    applied = Signal()

    def __init__(
        self, settings: Settings, pages: Sequence[SettingsPage], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Settings"))
        self._settings = settings
        self.pages = list(pages)
        self.list = named(QListWidget(), "pages")
        self.list.setAccessibleName(tr("Pages of the settings"))
        self.list.setFixedWidth(_LIST_WIDTH)
        self.stack = QStackedWidget()
        for page in self.pages:
            self.list.addItem(page.title)
            self.stack.addWidget(_scrolled(page))
        self.list.currentRowChanged.connect(self.stack.setCurrentIndex)
        self.errors = MessageBox()
        buttons = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(buttons.Ok | buttons.Cancel | buttons.Apply)
        for kind, words in (
            (buttons.Ok, tr("OK")),
            (buttons.Cancel, tr("Cancel")),
            (buttons.Apply, tr("Apply")),
        ):
            self.buttons.button(kind).setText(words)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.buttons.button(buttons.Apply).clicked.connect(self.keep)
        middle = QHBoxLayout()
        middle.addWidget(self.list)
        middle.addWidget(self.stack, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(middle, 1)
        layout.addWidget(self.errors)
        layout.addWidget(self.buttons)
        self.resize(_SIZE)

    def present(self, title: str = "") -> None:
        """Show what is set now, on the page last seen or the one of this title."""
        if not self.isVisible():
            self.errors.show_errors(())
            for page in self.pages:
                page.load(self._settings)
        titles = [page.title for page in self.pages]
        row = titles.index(title) if title in titles else self._settings.number(_LAST_PAGE, 0)
        self.list.setCurrentRow(min(max(0, row), len(self.pages) - 1))
        self.show()
        self.raise_()
        self.activateWindow()
        self.list.setFocus()

    def keep(self) -> bool:
        """Apply: keep every page; False when one of them has something that cannot be used."""
        for place, page in enumerate(self.pages):
            try:
                page.check()
            except ReviewError as error:
                self.list.setCurrentRow(place)
                self.errors.show_errors([error])
                return False
        for page in self.pages:
            page.apply(self._settings)
        self.errors.show_errors(())
        self._settings.save()
        self.applied.emit()
        return True

    def accept(self) -> None:
        """OK."""
        if self.keep():
            super().accept()

    def done(self, result: int) -> None:
        """Remember the page."""
        self._settings.set_number(_LAST_PAGE, self.list.currentRow())
        super().done(result)


def _scrolled(page: SettingsPage) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(page)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
