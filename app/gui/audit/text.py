"""What the audit bench says in words. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.base.translation import mark, tr
from app.gui.common.wording import probability_words
from app.review.audit import AuditRow
from app.review.audit.thresholds import Cell
from app.review.comparison.evaluation import CLASSES
from app.review.statistics.figures import Estimate

CELLS: dict[Cell, str] = {
    "tp": mark("Pneumonias found"),
    "fn": mark("Missed pneumonias"),
    "fp": mark("False alarms"),
    "tn": mark("Normals left alone"),
}
SHORT: dict[Cell, str] = {
    "tp": mark("found"),
    "fn": mark("missed"),
    "fp": mark("false alarm"),
    "tn": mark("left alone"),
}
"""What a call made of one image."""
NAMES: dict[Cell, str] = {
    "tp": mark("true positive"),
    "fn": mark("false negative"),
    "fp": mark("false positive"),
    "tn": mark("true negative"),
}


def cell_of(row: AuditRow, threshold: float) -> Cell | None:
    """The cell of the confusion matrix in which an image lies; None without a score."""
    if not row.scored or row.p is None:
        return None
    if row.label:
        return "tp" if row.p >= threshold else "fn"
    return "fp" if row.p >= threshold else "tn"


def cells_words(cells: Sequence[Cell]) -> str:
    """What the images of some cells are together; of none, all."""
    chosen = set(cells)
    if not chosen or len(chosen) == len(CELLS):
        return tr("All scored images")
    together = {
        frozenset({"fn", "fp"}): tr("All wrong calls"),
        frozenset({"tp", "tn"}): tr("All right calls"),
        frozenset({"tp", "fn"}): tr("All pneumonias"),
        frozenset({"fp", "tn"}): tr("All normals"),
        frozenset({"tp", "fp"}): tr("All called pneumonia"),
        frozenset({"fn", "tn"}): tr("All called normal"),
    }.get(frozenset(chosen))
    return together or ", ".join(tr(CELLS[cell]) for cell in CELLS if cell in chosen)


def score_words(row: AuditRow) -> str:
    """Its probability; a dash without."""
    return probability_words(row.p) if row.p is not None else "\N{EN DASH}"


def label_words(row: AuditRow) -> str:
    """Its label, as the folder or the CSV has it."""
    return tr("pneumonia") if row.label else tr("normal")


def source_words(row: AuditRow) -> str:
    """What is to be known of where the score comes from; empty for nothing."""
    if row.out_of_fold:
        return tr("Out of fold: scored by a network that never saw this patient.")
    if row.seen == "exact":
        return tr("The model was trained on this image: the score flatters.")
    if row.seen:
        return tr("The model was trained on a copy of this image: the score flatters.")
    return ""


def estimate_words(estimate: Estimate, decimals: int = 3) -> tuple[str, str]:
    """A figure and its interval; a dash for an undefined one, empty for no interval."""
    if estimate.value is None:
        return "\N{EN DASH}", ""
    value = f"{estimate.value:.{decimals}f}"
    if estimate.low is None or estimate.high is None:
        return value, ""
    return value, f"{estimate.low:.{decimals}f} \N{EN DASH} {estimate.high:.{decimals}f}"


def class_name(label: int) -> str:
    """NORMAL or PNEUMONIA, as folders are named."""
    return CLASSES[label]
