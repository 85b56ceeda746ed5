"""A line to type in, on the image, for the name of a region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from app.core.base.translation import tr
from app.core.reading.marks import Mark, box_of

if TYPE_CHECKING:
    from app.gui.viewer.image_view import ImageView

_WIDTH = 180
_MOST_LETTERS = 64
"""A DICOM long string (LO), as which a label leaves the program."""


class LabelEditor(QLineEdit):
    """Enter or a click elsewhere keeps the name, Esc does not.

    Signals
    -------
    named(str)
        The name that was typed.
    """

    named = Signal(str)

    def __init__(self, view: ImageView, mark: Mark) -> None:
        super().__init__(mark.label, view)
        self._view = view
        self._done = False
        self.installEventFilter(self)
        self.setObjectName("label-editor")
        self.setAccessibleName(tr("Label of the region"))
        self.setPlaceholderText(tr("Label"))
        self.setMaxLength(_MOST_LETTERS)
        self.setFixedWidth(min(_WIDTH, view.width() - 8))
        points = [view.to_view(QPointF(*point)) for point in mark.handles]
        left, _, _, bottom = box_of([(point.x(), point.y()) for point in points])
        self.move(
            round(min(max(4.0, left), view.width() - self.width() - 4)),
            round(min(max(4.0, bottom + 6), view.height() - self.sizeHint().height() - 4)),
        )
        self.selectAll()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def finish(self, keep: bool = True) -> None:
        """Go, and tell the name unless it is not to be kept."""
        if self._done:
            return
        self._done = True
        if keep:
            self.named.emit(self.text().strip())
        self.hide()
        self.deleteLater()
        self._view.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """No key typed here is a shortcut of the window."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Esc end it; nothing typed here moves marks or images."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            self.finish(keep=event.key() != Qt.Key.Key_Escape)
        elif event.key() not in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Tab):
            super().keyPressEvent(event)
        event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A click elsewhere keeps the name."""
        super().focusOutEvent(event)
        self.finish()
