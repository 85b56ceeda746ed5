"""Fits the calibration of a network, and measures how well its probabilities hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.model.calibration import Calibration, logit
from app.review.statistics import figures
from app.review.statistics.cross_fitting import PARTS, parts_of
from app.review.statistics.figures import Labels, Scores

BINS = 15
_RESAMPLES = 200
"""Each fits a line anew."""
MIDDLE = (0.1, 0.9)
"""Between these a reader has to weigh the probability; outside it decides by itself."""


def fit(logits: Scores, labels: Labels) -> Calibration | None:
    """Platt's line through the logits of patients whom the weights never saw.

    The targets are smoothed as in Platt (1999), so that perfectly separated classes give no
    infinite slope.

    Parameters
    ----------
    logits
        Shape (n,).
    labels
        Shape (n,), 1 for pneumonia.

    Returns
    -------
    Calibration or None
        None where a class is missing, or the logit does not rise with pneumonia.
    """
    positive, negative = int((labels == 1).sum()), int((labels == 0).sum())
    if not positive or not negative:
        return None
    targets = np.where(labels == 1, (positive + 1) / (positive + 2), 1 / (negative + 2))
    slope, intercept = _line(logits, targets, np.ones(len(labels)))
    if not slope > 0 or not np.isfinite((slope, intercept)).all():
        return None
    return Calibration(slope, intercept, positive / len(labels))


def cross_fitted(logits: Scores, labels: Labels, groups: Sequence[str]) -> Scores | None:
    """Each tenth of the patients by the line that the other nine tenths gave.

    Returns
    -------
    numpy.ndarray or None
        Probabilities, shape (n,); None where nine tenths cannot be calibrated.
    """
    part = parts_of(groups, "calibration")
    p = np.zeros(len(logits))
    for k in range(PARTS):
        of_part = part == k
        if not of_part.any():
            continue
        line = fit(logits[~of_part], labels[~of_part])
        if line is None:
            return None
        p[of_part] = line.probabilities(logits[of_part])
    return p


def measure(p: Scores, labels: Labels, groups: Sequence[str]) -> dict[str, Any]:
    """How well probabilities hold.

    Parameters
    ----------
    p
        Shape (n,), of patients on whom they were not fitted (``cross_fitted``).
    labels
        Shape (n,), 1 for pneumonia.
    groups
        Patient of each image.

    Returns
    -------
    dict
        ``ece`` over 15 bins of equal mass, ``slope`` and ``intercept`` of the labels on the logit
        of ``p`` (1 and 0 where they hold; Cox 1958), ``brier``, ``accuracy_at_half``, ``middle``
        (what was said and what was found between 0.1 and 0.9), ``bins``; intervals are a
        bootstrap over patients, those of the bins Wilson's over images.
    """
    weights = figures.group_weights(groups, _RESAMPLES)
    n = len(labels)
    lines = np.array([_recalibration(p, labels, w) for w in (np.ones(n), *weights)])
    slope, intercept = (_ends(lines[:, column]) for column in (0, 1))
    inside = (p > MIDDLE[0]) & (p < MIDDLE[1])
    return {
        "ece": figures.bootstrap(
            lambda w: figures.calibration_error(p, labels, w, BINS) or 0.0, weights, n
        ).as_dict(),
        "slope": slope,
        "intercept": intercept,
        "brier": figures.bootstrap(
            lambda w: float(np.average((p - labels) ** 2, weights=w)), weights, n
        ).as_dict(),
        "accuracy_at_half": figures.bootstrap(
            lambda w: float(np.average((p >= 0.5) == (labels == 1), weights=w)), weights, n
        ).as_dict(),
        "middle": _bin(p[inside], labels[inside]),
        "bins": [
            _bin(p[part], labels[part])
            for part in np.array_split(np.argsort(p, kind="stable"), BINS)
        ],
        "images": n,
        "patients": len(set(groups)),
        "intervals": "95 %, bootstrap over patients; of the bins, Wilson's over images",
    }


def _line(logits: Scores, targets: Scores, weights: Scores) -> tuple[float, float]:
    """Slope and intercept of the smallest cross-entropy; the scale is taken out for the search."""
    scale = float(np.abs(logits).mean()) or 1.0
    x = logits / scale

    def loss(line: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = line[0] * x + line[1]
        off = weights * (1 / (1 + np.exp(-np.clip(z, -500, 500))) - targets)
        value = float((weights * (np.logaddexp(0, z) - targets * z)).sum())
        return value, np.array([(off * x).sum(), off.sum()])

    from scipy.optimize import minimize

    found = minimize(loss, np.array([scale, 0.0]), jac=True, method="BFGS").x
    return float(found[0] / scale), float(found[1])


def _recalibration(p: Scores, labels: Labels, weights: Scores) -> tuple[float, float]:
    return _line(logit(p, 1e-12), labels.astype(np.float64), weights)


def _bin(p: Scores, labels: Labels) -> dict[str, Any]:
    found = figures.wilson(float(labels.sum()), float(len(labels)))
    said = float(p.mean()) if len(p) else None
    return {"said": said, "found": found.as_dict(), "images": len(labels)}


def _ends(values: NDArray[np.float64]) -> dict[str, float]:
    """The first value with the percentile interval of the others."""
    low, high = np.percentile(values[1:], (2.5, 97.5))
    return {"value": float(values[0]), "low": float(low), "high": float(high)}
