"""Reliability diagram and decision curve: whether probabilities hold, and whether acting helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.core.base.translation import mark, tr
from app.gui.audit.plots_page import PlotsPage
from app.gui.audit.threshold_plot import ThresholdPlot
from app.gui.common import theme
from app.gui.common.theme import named
from app.gui.settings.remembered import Settings

if TYPE_CHECKING:
    from app.review.audit import Audit, Curves


class CalibrationPage(PlotsPage):
    """Two plots side by side, and what the decision curve says at the threshold.

    Parameters
    ----------
    settings, parent
        See ``AuditPage``.
    """

    title = mark("Calibration")

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(settings, parent)
        self.reliability = ThresholdPlot(
            tr("Reliability: bins of equally many images, 95 % intervals"),
            tr("mean probability"), tr("share with pneumonia"), line=True,
        )  # fmt: skip
        self.decision = ThresholdPlot(
            tr("Net benefit (decision curve)"), tr("threshold probability"), tr("net benefit"),
            line=True,
        )  # fmt: skip
        self.words = named(QLabel(), "muted")
        self.words.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 6, 4, 2)
        layout.setSpacing(3)
        layout.addLayout(self._side_by_side(), 1)
        layout.addWidget(self.words)

    @property
    def plots(self) -> tuple[ThresholdPlot, ...]:
        """Both of them."""
        return self.reliability, self.decision

    def show_audit(self, audit: Audit | None) -> None:
        """Draw an audit, without bands; without scores there is nothing to say."""
        self.words.clear()
        super().show_audit(audit)

    def show_threshold(self, threshold: float) -> None:
        """Move both lines, and say what acting there brings."""
        super().show_threshold(threshold)
        self.words.setText(self._benefit(threshold))

    def _benefit(self, threshold: float) -> str:
        if self._audit is None or not len(self._audit.p):
            return ""
        net = self._audit.figures(threshold, intervals=False)["net_benefit"].value
        if net is None or not 0 < threshold < 1:
            return ""
        ill = float(self._audit.labels.mean())
        odds = threshold / (1 - threshold)
        weighs = (
            tr("one pneumonia found weighs as much as {n:.1f} false alarms", n=1 / odds)
            if odds < 1
            else tr("one false alarm weighs as much as {n:.1f} pneumonias found", n=odds)
        )
        return tr(
            "To act at {threshold:.3f} is to say that {weighs}. Net benefit for 100 patients like "
            "these: {net:.1f} with the model, {all:.1f} when all are called, 0 when none is.",
            threshold=threshold,
            weighs=weighs,
            net=100 * net,
            all=100 * (ill - (1 - ill) * odds),
        )

    def fill(self, audit: Audit, bands: bool) -> None:
        """Both curves."""
        curves = audit.curves(bands=bands)
        self._draw_reliability(curves)
        self._draw_decision(curves)

    def _draw_reliability(self, curves: Curves) -> None:
        plot = self.reliability
        plot.plot.setXRange(0, 1, padding=0.02)
        plot.plot.setYRange(0, 1, padding=0.02)
        plot.curve(np.array([0.0, 1.0]), np.array([0.0, 1.0]), theme.MUTED,
                   Qt.PenStyle.DotLine, 1)  # fmt: skip
        bins = [each for each in curves.reliability if each.found.value is not None]
        x = np.array([each.said for each in bins])
        found = np.array([each.found.value for each in bins], float)
        low = np.array([each.found.low for each in bins], float)
        high = np.array([each.found.high for each in bins], float)
        plot.plot.addItem(
            pg.ErrorBarItem(x=x, y=found, top=high - found, bottom=found - low, beam=0.012,
                            pen=pg.mkPen(theme.ACCENT))
        )  # fmt: skip
        plot.plot.addItem(
            pg.PlotDataItem(x, found, pen=pg.mkPen(theme.ACCENT, width=2), symbol="s",
                            symbolSize=7, symbolBrush=theme.ACCENT, symbolPen=None)
        )  # fmt: skip

    def _draw_decision(self, curves: Curves) -> None:
        plot, x = self.decision, curves.decision_thresholds
        # Calling all does harm without end as the threshold nears 1: nobody needs to see how much.
        highest = float(max(curves.net_benefit.max(), curves.treat_all.max(), 0.05))
        plot.plot.setXRange(0, 1, padding=0.01)
        plot.plot.setYRange(-0.25 * highest, 1.08 * highest, padding=0)
        if len(curves.net_benefit_low):
            plot.band(x, curves.net_benefit_low, curves.net_benefit_high, theme.ACCENT)
        plot.curve(np.array([0.0, 1.0]), np.zeros(2), theme.MUTED, Qt.PenStyle.DotLine, 1)
        shown = curves.treat_all >= -highest
        plot.curve(x[shown], curves.treat_all[shown], theme.FINDING, Qt.PenStyle.DashLine)
        plot.curve(x, curves.net_benefit, theme.ACCENT)
        plot.show_heading(
            tr("Net benefit"),
            (
                ("\N{HORIZONTAL BAR} " + tr("model"), theme.ACCENT),
                ("- - " + tr("all called"), theme.FINDING),
                ("\N{MIDDLE DOT}\N{MIDDLE DOT}\N{MIDDLE DOT} " + tr("none called"), theme.MUTED),
            ),
        )
