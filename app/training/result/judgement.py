"""What a network's answers to held-out patients make of it: calibration, thresholds, figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.base.translation import mark
from app.core.model.calibration import Calibration, probabilities_by
from app.core.model.card import BALANCED
from app.review.statistics import calibration, operating_points
from app.review.statistics import figures as statistics


@dataclass(frozen=True)
class Calibrated:
    """What belongs to a network of two classes and is fitted anew with every one.

    Parameters
    ----------
    calibration
        None where the answers cannot be calibrated.
    points
        Threshold on the probability by name.
    p
        Shape (n,), the probabilities of the patients it was all fitted on.
    metrics
        ``held_out``, ``operating_points`` and ``calibration`` of a card.
    """

    calibration: Calibration | None
    points: dict[str, float]
    p: NDArray[np.float64] = field(repr=False)
    metrics: dict[str, Any] = field(repr=False)


def judge(logits: NDArray[np.float64], labels: NDArray[np.int64], groups: list[str]) -> Calibrated:
    """Fit all that turns a logit into a probability and a call, and measure it.

    Parameters
    ----------
    logits
        Shape (n,), of patients whom the weights never saw.
    labels
        Shape (n,), 1 for the positive class.
    groups
        Patient of each image.
    """
    line = calibration.fit(logits, labels)
    p = probabilities_by(line)(logits)
    points = operating_points.choose(p, labels)
    held_out = {
        "what": mark("these weights on the calibration patients, on whom the threshold was set"),
        **figures(p, labels, groups, points[BALANCED]),
    }
    metrics: dict[str, Any] = {
        "held_out": held_out,
        "operating_points": operating_points.measure(p, labels, groups),
    }
    honest = calibration.cross_fitted(logits, labels, groups)
    if line is not None and honest is not None:
        measured = calibration.measure(honest, labels, groups)
        held_out |= {name: measured[name]["value"] for name in ("brier", "ece")}
        metrics["calibration"] = {
            "what": "cross-fitted: each tenth of the calibration patients by what the others gave",
            **measured,
        }
    return Calibrated(line, points, p, metrics)


def figures(
    p: NDArray[np.float64], labels: NDArray[np.int64], groups: list[str], threshold: float
) -> dict[str, Any]:
    """AUC, accuracy, sensitivity and specificity with intervals over patients, and calibration."""
    estimates = statistics.summary(p, p >= threshold, labels, groups)
    return {
        "n": len(labels),
        "patients": len(set(groups)),
        "threshold": threshold,
        **{key: estimate.as_dict() for key, estimate in estimates.items()},
        "brier": statistics.brier(p, labels),
        "ece": statistics.calibration_error(p, labels),
        "intervals": "95 %, bootstrap over patients",
    }


def figures_of_many(
    logits: NDArray[np.float64],
    labels: NDArray[np.int64],
    groups: list[str],
    classes: tuple[str, ...],
) -> dict[str, Any]:
    """Accuracy, mean AUC of each class against the rest, and the share found of each class."""
    right = logits.argmax(axis=1) == labels
    weights = statistics.group_weights(groups)

    def share(among: NDArray[np.bool_]) -> dict[str, float | None]:
        def figure(w: NDArray[np.float64]) -> float:
            return float(w[among & right].sum() / w[among].sum()) if w[among].sum() else np.nan

        return statistics.bootstrap(figure, weights, len(labels)).as_dict()

    def area(w: NDArray[np.float64]) -> float:
        parts = [
            statistics.auc(logits[:, k], (labels == k).astype(np.int64), w)
            for k in range(len(classes))
        ]
        return float(np.mean(parts))

    return {
        "n": len(labels),
        "patients": len(set(groups)),
        "auc": statistics.bootstrap(area, weights, len(labels)).as_dict(),
        "accuracy": share(np.ones(len(labels), bool)),
        "found_of_class": {name: share(labels == k) for k, name in enumerate(classes)},
        "intervals": "95 %, bootstrap over patients",
    }
