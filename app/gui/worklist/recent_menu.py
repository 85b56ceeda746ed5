"""File > Open recent: the folders and files of lately, and a way to forget them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from app.core.base.translation import tr
from app.gui.common.privacy import privacy

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow


class RecentMenu(QMenu):
    """Filled each time it opens.

    Parameters
    ----------
    window
        Its settings and its empty state; its menus are made by now.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(tr("Open recent"), window)
        self._window = window
        menu = window.findChild(QMenu, "menu-File")
        assert isinstance(menu, QMenu)
        menu.insertMenu(window.commands["score-rest"], self)
        self.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        self.clear()
        for path in self._window.settings.recent():
            self.addAction(privacy.path(path), partial(self._window.open, [path]))
        if self.isEmpty():
            self.addAction(tr("Nothing yet")).setEnabled(False)
        else:
            self.addSeparator()
            self.addAction(tr("Forget these"), self._forget)

    def _forget(self) -> None:
        self._window.settings.forget_recent()
        self._window.empty.show_recent([])
