"""The model's page: how far its heatmaps can be trusted, as ``research/heatmaps.py`` measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.base.translation import tr
from app.core.model.card import ModelCard
from app.review.report.document import blocks as parts
from app.review.report.model_page.reading import at, brief, count, figure
from app.review.report.model_page.records import Records

METRIC, RECORD = "heatmap", "heatmaps"
"""Its name in a card, and that of the record with every method."""


def heatmap_blocks(card: ModelCard, records: Records) -> list[parts.Block]:
    """What random weights do to the map of the reading window, and what else was measured."""
    raw = at(card.metrics, METRIC)
    if not isinstance(raw, Mapping):
        return []
    areas = at(raw, "deletion_insertion")
    rows = (
        (tr("Images compared"), count(at(raw, "sanity", "images"))),
        (tr("Rank correlation, last layer random"), figure(at(raw, "sanity", "last"))),
        (tr("Rank correlation, every layer random"), figure(at(raw, "sanity", "every"))),
        (tr("Share of what moved the logit that is on the map"), figure(at(raw, "balance"))),
        (tr("Mass outside the lungs' box"), figure(at(raw, "outside_lungs"))),
        (tr("Mass outside the body's box"), figure(at(raw, "outside_body"))),
        (tr("Deletion, and in a random order"), _pair(areas, "deletion")),
        (tr("Insertion, and in a random order"), _pair(areas, "insertion")),
    )
    said = tr(
        "A map that does not change when the weights are drawn anew shows the image, and not what "
        "the network learnt: from a rank correlation of 0.5 on it is flagged."
    )
    found: list[parts.Block] = [parts.Paragraph(said, "note")]
    if at(raw, "sanity", "flagged") is True:
        flagged = tr("This model's heatmap hardly changes under random weights: do not trust it.")
        found.insert(0, parts.Paragraph(flagged, "caution"))
    return [*found, parts.Facts(rows), *_methods(records)]


def _methods(records: Records) -> list[parts.Block]:
    """One row for each method on record."""
    record = records.others.get(RECORD)
    methods = at(record, "methods")
    if not isinstance(methods, Mapping):
        return []
    rows = tuple(
        (
            str(at(raw, "title") or name),
            brief(at(raw, "sanity", "every")),
            brief(at(raw, "outside_lungs")),
            _pair(at(raw, "deletion_insertion"), "deletion"),
            _pair(at(raw, "deletion_insertion"), "insertion"),
        )
        for name, raw in methods.items()
    )
    head = (
        tr("Method"),
        tr("Random weights"),
        tr("Outside the lungs"),
        tr("Deletion (random)"),
        tr("Insertion (random)"),
    )
    return [parts.Table(head, rows, 1, (1.0, 1.5, 1.5, 1.0, 1.0))]


def _pair(areas: Any, name: str) -> str:
    return f"{figure(at(areas, name), 2)} ({figure(at(areas, f'random_{name}'), 2)})"
