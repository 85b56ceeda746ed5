"""A lens at the cursor: the image enlarged, at full depth, through the window in use."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPen

from app.gui.common import theme
from app.gui.viewer.pixel_painter import PixelPainter
from app.gui.viewer.viewport import MAX_SCALE

if TYPE_CHECKING:
    from app.gui.viewer.image_view import ImageView

FACTORS = (2, 3, 4)
_SIDE = 240.0
_SHARE = 0.6
"""The most of the view's shorter side that the lens takes."""


class Magnifier:
    """Layer and tool; see ``ports``. The heatmap is left out: the lens is for the pixels."""

    def __init__(self) -> None:
        self.factor = 0
        """0 while there is no lens."""
        self._pixels = PixelPainter()

    def step(self) -> None:
        """Twice, three times, four times, off."""
        places = (0, *FACTORS)
        self.factor = places[(places.index(self.factor) + 1) % len(places)]

    def paint(self, painter: QPainter, view: ImageView) -> None:
        """The lens around the cursor, or in the middle where there is no cursor."""
        if not self.factor or view.radiograph is None:
            return
        at = QPointF(view.cursor_at) if view.cursor_at else QRectF(view.rect()).center()
        side = min(_SIDE, _SHARE * min(view.width(), view.height()))
        lens = QRectF(0, 0, side, side)
        lens.moveCenter(at)
        ratio = view.devicePixelRatioF()
        size = QSizeF(side, side) * ratio
        scale = min(view.viewport.scale * self.factor, MAX_SCALE)
        viewport = replace(view.viewport, view=size, scale=scale, centre=view.to_image(at))
        path = QPainterPath()
        path.addEllipse(lens)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.save()
        painter.setClipPath(path)
        painter.fillRect(lens, theme.VIEW)
        painter.translate(lens.topLeft())
        painter.scale(1 / ratio, 1 / ratio)
        self._pixels.draw(painter, viewport, view.radiograph, view.window_in_use, view.inverted)
        painter.restore()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(QColor(0, 0, 0, 180), 4.0), QPen(theme.IMAGE_TEXT, 1.5)):
            painter.setPen(pen)
            painter.drawEllipse(lens)
        font = QFont(view.font())
        font.setPixelSize(12)
        painter.setFont(font)
        label = QRectF(0, 0, 34, 18)
        label.moveCenter(QPointF(lens.center().x(), lens.bottom() - 12))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 170))
        painter.drawRoundedRect(label, 4, 4)
        painter.setPen(theme.IMAGE_TEXT)
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, f"{self.factor} ×")

    def forget(self) -> None:
        """Another image is in view."""
        self._pixels.forget()

    def press(self, event: QMouseEvent, view: ImageView) -> bool:
        """The lens takes no press: what is under it can be drawn and windowed."""
        return False

    def move(self, event: QMouseEvent, view: ImageView) -> None:
        """The view repaints on every move."""

    def release(self, event: QMouseEvent, view: ImageView) -> None:
        """Nothing was taken."""

    def cancel(self, view: ImageView) -> None:
        """Nothing was taken."""

    def double_click(self, event: QMouseEvent, view: ImageView) -> bool:
        """Nothing is taken."""
        return False

    def wants_key(self, event: QKeyEvent, view: ImageView) -> bool:
        """Esc puts the lens away."""
        return bool(self.factor) and event.key() == Qt.Key.Key_Escape

    def key(self, event: QKeyEvent, view: ImageView) -> bool:
        """Esc puts the lens away."""
        if not self.wants_key(event, view):
            return False
        self.factor = 0
        view.update()
        return True
