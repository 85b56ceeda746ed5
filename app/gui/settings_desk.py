"""Connects to the window what is set once for all of it: settings, hidden identity, full screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from app.gui.appearance import Appearance
from app.gui.privacy import privacy
from app.gui.widgets.settings_dialog import SettingsDialog
from app.gui.widgets.settings_pages import make_pages

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow


class SettingsDesk(QObject):
    """What the window's commands for settings and identity do.

    Parameters
    ----------
    window
        Its settings, and where the dialog belongs.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.dialog: SettingsDialog | None = None
        """Made when it is first asked for."""

    def show_settings(self, title: str = "") -> None:
        """Tools > Settings, on a certain page or the last one."""
        if self.dialog is None:
            window = self._window
            self.dialog = SettingsDialog(window.settings, make_pages(window), window)
            self.dialog.applied.connect(self._dress)
        self.dialog.present(title)

    def _dress(self) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        Appearance.of(application).choose(self._window.settings.text("theme"))

    def hide_identity(self, hidden: bool) -> None:
        """View > Hide identity."""
        privacy.set_hidden(hidden)

    def full_screen(self, full: bool) -> None:
        """View > Full screen: and back to what it was."""
        if full != self._window.isFullScreen():
            self._window.setWindowState(
                self._window.windowState() ^ self._window.windowState().WindowFullScreen
            )
