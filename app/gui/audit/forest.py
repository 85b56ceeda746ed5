"""The forest plot in a column of a table: each row's figure and interval on one axis."""

from __future__ import annotations

import math

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.core.base.translation import tr
from app.gui.audit.slices_model import FOREST, SLICE_ROLE
from app.gui.common import theme
from app.review.audit.slices import Slice, SliceTable

_MARGIN = 14
_RADIUS = 4.0
_CAP = 3.0


class Axis:
    """From a figure to a place in the column."""

    def __init__(self) -> None:
        self.low, self.high = 0.0, 1.0
        self.ticks: tuple[float, ...] = (0.0, 0.5, 1.0)
        self.whole: float | None = None

    def fit(self, table: SliceTable) -> None:
        """Reach from the lowest end of an interval to one; small slices may be cut off.

        A slice of three reaches from nothing to all, and the axis with it would tell nothing of
        the others.
        """
        sure = [each for each in (*table.slices, table.whole) if not each.small]
        ends = [each.estimate.low for each in sure if each.estimate.low is not None]
        ends += [each.estimate.value for each in table.slices if each.estimate.value is not None]
        self.whole = table.whole.estimate.value
        lowest = min(ends, default=0.0)
        step = next(s for s in (0.02, 0.05, 0.1, 0.2) if (1 - lowest) / s <= 6 or s == 0.2)
        self.low = max(0.0, math.floor(lowest / step + 1e-9) * step)
        count = round((1 - self.low) / step)
        self.ticks = tuple(round(self.low + at * step, 2) for at in range(count + 1))

    def x(self, value: float, rect: QRect) -> float:
        """Where a figure lies; at the left edge where it is off the axis."""
        share = (max(value, self.low) - self.low) / (self.high - self.low)
        return rect.left() + _MARGIN + share * (rect.width() - 2 * _MARGIN)


class ForestDelegate(QStyledItemDelegate):
    """Draws a row of the plot.

    Parameters
    ----------
    axis
        Shared with the heading.
    parent
        Qt parent.
    """

    def __init__(self, axis: Axis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._axis = axis

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """The row's ground, the axis' lines, the interval and the figure."""
        super().paint(painter, option, index)
        rect: QRect = option.rect  # type: ignore[attr-defined]  # missing in PySide's stubs
        painter.save()
        painter.setClipRect(rect)
        axis = self._axis
        painter.setPen(QPen(theme.FAINT_LINE, 1))
        for tick in axis.ticks:
            x = axis.x(tick, rect)
            painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom() + 1))
        if axis.whole is not None:
            painter.setPen(QPen(theme.MUTED, 1, Qt.PenStyle.DashLine))
            x = axis.x(axis.whole, rect)
            painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom() + 1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw(painter, rect, index.data(SLICE_ROLE))
        painter.restore()

    def _draw(self, painter: QPainter, rect: QRect, each: Slice | None) -> None:
        if each is None or (value := each.estimate.value) is None:
            return
        middle, estimate = rect.center().y() + 0.5, each.estimate
        style = Qt.PenStyle.DashLine if each.small else Qt.PenStyle.SolidLine
        painter.setPen(QPen(theme.TEXT, 1.5, style))
        if estimate.low is not None and estimate.high is not None:
            low, high = self._axis.x(estimate.low, rect), self._axis.x(estimate.high, rect)
            painter.drawLine(QPointF(low, middle), QPointF(high, middle))
            painter.setPen(QPen(theme.TEXT, 1.5))
            if estimate.low >= self._axis.low:
                painter.drawLine(QPointF(low, middle - _CAP), QPointF(low, middle + _CAP))
            else:
                # The interval goes on beyond the axis.
                painter.drawLine(QPointF(low, middle), QPointF(low + _CAP, middle - _CAP))
                painter.drawLine(QPointF(low, middle), QPointF(low + _CAP, middle + _CAP))
            painter.drawLine(QPointF(high, middle - _CAP), QPointF(high, middle + _CAP))
        painter.setPen(QPen(theme.ACCENT, 1.5))
        painter.setBrush(theme.PANEL if each.small else theme.ACCENT)
        painter.drawEllipse(QPointF(self._axis.x(value, rect), middle), _RADIUS, _RADIUS)


class ForestHeader(QHeaderView):
    """A heading whose forest column has the axis' numbers.

    Parameters
    ----------
    axis
        Shared with the delegate.
    parent
        Qt parent.
    """

    def __init__(self, axis: Axis, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._axis = axis
        self.setHighlightSections(False)
        self.setAccessibleName(tr("Columns of the slices"))

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        """The words, or the numbers of the axis."""
        painter.save()
        super().paintSection(painter, rect, logicalIndex)
        painter.restore()
        if logicalIndex != FOREST:
            return
        painter.save()
        painter.setPen(theme.MUTED)
        for tick in self._axis.ticks:
            place = QRectF(self._axis.x(tick, rect) - 20, rect.top(), 40, rect.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"{tick:g}")
        painter.restore()
