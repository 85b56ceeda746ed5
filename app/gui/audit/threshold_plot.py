"""Plots on which the threshold can be dragged: as a line, or as a point along a curve."""

from __future__ import annotations

from html import escape

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.gui.common import theme
from app.gui.common.plots import Plot
from app.gui.common.theme import named

Values = NDArray[np.float64]
_GRID = 700
"""Points nearer to each other than a share of the plot as small as this are drawn as one."""


class ThresholdPlot(QWidget):
    """A plot with a heading above it; a press or a drag on it moves the threshold.

    Signals
    -------
    moved(float)
        The person dragged to another threshold.

    Parameters
    ----------
    name
        For people who do not see it.
    x, y
        Words at the axes.
    line
        Whether the horizontal axis is the threshold; else ``follow_curve`` says where it lies.
    """

    moved = Signal(float)

    def __init__(self, name: str, x: str, y: str, *, line: bool) -> None:
        super().__init__()
        self.heading = named(QLabel(name), "caption")
        # However long its words, plots side by side are equally wide.
        self.heading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.heading.setTextFormat(Qt.TextFormat.RichText)
        self.plot = Plot(name, x, y)
        # Room for the last figure of either axis.
        self.plot.getPlotItem().setContentsMargins(0, 6, 12, 0)
        self.plot.mousePressEvent = self._press
        self.plot.mouseMoveEvent = self._drag
        self.plot.mouseReleaseEvent = lambda event: event.accept()
        self.plot.setCursor(Qt.CursorShape.SplitHCursor if line else Qt.CursorShape.CrossCursor)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.heading)
        layout.addWidget(self.plot, 1)
        self._line = pg.InfiniteLine(0.5, pen=pg.mkPen(theme.STRONG, width=2)) if line else None
        self._point = pg.ScatterPlotItem(size=13, symbol="o")
        self._x = self._y = self._thresholds = np.empty(0)
        self._threshold = 0.5
        theme.changes.happened.connect(self.dress)

    def dress(self) -> None:
        """Give what was drawn the colours of the theme."""
        if self._line is not None:
            self._line.setPen(pg.mkPen(theme.STRONG, width=2))
        self._point.setPen(pg.mkPen(theme.GROUND, width=2))
        self._point.setBrush(pg.mkBrush(theme.STRONG))

    def clear(self) -> None:
        """Empty the plot; line or point stay."""
        self.plot.clear()
        self._x = self._y = self._thresholds = np.empty(0)
        self.plot.addItem(self._line if self._line is not None else self._point)
        self._point.setData([], [])
        for item in (self._line, self._point):
            if item is not None:
                item.setZValue(10)
        self.dress()

    def show_heading(self, words: str, legend: tuple[tuple[str, QColor], ...] = ()) -> None:
        """Say what is drawn, and name its parts in their colours."""
        parts = [f"<span style='color:{colour.name()}'>{text}</span>" for text, colour in legend]
        self.heading.setText("&nbsp;&nbsp; ".join([escape(words), *parts]))
        self.heading.setToolTip(words)
        self.plot.setAccessibleName(words)

    def curve(
        self,
        x: Values,
        y: Values,
        colour: QColor,
        style: Qt.PenStyle = Qt.PenStyle.SolidLine,
        width: int = 2,
    ) -> None:
        """Draw a curve, of no more points than can be seen."""
        at = thinned(x, y)
        pen = pg.mkPen(colour, width=width, style=style)
        self.plot.addItem(pg.PlotCurveItem(x[at], y[at], pen=pen, antialias=True))

    def band(self, x: Values, low: Values, high: Values, colour: QColor) -> None:
        """Draw a band behind the curves."""
        faint = QColor(colour)
        faint.setAlpha(48)
        edges = [pg.PlotCurveItem(x, y, pen=pg.mkPen(None)) for y in (low, high)]
        item = pg.FillBetweenItem(*edges, brush=pg.mkBrush(faint))
        item.setZValue(-10)
        self.plot.addItem(item)

    def follow_curve(self, x: Values, y: Values, thresholds: Values) -> None:
        """The threshold lies along this curve; ``thresholds`` descend."""
        self._x, self._y, self._thresholds = x, y, thresholds

    def show_threshold(self, threshold: float) -> None:
        """Move line or point."""
        self._threshold = threshold
        if self._line is not None:
            self._line.setValue(threshold)
        elif len(self._thresholds):
            # The last of those that descend and still call no less than the threshold does.
            at = int(np.searchsorted(-self._thresholds, -threshold, "right")) - 1
            self._point.setData([self._x[max(0, at)]], [self._y[max(0, at)]])

    def threshold_at(self, point: QPointF) -> float | None:
        """The threshold under a point of the plot's own coordinates; None for none."""
        if self._line is not None:
            return min(1.0, max(0.0, point.x()))
        if len(self._thresholds) < 2:
            return None
        # The first is infinite: nobody is called.
        far = np.hypot(self._x[1:] - point.x(), self._y[1:] - point.y())
        return float(self._thresholds[1:][int(np.argmin(far))])

    def _press(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._move(event)

    def _drag(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._move(event)

    def _move(self, event: QMouseEvent) -> None:
        event.accept()
        scene = self.plot.mapToScene(event.position().toPoint())
        threshold = self.threshold_at(self.plot.getViewBox().mapSceneToView(scene))
        if threshold is not None and threshold != self._threshold:
            self.moved.emit(threshold)


def thinned(x: Values, y: Values) -> NDArray[np.int64]:
    """Indices of the points of a curve that differ by a pixel or so, the first and last kept."""
    if len(x) < 2:
        return np.arange(len(x))
    scale_x, scale_y = (float(np.ptp(values)) or 1.0 for values in (x, y))
    cells = np.round(_GRID * np.column_stack([x / scale_x, y / scale_y]))
    new = np.ones(len(x), bool)
    new[1:] = (np.diff(cells, axis=0) != 0).any(axis=1)
    new[-1] = True
    return np.flatnonzero(new)
