"""The pages of a site report: what stands where, from the one sentence to the last hash."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app import __version__
from app.core.base.counts import images, patients
from app.core.base.translation import again, language, tr
from app.review.audit.figures import OF_SCORES, TITLES
from app.review.comparison.evaluation import NOBODY_KNOWN, TOO_FEW_KNOWN
from app.review.export.reviewed import MAKER
from app.review.report import charts
from app.review.report.advice_page import advice_blocks
from app.review.report.charts import number
from app.review.report.document import blocks as parts
from app.review.report.findings import Findings
from app.review.report.slices_page import slice_blocks
from app.review.report.sources_page import method_blocks, source_blocks
from app.review.report.text import below, headline, points

_FIGURES = (
    "auc",
    "sensitivity",
    "specificity",
    "ppv",
    "npv",
    "accuracy",
    "balanced_accuracy",
    "average_precision",
    "specificity_at_sensitivity_0.95",
    "sensitivity_at_specificity_0.95",
    "brier",
    "ece",
    "net_benefit",
)
"""Of ``app.review.audit.figures.TITLES``, in the order of the table."""


def site_report(
    found: Findings, pictures: Sequence[parts.Picture], made_at: datetime
) -> parts.Document:
    """The report as a document.

    Parameters
    ----------
    found
        What it states.
    pictures
        Of the worst misses; see ``app.review.report.misses``.
    made_at
        Local day and time.
    """
    card, audit = found.audit.card, found.audit
    blocks: list[parts.Block] = [*_first_page(found)]
    blocks += [parts.Heading(tr("All figures")), *_figures(found)]
    blocks += [parts.Heading(tr("Curves")), *_curves(found)]
    blocks += [parts.Heading(tr("On whom: slices, worst first")), *slice_blocks(found)]
    blocks += [parts.Heading(tr("A threshold for this site")), *advice_blocks(found)]
    blocks += [parts.Heading(tr("What was measured")), *source_blocks(found)]
    blocks += [parts.Heading(tr("How the figures were made")), *method_blocks()]
    blocks += [parts.Break(), parts.Heading(tr("Worst misses")), *_misses(found, pictures)]
    subtitle = tr(
        "{images}, {patients}, {share} labelled PNEUMONIA; {day}",
        images=images(len(audit.scored)),
        patients=patients(len(set(audit.groups))),
        share=f"{audit.labels.mean():.0%}" if len(audit.labels) else "–",
        day=f"{made_at:%Y-%m-%d}",
    )
    return parts.Document(
        tr("{model} on {folder}", model=card.title, folder=found.names.folder(audit)),
        subtitle,
        tuple(blocks),
        running=tr("Site report"),
        made=f"{MAKER} {__version__}  ·  "
        + tr("made on {day}", day=f"{made_at:%Y-%m-%d %H:%M}")
        + f"  ·  {card.title}",
        language=language() or "en",
    )


def _first_page(found: Findings) -> list[parts.Block]:
    sentence, caution = headline(found)
    tiles = [
        _tile(found, "auc", tr("AUC")),
        _tile(found, "sensitivity", tr("Sensitivity")),
        _tile(found, "specificity", tr("Specificity")),
        _tile(found, "ece", tr("Calibration error")),
    ]
    return [
        parts.Paragraph(sentence, "caution" if caution else "body"),
        parts.Tiles(tuple(tiles)),
        parts.Bullets(tuple(points(found))),
        *(parts.Paragraph(each, "caution") for each in found.looks),
        parts.Heading(tr("Calls at the threshold {threshold:.3f}", threshold=found.threshold), 2),
        _matrix(found),
    ]


def _tile(found: Findings, name: str, title: str) -> parts.Tile:
    estimate, before = found.figures[name], found.reference.get(name)
    if estimate.value is None:
        return parts.Tile(title, "–", tr("undefined: {why}", why=why_undefined(found, name)))
    lines = []
    if estimate.low is not None and estimate.high is not None:
        lines.append(tr("{low:.3f} to {high:.3f}", low=estimate.low, high=estimate.high))
    if before is not None and before.value is not None:
        lines.append(tr("held out: {value:.3f}", value=before.value))
    worse = before is not None and below(estimate, before)
    return parts.Tile(title, f"{estimate.value:.3f}", "\n".join(lines), worse)


def why_undefined(found: Findings, name: str) -> str:
    """Why a figure has no value, in words."""
    if not len(found.audit.p):
        return tr("no image was scored")
    counts = found.figures.matrix.counts
    if not counts["tp"] + counts["fn"]:
        return tr("no image is labelled PNEUMONIA")
    if not counts["tn"] + counts["fp"]:
        return tr("no image is labelled NORMAL")
    if name == "ppv":
        return tr("pneumonia is never called")
    return tr("pneumonia is always called")


def _matrix(found: Findings) -> parts.Table:
    counts = found.figures.matrix.counts
    return parts.Table(
        ("", tr("called PNEUMONIA"), tr("called NORMAL"), tr("all")),
        (
            (
                tr("labelled PNEUMONIA"),
                f"{counts['tp']:,}",
                tr("{count:,} missed", count=counts["fn"]),
                f"{counts['tp'] + counts['fn']:,}",
            ),
            (
                tr("labelled NORMAL"),
                tr("{count:,} false alarms", count=counts["fp"]),
                f"{counts['tn']:,}",
                f"{counts['tn'] + counts['fp']:,}",
            ),
        ),
        widths=(1.4, 1, 1, 1),
    )


def _figures(found: Findings) -> list[parts.Block]:
    rows = []
    for name in _FIGURES:
        estimate = found.figures[name]
        method = found.figures.methods.get(name)
        title = tr(TITLES[name]) + ("" if name in OF_SCORES else " *")
        if estimate.value is None:
            why = tr("undefined: {why}", why=why_undefined(found, name))
            rows.append((title, why, "–", "–", _before(found, name)))
            continue
        ends = "–"
        if estimate.low is not None and estimate.high is not None:
            ends = tr("{low:.3f} to {high:.3f}", low=estimate.low, high=estimate.high)
        value = f"{estimate.value:.3f}"
        rows.append((title, tr(method) if method else "", value, ends, _before(found, name)))
    head = (
        tr("Figure"),
        tr("Interval by"),
        tr("Value"),
        tr("95 % interval"),
        tr("Model's held-out patients"),
    )
    table = parts.Table(head, tuple(rows), words=2, widths=(2.1, 1.9, 0.7, 1.2, 1.6))
    words = tr("* at the threshold {threshold:.6g}", threshold=found.threshold)
    return [table, parts.Paragraph(words, "note"), *_why_images(found)]


def _before(found: Findings, name: str) -> str:
    before = found.reference.get(name)
    return number(before) if before is not None else ""


def _why_images(found: Findings) -> list[parts.Block]:
    why = found.figures.intervals.get("why")
    return [parts.Paragraph(again(why, NOBODY_KNOWN, TOO_FEW_KNOWN), "note")] if why else []


def _curves(found: Findings) -> list[parts.Block]:
    curves, figures = found.curves, found.figures
    if not len(found.audit.p):
        return [parts.Paragraph(tr("There is no curve without a scored image."))]
    advised = [(each.title, each.threshold.value or 0.0) for each in found.advice.points]
    drawn = (
        charts.roc(curves, figures),
        charts.precision_recall(curves, figures),
        charts.histogram(curves, found.threshold),
        charts.trade(curves, found.threshold, advised),
        charts.reliability(curves.reliability),
        charts.decision(curves, found.threshold),
    )
    captions = (
        tr("The band holds 95 % of the curves of resampled patients."),
        tr("The dashed line is the share of pneumonias: what calling everybody would give."),
        tr("What lies upwards left of the threshold is missed; downwards right, a false alarm."),
        tr("Rings: the thresholds that this site's images would choose (below)."),
        tr("Points below the diagonal: the model says more than is found. Bars: 95 % intervals."),
        tr("Above both other lines, acting on the model does more good than treating all or none."),
    )
    return [parts.Charts(drawn, captions)]


def _misses(found: Findings, pictures: Sequence[parts.Picture]) -> list[parts.Block]:
    missed = found.figures.matrix.counts["fn"]
    if not missed:
        return [parts.Paragraph(tr("No pneumonia is missed at this threshold."))]
    words = tr(
        "Of the missed pneumonias ({missed:,}) those to which the model gives the lowest "
        "probabilities ({count}), each beside its heatmap. All heatmaps share one scale, so that "
        "a pale one means little evidence.",
        count=len(found.misses),
        missed=missed,
    )
    if any(found.audit.scored[place].out_of_fold for place in found.misses):
        words += " " + tr(
            "Where the score is out of fold, the heatmap is nevertheless of the audited network, "
            "which was trained on that image."
        )
    if not found.names.shown:
        words += " " + tr(
            "Names are left out; the letters below a picture begin its content hash, by which the "
            "audit bench finds it. Text burned into the pixels is not removed."
        )
    if not pictures:
        return [parts.Paragraph(words), parts.Paragraph(tr("Pictures were left out."), "note")]
    return [parts.Paragraph(words), parts.Pictures(tuple(pictures), 3)]
