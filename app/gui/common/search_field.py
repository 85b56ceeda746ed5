"""A field to filter by, which is left by Enter, Down, or Esc once it is empty."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

_LEAVE = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down)


class SearchField(QLineEdit):
    """Whoever types here leaves by the keyboard, too: the next key must not be a letter.

    Signals
    -------
    left()
        The person is done: the keys belong to the list again.
    """

    left = Signal()

    def event(self, event: QEvent) -> bool:
        """Take Esc before the window's shortcuts do."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.ShortcutOverride
            and event.key() in (Qt.Key.Key_Escape, *_LEAVE)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc empties the field, then leaves it; Enter and Down leave it."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() in (Qt.Key.Key_Escape, *_LEAVE):
            self.left.emit()
        else:
            super().keyPressEvent(event)
