"""What a network's further answers to held-out patients make of them: the kind and the spread.

As for the score itself (``app.training.result.judgement``): fitted on patients whom the weights
never
saw, and measured on each tenth of them by what the other nine tenths gave.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.base.translation import mark
from app.core.model.calibration import Calibration, probabilities_by
from app.core.model.heads import Kind, Uncertainty
from app.review.statistics import calibration, figures, risk_coverage
from app.review.statistics.cross_fitting import PARTS, parts_of

SET_ASIDE = 0.1
"""Share of the calibration images whose range counts as wide."""

Values = NDArray[np.float64]


def judge_kind(
    outputs: Values, bacterial: NDArray[np.int64], groups: list[str]
) -> tuple[Kind, dict[str, Any]] | None:
    """Bacterial or viral among pneumonias.

    Parameters
    ----------
    outputs
        Shape (n,), of pneumonias whose kind is known.
    bacterial
        Shape (n,), 1 for bacterial, 0 for viral.
    groups
        Patient of each image.

    Returns
    -------
    Kind, dict
        And the figures of a card; None where the kinds cannot be told apart at all.
    """
    line = calibration.fit(outputs, bacterial)
    honest = calibration.cross_fitted(outputs, bacterial, groups)
    if line is None or honest is None:
        return None
    threshold = _balanced_threshold(line.probabilities(outputs), bacterial)
    calls = np.zeros(len(honest), bool)
    part = parts_of(groups, "operating points")
    for k in range(PARTS):
        of_part = part == k
        if of_part.any():
            calls[of_part] = honest[of_part] >= _balanced_threshold(
                honest[~of_part], bacterial[~of_part]
            )
    estimates = figures.summary(honest, calls, bacterial, groups)
    return Kind(line.slope, line.intercept, line.prevalence, threshold), {
        "what": mark("bacterial (positive) against viral, among pneumonias; cross-fitted"),
        "n": len(outputs),
        "bacterial": int(bacterial.sum()),
        "patients": len(set(groups)),
        "threshold": threshold,
        **{key: estimate.as_dict() for key, estimate in estimates.items()},
        "ece": figures.calibration_error(honest, bacterial),
        "intervals": "95 %, bootstrap over patients",
    }


def judge_spread(
    logits: Values,
    outputs: Values,
    of_teachers: Values,
    labels: NDArray[np.int64],
    groups: list[str],
    line: Calibration | None,
    threshold: float,
) -> tuple[Uncertainty, dict[str, Any]]:
    """How far several networks would differ, held against how far they do.

    Parameters
    ----------
    logits, outputs
        Shape (n,), the network's logit and its output of the spread.
    of_teachers
        Shape (n, teachers), the logits of the networks that taught it; none of them saw these
        patients.
    labels, groups
        Of each image.
    line, threshold
        The network's calibration and its default operating point.
    """
    real = of_teachers.std(axis=1, ddof=1)
    scale = float(np.median(real / np.exp(outputs)))
    low, high = Uncertainty(scale, 1.0).ranges(logits, outputs, line)
    width = high - low
    wide = float(np.clip(np.quantile(width, 1 - SET_ASIDE), 1e-6, 1.0))
    spread = Uncertainty(scale, wide)
    p = probabilities_by(line)(logits)
    wrong = (p >= threshold) != (labels == 1)
    said = spread.deviations(outputs)
    # The rival that costs nothing: how far the probability is from the threshold.
    near = -np.abs(p - threshold)
    return spread, {
        "what": mark(
            "the spread that one network says, against the standard deviation of the logits of "
            "the networks that taught it, on patients whom none of them saw"
        ),
        "teachers": int(of_teachers.shape[1]),
        "n": len(labels),
        "patients": len(set(groups)),
        "rank_correlation": _rank_correlation(said, real, groups),
        "ratio_quartiles": [float(q) for q in np.quantile(said / real, (0.25, 0.5, 0.75))],
        "teachers_in_range": float(_in_range(logits, said, of_teachers).mean()),
        "wide": wide,
        "risk_coverage": risk_coverage.table(width, wrong, groups),
        "area": {
            "spread": risk_coverage.area(width, wrong),
            "distance_from_threshold": risk_coverage.area(near, wrong),
            "real_spread": risk_coverage.area(_real_width(of_teachers, line), wrong),
        },
        "intervals": "95 %, bootstrap over patients",
    }


def _balanced_threshold(p: Values, positive: NDArray[np.int64]) -> float:
    """The probability at which sensitivity and specificity are most alike."""
    candidates = np.unique(p)
    ill, healthy = np.sort(p[positive == 1]), np.sort(p[positive == 0])
    missed = np.searchsorted(ill, candidates) / len(ill)
    alarms = 1 - np.searchsorted(healthy, candidates) / len(healthy)
    return float(candidates[np.argmin(np.abs(missed - alarms))])


def _in_range(logits: Values, deviations: Values, of_teachers: Values) -> Values:
    """Share of the teachers within two standard deviations of the network, of each image."""
    inside = np.abs(of_teachers - logits[:, None]) <= 2 * deviations[:, None]
    return np.asarray(inside.mean(axis=1), np.float64)


def _real_width(of_teachers: Values, line: Calibration | None) -> Values:
    middle, real = of_teachers.mean(axis=1), of_teachers.std(axis=1, ddof=1)
    low, high = Uncertainty(1.0, 1.0).ranges(middle, np.log(np.maximum(real, 1e-4)), line)
    return high - low


def _rank_correlation(said: Values, real: Values, groups: list[str]) -> dict[str, float | None]:
    """Spearman's, with its interval over patients."""
    from scipy.stats import rankdata

    a, b = rankdata(said), rankdata(real)

    def correlation(w: Values) -> float:
        x, y = a - np.average(a, weights=w), b - np.average(b, weights=w)
        scale = np.sqrt((w * x * x).sum() * (w * y * y).sum())
        return float((w * x * y).sum() / scale) if scale else np.nan

    weights = figures.group_weights(groups)
    return figures.bootstrap(correlation, weights, len(said)).as_dict()
