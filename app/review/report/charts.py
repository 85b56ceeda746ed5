"""The curves of an audit, drawn for a page: what is measured in ink, what is guessed as a band."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from app.core.base.translation import tr
from app.review.audit.curves import BAND_RATES, Curves, Reliability
from app.review.audit.figures import Figures
from app.review.report.document.chart import Area, Axes, Chart, ChartMark, Label, Line
from app.review.statistics.figures import Estimate

_SIZE = (250.0, 188.0)
_FIFTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_MOST_POINTS = 400


def roc(curves: Curves, figures: Figures) -> Chart:
    """The ROC curve with its band and the threshold in use; a word where it is undefined."""
    axes = Axes(*_SIZE)
    axes.frame(
        tr("ROC"), tr("False positive rate"), tr("Sensitivity"), _FIFTHS, _FIFTHS
    )  # fmt: skip
    area = figures["auc"]
    if area.value is None or not len(curves.sensitivity):
        return _undefined(axes, tr("Undefined: images of both classes are needed."))
    axes.line([(0, 0), (1, 1)], "muted", 0.7, (2, 2))
    if len(curves.roc_low):
        upper = list(zip(BAND_RATES, curves.roc_high, strict=True))
        lower = list(zip(BAND_RATES, curves.roc_low, strict=True))
        axes.area(upper + lower[::-1])
    axes.line(_thinned(curves.false_positive_rate, curves.sensitivity))
    sensitivity, specificity = figures["sensitivity"].value, figures["specificity"].value
    if sensitivity is not None and specificity is not None:
        axes.mark(1 - specificity, sensitivity, "second", "diamond", 6)
        words = tr("◆ threshold {threshold:.3f}", threshold=figures.matrix.threshold)
        axes.label(0.98, 0.13, words, "second", "end")
    words = tr("AUC {figure}", figure=number(area))
    axes.label(0.98, 0.04, words, anchor="end")
    return axes.chart(tr("ROC curve: {words}.", words=words))


def precision_recall(curves: Curves, figures: Figures) -> Chart:
    """Precision against recall; the dashed line is what calling everybody gives."""
    axes = Axes(*_SIZE)
    axes.frame(
        tr("Precision and recall"), tr("Recall (sensitivity)"), tr("Precision"), _FIFTHS, _FIFTHS
    )
    average = figures["average_precision"]
    if average.value is None or not len(curves.precision):
        return _undefined(axes, tr("Undefined: images of both classes are needed."))
    counts = figures.matrix.counts
    share = (counts["tp"] + counts["fn"]) / max(1, sum(counts.values()))
    axes.line([(0, share), (1, share)], "muted", 0.7, (2, 2))
    axes.line(_thinned(curves.recall, curves.precision))
    recall, precision = figures["sensitivity"].value, figures["ppv"].value
    if recall is not None and precision is not None:
        axes.mark(recall, precision, "second", "diamond", 6)
    words = tr("average precision {figure}", figure=number(average))
    axes.label(0.03, 0.04, words)
    axes.label(0.03, share, tr("everybody called"), "muted", shift=(0, 9 if share > 0.2 else -3))
    return axes.chart(tr("Precision-recall curve: {words}.", words=words))


def histogram(curves: Curves, threshold: float) -> Chart:
    """Scores of pneumonias upwards, of normals downwards, each as a share of its class."""
    ill = curves.pneumonia / max(1, int(curves.pneumonia.sum()))
    healthy = curves.normal / max(1, int(curves.normal.sum()))
    high = max(0.05, float(ill.max(initial=0)), float(healthy.max(initial=0))) * 1.08
    axes = Axes(*_SIZE, y=(-high, high), margins=(38.0, 26.0, 8.0, 30.0))
    step = 0.1 if high > 0.25 else 0.05 if high > 0.1 else 0.02
    ticks = [each * step for each in range(-int(high / step), int(high / step) + 1)]
    if len(ticks) > 7:
        ticks = [tick for place, tick in enumerate(ticks) if place % 2 == len(ticks) // 2 % 2]
    axes.frame(
        tr("Scores by class"), tr("Probability of pneumonia"), tr("Share of the class"),
        _FIFTHS, ticks, y_format=lambda value: f"{abs(value):.0%}",
    )  # fmt: skip
    for shares, sign, role in ((ill, 1, "second"), (healthy, -1, "first")):
        for at, share in enumerate(shares):
            if share:
                low, top = curves.edges[at], curves.edges[at + 1]
                height = sign * share
                axes.area([(low, 0), (top, 0), (top, height), (low, height)], role, 0.75)
    axes.line([(0, 0), (1, 0)], "ink", 0.6)
    axes.rule(threshold, tr("threshold {threshold:.3f}", threshold=threshold))
    middle = 0.3 if threshold > 0.5 else 0.7
    axes.label(middle, 0.88 * high, tr("labelled PNEUMONIA"), "second", "middle")
    axes.label(middle, -0.88 * high, tr("labelled NORMAL"), "first", "middle")
    return axes.chart(tr("Histogram of the scores of both classes, and the threshold."))


def reliability(bins: Sequence[Reliability]) -> Chart:
    """What the model says against what is found; on the diagonal a probability holds."""
    axes = Axes(*_SIZE)
    axes.frame(
        tr("Reliability"), tr("Said: mean probability"), tr("Found: share of pneumonias"),
        _FIFTHS, _FIFTHS,
    )  # fmt: skip
    axes.line([(0, 0), (1, 1)], "muted", 0.7, (2, 2))
    axes.label(0.62, 0.58, tr("holds"), "muted", shift=(4, 3))
    known = [each for each in bins if each.found.value is not None]
    for each in known:
        if each.found.low is not None and each.found.high is not None:
            axes.line([(each.said, each.found.low), (each.said, each.found.high)], "first", 0.9)
    for each in known:
        axes.mark(each.said, each.found.value or 0.0, "first", size=5)
    return axes.chart(
        tr("Reliability diagram: {bins} bins of as many images each.", bins=len(known))
    )


def decision(curves: Curves, threshold: float) -> Chart:
    """Net benefit of following the model, of treating everybody, and of treating nobody."""
    at, benefit, everybody = curves.decision_thresholds, curves.net_benefit, curves.treat_all
    top = max(0.05, float(np.max(benefit, initial=0)), float(everybody[0]) if len(at) else 0)
    low = -0.4 * top
    axes = Axes(*_SIZE, y=(low, 1.08 * top), margins=(38.0, 38.0, 8.0, 30.0))
    step = 0.2 if top > 0.45 else 0.1 if top > 0.2 else 0.05 if top > 0.1 else 0.02
    ticks = [step * each for each in range(int(low / step), int(1.08 * top / step) + 1)]
    axes.frame(tr("Decision curve"), tr("Threshold probability"), tr("Net benefit"), _FIFTHS, ticks)
    axes.line([(0, 0), (1, 0)], "ink", 0.8)
    axes.label(0.99, 0, tr("nobody treated"), "muted", "end", (0, -3))
    inside = everybody >= low
    axes.line(zip(at[inside], everybody[inside], strict=True), "muted", 1.0, (3, 2))
    if len(curves.net_benefit_low):
        high, under = (
            np.clip(each, low, 1.08 * top)
            for each in (curves.net_benefit_high, curves.net_benefit_low)
        )
        there = list(zip(at, high, strict=True)) + list(zip(at, under, strict=True))[::-1]
        axes.area(there)
    shown = benefit >= low
    axes.line(_upto(at, benefit, shown))
    axes.legend((tr("this model"), "first", ()), (tr("everybody treated"), "muted", (3, 2)))
    axes.rule(threshold, tr("threshold {threshold:.3f}", threshold=threshold), "second")
    return axes.chart(tr("Decision curve of the model, of treating everybody and nobody."))


def trade(curves: Curves, threshold: float, advised: Iterable[tuple[str, float]]) -> Chart:
    """Sensitivity and specificity as the threshold moves; rings are what this site would choose."""
    axes = Axes(*_SIZE, margins=(38.0, 38.0, 8.0, 30.0))
    axes.frame(
        tr("As the threshold moves"), tr("Threshold"), tr("Share called rightly"), _FIFTHS, _FIFTHS
    )
    if not len(curves.thresholds):
        return _undefined(axes, tr("Undefined: images of both classes are needed."))
    at = curves.thresholds[1:][::-1]
    sensitivity = curves.sensitivity[1:][::-1]
    specificity = 1 - curves.false_positive_rate[1:][::-1]
    axes.line(_thinned(at, sensitivity), "second")
    axes.line(_thinned(at, specificity), "first", 1.4, (4, 2))
    axes.legend((tr("sensitivity"), "second", ()), (tr("specificity"), "first", (4, 2)))
    for _, value in advised:
        place = min(int(np.searchsorted(at, value)), len(at) - 1)
        axes.mark(value, float(sensitivity[place]), "second", "circle", 5, True)
        axes.mark(value, float(specificity[place]), "first", "circle", 5, True)
    axes.rule(threshold, tr("threshold {threshold:.3f}", threshold=threshold))
    return axes.chart(tr("Sensitivity and specificity against the threshold."))


@dataclass(frozen=True)
class ForestRow:
    """One row of a forest plot; a weak one (few images) is drawn hollow."""

    name: str
    images: str
    sensitivity: Estimate
    specificity: Estimate
    weak: bool = False
    heading: bool = False


def forest(rows: Sequence[ForestRow], overall: tuple[float | None, float | None]) -> Chart:
    """Sensitivity and specificity of each row with intervals; the dashed lines are of all images.

    Parameters
    ----------
    rows
        From the top downwards.
    overall
        Sensitivity and specificity of all images.
    """
    height, top = 14.0, 30.0
    chart_height = top + height * len(rows) + 22
    shapes: list[Line | Area | ChartMark | Label] = []
    bands = ((206.0, 346.0), (370.0, 508.0))
    titles = (tr("Sensitivity"), tr("Specificity"))
    bottom = top + height * len(rows)
    for (left, right), title, value, role in zip(
        bands, titles, overall, ("second", "first"), strict=True
    ):
        shapes.append(Label(left, 11, title, size=8.5, bold=True))
        for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
            x = left + tick * (right - left)
            shapes.append(Line(((x, top - 8), (x, bottom)), "faint", 0.5))
            shapes.append(Label(x, bottom + 11, f"{tick:g}", "muted", 7, "middle"))
        if value is not None:
            x = left + value * (right - left)
            shapes.append(Line(((x, top - 8), (x, bottom)), role, 0.8, (2, 2)))
    shapes.append(Label(196, 11, tr("Images"), "muted", 7.5, "end"))
    for place, row in enumerate(rows):
        y = top + height * place + 4
        shapes.append(Label(0 if row.heading else 8, y + 2.5, _short(row.name), size=8,
                            bold=row.heading))  # fmt: skip
        shapes.append(Label(196, y + 2.5, row.images, "muted", 7.5, "end"))
        if row.heading:
            continue
        for (left, right), estimate, role in zip(
            bands, (row.sensitivity, row.specificity), ("second", "first"), strict=True
        ):
            shapes += _whisker(left, right, y, estimate, role, row.weak)
    return Chart(511.0, chart_height, tuple(shapes), tr("Forest plot; the table has its figures."))


def _whisker(
    left: float, right: float, y: float, estimate: Estimate, role: str, weak: bool
) -> list[Line | ChartMark | Label]:
    if estimate.value is None:
        return [Label(left, y + 2.5, tr("undefined"), "muted", 7)]

    def at(value: float) -> float:
        return left + value * (right - left)

    found: list[Line | ChartMark | Label] = []
    if estimate.low is not None and estimate.high is not None:
        ends = ((at(estimate.low), y), (at(estimate.high), y))
        found.append(Line(ends, role, 1.2, (2, 1.5) if weak else ()))
    return [*found, ChartMark(at(estimate.value), y, role, "square", 5, weak)]


def number(estimate: Estimate, digits: int = 3) -> str:
    """A figure with its interval, or the word that it is undefined."""
    if estimate.value is None:
        return tr("undefined")
    # Adding 0 after rounding takes the sign from a zero.
    value, low, high = (
        None if each is None else f"{round(each, digits) + 0.0:.{digits}f}"
        for each in (estimate.value, estimate.low, estimate.high)
    )
    if low is None or high is None:
        return str(value)
    return tr("{value} ({low} to {high})", value=value, low=low, high=high)


def _undefined(axes: Axes, words: str) -> Chart:
    axes.label(0.5, 0.5, words, "muted", "middle")
    return axes.chart(words)


def _thinned(x: np.ndarray, y: np.ndarray) -> list[tuple[float, float]]:
    """Steps of thousands of images need no thousands of points on a page."""
    if len(x) > _MOST_POINTS:
        keep = np.unique(np.linspace(0, len(x) - 1, _MOST_POINTS).round().astype(int))
        x, y = x[keep], y[keep]
    return [(float(a), float(b)) for a, b in zip(x, y, strict=True)]


def _upto(x: np.ndarray, y: np.ndarray, inside: np.ndarray) -> list[tuple[float, float]]:
    """The curve as far as it stays inside from its beginning."""
    outside = np.flatnonzero(~inside)
    end = int(outside[0]) if len(outside) else len(x)
    return [(float(a), float(b)) for a, b in zip(x[:end], y[:end], strict=True)]


def _short(name: str) -> str:
    return name if len(name) <= 28 else f"{name[:27]}…"
