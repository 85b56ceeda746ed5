"""A histogram of the grey values, with the window over it as two ends that can be dragged."""

from __future__ import annotations

import dataclasses

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core.base.translation import tr
from app.core.image.display import render
from app.core.image.presets import Histogram, histogram_of, shown_range
from app.core.image.radiograph import Radiograph
from app.gui.common import theme
from app.gui.viewer.window_level import WindowLevel

_GRIP = 6.0
"""Pixels beside an end where it can be taken."""
_MARGIN = 8.0
_KEY_STEP = 0.02
"""Share of the range of grey values that an arrow key moves by."""


class HistogramStrip(QWidget):
    """Shows how often the values come, and changes the window.

    Left-drag on an end moves it, elsewhere it moves both. Left and Right move the window, Up and
    Down widen and narrow it.

    Parameters
    ----------
    levels
        The window and level of the view that it belongs to.
    """

    def __init__(self, levels: WindowLevel) -> None:
        super().__init__()
        self._levels = levels
        self._radiograph: Radiograph | None = None
        self._inverted = False
        self._histogram: Histogram | None = None
        self._taken = ""
        self._from = QPointF()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Histogram"))
        self.setAccessibleDescription(
            tr("Left and Right move the window, Up and Down widen and narrow it")
        )
        self.setToolTip(tr("Drag the ends or the middle of the window"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(52)
        theme.changes.happened.connect(self.update)

    def sizeHint(self) -> QSize:
        """Low and wide."""
        return QSize(300, 72)

    def show_image(self, radiograph: Radiograph | None, inverted: bool) -> None:
        """Show an image's values; the same image again only has its window drawn anew."""
        self._inverted = inverted
        if radiograph is not self._radiograph:
            self._radiograph = radiograph
            self._histogram = histogram_of(radiograph) if radiograph is not None else None
            self._taken = ""
        self.update()

    # Places -----------------------------------------------------------------------------------

    def place_of(self, value: float) -> float:
        """Where a value stands, pixels from the left."""
        low, high = self._span()
        return _MARGIN + (value - low) / (high - low) * max(1.0, self.width() - 2 * _MARGIN)

    def value_at(self, x: float) -> float:
        """The value at a place."""
        low, high = self._span()
        return low + (x - _MARGIN) / max(1.0, self.width() - 2 * _MARGIN) * (high - low)

    def _span(self) -> tuple[float, float]:
        if self._histogram is None:
            return 0.0, 1.0
        return self._histogram.low, max(self._histogram.high, self._histogram.low + 1e-6)

    def _ends(self) -> tuple[float, float]:
        """The two ends of the window, drawn inside the strip even where they lie beyond it."""
        left, right = (self.place_of(value) for value in shown_range(self._levels.shown))
        edge = self.width() - 3.0
        return min(max(left, 3.0), edge), min(max(right, 3.0), edge)

    # Painting ---------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Counts, the curve from value to brightness, the ends."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(theme.ACCENT if self.hasFocus() else theme.LINE, 1))
        painter.setBrush(theme.FIELD)
        painter.drawRoundedRect(box, 3, 3)
        if self._histogram is not None and self._radiograph is not None:
            self._draw_counts(painter, self._histogram)
            self._draw_window(painter, self._radiograph)
        painter.end()

    def _draw_counts(self, painter: QPainter, histogram: Histogram) -> None:
        # The root keeps a small hill visible beside the peak of bare detector.
        tall = np.sqrt(histogram.counts / max(1, int(np.percentile(histogram.counts, 99))))
        tall = np.minimum(tall, 1.0) * (self.height() - 8)
        bottom, count = self.height() - 3.0, len(tall)
        width = (self.width() - 2 * _MARGIN) / count
        outline = QPolygonF([QPointF(_MARGIN, bottom)])
        for place, height in enumerate(tall):
            outline.append(QPointF(_MARGIN + place * width, bottom - float(height)))
            outline.append(QPointF(_MARGIN + (place + 1) * width, bottom - float(height)))
        outline.append(QPointF(self.width() - _MARGIN, bottom))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.HANDLE)
        painter.drawPolygon(outline)

    def _draw_window(self, painter: QPainter, radiograph: Radiograph) -> None:
        left, right = self._ends()
        shade = theme.FIELD
        painter.setOpacity(0.6)
        for start, end in ((1.0, left), (right, self.width() - 1.0)):
            painter.fillRect(QRectF(start, 1, max(0.0, end - start), self.height() - 2), shade)
        painter.setOpacity(1.0)
        xs = np.linspace(2, self.width() - 2, 160)
        values = np.array([[self.value_at(x) for x in xs]], np.float32)
        shown = dataclasses.replace(radiograph, pixels=values, shutter=None)
        curve = render(shown, self._levels.voi, self._inverted)[0] / 255.0
        room = self.height() - 8
        painter.setPen(QPen(theme.ACCENT, 1.2))
        painter.drawPolyline(
            QPolygonF([QPointF(x, 4 + room * (1 - y)) for x, y in zip(xs, curve, strict=True)])
        )
        for name, x in (("low", left), ("high", right)):
            painter.setPen(QPen(theme.STRONG if self._taken == name else theme.TEXT, 1.5))
            painter.drawLine(QPointF(x, 2), QPointF(x, self.height() - 2))
            painter.setBrush(theme.TEXT)
            painter.drawRoundedRect(QRectF(x - 3, self.height() / 2 - 7, 6, 14), 2, 2)

    # Mouse and keys ---------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take an end, or the window as a whole."""
        if event.button() is Qt.MouseButton.LeftButton and self._histogram is not None:
            self._taken, self._from = self._under(event.position().x()), event.position()
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move what was taken."""
        if not self._taken:
            ends = self._under(event.position().x()) != "middle"
            self.setCursor(Qt.CursorShape.SizeHorCursor if ends else Qt.CursorShape.OpenHandCursor)
            return
        by = self.value_at(event.position().x()) - self.value_at(self._from.x())
        self._from = event.position()
        low, high = shown_range(self._levels.shown)
        if self._taken == "low":
            self._levels.span(min(self.value_at(event.position().x()), high), high)
        elif self._taken == "high":
            self._levels.span(low, max(self.value_at(event.position().x()), low))
        else:
            self._levels.span(low + by, high + by)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._taken = ""
        self.update()

    def _under(self, x: float) -> str:
        left, right = self._ends()
        if min(abs(x - left), abs(x - right)) > _GRIP:
            return "middle"
        if left == right:
            return "low" if x < left else "high"
        return "low" if abs(x - left) < abs(x - right) else "high"

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows change the window."""
        moves = {
            Qt.Key.Key_Left: (-1, -1),
            Qt.Key.Key_Right: (1, 1),
            Qt.Key.Key_Up: (-1, 1),
            Qt.Key.Key_Down: (1, -1),
        }
        if event.key() not in moves or self._histogram is None:
            super().keyPressEvent(event)
            return
        low, high = self._span()
        step = (high - low) * _KEY_STEP
        first, last = shown_range(self._levels.shown)
        by_first, by_last = moves[Qt.Key(event.key())]
        self._levels.span(first + by_first * step, last + by_last * step)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus."""
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show it no longer."""
        self.update()
