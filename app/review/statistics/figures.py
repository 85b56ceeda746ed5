"""Figures of a binary classifier with intervals: bootstrap over patients, Wilson, DeLong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
Labels = NDArray[np.int64]

RESAMPLES = 1000
_Z = 1.959963984540054
"""The 97.5th percentile of the normal distribution. SciPy takes a second to import: only what needs
its ranks does."""


@dataclass(frozen=True)
class Estimate:
    """A figure and its 95 % interval; all None where the figure is undefined.

    ``had_no_width`` says that the method gave an interval of one point, as it does at 0 or 1,
    and that Wilson's stands in its place.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    had_no_width: bool = False

    def as_dict(self) -> dict[str, float | None]:
        """``{"value": ..., "low": ..., "high": ...}``."""
        return {"value": self.value, "low": self.low, "high": self.high}


def auc(scores: Scores, labels: Labels, weights: Scores | None = None) -> float:
    """Area under the ROC curve, ties counted half; NaN when a class is missing.

    Parameters
    ----------
    scores
        Shape (n,).
    labels
        Shape (n,), 1 for the positive class.
    weights
        Shape (n,), how often each image counts; None for once each.
    """
    return auc_of(scores, labels)(np.ones(len(scores)) if weights is None else weights)


def auc_of(scores: Scores, labels: Labels) -> Callable[[Scores], float]:
    """``auc`` for many weights of the same images, which are sorted only once.

    Parameters
    ----------
    scores, labels
        As for ``auc``.
    """
    _, position = np.unique(scores, return_inverse=True)
    count = int(position.max()) + 1 if len(position) else 0
    of_positive, of_negative = labels == 1, labels == 0
    at_positive, at_negative = position[of_positive], position[of_negative]

    def figure(weights: Scores) -> float:
        positive = np.bincount(at_positive, weights[of_positive], count)
        negative = np.bincount(at_negative, weights[of_negative], count)
        pairs = positive.sum() * negative.sum()
        if pairs == 0:
            return float("nan")
        below = np.cumsum(negative) - negative
        return float((positive * (below + negative / 2)).sum() / pairs)

    return figure


def average_precision(scores: Scores, labels: Labels) -> float:
    """Precision averaged over the recall that each distinct score adds; NaN without positives.

    The step-wise area under the precision-recall curve, which does not flatter as a trapezoid
    does (Davis and Goadrich, ICML 2006); scikit-learn's ``average_precision_score``.

    Parameters
    ----------
    scores
        Shape (n,).
    labels
        Shape (n,), 1 for the positive class.
    """
    if not (labels == 1).any():
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    caught = np.cumsum(labels[order] == 1)[last]
    return float((np.diff(caught, prepend=0) * caught / (last + 1)).sum() / caught[-1])


def wilson(successes: float, total: float) -> Estimate:
    """A proportion with its score interval (Wilson, JASA 1927)."""
    if total == 0:
        return Estimate(None)
    p = successes / total
    centre = (p + _Z**2 / (2 * total)) / (1 + _Z**2 / total)
    half = _Z / (1 + _Z**2 / total) * np.sqrt(p * (1 - p) / total + _Z**2 / (4 * total**2))
    return Estimate(p, max(0.0, float(centre - half)), min(1.0, float(centre + half)))


def delong(scores: Scores, labels: Labels) -> Estimate:
    """AUC with the interval of DeLong et al. (Biometrics 1988), in Sun and Xu's fast form."""
    positive, negative = scores[labels == 1], scores[labels == 0]
    m, n = len(positive), len(negative)
    if m == 0 or n == 0:
        return Estimate(None)
    from scipy.stats import rankdata

    ranks = rankdata(np.concatenate([positive, negative]))
    area = float((ranks[:m].sum() - m * (m + 1) / 2) / (m * n))
    if m < 2 or n < 2:
        return Estimate(area)
    v10 = (ranks[:m] - rankdata(positive)) / n
    v01 = 1 - (ranks[m:] - rankdata(negative)) / m
    deviation = float(np.sqrt(v10.var(ddof=1) / m + v01.var(ddof=1) / n))
    return Estimate(area, max(0.0, area - _Z * deviation), min(1.0, area + _Z * deviation))


class GroupWeights:
    """How often each image counts in each resample, kept by patient in a byte each.

    As an array of shape (resamples, n), float64, it would take 800 MB for 100,000 images.
    """

    def __init__(self, draws: NDArray[np.unsignedinteger], position: NDArray[np.intp]) -> None:
        self._draws, self._position = draws, position
        self.shape = len(draws), len(position)

    def of(self, at: NDArray[np.integer]) -> GroupWeights:
        """Those of some of the images, by their places."""
        return GroupWeights(self._draws, self._position[at])

    def __len__(self) -> int:
        return len(self._draws)

    def __iter__(self) -> Iterator[NDArray[np.float64]]:
        for row in self._draws:
            yield row[self._position].astype(np.float64)

    def __matmul__(self, values: Scores) -> NDArray[np.float64]:
        """The weighted sums of values of shape (n,), one a resample."""
        count = self._draws.shape[1]
        by_patient = np.bincount(self._position, weights=values, minlength=count)
        return np.array([row @ by_patient for row in self._draws], np.float64)

    def __array__(self, dtype: object = None, copy: bool | None = None) -> NDArray[np.float64]:
        return np.stack(list(self))


def group_weights(groups: Sequence[str], resamples: int = RESAMPLES, seed: int = 0) -> GroupWeights:
    """How often each image counts in each bootstrap resample of whole patients.

    Returns
    -------
    GroupWeights
        Of shape (resamples, n).
    """
    _, position = np.unique(np.asarray(groups), return_inverse=True)
    count = int(position.max()) + 1
    random = np.random.default_rng(seed)
    chances = np.full(count, 1 / count)
    # A patient is hardly drawn ten times; where it may be, they are few.
    draws = np.empty((resamples, count), np.uint8 if count > 1000 else np.uint16)
    for row in draws:
        row[:] = np.minimum(random.multinomial(count, chances), np.iinfo(draws.dtype).max)
    return GroupWeights(draws, position)


def bootstrap(figure: Callable[[Scores], float], weights: GroupWeights, n: int) -> Estimate:
    """A weighted figure with its percentile interval over resampled patients.

    Parameters
    ----------
    figure
        From weights, shape (n,), to the figure; NaN where undefined.
    weights
        From ``group_weights``.
    n
        Number of images.
    """
    value = figure(np.ones(n))
    if np.isnan(value):
        return Estimate(None)
    values = np.array([figure(row) for row in weights])
    values = values[~np.isnan(values)]
    if len(values) < len(weights) // 2:
        return Estimate(value)
    low, high = np.percentile(values, (2.5, 97.5))
    return Estimate(value, float(low), float(high))


def bootstrap_share(
    hit: NDArray[np.bool_], among: NDArray[np.bool_], weights: GroupWeights
) -> Estimate:
    """A share with its percentile interval over resampled patients: ``bootstrap``, all at once.

    Parameters
    ----------
    hit, among
        Shape (n,): the share of ``hit`` among ``among``.
    weights
        From ``group_weights``.
    """
    if not among.any():
        return Estimate(None)
    totals = weights @ among.astype(np.float64)
    drawn = totals > 0
    values = (weights @ (hit & among).astype(np.float64))[drawn] / totals[drawn]
    value = float(hit[among].mean())
    if len(values) < len(weights) // 2:
        return Estimate(value)
    low, high = np.percentile(values, (2.5, 97.5))
    return Estimate(value, float(low), float(high))


def summary(
    scores: Scores, calls: NDArray[np.bool_], labels: Labels, groups: Sequence[str] | None
) -> dict[str, Estimate]:
    """AUC, accuracy, sensitivity and specificity with intervals.

    Parameters
    ----------
    scores
        Shape (n,), any score that rises with the probability.
    calls
        Shape (n,), whether pneumonia was called.
    labels
        Shape (n,), 1 for pneumonia.
    groups
        Patient of each image: then intervals are a bootstrap over patients. None when unknown:
        then Wilson's and, for the AUC, DeLong's. An interval without width is replaced by
        Wilson's over the number of patients (``Estimate.had_no_width``).
    """
    positive, right = labels == 1, calls == (labels == 1)
    everyone = np.ones(len(labels), dtype=bool)
    shares = {
        "accuracy": everyone,
        "sensitivity": positive,
        "specificity": ~positive,
    }
    if not len(labels):
        return {name: Estimate(None) for name in ("auc", *shares)}
    if groups is None:
        patients = np.arange(len(labels))
        estimates = {"auc": delong(scores, labels)} | {
            name: wilson(float((right & among).sum()), float(among.sum()))
            for name, among in shares.items()
        }
    else:
        patients = np.unique(np.asarray(groups), return_inverse=True)[1]
        weights = group_weights(groups)
        area = bootstrap(auc_of(scores, labels), weights, len(labels))
        estimates = {"auc": area} | {
            name: bootstrap_share(right, among, weights) for name, among in shares.items()
        }
    among_patients = {name: len(np.unique(patients[among])) for name, among in shares.items()}
    # An AUC is carried by the class with fewer patients.
    among_patients["auc"] = min(among_patients["sensitivity"], among_patients["specificity"])
    return {name: widened(e, among_patients[name]) for name, e in estimates.items()}


def widened(estimate: Estimate, patients: int) -> Estimate:
    """The estimate, or Wilson's interval over so many patients where its own has no width.

    Nothing wrong among n patients is no proof that nothing ever is. For an AUC this is a
    conservative bound: as if each patient of the smaller class were ranked right or wrong as
    a whole.
    """
    if estimate.value is None or estimate.low is None or estimate.low != estimate.high:
        return estimate
    bound = wilson(estimate.value * patients, patients)
    return Estimate(estimate.value, bound.low, bound.high, had_no_width=True)


def brier(probabilities: Scores, labels: Labels) -> float | None:
    """Mean squared difference of probability and outcome; None for no images."""
    return float(np.mean((probabilities - labels) ** 2)) if len(labels) else None


def calibration_error(
    probabilities: Scores, labels: Labels, weights: Scores | None = None, bins: int = 15
) -> float | None:
    """Expected calibration error over bins of equal mass; None for no images.

    Parameters
    ----------
    probabilities, labels
        Shape (n,).
    weights
        Shape (n,), how often each image counts; None for once each.
    bins
        How many.
    """
    if not len(labels):
        return None
    order = np.argsort(probabilities, kind="stable")
    counts = np.ones(len(labels)) if weights is None else weights
    mass, gap = counts[order], (counts * (probabilities - labels))[order]
    place = np.minimum((bins * (np.cumsum(mass) - mass / 2) / mass.sum()).astype(int), bins - 1)
    return float(np.abs(np.bincount(place, gap, bins)).sum() / mass.sum())


def threshold_at_sensitivity(probabilities: Scores, labels: Labels, sensitivity: float) -> float:
    """The highest threshold whose ``p >= threshold`` catches at least that share of positives."""
    positive = np.sort(probabilities[labels == 1])[::-1]
    if not len(positive):
        raise ValueError("no positive image to set the operating point on")
    return float(positive[int(np.ceil(sensitivity * len(positive) - 1e-9)) - 1])


def threshold_at_specificity(probabilities: Scores, labels: Labels, specificity: float) -> float:
    """The lowest of the scores whose ``p >= threshold`` lets that share of negatives alone.

    Where no score does, the smallest number above all of them.
    """
    negative = probabilities[labels == 0]
    if not len(negative):
        raise ValueError("no negative image to set the operating point on")
    alarms = int(np.floor((1 - specificity) * len(negative) + 1e-9))
    highest_let_alone = np.sort(negative)[::-1][alarms] if alarms < len(negative) else -np.inf
    above = probabilities[probabilities > highest_let_alone]
    return float(above.min() if len(above) else np.nextafter(highest_let_alone, np.inf))


def sensitivity_at(probabilities: Scores, labels: Labels, specificity: float) -> float:
    """Sensitivity at the threshold that just reaches ``specificity`` on the same images."""
    threshold = threshold_at_specificity(probabilities, labels, specificity)
    positive = probabilities[labels == 1]
    return float((positive >= threshold).mean()) if len(positive) else float("nan")


def specificity_at(probabilities: Scores, labels: Labels, sensitivity: float) -> float:
    """Specificity at the threshold that just reaches ``sensitivity`` on the same images."""
    threshold = threshold_at_sensitivity(probabilities, labels, sensitivity)
    negative = probabilities[labels == 0]
    return float((negative < threshold).mean()) if len(negative) else float("nan")


def bootstrap_specificity(
    probabilities: Scores, labels: Labels, groups: Sequence[str], sensitivity: float
) -> Estimate:
    """Specificity at a fixed sensitivity; each resample sets its own threshold."""
    order = np.argsort(-probabilities, kind="stable")

    def figure(weights: Scores) -> float:
        w, y = weights[order], labels[order]
        caught = np.cumsum(w * (y == 1))
        if caught[-1] == 0 or not (w * (y == 0)).any():
            return float("nan")
        last = probabilities[order[np.searchsorted(caught, sensitivity * caught[-1] - 1e-9)]]
        negative = w * (y == 0)
        return float(negative[probabilities[order] < last].sum() / negative.sum())

    return bootstrap(figure, group_weights(groups), len(labels))
