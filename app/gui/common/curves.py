"""The curves of a training run: loss, accuracy and AUC, learning rate; told apart without colour.

Training is solid with discs, inner validation dashed with squares, AUC dotted with triangles;
a star marks the epoch whose weights are kept.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.core.base.translation import mark, tr
from app.gui.common import theme
from app.gui.common.plots import dress_axes

_PLOT_HEIGHT = 130
_RATE_HEIGHT = 74
_AXIS_WIDTH = 34
_SCORES = ("accuracy", "val_accuracy", "val_auc")
_SCORE_RANGE = (0.42, 1.03)


@dataclass(frozen=True)
class _Look:
    """How a curve is drawn: the style and the symbol tell it apart, the colour only helps."""

    name: str
    colour: QColor
    style: Qt.PenStyle
    symbol: str


_TRAINING = _Look(mark("training"), theme.ACCENT, Qt.PenStyle.SolidLine, "o")
_VALIDATION = _Look(mark("validation"), theme.FINDING, Qt.PenStyle.DashLine, "s")
_AUC = _Look(mark("validation AUC"), theme.GREEN, Qt.PenStyle.DotLine, "t1")
_RATE = _Look(mark("learning rate"), theme.MUTED, Qt.PenStyle.SolidLine, "d")


@dataclass
class _Series:
    """Points of one curve, in epochs and the axis's unit."""

    item: pg.PlotDataItem
    look: _Look
    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)

    def add(self, x: float, y: float) -> None:
        if math.isfinite(y):
            self.x.append(x)
            self.y.append(y)
            self.item.setData(self.x, self.y)

    def clear(self) -> None:
        self.x.clear()
        self.y.clear()
        self.item.setData([], [])


class _EpochAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """Ticks at whole epochs only."""

    def tickSpacing(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, float]]:
        step = 1
        while (maxVal - minVal) / step > 8:
            step = step * 5 // 2 if str(step).startswith("2") else step * 2
        return [(step, 0)]


class CurvesView(QWidget):
    """Live curves of one run.

    Parameters
    ----------
    parent
        Qt parent.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._loss_plot = self._plot(tr("Loss"))
        self._score_plot = self._plot(tr("Accuracy and AUC"))
        self._score_plot.setXLink(self._loss_plot)
        self._score_plot.setYRange(*_SCORE_RANGE, padding=0)
        self._rate_plot = self._plot(tr("Learning rate"), _RATE_HEIGHT)
        self._rate_plot.setXLink(self._loss_plot)
        faint = pg.mkPen(_faint(_TRAINING.colour), width=1)
        self._steps = _Series(self._loss_plot.plot(pen=faint), _TRAINING)
        self._curves = {
            "loss": _curve(self._loss_plot, _TRAINING),
            "val_loss": _curve(self._loss_plot, _VALIDATION),
            "accuracy": _curve(self._score_plot, _TRAINING),
            "val_accuracy": _curve(self._score_plot, _VALIDATION),
            "val_auc": _curve(self._score_plot, _AUC),
            "learning_rate": _curve(self._rate_plot, _RATE),
        }
        self._best = {
            plot: plot.plot(pen=None, symbol="star", symbolSize=13, symbolBrush=theme.STRONG)
            for plot in (self._loss_plot, self._score_plot)
        }
        self._last_epoch = 0
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(_Legend())
        self._rate_title = _small(tr("Learning rate, by epoch"))
        for title, plot in (
            (_small(tr("Loss")), self._loss_plot),
            (_small(tr("Accuracy and AUC, by epoch")), self._score_plot),
            (self._rate_title, self._rate_plot),
        ):
            layout.addWidget(title)
            layout.addWidget(plot)
        self.clear(1)
        theme.changes.happened.connect(self._dress)

    def clear(self, epochs: int) -> None:
        """Empty all curves and lay the axis out for a run of ``epochs``."""
        self._last_epoch = 0
        for series in (self._steps, *self._curves.values()):
            series.clear()
        for item in self._best.values():
            item.setData([], [])
        self._score_plot.setYRange(*_SCORE_RANGE, padding=0)
        self._loss_plot.setXRange(0, max(epochs, 1), padding=0.02)
        self._show_rate()

    def add_step(self, position: float, loss: float) -> None:
        """Add the running loss within an epoch, as a faint line.

        Parameters
        ----------
        position
            Epochs done, such as 1.5 in the middle of the second one.
        loss
            Running mean of the training loss.
        """
        if self._steps.x and position <= self._steps.x[-1]:
            self._restart()
        self._steps.add(position, loss)

    def add_epoch(self, epoch: int, metrics: Mapping[str, float], best: bool) -> None:
        """Add the figures of an epoch; what a run does not tell is not drawn.

        Parameters
        ----------
        epoch
            Counts from 1.
        metrics
            See ``app.core.base.events.EpochEnded``.
        best
            Whether these are the best weights so far.
        """
        if epoch <= self._last_epoch:
            self._restart()
        self._last_epoch = epoch
        for name, series in self._curves.items():
            if name in metrics:
                series.add(float(epoch), float(metrics[name]))
        if any(metrics.get(name, 1.0) < _SCORE_RANGE[0] for name in _SCORES):
            self._score_plot.setYRange(-0.03, _SCORE_RANGE[1], padding=0)
        self._show_rate()
        if best:
            self._mark(self._loss_plot, epoch, metrics.get("val_loss"))
            self._mark(self._score_plot, epoch, metrics.get("val_auc"))

    def points(self, name: str) -> tuple[list[float], list[float]]:
        """Epochs and values drawn for a metric, or for ``step_loss``."""
        series = self._steps if name == "step_loss" else self._curves[name]
        return list(series.x), list(series.y)

    def _show_rate(self) -> None:
        """Make room for the learning rate once it is known: older runs do not tell it."""
        rates = self._curves["learning_rate"].y
        for part in (self._rate_title, self._rate_plot):
            part.setVisible(bool(rates))
        if rates:
            peak = max(rates)
            self._rate_plot.setYRange(-0.2 * peak, 1.25 * peak, padding=0)
            # Such numbers are too long for the axis.
            self._rate_plot.getAxis("left").setTicks([[(0.0, "0"), (peak, "max")]])
            self._rate_title.setText(
                tr(
                    "Learning rate, by epoch: {rates:.2g}, at most {peak:.2g}",
                    rates=rates[-1],
                    peak=peak,
                )
            )

    def _dress(self) -> None:
        for plot in (self._loss_plot, self._score_plot, self._rate_plot):
            dress_axes(plot)
        self._steps.item.setPen(pg.mkPen(_faint(_TRAINING.colour), width=1))
        for series in self._curves.values():
            look = series.look
            series.item.setPen(pg.mkPen(look.colour, width=2, style=look.style))
            series.item.setSymbolBrush(look.colour)
        for item in self._best.values():
            item.setSymbolBrush(theme.STRONG)

    def _restart(self) -> None:
        # Out of memory starts the run over with a smaller batch: the old points mean nothing.
        _low, high = self._loss_plot.getViewBox().viewRange()[0]
        self.clear(max(1, math.floor(high)))

    def _mark(self, plot: pg.PlotWidget, epoch: int, value: float | None) -> None:
        if value is not None and math.isfinite(value):
            self._best[plot].setData([float(epoch)], [float(value)])

    def _plot(self, name: str, height: int = _PLOT_HEIGHT) -> pg.PlotWidget:
        axes = {"left": pg.AxisItem("left"), "bottom": _EpochAxis("bottom")}
        plot = pg.PlotWidget(self, background=None, axisItems=axes)
        plot.setFrameShape(QFrame.Shape.NoFrame)
        plot.setFixedHeight(height)
        plot.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        plot.setAccessibleName(tr("{name} of the training run", name=name))
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(x=False, y=False)
        plot.hideButtons()
        plot.showGrid(x=False, y=True, alpha=0.15)
        # A wheel turn belongs to the panel's scrolling, not to the plot.
        plot.wheelEvent = lambda event: event.ignore()
        font = QFont(self.font())
        font.setPixelSize(11)
        for axis in axes.values():
            axis.setStyle(tickFont=font, tickLength=-3)
        axes["left"].setWidth(_AXIS_WIDTH)
        dress_axes(plot)
        return plot


class _Legend(QWidget):
    """One row for both plots: a piece of each line with its symbol and name."""

    _SAMPLE = 16
    _GAP = 3
    _APART = 7

    def __init__(self) -> None:
        super().__init__()
        # Painted with a font of its own: the style sheet's would not fit a narrow dock.
        self._font = QFont(self.font())
        self._font.setPixelSize(11)
        self._metrics = QFontMetrics(self._font)
        self.setAccessibleName(
            tr(
                "Solid with discs: training. Dashed with squares: validation. "
                "Dotted with triangles: validation AUC. Star: the epoch that is kept."
            )
        )

    def sizeHint(self) -> QSize:
        width = sum(self._width(name) + self._APART for name in self._names())
        return QSize(width, self._metrics.height() + 6)

    def minimumSizeHint(self) -> QSize:
        return QSize(100, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        x = 0.0
        for look in (_TRAINING, _VALIDATION, _AUC):
            painter.setPen(pg.mkPen(look.colour, width=2, style=look.style))
            painter.drawLine(QPointF(x, middle), QPointF(x + self._SAMPLE, middle))
            self._symbol(painter, look.symbol, look.colour, x + self._SAMPLE / 2, middle, 7)
            x = self._text(painter, tr(look.name), x + self._SAMPLE)
        self._symbol(painter, "star", theme.STRONG, x + 6, middle, 12)
        self._text(painter, tr("kept"), x + 12)
        painter.end()

    @staticmethod
    def _names() -> tuple[str, ...]:
        return (*(tr(look.name) for look in (_TRAINING, _VALIDATION, _AUC)), tr("kept"))

    def _width(self, name: str) -> int:
        return self._SAMPLE + self._GAP + self._metrics.horizontalAdvance(name)

    def _text(self, painter: QPainter, name: str, x: float) -> float:
        width = self._metrics.horizontalAdvance(name)
        painter.setPen(theme.TEXT)
        box = QRectF(x + self._GAP, 0, width + 2, self.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, name)
        return x + self._GAP + width + self._APART

    @staticmethod
    def _symbol(
        painter: QPainter, symbol: str, colour: QColor, x: float, y: float, size: int
    ) -> None:
        painter.save()
        painter.translate(x, y)
        painter.scale(size, size)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPath(pg.graphicsItems.ScatterPlotItem.Symbols[symbol])
        painter.restore()


def _curve(plot: pg.PlotWidget, look: _Look) -> _Series:
    item = plot.plot(
        pen=pg.mkPen(look.colour, width=2, style=look.style),
        symbol=look.symbol,
        symbolSize=7,
        symbolBrush=look.colour,
        symbolPen=None,
    )
    return _Series(item, look)


def _small(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("muted")
    return label


def _faint(colour: QColor) -> QColor:
    faint = QColor(colour)
    faint.setAlpha(110)
    return faint
