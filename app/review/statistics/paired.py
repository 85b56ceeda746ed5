"""Statistics of two classifiers on the same images: DeLong's paired AUCs, McNemar and its kin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.base.translation import mark
from app.review.statistics.figures import (
    Estimate,
    Labels,
    Scores,
    auc,
    auc_of,
    bootstrap,
    group_weights,
)

EXACT_PATIENTS = 16
"""Up to so many patients with a flip, all ways to swap the two models are counted out."""

_Z = 1.959963984540054

NO_IMAGE = mark("no image")
BY_PATIENT = mark("McNemar for clustered data (Durkalski 2003), exact by patient, mid-p")
CHI_SQUARED = mark("McNemar for clustered data (Durkalski 2003), chi-squared")
METHODS = (NO_IMAGE, BY_PATIENT, CHI_SQUARED)
"""Tests whose names are words: in English with the figures, translated where shown."""


@dataclass(frozen=True)
class McNemar:
    """Whether the images on which two models differ favour one of them.

    Parameters
    ----------
    only_first, only_second
        Images that only the first, or only the second, has right.
    p
        Two-sided; 1 when they differ on no image, None when there is no image.
    method
        How it was computed, in words.
    """

    only_first: int
    only_second: int
    p: float | None
    method: str

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "only_first": self.only_first,
            "only_second": self.only_second,
            "p": self.p,
            "method": self.method,
        }


def mcnemar(
    first: NDArray[np.bool_], second: NDArray[np.bool_], groups: Sequence[str] | None
) -> McNemar:
    """Compare two models' right and wrong answers to the same images.

    Parameters
    ----------
    first, second
        Shape (n,), whether each model is right.
    groups
        Patient of each image. None, or one image a patient: the mid-p of the binomial
        distribution of the images on which they differ (Fagerland, Lydersen and Laake, BMC
        Medical Research Methodology 2013). Else the test of Durkalski, Palesch, Lipsitz and Rust
        (Statistics in Medicine 2003), in which each patient counts the same; with up to
        ``EXACT_PATIENTS`` patients who have a flip, its mid-p when the two models are swapped
        within patients in all ways, else its chi-squared approximation.
    """
    b, c = int((first & ~second).sum()), int((second & ~first).sum())
    if not len(first):
        return McNemar(0, 0, None, NO_IMAGE)
    clusters = np.arange(len(first))
    if groups is not None:
        clusters = np.unique(np.asarray(groups), return_inverse=True)[1]
    sizes = np.bincount(clusters)
    if sizes.max() == 1:
        return McNemar(b, c, _mid_p(b, c), "McNemar, mid-p")
    differences = np.bincount(clusters, first.astype(float) - second.astype(float)) / sizes
    differences = differences[differences != 0]
    if len(differences) <= EXACT_PATIENTS:
        return McNemar(b, c, _swapped_mid_p(differences), BY_PATIENT)
    from scipy.stats import chi2

    return McNemar(b, c, float(chi2.sf(durkalski(differences), 1)), CHI_SQUARED)


def durkalski(differences: NDArray[np.float64]) -> float:
    """The test's chi-squared value, one degree of freedom.

    Parameters
    ----------
    differences
        For each patient the share of images that only the first has right, less the share that
        only the second has right. Not all zero.
    """
    return float(differences.sum() ** 2 / (differences**2).sum())


def _mid_p(b: int, c: int) -> float:
    n, least = b + c, min(b, c)
    if b == c:
        return 1.0
    from scipy.stats import binom

    return float(2 * binom.cdf(least, n, 0.5) - binom.pmf(least, n, 0.5))


def _swapped_mid_p(differences: NDArray[np.float64]) -> float:
    """Mid-p of the sum when each patient's difference may as well have the other sign."""
    sums = np.zeros(1)
    for one in differences:
        sums = np.concatenate([sums + one, sums - one])
    observed, sums = abs(float(differences.sum())), np.abs(sums)
    same = np.isclose(sums, observed)
    p = float(((sums > observed) & ~same).mean() + same.mean() / 2)
    # As for the binomial: where nothing speaks for either, the probability is one.
    return p if observed > 1e-9 else 1.0


def delong_difference(first: Scores, second: Scores, labels: Labels) -> Estimate:
    """AUC of the second less that of the first, paired (DeLong et al., Biometrics 1988).

    Parameters
    ----------
    first, second
        Shape (n,), scores of the same images.
    labels
        Shape (n,), 1 for the positive class.
    """
    positive = labels == 1
    m, n = int(positive.sum()), int((~positive).sum())
    if not m or not n:
        return Estimate(None)
    value = auc(second, labels) - auc(first, labels)
    if m < 2 or n < 2:
        return Estimate(value)
    v10, v01 = (
        b - a
        for a, b in zip(_components(first, positive), _components(second, positive), strict=True)
    )
    half = _Z * float(np.sqrt(v10.var(ddof=1) / m + v01.var(ddof=1) / n))
    return _honest(value, value - half, value + half, first, second)


def bootstrap_difference(
    first: Scores, second: Scores, labels: Labels, groups: Sequence[str]
) -> Estimate:
    """AUC of the second less that of the first, with an interval over resampled patients."""
    of_first, of_second = auc_of(first, labels), auc_of(second, labels)
    estimate = bootstrap(
        lambda weights: of_second(weights) - of_first(weights), group_weights(groups), len(labels)
    )
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return estimate
    return _honest(estimate.value, estimate.low, estimate.high, first, second)


def _components(
    scores: Scores, positive: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """DeLong's structural components of each positive and each negative image."""
    from scipy.stats import rankdata

    up, down = scores[positive], scores[~positive]
    ranks = rankdata(np.concatenate([up, down]))
    v10 = (ranks[: len(up)] - rankdata(up)) / len(down)
    v01 = 1 - (ranks[len(up) :] - rankdata(down)) / len(up)
    return v10, v01


def _honest(value: float, low: float, high: float, first: Scores, second: Scores) -> Estimate:
    """No interval where it would be of no width only because the sample is too easy."""
    from scipy.stats import rankdata

    if low == high and not np.array_equal(rankdata(first), rankdata(second)):
        return Estimate(value)
    return Estimate(value, max(-1.0, low), min(1.0, high))
