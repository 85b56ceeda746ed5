"""The report's page on thresholds: what this site's images would choose, and how sure that is."""

from __future__ import annotations

from app.core.base.translation import tr
from app.review.report.advice import RATE_WIDTH, THRESHOLD_WIDTH, SitePoint
from app.review.report.charts import number
from app.review.report.document import blocks as parts
from app.review.report.findings import Findings

_WORTHLESS = 0.5
"""A share of the other class called rightly that no better than a coin reaches."""


def advice_blocks(found: Findings) -> list[parts.Block]:
    """The table of thresholds, each with what it would do, and sentences on how far to trust it."""
    advice = found.advice
    if advice.why_none:
        return [parts.Paragraph(advice.why_none)]
    head = (
        tr("Purpose"),
        tr("Aim"),
        tr("Model's threshold"),
        tr("This site's threshold"),
        tr("Sensitivity there"),
        tr("Specificity there"),
    )
    offered = found.audit.card.operating_points
    rows = tuple(
        (
            tr(each.title),
            _aim(each),
            f"{offered[each.name]:.3f}" if each.name in offered else "–",
            number(each.threshold),
            number(each.sensitivity, 2),
            number(each.specificity, 2),
        )
        for each in advice.points
    )
    words = tr(
        "Chosen on these images as a training chooses a model's operating points. Sensitivity and "
        "specificity are cross-fitted: each tenth of the patients is called at the threshold that "
        "the other nine tenths chose."
    )
    return [
        parts.Paragraph(words),
        parts.Table(head, rows, 2, (1.0, 1.3, 0.9, 1.7, 1.4, 1.4)),
        *_warning(found),
        _more_table(advice.points),
        parts.Paragraph(
            tr(
                "How many more patients would narrow each 95 % interval to the stated width, from "
                "end to end: it narrows with the root of their number, so half the width needs "
                "four times as many. They must be of the same kind as those here (same machines, "
                "same referrals, same labelling) and be chosen without looking at the scores."
            ),
            "note",
        ),
    ]


def _aim(point: SitePoint) -> str:
    if point.aim == "sensitivity":
        return tr("{target:.0%} of pneumonias caught", target=point.target)
    return tr("{target:.0%} of normals let alone", target=point.target)


def _warning(found: Findings) -> list[parts.Block]:
    """A threshold cannot mend scores that do not tell the classes apart."""
    area = found.figures["auc"]
    default = next((each for each in found.advice.points if each.name == "default"), None)
    if area.low is not None and area.low <= 0.5:
        words = tr(
            "Use none of these. The scores do not tell the classes apart here, so every threshold "
            "pays for each pneumonia it catches with about as many false alarms as chance would."
        )
        return [parts.Paragraph(words, "caution")]
    reached = default.specificity.value if default else None
    if default and reached is not None and reached < _WORTHLESS:
        words = tr(
            "To catch {target:.0%} of the pneumonias here, {alarms:.0%} of the normals would "
            "raise an alarm: the model needs training on images of this site before a "
            "threshold helps.",
            target=default.target,
            alarms=1 - reached,
        )
        return [parts.Paragraph(words, "caution")]
    return []


def _more_table(points: tuple[SitePoint, ...]) -> parts.Table:
    head = (
        tr("Purpose"),
        tr("Rests on"),
        tr("More patients for a threshold within {width:.2f}", width=THRESHOLD_WIDTH),
        tr("More patients for the aimed share within {width:.2f}", width=RATE_WIDTH),
    )
    rows = tuple(
        (
            tr(each.title),
            tr("{patients:,} with pneumonia", patients=each.patients)
            if each.limiting == "PNEUMONIA"
            else tr("{patients:,} normal", patients=each.patients),
            _more(each.more_for_threshold),
            _more(each.more_for_rate),
        )
        for each in points
    )
    return parts.Table(head, rows, 2, (1.0, 1.4, 2.2, 2.2))


def _more(cases: int | None) -> str:
    if cases is None:
        return tr("too few for an interval")
    return tr("about {cases:,}", cases=cases) if cases else tr("none: it is as narrow already")
