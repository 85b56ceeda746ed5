"""What the figures of a site come to, in sentences: the part of the report that is read first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from app.core.base.translation import mark, tr
from app.core.model.results import Status
from app.review.audit import Cell
from app.review.audit.columns import TITLES
from app.review.report.charts import number
from app.review.report.findings import Findings, seen_in_words
from app.review.statistics.figures import Estimate

_NOTHING_TOLD = 0.5
"""An AUC of chance."""


def headline(found: Findings) -> tuple[str, bool]:
    """The one sentence to remember, and whether it is a caution."""
    area = found.figures["auc"]
    if not len(found.audit.p):
        return tr("No image could be scored, so there is no figure to report."), True
    if area.value is None:
        return (
            tr(
                "All scored images are of one class. The AUC and one of sensitivity and "
                "specificity are undefined, and nothing can be said of how well the model tells "
                "the classes apart."
            ),
            True,
        )
    before = found.reference.get("auc")
    if area.low is not None and area.low <= _NOTHING_TOLD:
        return _like_chance(area, before), True
    if before is None:
        return tr("The AUC on these images is {figure}.", figure=number(area)), False
    values = {"here": number(area), "there": number(before)}
    if below(area, before):
        return (
            tr(
                "The model does worse here than on its own held-out patients: AUC {here} against "
                "{there}.",
                **values,
            ),
            True,
        )
    if below(before, area):
        return (
            tr(
                "The AUC here is higher than on the model's own held-out patients, {here} against "
                "{there}: these images are easier, or the model has seen them.",
                **values,
            ),
            False,
        )
    return (
        tr(
            "With so many images no difference to the model's own held-out patients is shown: AUC "
            "{here} against {there}.",
            **values,
        ),
        False,
    )


def _like_chance(area: Estimate, before: Estimate | None) -> str:
    words = tr(
        "On these images the model does not tell pneumonia from normal: its AUC is {figure}, and "
        "0.5 is chance.",
        figure=number(area),
    )
    if before is not None and below(area, before):
        words += " " + tr("On its own held-out patients it was {figure}.", figure=number(before))
    return words + " " + tr("No threshold mends that.")


def below(one: Estimate, other: Estimate) -> bool:
    """Whether a figure lies below another with room between the intervals."""
    return one.high is not None and other.low is not None and one.high < other.low


def points(found: Findings) -> list[str]:
    """The other things to know first, each a sentence or two."""
    counts = found.figures.matrix.counts
    said = [_errors(counts, found.threshold)] if len(found.audit.p) else []
    said += _rates(found)
    said += _worst_slices(found)
    said += _cautions(found)
    refused, unreadable = found.files(Status.REFUSED), found.files(Status.UNREADABLE)
    if refused or unreadable:
        said.append(
            tr(
                "Not in the figures: {refused:,} refused, {unreadable:,} unreadable of {files:,} "
                "files. The reasons are under “What was measured”.",
                refused=refused,
                unreadable=unreadable,
                files=len(found.audit.rows),
            )
        )
    said += seen_in_words(found.seen)
    return said


def _errors(counts: Mapping[Cell, int], threshold: float) -> str:
    ill, healthy = counts["tp"] + counts["fn"], counts["tn"] + counts["fp"]
    missed = tr(
        "At the threshold {threshold:.3f} the model misses {missed:,} of {ill:,} pneumonias",
        threshold=threshold,
        missed=counts["fn"],
        ill=ill,
    )
    if not ill:
        missed = tr("There is no image labelled PNEUMONIA, so no miss can be counted")
    if not healthy:
        return missed + tr("; there is no image labelled NORMAL, so no false alarm can be counted.")
    return missed + tr(
        " and raises a false alarm on {alarms:,} of {healthy:,} normals.",
        alarms=counts["fp"],
        healthy=healthy,
    )


def _rates(found: Findings) -> list[str]:
    """Sensitivity and specificity beside what the model's card has of them."""
    said = []
    for name, words in (
        ("sensitivity", mark("Sensitivity {here}; on the model's held-out patients {there}.")),
        ("specificity", mark("Specificity {here}; on the model's held-out patients {there}.")),
    ):
        here, there = found.figures[name], found.reference.get(name)
        if there is not None and here.value is not None:
            said.append(tr(words, here=number(here), there=number(there)))
    return said


def _worst_slices(found: Findings) -> list[str]:
    said = []
    firm = [each for each in found.slices if not each.small]
    for name in ("sensitivity", "specificity"):
        known = [each for each in firm if each.estimates[name].value is not None]
        # The only slice of a column that has the figure is all images over again.
        of_column = Counter(each.column for each in known)
        known = [each for each in known if of_column[each.column] > 1]
        if not known:
            continue
        worst = min(known, key=lambda each: each.estimates[name].value or 0.0)
        values = {
            "column": tr(TITLES.get(worst.column, worst.column)),
            "value": worst.value,
            "figure": number(worst.estimates[name]),
        }
        words = (
            tr("Lowest sensitivity of all slices: {column} {value}, {figure}", **values)
            if name == "sensitivity"
            else tr("Lowest specificity of all slices: {column} {value}, {figure}", **values)
        )
        adjusted = worst.adjusted[name]
        if adjusted is None:
            said.append(words + ".")
        elif adjusted < 0.05:
            said.append(
                words
                + tr(" (unlike the rest: p {p}, adjusted for all slices).", p=p_words(adjusted))
            )
        else:
            said.append(
                words + tr(" (may be chance: p {p}, adjusted for all slices).", p=p_words(adjusted))
            )
    return said


def p_words(p: float | None) -> str:
    """A p-value as journals print it; empty for none."""
    if p is None:
        return ""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def _cautions(found: Findings) -> list[str]:
    if not found.audit.cautions:
        return []
    often, times = found.audit.cautions.most_common(1)[0]
    return [
        tr(
            "Scored images with a caution: {count:,} of {scored:,}; with this one, the most "
            "frequent: {times:,}. {reason}",
            count=len(found.audit.with_caution),
            scored=len(found.audit.scored),
            times=times,
            reason=often.text(),
        )
    ]
