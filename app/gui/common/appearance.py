"""Puts the theme on the application: chosen by the person, or the system's as it changes."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication

from app.gui.common import theme
from app.gui.common.qt_images import style_sheet

SYSTEM, DARK, LIGHT = "system", "dark", "light"
_SCHEMES = {DARK: Qt.ColorScheme.Dark, LIGHT: Qt.ColorScheme.Light}


class Appearance(QObject):
    """The theme of one application; ``of`` finds it again.

    Parameters
    ----------
    application
        Its parent, which it dresses.
    """

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self._choice = ""
        application.styleHints().colorSchemeChanged.connect(self._follow)

    @staticmethod
    def of(application: QApplication) -> Appearance:
        """The one of this application, made when there is none yet."""
        found = application.findChild(Appearance)
        return found if isinstance(found, Appearance) else Appearance(application)

    def choose(self, choice: str) -> None:
        """Wear ``SYSTEM``, ``DARK`` or ``LIGHT``; anything else is ``SYSTEM``."""
        self._choice = choice if choice in _SCHEMES else SYSTEM
        hints = self._application.styleHints()
        # The frames of windows and the system's own dialogs go along where the system can.
        hints.setColorScheme(_SCHEMES.get(choice, Qt.ColorScheme.Unknown))
        self._wear(_SCHEMES.get(choice) or hints.colorScheme())

    def _follow(self, scheme: Qt.ColorScheme) -> None:
        if self._choice == SYSTEM:
            self._wear(scheme)

    def _wear(self, scheme: Qt.ColorScheme) -> None:
        """Dark unless light is asked for: a system without schemes gets the reading room's."""
        theme.use(light=scheme is Qt.ColorScheme.Light)
        self._application.setPalette(theme.palette())
        self._application.setStyleSheet(theme.filled(style_sheet()))
