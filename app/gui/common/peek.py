"""A command that is switched for as long as its key is held, and for good when it is tapped."""

from __future__ import annotations

import time

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence

HOLD_SECONDS = 0.3
"""A key that is down for longer is held."""


class Peek(QObject):
    """Switches a checkable command back when its key is let go after a while.

    Parameters
    ----------
    action
        Its shortcut switches it when the key goes down; a click on it stays a click.
    """

    def __init__(self, action: QAction) -> None:
        super().__init__(action)
        self._action = action
        self._since = 0.0
        action.setAutoRepeat(False)
        action.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See the key go down, then up; while it is held, keys are looked at, and no longer."""
        if watched is self._action:
            if event.type() == QEvent.Type.Shortcut:
                self._since = time.monotonic()
                self._application().installEventFilter(self)
            return False
        left = event.type() == QEvent.Type.ApplicationDeactivate
        if left or (isinstance(event, QKeyEvent) and self._is_release(event)):
            self._application().removeEventFilter(self)
            if time.monotonic() - self._since >= HOLD_SECONDS:
                self._action.toggle()
        return False

    def _is_release(self, event: QKeyEvent) -> bool:
        if event.type() != QEvent.Type.KeyRelease or event.isAutoRepeat():
            return False
        key = QKeySequence(event.key()).toString()
        return key in (sequence.toString() for sequence in self._action.shortcuts())

    @staticmethod
    def _application() -> QCoreApplication:
        application = QCoreApplication.instance()
        assert application is not None
        return application
