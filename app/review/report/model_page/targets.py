"""What was aimed at, and whether it was reached: a missed target is stated as such."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core.base.translation import mark, tr
from app.core.model.card import ModelCard
from app.review.report.document import blocks as parts
from app.review.report.model_page.reading import at, estimate, figure
from app.review.report.model_page.records import Records


@dataclass(frozen=True)
class Target:
    """A figure that was aimed at.

    Parameters
    ----------
    title
        English, marked.
    least, most
        One of them: the value that is enough.
    source
        ``card`` or ``fitness``.
    path
        Where the figure lies there.
    """

    title: str
    source: str
    path: tuple[str, ...]
    least: float | None = None
    most: float | None = None


TARGETS = (
    Target(
        mark("Calibration error on held-out patients"), "card", ("calibration", "ece"), most=0.02
    ),
    Target(
        mark("Calibration error in hard validation"),
        "card", ("hard_validation", "calibration", "ece"), most=0.02,
    ),
    Target(
        mark("AUC in hard validation"), "card", ("hard_validation", "auc"), least=0.993
    ),
    Target(
        mark("Specificity at 98 % sensitivity, hard validation"),
        "card", ("hard_validation", "specificity_at_sensitivity_0.98"), least=0.93,
    ),
    Target(mark("Bacterial or viral: AUC"), "card", ("kind", "auc"), least=0.940),
    Target(mark("Bacterial or viral: accuracy"), "card", ("kind", "accuracy"), least=0.907),
    Target(
        mark("Pictures that are no chest X-ray, refused"),
        "fitness", ("other things", "all", "refused by any"), least=0.99,
    ),
    Target(
        mark("Children's frontal chest X-rays, refused"),
        "fitness", ("children", "calibration", "refused"), most=0.01,
    ),
    Target(
        mark("Adults, with the caution"), "fitness", ("adults", "all", "cautioned"), least=0.95
    ),
)  # fmt: skip
"""In the order of the page."""


def target_blocks(card: ModelCard, records: Records) -> list[parts.Block]:
    """A row for each target that was measured on this model."""
    rows = []
    measured = 0
    for target in TARGETS:
        source: Mapping[str, Any] = card.metrics if target.source == "card" else records.fitness
        raw = at(source, *target.path)
        value = estimate(raw).value
        if target.least is not None:
            aim = tr("at least {value:g}", value=target.least)
            reached = value is not None and value >= target.least
        else:
            aim = tr("at most {value:g}", value=target.most)
            reached = value is not None and value <= (target.most or 0.0)
        said = tr("reached") if reached else tr("NOT reached")
        if value is None:
            said = tr("not measured")
        measured += value is not None
        rows.append((tr(target.title), said, aim, figure(raw, 4)))
    if not measured:
        return []
    head = (tr("Figure"), tr("Outcome"), tr("Aim"), tr("Measured"))
    return [parts.Table(head, tuple(rows), 2, (2.6, 1.0, 1.0, 1.6))]
