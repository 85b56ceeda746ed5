"""The model's page: uncertainty, kind, shortcuts, failures, and all else on record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.base.translation import tr
from app.core.model.card import ModelCard
from app.review.report.document import blocks as parts
from app.review.report.document.chart import Axes
from app.review.report.model_page.heatmap import METRIC, RECORD
from app.review.report.model_page.reading import (
    at,
    count,
    estimate,
    estimates,
    figure,
    plain,
    words,
)
from app.review.report.model_page.records import Records

_SHOWN = {"held_out", "cross_validation", "hard_validation", "operating_points", "calibration",
          "kind", "spread", "fitness", METRIC, "epochs", "against_active", "sweep"}  # fmt: skip
"""Metrics of a card that have a chapter of their own, or say nothing of the weights."""
_MOST_ROWS = 60


def uncertainty_blocks(card: ModelCard) -> list[parts.Block]:
    """The spread beside the probability, and how accuracy rises as unsure images are set aside."""
    raw = at(card.metrics, "spread")
    if not isinstance(raw, Mapping):
        return []
    found: list[parts.Block] = []
    if what := words(raw.get("what")):
        found.append(parts.Paragraph(what))
    found.append(
        parts.Facts(
            (
                (tr("Images, patients"), f"{count(raw.get('n'))}, {count(raw.get('patients'))}"),
                (tr("Rank correlation with the real spread"), figure(raw.get("rank_correlation"))),
                (tr("Real networks within its range"), figure(raw.get("teachers_in_range"))),
                (tr("“Look yourself” from a range of"), figure(raw.get("wide"))),
            )
        )
    )
    table = raw.get("risk_coverage")
    if isinstance(table, list) and table:
        rows = tuple(
            (f"{at(row, 'coverage'):.0%}", count(at(row, "images")), figure(at(row, "accuracy")))
            for row in table
            if isinstance(at(row, "coverage"), int | float)
        )
        head = (tr("Images kept, the surest"), tr("Number"), tr("Accuracy among them"))
        found += [parts.Table(head, rows), parts.Charts((_coverage(table),))]
    return found


def _coverage(table: list[Any]) -> Any:
    known = [
        (plain(at(row, "coverage")), estimate(at(row, "accuracy")))
        for row in table
        if isinstance(at(row, "coverage"), int | float)
    ]
    points = sorted((c, e) for c, e in known if e.value is not None)
    lowest = min((e.low if e.low is not None else e.value or 0 for _, e in points), default=0.9)
    floor = max(0.0, int(lowest * 50) / 50 - 0.02)
    axes = Axes(250, 188, x=(0.4, 1.0), y=(floor, 1.0))
    step = (1.0 - floor) / 4
    axes.frame(
        tr("Accuracy and coverage"), tr("Share of images kept"), tr("Accuracy"),
        (0.4, 0.6, 0.8, 1.0), tuple(floor + step * k for k in range(5)),
        y_format="{:.3f}".format,
    )  # fmt: skip
    for coverage, each in points:
        if each.low is not None and each.high is not None:
            axes.line([(coverage, each.low), (coverage, each.high)], "first", 0.9)
    axes.line([(c, e.value or 0.0) for c, e in points], "first", 1.2)
    for coverage, each in points:
        axes.mark(coverage, each.value or 0.0, "first")
    return axes.chart(tr("Accuracy rises as the images with the widest range are set aside."))


def kind_blocks(card: ModelCard) -> list[parts.Block]:
    """The second output, where the network has one."""
    raw = at(card.metrics, "kind")
    if not isinstance(raw, Mapping):
        return []
    rows = (
        (tr("Images, patients"), f"{count(raw.get('n'))}, {count(raw.get('patients'))}"),
        (tr("AUC"), figure(raw.get("auc"))),
        (tr("Accuracy"), figure(raw.get("accuracy"))),
        (tr("Bacterial found (sensitivity)"), figure(raw.get("sensitivity"))),
        (tr("Viral found (specificity)"), figure(raw.get("specificity"))),
        (tr("Expected calibration error (15 bins)"), figure(raw.get("ece"), 4)),
    )
    warning = tr(
        "Shown only where pneumonia is called. It is a guess from the picture, never a finding of "
        "a germ, and no ground to give or to withhold antibiotics."
    )
    found: list[parts.Block] = [parts.Paragraph(warning, "caution")]
    if what := words(raw.get("what")):
        found.append(parts.Paragraph(what, "note"))
    return [*found, parts.Facts(rows)]


def shortcut_blocks(records: Records) -> list[parts.Block]:
    """What changes that leave the lungs alone do to the score."""
    changes = records.shortcuts.get("changes")
    if not isinstance(changes, Mapping) or not changes:
        return []
    rows = []
    for name, raw in changes.items():
        flips = at(raw, "flips_per_1000", "value")
        if flips is None:
            flips = at(raw, "flips_per_1000")
        flips = f"{flips:.1f}" if isinstance(flips, int | float) else "–"
        rows.append((str(name), str(at(raw, "about") or ""), figure(at(raw, "probability")), flips))
    said = tr(
        "One thing is changed at a time and the lungs are left as they are: how far the "
        "probability moves on average, and how many of 1,000 images change sides at the threshold."
    )
    head = (tr("Change"), tr("About"), tr("Probability moves by"), tr("Flips of 1,000"))
    return [parts.Paragraph(said), parts.Table(head, tuple(rows), 2)]


def gallery_blocks(records: Records) -> list[parts.Block]:
    """Which images fail worst; their pictures come from the reader's own copy of the data."""
    found: list[parts.Block] = []
    for report in records.reports.values():
        misses = report.get("worst_misses")
        if not isinstance(misses, list) or not misses:
            continue
        rows = tuple(
            (
                str(at(raw, "name") or str(at(raw, "content_hash") or "")[:16]),
                tr("out of fold") if at(raw, "out_of_fold") else "",
                figure(at(raw, "p")),
            )
            for raw in misses
        )
        head = (tr("Missed pneumonia"), tr("Score"), tr("Probability"))
        found += [
            parts.Heading(str(report.get("folder", "")), 2),
            parts.Table(head, rows, 2),
        ]
    if found:
        said = tr(
            "No training image comes with the program. The pictures are shown from your own copy "
            "of the data: choose its folder in the window (Help, About this model), or give it to "
            "the command with --data."
        )
        found.insert(0, parts.Paragraph(said))
    return found


def other_blocks(card: ModelCard, records: Records) -> list[parts.Block]:
    """Every other figure with an interval that the card or a record holds."""
    found: list[parts.Block] = []
    rest = {key: value for key, value in card.metrics.items() if key not in _SHOWN}
    others = {name: raw for name, raw in records.others.items() if name != RECORD}
    for name, raw in ({"": rest} | others).items():
        rows = tuple(
            (" · ".join(path), figure(each)) for path, each in estimates(raw)
        )[:_MOST_ROWS]  # fmt: skip
        if not rows:
            continue
        if name:
            found.append(parts.Heading(name.replace("_", " "), 2))
        if what := words(at(raw, "what")):
            found.append(parts.Paragraph(what, "note"))
        found.append(parts.Table((tr("Figure"), tr("Value")), rows))
    return found
