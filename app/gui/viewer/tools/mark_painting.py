"""How marks look: bright lines on a dark seam, so that they read on bone as on air."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from app.core.base.translation import tr
from app.core.reading.marks import Mark, MarkKind, box_of
from app.core.reading.measure import (
    Point,
    angle,
    cardiothoracic_ratio,
    length,
    ratio_cautions,
    unit,
)
from app.gui.common import theme
from app.gui.common.privacy import privacy

if TYPE_CHECKING:
    from app.core.image.radiograph import Radiograph
    from app.gui.viewer.image_view import ImageView

MEASURE = QColor("#ffd23f")
REGION = QColor("#4cc9f0")
_SEAM = QColor(0, 0, 0, 170)
_SHADE = QColor(0, 0, 0, 165)
_TEXT_PIXELS = 13
_TICK = 5.0
_RATIO_TICK = 9.0
_HANDLE = 4.0


def colour_of(mark: Mark) -> QColor:
    """Regions and measurements differ in shape and in words too."""
    return REGION if mark.is_region else MEASURE


def kind_words(kind: MarkKind) -> str:
    """What a mark is."""
    return {
        MarkKind.LENGTH: tr("Distance"),
        MarkKind.ANGLE: tr("Angle"),
        MarkKind.RATIO: tr("Lines of the ratio"),
        MarkKind.RECTANGLE: tr("Rectangle"),
        MarkKind.ELLIPSE: tr("Ellipse"),
        MarkKind.POLYGON: tr("Polygon"),
    }[kind]


def words_of(mark: Mark, radiograph: Radiograph) -> list[str]:
    """What stands beside a mark, line by line."""
    spacing, points = radiograph.spacing, mark.points
    if mark.kind is MarkKind.LENGTH:
        return [_length_words(length(points[0], points[1], spacing), unit(spacing))]
    if mark.kind is MarkKind.ANGLE:
        found = angle(points[0], points[1], points[2], spacing)
        return [] if found is None else [f"{found:.1f}°"]
    if mark.kind is MarkKind.RATIO:
        heart, thorax = points[:2], points[2:]
        ratio = cardiothoracic_ratio((heart[0], heart[1]), (thorax[0], thorax[1]))
        if ratio is None:
            return []
        widths = (length(line[0], line[1], spacing) for line in (heart, thorax))
        figures = " / ".join(f"{width:.0f}" for width in widths)
        return [
            tr("Cardiothoracic ratio {ratio}", ratio=f"{ratio:.2f}"),
            tr("Heart / thorax {figures} {unit}", figures=figures, unit=unit(spacing)),
        ]
    return [privacy.sentence(mark.label)] if mark.label else []


def warnings_of(mark: Mark, radiograph: Radiograph) -> list[str]:
    """What makes the figure mislead."""
    if mark.kind is not MarkKind.RATIO:
        return []
    ratio = cardiothoracic_ratio((mark.points[0], mark.points[1]), (mark.points[2], mark.points[3]))
    found = list(ratio_cautions(radiograph.header))
    if ratio is not None and ratio >= 1:
        found.insert(0, tr("The heart's line is longer than the thorax's: check both"))
    return found


def _length_words(value: float, in_unit: str) -> str:
    digits = 0 if in_unit == tr("px") else 1
    return f"{value:.{digits}f} {in_unit}"


def paint_mark(
    painter: QPainter,
    view: ImageView,
    mark: Mark,
    selected: bool = False,
    handle: int | None = None,
    ready: bool = True,
    taken: list[QRectF] | None = None,
) -> None:
    """Paint one mark in logical pixels.

    Parameters
    ----------
    selected, handle
        Whether its handles show, and which of them keys would move.
    ready
        False while it is being drawn: what it says may not yet be said.
    taken
        Where the words of other marks stand; the place of these is added.
    """
    assert view.radiograph is not None
    colour = colour_of(mark)
    strokes = [[_to_view(view, point) for point in line] for line in mark.outlines()]
    if mark.kind is MarkKind.RATIO:
        strokes += _ticks(view, mark, _RATIO_TICK)
    elif mark.kind is MarkKind.LENGTH:
        strokes += _ticks(view, mark, _TICK)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(_SEAM, 4.0), QPen(colour, 2.0 if selected else 1.4)):
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        for stroke in strokes:
            painter.drawPolyline(QPolygonF(stroke))
    if selected:
        _paint_handles(painter, view, mark, handle, colour)
    if ready:
        good, bad = words_of(mark, view.radiograph), warnings_of(mark, view.radiograph)
        if good or bad:
            lines = [(text, colour) for text in good]
            lines += [(f"⚠ {text}", theme.IMAGE_WARNING) for text in bad]
            _paint_words(painter, view, mark, lines, [] if taken is None else taken)


def paint_open_line(painter: QPainter, view: ImageView, points: Sequence[Point]) -> None:
    """Paint points in a row that are no mark yet."""
    line = [_to_view(view, point) for point in points]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for pen in (QPen(_SEAM, 4.0), QPen(MEASURE, 1.4)):
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(line))
    for point in line:
        painter.drawEllipse(point, 2.0, 2.0)


def _to_view(view: ImageView, point: Point) -> QPointF:
    return view.to_view(QPointF(*point))


def _ticks(view: ImageView, mark: Mark, size: float) -> list[list[QPointF]]:
    """Short strokes across the ends of its lines."""
    made = []
    for line in mark.outlines():
        start, end = _to_view(view, line[0]), _to_view(view, line[-1])
        along = end - start
        far = (along.x() ** 2 + along.y() ** 2) ** 0.5
        if far < 1:
            continue
        across = QPointF(-along.y(), along.x()) * (size / far)
        made += [[place - across, place + across] for place in (start, end)]
    return made


def _paint_handles(
    painter: QPainter, view: ImageView, mark: Mark, chosen: int | None, colour: QColor
) -> None:
    for number, point in enumerate(mark.handles):
        at = _to_view(view, point)
        side = _HANDLE + (1.5 if number == chosen else 0.0)
        box = QRectF(at - QPointF(side, side), QSizeF(2 * side, 2 * side))
        painter.setPen(QPen(QColor("#ffffff") if number == chosen else colour, 1.4))
        # The chosen one is filled, not only of another colour.
        painter.setBrush(colour if number == chosen else _SEAM)
        painter.drawRect(box)


def _paint_words(
    painter: QPainter,
    view: ImageView,
    mark: Mark,
    lines: list[tuple[str, QColor]],
    taken: list[QRectF],
) -> None:
    font = QFont(view.font())
    font.setPixelSize(_TEXT_PIXELS)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    width = max(metrics.horizontalAdvance(text) for text, _ in lines)
    box = QRectF(0, 0, width + 10, metrics.height() * len(lines) + 4)
    box.moveTopLeft(_place(view, mark, box))
    for other in sorted(taken, key=lambda other: other.top()):
        if box.intersects(other) and other.bottom() + 2 + box.height() < view.height():
            box.moveTop(other.bottom() + 2)
    taken.append(box)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_SHADE)
    painter.drawRoundedRect(box, 3, 3)
    for number, (text, pen) in enumerate(lines):
        painter.setPen(pen)
        base = box.top() + 2 + number * metrics.height() + metrics.ascent()
        painter.drawText(QPointF(box.left() + 5, base), text)


def _place(view: ImageView, mark: Mark, box: QRectF) -> QPointF:
    """Beside the mark, where it covers neither the mark nor leaves the view."""
    placed = [_to_view(view, point) for point in mark.handles]
    left, top, right, bottom = box_of([(point.x(), point.y()) for point in placed])
    if mark.kind in (MarkKind.LENGTH, MarkKind.ANGLE):
        last = placed[-1] if mark.kind is MarkKind.LENGTH else placed[1]
        at = QPointF(last.x() + 10, last.y() + 8)
    elif mark.kind is MarkKind.RATIO:
        at = QPointF((left + right - box.width()) / 2, bottom + 14)
    else:
        at = QPointF(left, bottom + 6)
    if at.y() + box.height() > view.height() - 4:
        at.setY(top - box.height() - 8)
    room_x = max(4.0, view.width() - 4 - box.width())
    room_y = max(4.0, view.height() - 4 - box.height())
    return QPointF(min(max(4.0, at.x()), room_x), min(max(4.0, at.y()), room_y))
