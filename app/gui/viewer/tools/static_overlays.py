"""What always lies over the image: orientation letters, the scale, and the warning when turned.

Nothing here is guessed: a header without an orientation gives no letters, one without a spacing a
scale in pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from app.core.base.translation import tr
from app.core.dicom.orientation import edges
from app.core.reading.measure import ScaleBar, scale_bar
from app.gui.common import theme
from app.gui.viewer.tools.hints import paint_warning

if TYPE_CHECKING:
    from app.gui.viewer.image_view import ImageView
    from app.gui.viewer.viewport import Viewport

_SEAM = QColor(0, 0, 0, 200)
_LETTER_PIXELS = 17
_SCALE_PIXELS = 12
_MARGIN = 8.0
_SCALE_SHARE = 0.34
"""The most of the view's height that the scale takes."""
_TICK, _SMALL_TICK = 8.0, 4.0


def turned_words(viewport: Viewport) -> str:
    """What was done to the picture, '' when it stands as it is stored."""
    parts = []
    if viewport.turns:
        parts.append(tr("Rotated {degrees}°", degrees=90 * viewport.turns))
    if viewport.flipped:
        parts.append(tr("Flipped"))
    return " · ".join(parts)


class Furniture:
    """A layer; see ``ports``."""

    def paint(self, painter: QPainter, view: ImageView) -> None:
        """Letters, scale, warning."""
        assert view.radiograph is not None
        viewport, orientation = view.viewport, view.radiograph.header.patient_orientation
        bar = self.scale(view)
        if bar is not None:
            self._paint_scale(painter, view, bar)
        letters = edges(orientation, viewport.turns, viewport.flipped)
        middle_x, middle_y = view.width() / 2, view.height() / 2
        inset = 46.0 if bar is not None else _MARGIN
        font = QFont(view.font())
        font.setPixelSize(_LETTER_PIXELS)
        font.setBold(True)
        painter.setFont(font)
        half = QFontMetricsF(font).height() / 2
        for text, at in (
            (letters.left, QPointF(_MARGIN + half, middle_y)),
            (letters.right, QPointF(view.width() - inset - half, middle_y)),
            (letters.top, QPointF(middle_x, _MARGIN + half)),
            (letters.bottom, QPointF(middle_x, view.height() - _MARGIN - half)),
        ):
            if text:
                _paint_seamed(painter, text, at)
        if words := turned_words(viewport):
            paint_warning(painter, view, words)

    def state(self) -> object:
        """It has none of its own."""
        return None

    def scale(self, view: ImageView) -> ScaleBar | None:
        """The scale as it stands upright at the right edge."""
        assert view.radiograph is not None
        room = _SCALE_SHARE * view.height() * view.devicePixelRatioF() / view.viewport.scale
        return scale_bar(view.radiograph.spacing, view.viewport.turns % 2 == 1, room)

    def _paint_scale(self, painter: QPainter, view: ImageView, bar: ScaleBar) -> None:
        font = QFont(view.font())
        font.setPixelSize(_SCALE_PIXELS)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        size = bar.pixels * view.viewport.scale / view.devicePixelRatioF()
        right = view.width() - _MARGIN
        top = (view.height() - size) / 2
        lines = [(QPointF(right, top), QPointF(right, top + size))]
        for tenth in range(11):
            tick = _TICK if tenth % 5 == 0 else _SMALL_TICK
            place = top + size * tenth / 10
            lines.append((QPointF(right - tick, place), QPointF(right, place)))
        for pen in (QPen(_SEAM, 3.0), QPen(theme.IMAGE_TEXT, 1.0)):
            painter.setPen(pen)
            for start, end in lines:
                painter.drawLine(start, end)
        # Above the bar, so that the colour bar in the corner below keeps its place.
        base = top - 6 - metrics.descent()
        for text in filter(None, (bar.note, bar.figure)):
            width = metrics.horizontalAdvance(text)
            at = QPointF(right - width / 2, base - metrics.ascent() / 2)
            _paint_seamed(painter, text, at)
            base -= metrics.height()


def _paint_seamed(painter: QPainter, text: str, centre: QPointF) -> None:
    """Text with a dark seam, which reads on bright bone and hides little of it."""
    metrics = QFontMetricsF(painter.font())
    base = QPointF(
        centre.x() - metrics.horizontalAdvance(text) / 2,
        centre.y() + (metrics.ascent() - metrics.descent()) / 2,
    )
    letters = QPainterPath()
    letters.addText(base, painter.font(), text)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.strokePath(letters, _seam_pen())
    painter.fillPath(letters, theme.IMAGE_TEXT)


def _seam_pen() -> QPen:
    pen = QPen(_SEAM, 3.0)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen
