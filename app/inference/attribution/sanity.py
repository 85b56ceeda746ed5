"""Whether a map depends on what the network learnt: the same map under random weights.

Adebayo et al., Sanity Checks for Saliency Maps, NeurIPS 2018 (arXiv:1810.03292): a method whose
map stays as it is when the weights are drawn anew shows the image, and not the network.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.core.model.card import ModelCard
from app.inference.attribution.methods import heatmaps
from app.inference.scoring.features import LOGIT

UNCHANGED = 0.5
"""Rank correlation from which on a map counts as one that did not change."""

LAST, ALL = "last", "all"
SEEDS = (90_001, 90_002, 90_003)
"""Far from those that people choose: a network's own seed would draw what it started from."""
_CELLS = 14
_Z = 1.959964


@dataclass(frozen=True)
class Similarity:
    """Rank correlation (Spearman) of maps with those of random weights, mean over images.

    ``low`` and ``high``: 95 % interval of the mean, normal, over images.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Sanity:
    """What random weights do to the maps of one method.

    Parameters
    ----------
    method
        A key of ``METHODS``.
    images
        How many were looked at. One without any evidence before or after counts as changed.
    last, every
        With the last layer drawn anew, and with every layer.
    """

    method: str
    images: int
    last: Similarity
    every: Similarity

    @property
    def flagged(self) -> bool:
        """Whether the map hardly changes when the whole network is random."""
        return self.every.value >= UNCHANGED

    def as_dict(self) -> dict[str, Any]:
        """For a model's card."""
        return {**asdict(self), "flagged": self.flagged, "limit": UNCHANGED}


def sanity(
    model: tuple[Any, ModelCard],
    inputs: NDArray[np.float32],
    method: str,
    seeds: tuple[int, ...] = SEEDS,
) -> Sanity:
    """Compare the maps of some images with those under random weights.

    Parameters
    ----------
    model
        From ``load_network``; it is left as it is.
    inputs
        Shape (n, s, s, 1), n >= 1.
    method
        A key of ``METHODS``.
    seeds
        Each draws other weights; an image's figure is the mean over them.
    """
    network, card = model
    trained = heatmaps(model, inputs, method)
    found: dict[str, list[NDArray[np.float64]]] = {LAST: [], ALL: []}
    for seed in seeds:
        for depth, values in found.items():
            random = heatmaps((randomised(network, seed, depth), card), inputs, method)
            pairs = zip(trained, random, strict=True)
            values.append(np.array([rank_correlation(a, b) for a, b in pairs]))
    last, every = (_similarity(np.mean(found[depth], axis=0)) for depth in (LAST, ALL))
    return Sanity(method, len(inputs), last, every)


def randomised(network: Any, seed: int, depth: str) -> Any:
    """A copy of a network with the weights of its last layer, or of every layer, drawn anew."""
    import keras

    keras.utils.set_random_seed(seed)
    copy = keras.models.clone_model(network)
    if depth == LAST:
        named = [layer.name for layer in network.layers if layer.weights]
        last = LOGIT if LOGIT in named else named[-1]
        for layer in network.layers:
            if layer.weights and layer.name != last:
                copy.get_layer(layer.name).set_weights(layer.get_weights())
    return copy


def rank_correlation(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Spearman's correlation of two maps of one shape; 0 where one of them is flat."""
    from scipy.stats import spearmanr

    small = [_small(each) for each in (first, second)]
    if any(np.ptp(each) == 0 for each in small):
        return 0.0
    return float(spearmanr(*small).statistic)


def _small(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """At most 14 cells along a side: finer, and noise alone would count as a change."""
    rows, columns = (min(_CELLS, side) for side in values.shape)
    resized = cv2.resize(values, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(resized, np.float32).ravel()


def _similarity(values: NDArray[np.float64]) -> Similarity:
    mean = float(values.mean())
    error = _Z * float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else 1.0
    return Similarity(mean, max(mean - error, -1.0), min(mean + error, 1.0))
