"""The report's pages on slices: a forest plot to see it, a table to read it."""

from __future__ import annotations

from app.core.base.translation import tr
from app.review.audit.columns import TITLES
from app.review.report import charts
from app.review.report.charts import ForestRow
from app.review.report.document import blocks as parts
from app.review.report.findings import Findings, SliceRow
from app.review.report.text import p_words
from app.review.statistics.figures import Estimate

_MOST = 18
"""So many slices are drawn and listed; the JSON has them all."""


def slice_blocks(found: Findings) -> list[parts.Block]:
    """The slices, the worst sensitivity first; small ones after the others."""
    if not found.slices:
        return [
            parts.Paragraph(
                tr(
                    "Nothing is known of the images by which they could be cut into slices. A CSV "
                    "with more columns (view, sex, age, scanner) gives some."
                )
            )
        ]
    shown = found.slices[:_MOST]
    whole = found.figures
    rows = [
        ForestRow(
            tr("all images"),
            f"{len(found.audit.scored):,}",
            whole["sensitivity"],
            whole["specificity"],
        ),
        *(_forest_row(each) for each in shown),
    ]
    words = tr(
        "Each slice at the threshold {threshold:.3f}, the lowest sensitivity first. Hollow marks "
        "and dashed intervals: fewer than ten patients; these stand last and are not tested. p "
        "compares a slice with all other images and is adjusted for all slices (Holm), so that "
        "one in twenty reports, not one in twenty slices, shows a difference by chance alone.",
        threshold=found.threshold,
    )
    forest = charts.forest(rows, (whole["sensitivity"].value, whole["specificity"].value))
    blocks: list[parts.Block] = [parts.Paragraph(words), parts.Charts((forest,))]
    blocks.append(_table(shown))
    if any(each.small for each in shown):
        blocks.append(parts.Paragraph(tr("° fewer than ten patients of each class"), "note"))
    if len(found.slices) > _MOST:
        more = len(found.slices) - _MOST
        blocks.append(
            parts.Paragraph(tr("Further slices in the JSON report: {more:,}.", more=more), "note")
        )
    return blocks


def slice_name(each: SliceRow) -> str:
    """Column and value, as tables name a slice."""
    return f"{tr(TITLES.get(each.column, each.column))}: {each.value}"


def _forest_row(each: SliceRow) -> ForestRow:
    return ForestRow(
        slice_name(each),
        f"{each.images:,}",
        each.estimates["sensitivity"],
        each.estimates["specificity"],
        each.small,
    )


def _table(shown: tuple[SliceRow, ...]) -> parts.Table:
    head = (
        tr("Slice"),
        tr("Pneumonia, normal"),
        tr("Sensitivity"),
        tr("p"),
        tr("Specificity"),
        tr("p"),
        tr("AUC"),
        tr("p"),
    )
    rows = []
    for each in shown:
        cells = [slice_name(each) + (" °" if each.small else "")]
        cells.append(f"{each.ill:,}, {each.healthy:,}")
        for name in ("sensitivity", "specificity", "auc"):
            cells.append(_short(each.estimates[name]))
            cells.append(p_words(each.adjusted[name]))
        rows.append(tuple(cells))
    return parts.Table(head, tuple(rows), 1, (2.3, 1.25, 1.42, 0.7, 1.42, 0.7, 1.42, 0.7))


def _short(estimate: Estimate) -> str:
    if estimate.value is None:
        return "–"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.2f}"
    return tr(
        "{value:.2f} ({low:.2f}–{high:.2f})",
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
    )
