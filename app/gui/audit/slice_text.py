"""What the pages on slices and on two models say in words. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.base import counts
from app.core.base.translation import mark, tr
from app.gui.audit.text import estimate_words
from app.review.audit.columns import TITLES as COLUMN_TITLES
from app.review.audit.figures import TITLES
from app.review.audit.slices import AUC, SENSITIVITY, SPECIFICITY, Slice, SliceTable
from app.review.comparison.evaluation import FEWEST_PATIENTS

ALPHA = 0.05
"""An adjusted p-value below it is in bold."""

HELP = mark(
    "Each slice is compared with all other images, by Fisher's exact test, or by shuffling whole "
    "patients where some have several images. The p-values are adjusted for all slices of the "
    "table (Holm): where no slice differs, the chance that any p falls below 0.05 is 5 %. Slices "
    "whose figure rests on few patients are not tested and stand last."
)

_CONCERNED = {
    SENSITIVITY: mark("{slice}: pneumonias"),
    SPECIFICITY: mark("{slice}: normals"),
    AUC: mark("{slice}: all images"),
}
_RESTS_ON = {
    SENSITIVITY: mark("Pneumonias"),
    SPECIFICITY: mark("Normals"),
    AUC: mark("Images"),
}


def figure_title(figure: str) -> str:
    """The name of a figure."""
    return tr(TITLES[figure])


def rests_on(figure: str) -> str:
    """Which images a figure rests on, as a heading."""
    return tr(_RESTS_ON[figure])


def column_title(column: str) -> str:
    """The name of a column: ours are translated, a CSV's are as they are."""
    return tr(COLUMN_TITLES[column]) if column in COLUMN_TITLES else column


def slice_name(each: Slice, value: str) -> str:
    """A slice, its value given as it may be shown."""
    return tr("{column}: {value}", column=column_title(each.column), value=value)


def gallery_words(each: Slice, value: str, figure: str) -> str:
    """What the images of a slice are."""
    return tr(_CONCERNED[figure], slice=slice_name(each, value))


def p_words(p: float | None) -> str:
    """A p-value; a dash for none."""
    if p is None:
        return "\N{EN DASH}"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def tip(each: Slice) -> str:
    """All that is known of a slice, for its tool tip."""
    lines = [
        tr(
            "PNEUMONIA {ill:,}, NORMAL {healthy:,}; what the figure rests on: {images}, "
            "{patients}.",
            ill=each.ill,
            healthy=each.healthy,
            images=counts.images(each.images),
            patients=counts.patients(each.patients),
        )
    ]
    if each.method:
        lines.append(tr("Interval: {method}.", method=tr(each.method)))
    if each.p is not None:
        lines.append(
            tr(
                "Against all other images: p = {p:.4f} ({test}), adjusted {adjusted:.4f}.",
                p=each.p,
                test=tr(each.test),
                adjusted=each.adjusted,
            )
        )
    if each.note:
        lines.append(tr(each.note))
    return "\n".join(lines)


def summary(table: SliceTable, columns: Sequence[str]) -> str:
    """What the table is: the figure of all images, and how the tests are meant.

    Parameters
    ----------
    table
        The slices.
    columns
        Names of the columns that make no slices, as they may be shown.
    """
    value, interval = estimate_words(table.whole.estimate)
    lines = [
        tr("All images: {value} ({interval}).", value=value, interval=interval)
        if interval
        else tr("All images: undefined.")
    ]
    if table.tests:
        lines.append(
            tr("p: against all other images, by patient.")
            if table.tests == 1
            else tr(
                "p: against all other images, by patient, adjusted for {tests} tests.",
                tests=table.tests,
            )
        )
    if any(each.small for each in table.slices):
        lines.append(tr("\N{WHITE CIRCLE}: fewer than {n} patients.", n=FEWEST_PATIENTS))
    if columns:
        lines.append(tr("No slices by: {columns}.", columns=", ".join(columns)))
    return " ".join(lines)
