"""Words on the image at its upper edge: what to do next, and warnings that must not be missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from app.gui.common import theme

if TYPE_CHECKING:
    from app.gui.viewer.image_view import ImageView

_SHADE = QColor(0, 0, 0, 190)
_TEXT_PIXELS = 13
_WARNING_PIXELS = 16
_WARNING_ROOM = 36.0
_TOP = 34.0
"""Below the letter at the upper edge."""


def paint_hint(painter: QPainter, view: ImageView, text: str) -> None:
    """A quiet line at the upper edge of the image, below its letter and any warning."""
    font = QFont(view.font())
    font.setPixelSize(_TEXT_PIXELS)
    metrics = QFontMetricsF(font)
    box = _box(view, metrics, text)
    box.moveTop(_TOP + (_WARNING_ROOM if view.viewport.is_turned else 0))
    _paint(painter, font, metrics, box, text, theme.IMAGE_TEXT)


def paint_warning(painter: QPainter, view: ImageView, text: str) -> None:
    """A framed line at the upper edge of the image, below its letter."""
    font = QFont(view.font())
    font.setPixelSize(_WARNING_PIXELS)
    font.setBold(True)
    metrics = QFontMetricsF(font)
    box = _box(view, metrics, text)
    box.moveTop(_TOP)
    _paint(painter, font, metrics, box, text, theme.IMAGE_WARNING, framed=True)


def _box(view: ImageView, metrics: QFontMetricsF, text: str) -> QRectF:
    width = min(metrics.horizontalAdvance(text) + 20, view.width() - 8.0)
    box = QRectF(0, 0, width, metrics.height() + 8)
    box.moveCenter(QPointF(view.width() / 2, 0))
    return box


def _paint(
    painter: QPainter,
    font: QFont,
    metrics: QFontMetricsF,
    box: QRectF,
    text: str,
    colour: QColor,
    framed: bool = False,
) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.5) if framed else Qt.PenStyle.NoPen)
    painter.setBrush(_SHADE)
    painter.drawRoundedRect(box, 4, 4)
    painter.setPen(colour)
    painter.setFont(font)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width() - 12)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)
