"""What has come of a sweep in pictures: history, importance of settings, training and validation.

A click on a point selects its trial.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QTabWidget, QVBoxLayout, QWidget

from app.core.base.translation import mark, tr
from app.gui.common import theme
from app.gui.common.plots import Plot, PlotStyle, legend
from app.gui.common.theme import named
from app.gui.sweep.text import METRIC_WORDS
from app.training.sweep.ledger import (
    FINE,
    OVER,
    UNDER,
    TrialRow,
    best_low,
    importances,
    ranked,
    verdict,
)

_SOLID, _DASHED = Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine
_TRIAL = PlotStyle(mark("a trial"), theme.ACCENT, _SOLID, "o")
_BEST = PlotStyle(mark("best so far"), theme.FINDING, _SOLID, "")
_VERDICTS = {
    FINE: PlotStyle(FINE, theme.GREEN, _SOLID, "o"),
    OVER: PlotStyle(f"{OVER}", theme.FINDING, _SOLID, "t1"),
    UNDER: PlotStyle(f"{UNDER}", theme.ACCENT, _SOLID, "t"),
}


class SweepPlots(QTabWidget):
    """Three plots in tabs.

    Parameters
    ----------
    labels
        Words for settings, by their names.
    parent
        Qt parent.
    """

    picked = Signal(int)
    """Number of the trial whose point was clicked."""

    def __init__(self, labels: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels = dict(labels)
        self._rows: Sequence[TrialRow] = ()
        self._metric = "val_accuracy"
        self._selected: int | None = None
        self.history = Plot(tr("History of the sweep"), tr("trial"))
        self.gap = Plot(
            tr("Training against validation"), tr("validation accuracy"), tr("training accuracy")
        )
        names = pg.AxisItem("left")
        self.importance = Plot(
            tr("Importance of the settings"),
            tr("share of the differences explained alone"),
            axes={"left": names},
        )
        names.setStyle(autoExpandTextSpace=True)
        self._names = names
        self._history_text = _note()
        self._importance_text = _note()
        self._gap_text = _note()
        self.addTab(_page(self.history, self._history_text), tr("History"))
        self.addTab(_page(self.importance, self._importance_text), tr("Importance"))
        self.addTab(_page(self.gap, self._gap_text), tr("Gap"))
        self._points = self._scatter(self.history)
        self._best = self.history.plot(pen=_BEST.pen, stepMode=None)
        self._dots = self._scatter(self.gap)
        self._equal = pg.InfiniteLine(angle=45, pen=pg.mkPen(theme.MUTED, width=1, style=_DASHED))
        self.gap.addItem(self._equal)
        self._bars = pg.BarGraphItem(x0=0, y=[], width=[], height=0.6, brush=theme.ACCENT)
        self.importance.addItem(self._bars)
        self._figures: list[pg.TextItem] = []
        self.show_rows((), "val_accuracy")
        theme.changes.happened.connect(self._dress)

    def show_rows(self, rows: Sequence[TrialRow], metric: str) -> None:
        """Draw the trials of a study."""
        self._rows, self._metric = rows, metric
        self._draw()

    def select(self, number: int | None) -> None:
        """Ring the point of a trial."""
        if number != self._selected:
            self._selected = number
            self._draw_points()

    # -- inside --------------------------------------------------------------------------------

    def _dress(self) -> None:
        self._best.setPen(_BEST.pen)
        self._equal.setPen(pg.mkPen(theme.MUTED, width=1, style=_DASHED))
        self._bars.setOpts(brush=theme.ACCENT)
        self._draw()

    def _draw(self) -> None:
        self._draw_points()
        self._draw_importance()

    def _draw_points(self) -> None:
        self._draw_history()
        self._draw_gap()

    def _draw_history(self) -> None:
        metric = self._metric
        rows = [row for row in self._rows if math.isfinite(row.values.get(metric, math.nan))]
        self._points.setData(
            [
                {
                    "pos": (row.number, row.values[metric]),
                    "data": row.number,
                    **self._mark(row, _TRIAL),
                }
                for row in rows
            ]
        )
        better = min if metric == "val_loss" else max
        best, x, y = None, [], []
        for row in sorted(rows, key=lambda row: row.number):
            value = row.values[metric]
            best = value if best is None else better(best, value)
            x.append(row.number)
            y.append(best)
        self._best.setData(_steps(x, y, True), _steps(x, y, False))
        self.history.getPlotItem().setLabel(
            "left",
            tr(METRIC_WORDS.get(metric, metric)),
            color=theme.MUTED.name(),
            **{"font-size": "11px"},
        )
        self.history.setVisible(bool(rows))
        self._history_text.setText(
            legend((_TRIAL, _BEST))
            if rows
            else tr("Each trial's figure appears here when it is complete.")
        )

    def _draw_gap(self) -> None:
        low = best_low(self._rows)
        rows = [row for row in self._rows if row.gap is not None]
        self._dots.setData(
            [
                {
                    "pos": (row.values["val_accuracy"], row.values["accuracy"]),
                    "data": row.number,
                    **self._mark(row, _VERDICTS[verdict(row, low)]),
                }
                for row in rows
            ]
        )
        self.gap.setVisible(bool(rows))
        self._gap_text.setText(
            legend(tuple(_VERDICTS.values()), tr("dashed: training and validation alike"))
            if rows
            else tr("How much of what was learnt holds for other patients appears here.")
        )

    def _draw_importance(self) -> None:
        shares = importances(self._rows, self._metric)
        complete = len(ranked(self._rows, self._metric))
        names = list(shares)
        places = [float(len(names) - at) for at in range(len(names))]
        values = [shares[name] for name in names]
        self._bars.setOpts(x0=[0.0] * len(names), y=places, width=values, height=0.6)
        ticks = [(y, self._labels.get(name, name)) for y, name in zip(places, names, strict=True)]
        self._names.setTicks([ticks])
        for figure in self._figures:
            self.importance.removeItem(figure)
        self._figures = []
        for y, value in zip(places, values, strict=True):
            figure = pg.TextItem(
                f"{value:.0%}".replace("%", " %"), color=theme.TEXT, anchor=(0, 0.5)
            )
            figure.setPos(value, y)
            self.importance.addItem(figure)
            self._figures.append(figure)
        self.importance.setXRange(0, max([*values, 0.1]) * 1.25, padding=0)
        self.importance.setYRange(0.4, max(len(names), 1) + 0.6, padding=0)
        self.importance.setVisible(bool(names))
        self._importance_text.setText(
            tr(
                "Of {complete:,} complete trials. What is missing to 100 % is the interplay of "
                "settings, and chance.",
                complete=complete,
            )
            if names
            else tr("Which settings matter appears here after a few complete trials.")
        )

    def _mark(self, row: TrialRow, look: PlotStyle) -> dict[str, object]:
        chosen = row.number == self._selected
        return {
            "symbol": look.symbol,
            "brush": look.colour,
            "size": 14 if chosen else 8,
            "pen": pg.mkPen(theme.STRONG, width=2) if chosen else pg.mkPen(theme.PANEL, width=0.5),
        }

    def _scatter(self, plot: Plot) -> pg.ScatterPlotItem:
        item = pg.ScatterPlotItem(hoverable=True, tip=None)
        item.setZValue(5)
        item.sigClicked.connect(self._clicked)
        plot.addItem(item)
        return item

    def _clicked(self, _item: object, points: Sequence[pg.SpotItem], *_: object) -> None:
        if len(points):
            self.picked.emit(int(points[0].data()))


def _steps(x: list[int], y: list[float], of_x: bool) -> list[float]:
    """The corners of a stair: a new best counts from its own trial on."""
    corners: list[float] = []
    for at in range(len(x)):
        if at:
            corners.append(x[at] if of_x else y[at - 1])
        corners.append(x[at] if of_x else y[at])
    return corners


def _note() -> QLabel:
    label = named(QLabel(), "muted")
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.RichText)
    return label


def _page(plot: Plot, note: QLabel) -> QWidget:
    page = named(QWidget(), "panel")
    layout = QVBoxLayout(page)
    layout.setContentsMargins(8, 6, 8, 4)
    layout.setSpacing(2)
    layout.addWidget(note)
    layout.addWidget(plot, 1)
    layout.addStretch(0)
    return page
