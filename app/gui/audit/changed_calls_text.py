"""A new model against the active one in a small table: by corrected and by original labels."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from app.core.base.counts import images
from app.core.base.translation import mark, tr
from app.gui.audit.text import class_name
from app.review.comparison.compare import cautions
from app.training.result.changed_calls import Flip

KINDS = {
    "newly_missed": mark("newly missed"),
    "newly_false_alarm": mark("new false alarm"),
    "newly_caught": mark("newly caught"),
    "newly_cleared": mark("newly cleared"),
}
"""What got worse first."""
_DASH = "\N{EN DASH}"


def figures_table(figures: Mapping[str, Any]) -> str:
    """Rich text: AUC, sensitivity, specificity and flips, old and new, by each set of labels.

    Parameters
    ----------
    figures
        From ``app.training.result.compare_with_active``; with ``original_labels`` where labels
        were corrected.
    """
    before = figures.get("original_labels")
    sides = [figures, *([before] if before else [])]
    heads = [tr("by the corrected labels"), tr("by the labels before")] if before else [""]
    rows = [("", heads)]
    for key, words in (
        ("auc", tr("AUC")),
        ("sensitivity", tr("Sensitivity")),
        ("specificity", tr("Specificity")),
    ):
        rows.append((words, [_change(side, key) for side in sides]))
    for kind, words in KINDS.items():
        rows.append((tr(words).capitalize(), [str(side["flips"][kind]) for side in sides]))
    lines = (
        f"<td style='padding-right:18px'>{escape(name)}</td>"
        + "".join(f"<td style='padding-right:22px'>{escape(cell)}</td>" for cell in cells)
        for name, cells in rows
        if name or any(cells)
    )
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def heading(figures: Mapping[str, Any]) -> str:
    """Which models on what, in one sentence."""
    counts, before = figures["counts"], figures.get("original_labels")
    words = tr(
        "{new} against {old} on patients on whom neither was trained: {images} "
        "({normal:,} NORMAL, {pneumonia:,} PNEUMONIA).",
        new=figures["second"]["model"],
        old=figures["first"]["model"],
        images=images(figures["n"]),
        normal=counts["NORMAL"],
        pneumonia=counts["PNEUMONIA"],
    )
    if before:
        words += " " + tr("Relabelled among them: {count:,}.", count=before["relabelled"])
    return words


def caution_words(figures: Mapping[str, Any]) -> str:
    """What makes the comparison weaker than it looks."""
    return " ".join(cautions(figures))


def label_words(flip: Flip) -> str:
    """The label it is judged by, and what it was before it was corrected."""
    now = class_name(flip.label)
    if flip.original_label == flip.label:
        return now
    return tr("{now}, was {before}", now=now, before=class_name(flip.original_label))


def _change(side: Mapping[str, Any], key: str) -> str:
    return f"{_estimate(side['first'][key])} \N{RIGHTWARDS ARROW} {_estimate(side['second'][key])}"


def _estimate(estimate: Mapping[str, float | None]) -> str:
    value, low, high = estimate["value"], estimate["low"], estimate["high"]
    if value is None:
        return _DASH
    if low is None or high is None:
        return f"{value:.3f}"
    return f"{value:.3f} ({low:.3f}{_DASH}{high:.3f})"
