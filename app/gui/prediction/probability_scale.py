"""The score, its threshold and its range on one scale."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core.base.translation import tr
from app.core.model.results import ProbabilityRange
from app.gui.common import theme


class ProbabilityScale(QWidget):
    """A scale from 0 to 1 with the threshold marked and the score as a needle."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.value: float | None = None
        self.threshold: float | None = None
        self.range: ProbabilityRange | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Room for the bar and a line of text on either side."""
        return QSize(200, 58)

    def show_value(
        self, value: float | None, threshold: float | None, sure: ProbabilityRange | None = None
    ) -> None:
        """Show a probability, its threshold, and between which values it may lie."""
        self.value, self.threshold, self.range = value, threshold, sure
        words = ""
        if value is not None:
            words = tr(
                "Probability {value:.3f}, threshold {threshold:.3f}",
                value=value,
                threshold=threshold,
            )
        self.setAccessibleDescription(words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar = QRectF(8, 16, self.width() - 16, 10)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.LINE)
        painter.drawRoundedRect(bar, 3, 3)
        if self.value is None or self.threshold is None:
            return
        painter.setBrush(theme.FINDING if self.value >= self.threshold else theme.MUTED)
        painter.drawRoundedRect(QRectF(bar.topLeft(), QPointF(self._x(self.value, bar), 26)), 3, 3)
        if self.range is not None:
            low, high = (self._x(end, bar) for end in (self.range.low, self.range.high))
            painter.setPen(QPen(theme.STRONG, 2))
            painter.drawLine(QPointF(low, 21), QPointF(high, 21))
            for x in (low, high):
                painter.drawLine(QPointF(x, 18), QPointF(x, 24))
        self._draw_threshold(painter, bar, self.threshold)
        x = self._x(self.value, bar)
        painter.setPen(QPen(theme.GROUND, 1))
        painter.setBrush(theme.STRONG)
        painter.drawPolygon(QPolygonF([QPointF(x, 15), QPointF(x - 6, 4), QPointF(x + 6, 4)]))

    def _draw_threshold(self, painter: QPainter, bar: QRectF, threshold: float) -> None:
        x = self._x(threshold, bar)
        painter.setPen(QPen(theme.TEXT, 2))
        painter.drawLine(QPointF(x, 12), QPointF(x, 31))
        words = tr("threshold {threshold:.3f}", threshold=threshold)
        width = painter.fontMetrics().horizontalAdvance(words)
        left = min(max(0.0, x - width / 2), self.width() - width)
        painter.setPen(theme.MUTED)
        painter.drawText(QPointF(left, 33 + painter.fontMetrics().ascent()), words)

    @staticmethod
    def _x(value: float, bar: QRectF) -> float:
        return bar.left() + bar.width() * min(1.0, max(0.0, value))
