"""The figures of an audit beside the matrix: value, interval, and how the interval was made."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.core.base.translation import mark, tr
from app.gui.audit.text import estimate_words
from app.gui.common.fact_table import FactTable
from app.gui.common.theme import named
from app.review.audit import TITLES, Figures

SHOWN = (
    "sensitivity",
    "specificity",
    "ppv",
    "npv",
    "balanced_accuracy",
    "auc",
    "average_precision",
    "sensitivity_at_specificity_0.95",
    "specificity_at_sensitivity_0.95",
    "brier",
    "ece",
)
_SHORT = {
    "sensitivity_at_specificity_0.95": mark("Sens. at 95 % spec."),
    "specificity_at_sensitivity_0.95": mark("Spec. at 95 % sens."),
    "ece": mark("Calibration error"),
    "ppv": mark("Positive pred. value"),
    "npv": mark("Negative pred. value"),
}
"""Where the whole name would not fit; it is in the tool tip."""


class FiguresTable(QWidget):
    """Follows the threshold: values at once, intervals a moment after.

    Parameters
    ----------
    parent
        Qt parent.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = FactTable(tr("Figures at the threshold"))
        self.method = named(QLabel(), "muted")
        self.method.setWordWrap(True)
        self.method.setTextFormat(Qt.TextFormat.PlainText)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.table)
        layout.addWidget(self.method)

    def show_figures(self, figures: Figures) -> None:
        """Show them; without intervals the places of these are kept."""
        rows = [(tr("Figure"), tr("Value"), tr("95 % interval"))]
        for name in SHOWN:
            value, interval = estimate_words(figures[name])
            rows.append((tr(_SHORT.get(name, TITLES[name])), value, interval))
        self.table.show_rows(rows)
        for at, name in enumerate(SHOWN):
            if (cell := self.table.item(at, 0)) is not None:
                cell.setToolTip(tr(TITLES[name]))
        if not figures.methods:
            return
        kinds: dict[str, list[str]] = {}
        for name in SHOWN:
            if method := figures.methods.get(name):
                kinds.setdefault(method, []).append(tr(TITLES[name]))
        most = max(kinds, key=lambda method: len(kinds[method]), default="")
        said = [tr("Intervals: {method}.", method=tr(most))] if most else []
        said += [f"{', '.join(names)}: {tr(method)}." for method, names in kinds.items()
                 if method != most]  # fmt: skip
        if why := figures.intervals.get("why"):
            said.append(tr(why))
        self.method.setText(" ".join(said))
