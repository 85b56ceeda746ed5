"""The model's page: figures with intervals, slices, operating points, calibration."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from app.core.base.translation import tr
from app.core.model.card import ModelCard
from app.core.model.operating_points import expected_per_100, operating_points
from app.review.audit.columns import TITLES
from app.review.audit.curves import Reliability
from app.review.report import charts
from app.review.report.charts import number
from app.review.report.document import blocks as parts
from app.review.report.model_page.reading import at, brief, count, estimate, figure, plain, words
from app.review.report.model_page.records import Records

_MOST_SLICES = 14


def figure_blocks(card: ModelCard, records: Records) -> list[parts.Block]:
    """One row for each measurement: on whom, and what came out."""
    rows: list[tuple[str, ...]] = []
    notes: list[str] = []

    def add(title: str, raw: Any, images: Any, patients: Any) -> None:
        if figure(at(raw, "auc")) == "–" and figure(at(raw, "accuracy")) == "–":
            return
        shown = (brief(at(raw, name)) for name in ("auc", "accuracy"))
        rates = (brief(at(raw, name)) for name in ("sensitivity", "specificity"))
        rows.append((title, count(images), count(patients), *shown, *rates))
        if what := words(at(raw, "what")):
            notes.append(f"{title}: {what}")

    metrics = card.metrics
    for key, title in (
        ("held_out", tr("Held-out patients")),
        ("cross_validation", tr("Cross-validation")),
        ("hard_validation", tr("Hard validation")),
    ):
        raw = at(metrics, key)
        add(title, raw, at(raw, "n"), at(raw, "patients"))
    clusters = at(metrics, "hard_validation", "clusters")
    for place, raw in enumerate(clusters if isinstance(clusters, list) else (), 1):
        add(tr("… look {place}", place=place), raw, at(raw, "n"), at(raw, "patients"))
    for report in records.reports.values():
        title = tr("Site report: {folder}", folder=report.get("folder", ""))
        add(title, report, report.get("scored"), at(report, "intervals", "patients"))
    if not rows:
        return [parts.Paragraph(tr("Nobody has measured this model."), "caution")]
    head = (
        tr("On whom"), tr("Images"), tr("Patients"), tr("AUC"), tr("Accuracy"),
        tr("Sensitivity"), tr("Specificity"),
    )  # fmt: skip
    widths = (1.25, 0.68, 0.75, 1.5, 1.5, 1.5, 1.5)
    return [
        parts.Table(head, tuple(rows), 1, widths),
        parts.Paragraph(tr("In brackets: 95 % intervals, patients resampled."), "note"),
        *(parts.Paragraph(note, "note") for note in notes),
    ]


def slice_blocks(records: Records) -> list[parts.Block]:
    """The slices of each site report on this model, the worst first."""
    found: list[parts.Block] = []
    for report in records.reports.values():
        slices = report.get("slices")
        if not isinstance(slices, list) or not slices:
            continue
        rows = tuple(_slice_row(each) for each in slices[:_MOST_SLICES])
        head = (tr("Slice"), tr("Pneumonia, normal"), tr("Sensitivity"), tr("Specificity"),
                tr("AUC"))  # fmt: skip
        title = tr(
            "{folder}, at the threshold {threshold:.3f}",
            folder=report.get("folder", ""),
            threshold=plain(report.get("threshold")),
        )
        found += [
            parts.Heading(title, 2),
            parts.Table(head, rows, 1, (2.0, 1.3, 1.7, 1.7, 1.7)),
        ]
        if len(slices) > _MOST_SLICES:
            more = tr("Further slices in the report: {more:,}.", more=len(slices) - _MOST_SLICES)
            found.append(parts.Paragraph(more, "note"))
    return found


def _slice_row(raw: Any) -> tuple[str, ...]:
    column = str(at(raw, "column") or "")
    name = f"{tr(TITLES.get(column, column))}: {at(raw, 'value')}"
    classes = ", ".join(count(at(raw, name)) for name in ("PNEUMONIA", "NORMAL"))
    rates = (figure(at(raw, key), 2) for key in ("sensitivity", "specificity", "auc"))
    return (name, classes, *rates)


def operating_point_blocks(card: ModelCard) -> list[parts.Block]:
    """Each threshold, what was measured at it, and what to expect of 100 patients."""
    rows = []
    for point in operating_points(card):
        rates = [
            "–" if rate is None else figure({"value": rate.value, "low": rate.low,
                                             "high": rate.high})
            for rate in (point.sensitivity, point.specificity)
        ]  # fmt: skip
        among = expected_per_100(point, 0.5)
        expected = (
            tr(
                "{missed:.1f} missed, {alarms:.1f} false alarms",
                missed=among.missed.value,
                alarms=among.false_alarms.value,
            )
            if among
            else "–"
        )
        rows.append((tr(point.title), f"{point.threshold:.3f}", *rates, expected))
    if not rows:
        return []
    head = (tr("Purpose"), tr("Threshold"), tr("Sensitivity"), tr("Specificity"),
            tr("Of 100 patients, half with pneumonia"))  # fmt: skip
    words_of = tr(
        "Cross-fitted on held-out patients: each tenth is called at the threshold that the other "
        "nine tenths chose. A threshold belongs to these weights and does not outlive a retraining."
    )
    table = parts.Table(head, tuple(rows), 1, (1.0, 0.8, 1.7, 1.7, 2.2))
    return [table, parts.Paragraph(words_of, "note")]


def calibration_blocks(card: ModelCard) -> list[parts.Block]:
    """Expected calibration error, slope, intercept, Brier score, and the reliability diagram."""
    found: list[parts.Block] = []
    drawn = []
    captions = []
    for raw, title in (
        (at(card.metrics, "calibration"), tr("Held-out patients")),
        (at(card.metrics, "cross_validation", "calibration"), tr("Cross-validation")),
        (at(card.metrics, "hard_validation", "calibration"), tr("Hard validation")),
    ):
        if not isinstance(raw, Mapping):
            continue
        rows = [
            (tr("Expected calibration error (15 bins)"), figure(raw.get("ece"), 4)),
            (tr("Slope (1 where probabilities hold)"), figure(raw.get("slope"))),
            (tr("Intercept (0 where they hold)"), figure(raw.get("intercept"))),
            (tr("Brier score"), figure(raw.get("brier"), 4)),
            (tr("Where it says 0.1 to 0.9: said, found"), _middle(raw.get("middle"))),
        ]
        found += [parts.Heading(title, 2), parts.Facts(tuple(rows))]
        bins = raw.get("bins")
        if isinstance(bins, list) and bins:
            drawn.append(charts.reliability([_bin(each) for each in bins]))
            captions.append(title)
    if drawn:
        found.append(parts.Charts(tuple(drawn), tuple(captions)))
    prevalence = at(card.calibration, "prevalence")
    if prevalence is not None:
        said = tr(
            "A probability holds where {prevalence:.0%} of the patients have pneumonia, as among "
            "those it was calibrated on; where they are fewer, it is too high.",
            prevalence=prevalence,
        )
        found.insert(0, parts.Paragraph(said))
    return found


def _middle(raw: Any) -> str:
    said = plain(at(raw, "said"), math.nan)
    if math.isnan(said):
        return "–"
    return tr(
        "{said:.3f}, {found} ({images:,} images)",
        said=said,
        found=number(estimate(at(raw, "found"))),
        images=int(plain(at(raw, "images"))),
    )


def _bin(raw: Any) -> Reliability:
    return Reliability(
        plain(at(raw, "said")), estimate(at(raw, "found")), int(plain(at(raw, "images")))
    )
