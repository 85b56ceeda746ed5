"""What the pages of plots share: one threshold on all of them, drawn anew with bands or theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.gui.audit.page import AuditPage
from app.gui.audit.threshold_plot import ThresholdPlot
from app.gui.common import theme
from app.gui.settings.remembered import Settings

if TYPE_CHECKING:
    from app.review.audit import Audit


class PlotsPage(AuditPage):
    """Plots side by side; a subclass says what is drawn in them.

    Parameters
    ----------
    settings, parent
        See ``AuditPage``.
    """

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(settings, parent)
        self._audit: Audit | None = None
        self._threshold = 0.5
        # A method, not a lambda: Qt lets go of it with the page.
        theme.changes.happened.connect(self._draw_again)

    @property
    def plots(self) -> tuple[ThresholdPlot, ...]:
        """All of them, from left to right."""
        raise NotImplementedError

    def fill(self, audit: Audit, bands: bool) -> None:
        """Draw an audit that has scores into the empty plots."""
        raise NotImplementedError

    def show_audit(self, audit: Audit | None) -> None:
        """Draw an audit, without bands."""
        self._draw(audit, bands=False)

    def show_bands(self, audit: Audit) -> None:
        """Draw it with bands."""
        self._draw(audit, bands=True)

    def show_threshold(self, threshold: float) -> None:
        """Move the threshold in all plots."""
        self._threshold = threshold
        for plot in self.plots:
            plot.show_threshold(threshold)

    def _side_by_side(self) -> QHBoxLayout:
        """The plots in a row, told when the threshold is dragged in one."""
        row = QHBoxLayout()
        row.setSpacing(10)
        for plot in self.plots:
            plot.moved.connect(self.threshold_moved)
            row.addWidget(plot, 1)
        return row

    def _draw_again(self) -> None:
        self._draw(self._audit, bands=False)

    def _draw(self, audit: Audit | None, bands: bool) -> None:
        self._audit = audit
        for plot in self.plots:
            plot.clear()
        if audit is None or not len(audit.p):
            return
        self.fill(audit, bands)
        self.show_threshold(self._threshold)
