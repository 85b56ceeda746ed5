"""A thousand resamples of the patients, laid out so that any threshold is one column of them.

For the scores of each class in ascending order the weights of each resample are summed up from
the lowest score. What a resample has below or above any threshold is then looked up, not counted,
and an interval follows a dragged threshold. The draws are those of
``app.review.statistics.figures.group_weights``: the figures are the same, only sooner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from app.review.audit.thresholds import SortedScores
from app.review.statistics.figures import RESAMPLES, Estimate, Labels, Scores

_BLOCK = 50
_ROUNDING = 1e-9

PerResample = NDArray[np.float64]


@dataclass(frozen=True)
class Resamples:
    """Weights of every resample, summed up.

    Parameters
    ----------
    scores
        What was resampled.
    ill, healthy
        Shape (resamples, m + 1) and (resamples, n + 1), uint32: column i is the weight of the i
        lowest scores of the class.
    order
        Shape (m + n,): positions by ascending score, of both classes together.
    labels
        Shape (m + n,), in that order.
    """

    scores: SortedScores
    ill: NDArray[np.uint32] = field(repr=False)
    healthy: NDArray[np.uint32] = field(repr=False)
    order: NDArray[np.int64] = field(repr=False)
    labels: Labels = field(repr=False)

    @classmethod
    def of(
        cls, p: Scores, labels: Labels, groups: Sequence[str] | None, resamples: int = RESAMPLES
    ) -> Self:
        """Draw them.

        Parameters
        ----------
        p, labels
            Shape (n,), n >= 1.
        groups
            Patient of each image; None makes each image a patient of its own.
        resamples
            How many.
        """
        scores = SortedScores.of(p, labels)
        place = np.arange(len(p))
        if groups is not None:
            place = np.unique(np.asarray(groups), return_inverse=True)[1]
        patients = int(place.max()) + 1
        ill = np.zeros((resamples, len(scores.positive) + 1), np.uint32)
        healthy = np.zeros((resamples, len(scores.negative) + 1), np.uint32)
        random = np.random.default_rng(0)
        for rows in _blocks(resamples):
            # Drawn in blocks, the numbers are the same and the memory is a twentieth.
            drawn = random.multinomial(
                patients, np.full(patients, 1 / patients), size=rows.stop - rows.start
            )
            np.cumsum(drawn[:, place[scores.at_positive]], axis=1, out=ill[rows, 1:])
            np.cumsum(drawn[:, place[scores.at_negative]], axis=1, out=healthy[rows, 1:])
        order = np.argsort(p, kind="stable")
        return cls(scores, ill, healthy, order, labels[order])

    # -- below and above a threshold ---------------------------------------------------------------

    def missed(self, threshold: float) -> PerResample:
        """Weight of the pneumonias below a threshold."""
        return self.ill[:, np.searchsorted(self.scores.positive, threshold)].astype(np.float64)

    def let_alone(self, threshold: float) -> PerResample:
        """Weight of the normals below a threshold."""
        return self.healthy[:, np.searchsorted(self.scores.negative, threshold)].astype(np.float64)

    @property
    def all_ill(self) -> PerResample:
        """Weight of all pneumonias."""
        return self.ill[:, -1].astype(np.float64)

    @property
    def all_healthy(self) -> PerResample:
        """Weight of all normals."""
        return self.healthy[:, -1].astype(np.float64)

    def sensitivity_at(self, specificity: float) -> PerResample:
        """Sensitivity where each resample just reaches a specificity; NaN without one class."""
        return self.sensitivities_at(np.array([specificity]))[:, 0]

    def sensitivities_at(self, specificities: Scores) -> NDArray[np.float64]:
        """``sensitivity_at`` of k specificities at once; shape (resamples, k)."""
        found = np.full((len(self.ill), len(specificities)), np.nan)
        positive, negative = self.scores.positive, self.scores.negative
        # Called is only what lies above the last normal that must be let alone.
        let_alone = np.append(0, np.searchsorted(positive, negative, "right"))
        for at, (ill, healthy) in enumerate(zip(self.ill, self.healthy, strict=True)):
            if ill[-1] and healthy[-1]:
                least = np.searchsorted(healthy, specificities * healthy[-1] - _ROUNDING)
                found[at] = 1 - ill[let_alone[least]] / ill[-1]
        return found

    def specificity_at(self, sensitivity: float) -> PerResample:
        """Specificity where each resample just reaches a sensitivity; NaN without one class."""
        found = np.full(len(self.ill), np.nan)
        positive, negative = self.scores.positive, self.scores.negative
        for at, (ill, healthy) in enumerate(zip(self.ill, self.healthy, strict=True)):
            if ill[-1] and healthy[-1]:
                may_miss = (1 - sensitivity) * ill[-1] + _ROUNDING
                last = min(np.searchsorted(ill, may_miss, "right"), len(positive)) - 1
                below = np.searchsorted(negative, positive[last])
                found[at] = healthy[below] / healthy[-1]
        return found

    # -- figures of all scores together ------------------------------------------------------------

    def auc(self) -> PerResample:
        """Area under the ROC curve, ties counted half; NaN without one class."""
        low = np.searchsorted(self.scores.negative, self.scores.positive, "left")
        high = np.searchsorted(self.scores.negative, self.scores.positive, "right")

        def of(rows: slice) -> PerResample:
            each = np.diff(self.ill[rows].astype(np.float64), axis=1)
            healthy = self.healthy[rows]
            below = healthy[:, low].astype(np.float64) + healthy[:, high]
            pairs = self.all_ill[rows] * self.all_healthy[rows]
            return _ratio((each * below).sum(axis=1) / 2, pairs)

        return self._in_blocks(of)

    def average_precision(self) -> PerResample:
        """Precision averaged over the recall that each distinct score adds; NaN without a class."""
        values, first = np.unique(self.scores.positive, return_index=True)
        after = np.append(first[1:], len(self.scores.positive))
        below = np.searchsorted(self.scores.negative, values, "left")

        def of(rows: slice) -> PerResample:
            ill, healthy = self.ill[rows].astype(np.float64), self.healthy[rows]
            caught = ill[:, -1:] - ill[:, first]
            called = caught + (self.all_healthy[rows, None] - healthy[:, below])
            added = ill[:, after] - ill[:, first]
            area = (added * _ratio(caught, called, 0.0)).sum(axis=1)
            both = (self.all_ill[rows] > 0) & (self.all_healthy[rows] > 0)
            return np.where(both, _ratio(area, self.all_ill[rows]), np.nan)

        return self._in_blocks(of)

    def brier(self) -> PerResample:
        """Mean squared difference of probability and outcome."""
        off_ill, off_healthy = (1 - self.scores.positive) ** 2, self.scores.negative**2

        def of(rows: slice) -> PerResample:
            ill = np.diff(self.ill[rows].astype(np.float64), axis=1) @ off_ill
            healthy = np.diff(self.healthy[rows].astype(np.float64), axis=1) @ off_healthy
            return _ratio(ill + healthy, self.all_ill[rows] + self.all_healthy[rows])

        return self._in_blocks(of)

    def calibration_error(self, bins: int = 15) -> PerResample:
        """Expected calibration error over bins of equal mass, as ``statistics`` defines it."""
        n = len(self.order)
        ill = self.labels == 1
        p = np.empty(n)
        p[ill], p[~ill] = self.scores.positive, self.scores.negative

        def of(rows: slice) -> PerResample:
            mass = np.empty((rows.stop - rows.start, n))
            mass[:, ill] = np.diff(self.ill[rows].astype(np.float64), axis=1)
            mass[:, ~ill] = np.diff(self.healthy[rows].astype(np.float64), axis=1)
            total = mass.sum(axis=1, keepdims=True)
            middle = bins * (np.cumsum(mass, axis=1) - mass / 2) / total
            place = np.minimum(middle.astype(np.int64), bins - 1)
            place += np.arange(len(mass))[:, None] * bins
            gap = np.bincount(place.ravel(), (mass * (p - self.labels)).ravel(), len(mass) * bins)
            return np.asarray(np.abs(gap.reshape(-1, bins)).sum(axis=1) / total[:, 0])

        return self._in_blocks(of)

    def _in_blocks(self, figure: Callable[[slice], PerResample]) -> PerResample:
        return np.concatenate([figure(rows) for rows in _blocks(len(self.ill))])


def interval(value: float | None, resampled: PerResample) -> Estimate:
    """A figure with its percentile interval; as ``statistics.bootstrap`` makes it.

    Parameters
    ----------
    value
        On the images themselves; None or NaN where it is undefined.
    resampled
        Shape (resamples,), NaN where it is undefined there.
    """
    if value is None or np.isnan(value):
        return Estimate(None)
    defined = resampled[~np.isnan(resampled)]
    if len(defined) < len(resampled) // 2:
        return Estimate(value)
    low, high = np.percentile(defined, (2.5, 97.5))
    return Estimate(value, float(low), float(high))


def _blocks(count: int) -> Iterator[slice]:
    return (slice(at, min(at + _BLOCK, count)) for at in range(0, count, _BLOCK))


def _ratio(part: PerResample, whole: PerResample, otherwise: float = np.nan) -> PerResample:
    return np.divide(part, whole, out=np.full_like(part, otherwise), where=whole > 0)
