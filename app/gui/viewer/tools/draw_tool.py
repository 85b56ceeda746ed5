"""Drawing a new mark, by dragging, by clicks, or by arrow keys and Enter."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen

from app.core.base.translation import tr
from app.core.reading.marks import LEAST_CORNERS, POINTS, Mark, MarkKind
from app.core.reading.measure import Point
from app.gui.viewer.mark_desk import MarkDesk
from app.gui.viewer.tools.hints import paint_hint
from app.gui.viewer.tools.mark_painting import paint_mark, paint_open_line
from app.gui.viewer.tools.select_tool import ENTER, image_step

if TYPE_CHECKING:
    from app.gui.viewer.image_view import ImageView

_DRAG = 5.0
"""Logical pixels; a shorter way between press and release is a click."""
_NEAR = 8.0
"""Logical pixels from a polygon's first corner within which a click closes it."""
_LEAST_ARM = 24.0


class DrawTool:
    """Layer and tool of the mark that is being drawn; see ``ports``.

    A drag sets two points, a click one, and so does Enter at the cross that the arrow keys move.
    After one mark the tool puts itself away, so that the left button is for the window again.
    """

    def __init__(self, desk: MarkDesk) -> None:
        self.desk = desk
        self.kind: MarkKind | None = None
        self.on_end: Callable[[], None] = lambda: None
        self._placed: list[Point] = []
        self._cursor: Point | None = None
        self._by_keys = False
        self._pressed: QPointF | None = None

    def start(self, kind: MarkKind, view: ImageView) -> None:
        """Draw one mark of a kind."""
        self.kind = kind
        self._forget()
        self.desk.select(None)
        view.set_resting_cursor(Qt.CursorShape.CrossCursor)
        view.setFocus(Qt.FocusReason.OtherFocusReason)
        view.update()

    def stop(self, view: ImageView) -> None:
        """Put the tool away; what is half drawn is not kept."""
        self.kind = None
        self._forget()
        view.set_resting_cursor(Qt.CursorShape.ArrowCursor)
        view.update()
        self.on_end()

    # Layer ----------------------------------------------------------------------------------

    def paint(self, painter: QPainter, view: ImageView) -> None:
        """What is half drawn, the cross, and what to do next."""
        if self.kind is None:
            return
        points = self._with_cursor(view)
        if len(points) >= POINTS.get(self.kind, LEAST_CORNERS):
            ready = self.kind is not MarkKind.POLYGON
            paint_mark(painter, view, Mark(self.kind, tuple(points)), ready=ready)
        else:
            # Of a ratio the heart's line stands while the thorax's is drawn.
            paint_open_line(painter, view, points[:2])
            if points[2:]:
                joined = self.kind is not MarkKind.RATIO
                paint_open_line(painter, view, points[1:] if joined else points[2:])
        if self._by_keys and self._cursor is not None:
            _paint_cross(painter, view, self._cursor)
        paint_hint(painter, view, self._hint())

    def _hint(self) -> str:
        drawn = len(self._placed)
        if self.kind is MarkKind.RATIO:
            if drawn < 2:
                return tr("Drag across the heart where it is widest")
            return tr("Drag across the thorax, from inner rib edge to inner rib edge")
        if self.kind is MarkKind.ANGLE:
            return (tr("End of one leg"), tr("Vertex"), tr("End of the other leg"))[min(drawn, 2)]
        if self.kind is MarkKind.POLYGON:
            if drawn < LEAST_CORNERS:
                return tr("Click corner after corner")
            return tr("Enter, double click or the first corner closes it")
        if self.kind is MarkKind.LENGTH:
            return tr("Drag from end to end")
        return tr("Drag from corner to corner")

    # Mouse ----------------------------------------------------------------------------------

    def press(self, event: QMouseEvent, view: ImageView) -> bool:
        """The first point of a drag, or a click."""
        if self.kind is None:
            return False
        self._by_keys = False
        self._pressed = event.position()
        if self._closes(event.position(), view):
            self._finish(view)
            return True
        if not self._placed or (self.kind is MarkKind.RATIO and len(self._placed) == 2):
            self._place(_point(view, event.position()), view)
        return True

    def move(self, event: QMouseEvent, view: ImageView) -> None:
        """The next point follows the cursor."""
        if self.kind is not None:
            self._by_keys = False
            self._cursor = _point(view, event.position())
            view.set_resting_cursor(Qt.CursorShape.CrossCursor)

    def release(self, event: QMouseEvent, view: ImageView) -> None:
        """The second point of a drag, or a click after the first."""
        pressed, self._pressed = self._pressed, None
        if self.kind is None or pressed is None:
            return
        dragged = QLineF(pressed, event.position()).length() >= _DRAG
        last = view.to_view(QPointF(*self._placed[-1])) if self._placed else pressed
        # A click on the spot of the last point is the click that set it.
        if dragged or QLineF(last, event.position()).length() >= _DRAG:
            self._place(_point(view, event.position()), view)

    def cancel(self, view: ImageView) -> None:
        """The button counts as not pressed."""
        self._pressed = None

    def double_click(self, event: QMouseEvent, view: ImageView) -> bool:
        """Close a polygon; nothing is fitted while something is drawn."""
        if self.kind is MarkKind.POLYGON and len(self._placed) >= LEAST_CORNERS:
            self._finish(view)
        return self.kind is not None

    # Keys -----------------------------------------------------------------------------------

    def wants_key(self, event: QKeyEvent, view: ImageView) -> bool:
        """Arrows, Enter and Esc while something is drawn."""
        if self.kind is None:
            return False
        keys = (*ENTER, Qt.Key.Key_Escape)
        return event.key() in keys or image_step(event, view) is not None

    def key(self, event: QKeyEvent, view: ImageView) -> bool:
        """Arrows move the cross, Enter sets a point, Esc puts the tool away."""
        if not self.wants_key(event, view):
            return False
        if event.key() == Qt.Key.Key_Escape:
            self.stop(view)
            return True
        if self._cursor is None or not self._by_keys:
            self._cursor = self._cursor if self._cursor is not None else _middle(view)
            self._by_keys = True
        step = image_step(event, view)
        if step is not None:
            image = view.viewport.image
            self._cursor = (
                min(max(self._cursor[0] + step[0], 0.0), image.width()),
                min(max(self._cursor[1] + step[1], 0.0), image.height()),
            )
        elif self._placed and self._held(self._cursor, view) == self._placed[-1]:
            # Enter twice on the spot closes a polygon.
            if self.kind is MarkKind.POLYGON and len(self._placed) >= LEAST_CORNERS:
                self._finish(view)
        else:
            self._place(self._cursor, view)
        view.update()
        return True

    # Points ---------------------------------------------------------------------------------

    def _place(self, point: Point, view: ImageView) -> None:
        assert self.kind is not None
        held = self._held(point, view)
        if self._placed and held == self._placed[-1]:
            return
        self._placed.append(held)
        self._cursor = held
        if len(self._placed) == POINTS.get(self.kind):
            self._finish(view)

    def _held(self, point: Point, view: ImageView) -> Point:
        """Where a point may lie: the end of a line of the ratio is level with its start."""
        if self.kind is not MarkKind.RATIO or len(self._placed) % 2 == 0:
            return point
        start = self._placed[-1]
        upright = view.viewport.turns % 2 == 0
        return (point[0], start[1]) if upright else (start[0], point[1])

    def _with_cursor(self, view: ImageView) -> list[Point]:
        if self._cursor is None or not self._placed:
            return list(self._placed)
        return [*self._placed, self._held(self._cursor, view)]

    def _closes(self, at: QPointF, view: ImageView) -> bool:
        if self.kind is not MarkKind.POLYGON or len(self._placed) < LEAST_CORNERS:
            return False
        first = view.to_view(QPointF(*self._placed[0]))
        return QLineF(first, at).length() <= _NEAR

    def _finish(self, view: ImageView) -> None:
        assert self.kind is not None
        made, by_keys = Mark(self.kind, tuple(self._placed)), self._by_keys
        self.stop(view)
        self.desk.add(made)
        if by_keys:
            self.desk.select(self.desk.selected, len(made.handles) - 1)

    def _forget(self) -> None:
        self._placed = []
        self._cursor = None
        self._by_keys = False
        self._pressed = None


def _point(view: ImageView, at: QPointF) -> Point:
    found = view.to_image(at)
    size = view.viewport.image
    return min(max(found.x(), 0.0), size.width()), min(max(found.y(), 0.0), size.height())


def _middle(view: ImageView) -> Point:
    found = _point(view, QRectF(view.rect()).center())
    return float(round(found[0])), float(round(found[1]))


def _paint_cross(painter: QPainter, view: ImageView, at: Point) -> None:
    """Arms around a free middle, so that the spot itself can be seen."""
    place = view.to_view(QPointF(*at))
    for pen in (QPen(QColor(0, 0, 0, 170), 3.0), QPen(QColor("#ffffff"), 1.0)):
        painter.setPen(pen)
        for across, down in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            painter.drawLine(
                place + QPointF(4 * across, 4 * down),
                place + QPointF(_LEAST_ARM * across, _LEAST_ARM * down),
            )
