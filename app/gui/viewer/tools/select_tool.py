"""Marks on the screen: painted, selected by click and Tab, dragged by their handles, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPainter

from app.core.reading.measure import Point
from app.gui.viewer.mark_desk import MarkDesk
from app.gui.viewer.tools.label_editor import LabelEditor
from app.gui.viewer.tools.mark_painting import paint_mark

if TYPE_CHECKING:
    from app.gui.viewer.image_view import ImageView

_REACH = 7.0
"""Logical pixels of the screen within which a handle or a line is hit."""
_SLACK = 3.0
"""A hand that shakes by less while it clicks moves nothing."""
_BY_KEYS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}
ARROWS = tuple(_BY_KEYS)
FAST = 10.0
"""Pixels a step with Shift."""
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def image_step(event: QKeyEvent, view: ImageView) -> Point | None:
    """By how many image pixels an arrow key moves, as seen on the screen; None for other keys."""
    wanted = _BY_KEYS.get(Qt.Key(event.key()))
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if wanted is None or modifiers not in (
        Qt.KeyboardModifier.NoModifier,
        Qt.KeyboardModifier.ShiftModifier,
    ):
        return None
    pixels = FAST if modifiers else 1.0
    inverse, _ = view.viewport.transform().inverted()
    step = inverse.map(QPointF(*wanted)) - inverse.map(QPointF(0, 0))
    # One pixel of the image, whatever the zoom.
    scale = view.viewport.scale * pixels
    return step.x() * scale, step.y() * scale


class SelectTool:
    """Layer and tool of the marks that are there; see ``ports``."""

    def __init__(self, desk: MarkDesk) -> None:
        self.desk = desk
        self.shown = True
        self.editor: LabelEditor | None = None
        self._from: Point | None = None
        self._pressed: QPointF | None = None

    def paint(self, painter: QPainter, view: ImageView) -> None:
        """All marks of the frame, the selected one on top."""
        if not self.shown:
            return
        desk, taken = self.desk, list[QRectF]()
        for number in sorted(desk.seen, key=lambda number: number == desk.selected):
            selected = number == desk.selected
            paint_mark(painter, view, desk.marks[number], selected, desk.handle, taken=taken)

    def state(self) -> object:
        """The marks and what is selected of them."""
        desk = self.desk
        return self.shown, desk.marks, desk.frame, desk.selected, desk.handle

    def press(self, event: QMouseEvent, view: ImageView) -> bool:
        """Take what is under the cursor; a press elsewhere selects nothing."""
        self.close_editor()
        found = self._under(event.position(), view)
        if found is None:
            if self.desk.selected is not None:
                self.desk.select(None)
            return False
        self.desk.select(*found)
        self._from = _point(view, event.position())
        self._pressed = event.position()
        self.desk.begin_drag()
        return True

    def move(self, event: QMouseEvent, view: ImageView) -> None:
        """Drag what was taken; else show what could be."""
        if self._from is None:
            found = self._under(event.position(), view)
            view.set_resting_cursor(
                Qt.CursorShape.ArrowCursor
                if found is None
                else Qt.CursorShape.SizeAllCursor
                if found[1] is None
                else Qt.CursorShape.PointingHandCursor
            )
            return
        if self._pressed is not None:
            if QLineF(self._pressed, event.position()).length() < _SLACK:
                return
            self._pressed = None
        to = _point(view, event.position())
        if self.desk.handle is not None:
            self.desk.drag_handle(to)
        else:
            self.desk.drag_mark((to[0] - self._from[0], to[1] - self._from[1]))
            self._from = to

    def release(self, event: QMouseEvent, view: ImageView) -> None:
        """The drag is over."""
        self.cancel(view)

    def cancel(self, view: ImageView) -> None:
        """What was dragged stays where it is now."""
        if self._from is not None:
            self._from = None
            self.desk.end_drag()

    def double_click(self, event: QMouseEvent, view: ImageView) -> bool:
        """Name a region."""
        found = self._under(event.position(), view)
        if found is None:
            return False
        self.desk.select(*found)
        self.edit_label(view)
        return True

    def wants_key(self, event: QKeyEvent, view: ImageView) -> bool:
        """What ``key`` takes."""
        if event.matches(QKeySequence.StandardKey.Undo):
            return self.desk.can_undo_measure
        if event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            return bool(self.desk.seen)
        mark = self.desk.selected_mark
        if mark is None:
            return False
        if image_step(event, view) is not None:
            return self.desk.handle is not None
        if event.key() in (*ENTER, Qt.Key.Key_F2):
            return mark.is_region
        return event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Escape)

    def key(self, event: QKeyEvent, view: ImageView) -> bool:
        """Tab walks, arrows move, Delete removes, Enter names, Ctrl+Z undoes, Esc lets go."""
        if not self.wants_key(event, view):
            return False
        if event.matches(QKeySequence.StandardKey.Undo):
            self.desk.undo()
        elif event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            return self.desk.select_next(1 if event.key() == Qt.Key.Key_Tab else -1)
        elif (step := image_step(event, view)) is not None:
            self.desk.nudge(step)
        elif event.key() == Qt.Key.Key_Delete:
            self.desk.remove_selected()
        elif event.key() == Qt.Key.Key_Escape:
            self.desk.select(None)
        else:
            self.edit_label(view)
        return True

    def edit_label(self, view: ImageView) -> None:
        """Let the person name the selected region where it lies."""
        mark = self.desk.selected_mark
        if mark is not None and mark.is_region:
            self.close_editor()
            self.editor = LabelEditor(view, mark)
            self.editor.named.connect(self.desk.set_label)

    def close_editor(self) -> None:
        """Keep what was typed."""
        if self.editor is not None:
            self.editor.finish()
            self.editor = None

    def _under(self, at: QPointF, view: ImageView) -> tuple[int, int | None] | None:
        if not self.shown:
            return None
        reach = _REACH * view.devicePixelRatioF() / view.viewport.scale
        return self.desk.hit(_point(view, at), reach)


def _point(view: ImageView, at: QPointF) -> Point:
    found = view.to_image(at)
    return found.x(), found.y()
