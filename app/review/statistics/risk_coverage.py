"""How accuracy rises as the images on which a network is least sure are set aside.

After Geifman and El-Yaniv, Selective classification for deep neural networks, NeurIPS 2017
(arXiv:1705.08500): coverage is the share of images that are judged, risk the share of wrong calls
among them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.review.statistics import figures

COVERAGES = (1.0, 0.95, 0.9, 0.8, 0.7, 0.5)


def curve(
    unsure: NDArray[np.float64], wrong: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Risk at every coverage.

    Parameters
    ----------
    unsure
        Shape (n,), n >= 1: larger means less sure. Images that are equally so share what follows.
    wrong
        Shape (n,): whether the call was wrong.

    Returns
    -------
    coverage, risk : numpy.ndarray
        Shape (n,) each, from 1/n to 1.
    """
    order = np.argsort(unsure, kind="stable")
    values, sorted_wrong = unsure[order], wrong[order].astype(np.float64)
    # Within a tie the order is chance: each gets the tie's mean.
    _, starts, counts = np.unique(values, return_index=True, return_counts=True)
    means = np.add.reduceat(sorted_wrong, starts) / counts
    count = np.arange(1, len(wrong) + 1)
    return count / len(wrong), np.cumsum(np.repeat(means, counts)) / count


def area(unsure: NDArray[np.float64], wrong: NDArray[np.bool_]) -> float:
    """Area under the risk-coverage curve: the mean risk over all coverages; smaller is better."""
    return float(curve(unsure, wrong)[1].mean())


def table(
    unsure: NDArray[np.float64], wrong: NDArray[np.bool_], groups: list[str]
) -> list[dict[str, Any]]:
    """Accuracy of those that are kept at some coverages, with intervals over patients.

    Returns
    -------
    list of dict
        ``coverage``, ``unsure_up_to``, ``images`` and ``accuracy`` (value, low, high).
    """
    found = []
    for coverage in COVERAGES:
        limit = float(np.quantile(unsure, coverage, method="lower"))
        kept = unsure <= limit
        weights = figures.group_weights([g for g, keep in zip(groups, kept, strict=True) if keep])
        right = ~wrong[kept]

        def share(w: NDArray[np.float64], right: NDArray[np.bool_] = right) -> float:
            return float((w * right).sum() / w.sum()) if w.sum() else np.nan

        estimate = figures.bootstrap(share, weights, int(kept.sum()))
        found.append(
            {
                "coverage": float(kept.mean()),
                "unsure_up_to": limit,
                "images": int(kept.sum()),
                "accuracy": estimate.as_dict(),
            }
        )
    return found
