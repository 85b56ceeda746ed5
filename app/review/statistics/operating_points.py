"""Where to call pneumonia: thresholds for three purposes, and what each does to unseen patients.

Each threshold is chosen on all calibration patients, and its sensitivity and specificity are
cross-fitted: each tenth of the patients is called at the threshold that the other nine tenths
chose.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.model.card import BALANCED, RULE_IN, SCREENING
from app.review.statistics import figures
from app.review.statistics.cross_fitting import PARTS, parts_of
from app.review.statistics.figures import Labels, Scores

SENSITIVITY = 0.95
"""Of the default point on the patients it is set on."""

SCREENING_SENSITIVITY = 0.99
RULE_IN_SPECIFICITY = 0.99


def choose(p: Scores, labels: Labels) -> dict[str, float]:
    """The three thresholds.

    Parameters
    ----------
    p
        Shape (n,), probabilities of pneumonia.
    labels
        Shape (n,), 1 for pneumonia; both classes must be there.

    Returns
    -------
    dict
        ``default`` catches 95 % of the positives and ``screening`` 99 %; ``rule_in`` lets 99 % of
        the negatives alone. ``rule_in`` is never below ``default``: where the default lets more
        than that alone, the two are the same.
    """
    default = figures.threshold_at_sensitivity(p, labels, SENSITIVITY)
    strict = figures.threshold_at_specificity(p, labels, RULE_IN_SPECIFICITY)
    return {
        SCREENING: figures.threshold_at_sensitivity(p, labels, SCREENING_SENSITIVITY),
        BALANCED: default,
        RULE_IN: max(default, strict),
    }


def measure(p: Scores, labels: Labels, groups: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Cross-fitted sensitivity and specificity of each point, with intervals over patients.

    Parameters
    ----------
    p, labels
        As for ``choose``.
    groups
        Patient of each image.

    Returns
    -------
    dict
        By name: ``threshold`` (chosen on all), ``sensitivity`` and ``specificity`` with their
        95 % intervals, ``patients``, ``images``. Empty where too few patients of a class are left
        without one of the tenths.
    """
    part = parts_of(groups, "operating point")
    chosen = choose(p, labels)
    calls = {name: np.zeros(len(p), dtype=bool) for name in chosen}
    for k in range(PARTS):
        rest = part != k
        if not (part == k).any():
            continue
        if not (labels[rest] == 1).any() or not (labels[rest] == 0).any():
            return {}
        for name, threshold in choose(p[rest], labels[rest]).items():
            calls[name][~rest] = p[~rest] >= threshold
    weights = figures.group_weights(groups)
    return {
        name: {
            "threshold": chosen[name],
            **_rates(calls[name], labels, groups, weights),
            "patients": len(set(groups)),
            "images": len(labels),
        }
        for name in chosen
    }


def _rates(
    calls: NDArray[np.bool_],
    labels: Labels,
    groups: Sequence[str],
    weights: figures.GroupWeights,
) -> dict[str, Any]:
    found = {}
    for name, of_class in (("sensitivity", 1), ("specificity", 0)):
        among = labels == of_class
        estimate = figures.bootstrap_share(calls == (of_class == 1), among, weights)
        patients = len({group for group, inside in zip(groups, among, strict=True) if inside})
        found[name] = figures.widened(estimate, patients).as_dict()
    return found
