"""Score histogram, ROC and precision-recall curve; the threshold is dragged on any of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import QWidget

from app.core.base.translation import mark, tr
from app.gui.audit.plots_page import PlotsPage
from app.gui.audit.text import estimate_words
from app.gui.audit.threshold_plot import ThresholdPlot
from app.gui.common import theme
from app.gui.settings.remembered import Settings

if TYPE_CHECKING:
    from app.review.audit import Audit, Curves
    from app.review.statistics.figures import Estimate

_ONE_CLASS = mark("One class only: undefined")
_AREAS = ("auc", "average_precision")


class CurvesPage(PlotsPage):
    """Three plots side by side.

    Parameters
    ----------
    settings, parent
        See ``AuditPage``.
    """

    title = mark("Curves")

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(settings, parent)
        self.histogram = ThresholdPlot(
            tr("Scores by class"), tr("probability"), tr("images"), line=True
        )
        self.roc = ThresholdPlot(
            tr("ROC"), tr("1 \N{MINUS SIGN} specificity"), tr("sensitivity"), line=False
        )
        self.precision = ThresholdPlot(
            tr("Precision and recall"), tr("recall (sensitivity)"), tr("precision (PPV)"),
            line=False,
        )  # fmt: skip
        layout = self._side_by_side()
        layout.setContentsMargins(4, 6, 4, 2)
        self.setLayout(layout)

    @property
    def plots(self) -> tuple[ThresholdPlot, ...]:
        """All of them."""
        return self.histogram, self.roc, self.precision

    def fill(self, audit: Audit, bands: bool) -> None:
        """All three, and the areas in words."""
        curves = audit.curves(bands=bands)
        self._draw_histogram(curves)
        self._draw_roc(curves)
        self._draw_precision(curves)
        self._head(audit, bands)

    def _head(self, audit: Audit, bands: bool) -> None:
        """The areas in words; their intervals come with the bands."""
        figures = audit.figures(self._threshold, intervals=bands)
        area, precision = (" ".join(_with_interval(figures[name])) for name in _AREAS)
        undefined = figures["auc"].value is None
        none = tr(_ONE_CLASS)
        self.roc.show_heading(none if undefined else tr("ROC, AUC {area}", area=area))
        self.precision.show_heading(
            none if undefined else tr("Precision-recall, average {area}", area=precision)
        )
        self.histogram.show_heading(
            tr("Scores"),
            (
                ("\N{BLACK UP-POINTING TRIANGLE} " + tr("pneumonia"), theme.FINDING),
                ("\N{BLACK DOWN-POINTING TRIANGLE} " + tr("normal"), theme.ACCENT),
            ),
        )

    def _draw_histogram(self, curves: Curves) -> None:
        """Pneumonias upwards, normals downwards; by tens, so that the few wrong ones are seen."""
        plot = self.histogram.plot
        width = float(curves.edges[1] - curves.edges[0])
        x = curves.edges[:-1] + width / 2
        for counts, sign, colour, style in (
            (curves.pneumonia, 1, theme.FINDING, Qt.BrushStyle.SolidPattern),
            (curves.normal, -1, theme.ACCENT, Qt.BrushStyle.Dense5Pattern),
        ):
            heights = sign * np.log10(1.0 + counts)
            plot.addItem(
                pg.BarGraphItem(
                    x=x, height=heights, width=width, brush=QBrush(colour, style),
                    pen=pg.mkPen(colour),
                )
            )  # fmt: skip
        highest = int(max(curves.pneumonia.max(), curves.normal.max(), 9))
        powers = [10**power for power in range(int(math.log10(highest)) + 1)]
        ticks = [(sign * math.log10(1 + n), f"{n:,}") for n in powers for sign in (1, -1)]
        plot.getAxis("left").setTicks([[(0.0, "0"), *ticks]])
        reach = math.log10(1 + highest) * 1.08
        plot.setYRange(-reach, reach, padding=0)
        plot.setXRange(0, 1, padding=0.01)

    def _draw_roc(self, curves: Curves) -> None:
        plot = self.roc
        plot.plot.setXRange(0, 1, padding=0.02)
        plot.plot.setYRange(0, 1, padding=0.02)
        plot.curve(np.array([0.0, 1.0]), np.array([0.0, 1.0]), theme.MUTED,
                   Qt.PenStyle.DotLine, 1)  # fmt: skip
        if not len(curves.thresholds):
            return
        if len(curves.roc_low):
            from app.review.audit import BAND_RATES

            plot.band(BAND_RATES, curves.roc_low, curves.roc_high, theme.ACCENT)
        plot.curve(curves.false_positive_rate, curves.sensitivity, theme.ACCENT)
        plot.follow_curve(curves.false_positive_rate, curves.sensitivity, curves.thresholds)

    def _draw_precision(self, curves: Curves) -> None:
        plot = self.precision
        plot.plot.setXRange(0, 1, padding=0.02)
        plot.plot.setYRange(0, 1, padding=0.02)
        if not len(curves.thresholds):
            return
        ill = float(curves.pneumonia.sum())
        chance = ill / (ill + float(curves.normal.sum()))
        plot.curve(np.array([0.0, 1.0]), np.array([chance, chance]), theme.MUTED,
                   Qt.PenStyle.DotLine, 1)  # fmt: skip
        plot.curve(curves.recall, curves.precision, theme.ACCENT)
        plot.follow_curve(curves.recall, curves.precision, curves.thresholds)


def _with_interval(estimate: Estimate) -> tuple[str, ...]:
    value, interval = estimate_words(estimate)
    return (value, f"({interval})") if interval else (value,)
