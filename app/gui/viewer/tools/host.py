"""A widget on which layers paint and tools take mouse and keys; the image view is the only one."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from app.gui.viewer.tools.protocols import Layer, Tool

if TYPE_CHECKING:
    from app.gui.viewer.image_view import ImageView

_TABS = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)


class ToolHost(QWidget):
    """Passes on what happens to the tools, in their order, until one takes it.

    Attributes
    ----------
    layers
        Painted over the image, the last on top.
    tools
        Asked for mouse and keys, the first first.
    frozen
        Whether another image is on its way: what is seen is no longer what is being read, and no
        tool gets anything.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layers: list[Layer] = []
        self.tools: list[Tool] = []
        self.frozen = False
        self._gesture: Tool | None = None
        self._resting_cursor = Qt.CursorShape.ArrowCursor
        self.installEventFilter(self)

    @property
    def _view(self) -> ImageView:
        return cast("ImageView", self)

    @property
    def _hands(self) -> list[Tool]:
        return [] if self.frozen else self.tools

    @property
    def in_gesture(self) -> bool:
        """Whether a tool has taken a press that is not released yet."""
        return self._gesture is not None

    def paint_layers(self, painter: QPainter) -> None:
        """Paint what lies over the image."""
        for layer in self.layers:
            painter.save()
            layer.paint(painter, self._view)
            painter.restore()

    def take_press(self, event: QMouseEvent) -> bool:
        """Whether a tool takes a press, and the gesture that it begins."""
        self._gesture = next((t for t in self._hands if t.press(event, self._view)), None)
        return self.in_gesture

    def take_move(self, event: QMouseEvent) -> None:
        """The mouse moved: the tool in a gesture is told, else all."""
        for tool in [self._gesture] if self._gesture is not None else self._hands:
            tool.move(event, self._view)

    def take_release(self, event: QMouseEvent) -> bool:
        """Whether a button went up in a gesture, which the left one ends."""
        gesture = self._gesture
        if gesture is not None and event.button() is Qt.MouseButton.LeftButton:
            self._gesture = None
            gesture.release(event, self._view)
        return gesture is not None

    def take_double_click(self, event: QMouseEvent) -> bool:
        """Whether a tool has a use for a double click."""
        return any(tool.double_click(event, self._view) for tool in self._hands)

    def take_key(self, event: QKeyEvent) -> bool:
        """Whether a tool takes a key; Tab comes by ``focusNextPrevChild``."""
        if event.key() in _TABS:
            return False
        return any(tool.key(event, self._view) for tool in self._hands)

    def end_gesture(self) -> None:
        """A drag of a tool ends where it is."""
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.cancel(self._view)

    def set_resting_cursor(self, shape: Qt.CursorShape) -> None:
        """The cursor while nothing is being dragged."""
        if shape != self._resting_cursor:
            self._resting_cursor = shape
            self.setCursor(shape)

    def before_key(self, event: QKeyEvent) -> None:
        """A key went down, for whomever it is meant."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A key that a tool has a use for does not reach the window's shortcuts."""
        # A filter and no ``event``: that one deletes the widget in the middle of a Python call.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            self.before_key(event)
            if any(tool.wants_key(event, self._view) for tool in self._hands):
                event.accept()
                return True
        return super().eventFilter(watched, event)

    def focusNextPrevChild(self, forwards: bool) -> bool:
        """Tab walks through the marks, and beyond the last to the next widget."""
        key = Qt.Key.Key_Tab if forwards else Qt.Key.Key_Backtab
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
        if any(tool.key(event, self._view) for tool in self._hands):
            return True
        return super().focusNextPrevChild(forwards)
