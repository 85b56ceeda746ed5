"""Fits the fitness gate of a fresh network: what its training images look like from inside.

The limits come from children alone, never from pictures of anything else, of which there are too
few to stand for all that is no chest X-ray: *caution* is the 98th percentile of the calibration
patients (by definition 1), *refuse* twice the highest of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.image.preprocess import model_input
from app.inference.scoring.features import outputs_of, score_and_features, width
from app.inference.scoring.out_of_distribution import FeatureSpread, OutOfDistribution, card_part
from app.training.data.dataset import Dataset

QUANTILE = 0.98
CAUTION = 1.0
REFUSE_TIMES = 2.0
RULE = (
    "caution above the 98th percentile of the calibration patients' images, refused above twice "
    "the highest of them"
)

MOST_IMAGES = 4000
"""Of the training patients: more change the covariance little, and each takes a pass."""

LEAST_TRAINED, LEAST_CALIBRATION = 200, 100
"""With fewer images there is no gate: a 98th percentile could not be told."""

_BATCH = 64
_LEAST_SCALE = 1e-6


@dataclass(frozen=True)
class Gate:
    """A gate as it goes into a model's folder.

    Parameters
    ----------
    data
        Its file.
    part
        What the card says of it; see ``app.inference.scoring.out_of_distribution.card_part``.
    measured
        How it was fitted, for the card's metrics.
    """

    data: bytes = field(repr=False)
    part: dict[str, Any]
    measured: dict[str, Any]


def fit_gate(
    model: Any,
    layers: tuple[str, ...],
    dataset: Dataset,
    trained: NDArray[np.int64],
    calibration: NDArray[np.int64],
) -> Gate | None:
    """Fit a gate with a network's final weights.

    Parameters
    ----------
    model
        Keras model to logits.
    layers
        Names of the layers whose features are looked at; none for no gate.
    dataset
        The images.
    trained, calibration
        Positions of the images that the weights were trained on, and of patients they never saw.

    Returns
    -------
    Gate or None
        None where there is no layer, or too few images to tell what is usual.
    """
    if not layers or len(trained) < LEAST_TRAINED or len(calibration) < LEAST_CALIBRATION:
        return None
    every = -(-len(trained) // MOST_IMAGES)
    each = features_by_layer(model, layers, dataset, trained[::every])
    unseen = features_by_layer(model, layers, dataset, calibration)
    fitness = fit(layers, each, unseen)
    data = fitness.to_bytes()
    # What is measured is shipped: in half precision.
    fitness = OutOfDistribution.from_bytes(data)
    unlikeness = fitness.unlikeness(np.concatenate(unseen, axis=1))
    refuse = REFUSE_TIMES * float(unlikeness.max())
    measured = {
        "what": "how unlike its training images the network finds its calibration patients",
        "rule": RULE,
        "layers": list(layers),
        "fitted_on": len(each[0]),
        "calibration": len(unlikeness),
        "median": float(np.median(unlikeness)),
        "highest": float(unlikeness.max()),
        "cautioned": int((unlikeness > CAUTION).sum()),
    }
    return Gate(data, card_part(data, CAUTION, refuse), measured)


def fit(
    layers: tuple[str, ...],
    trained: list[NDArray[np.float32]],
    unseen: list[NDArray[np.float32]],
) -> OutOfDistribution:
    """Fit from features: of each layer, those of training images and of unseen patients' images.

    The covariance is shrunk towards a multiple of the identity (Ledoit and Wolf, A well-conditioned
    estimator for large-dimensional covariance matrices, J. Multivariate Analysis 88, 2004), since
    there are few images for so many channels.

    Parameters
    ----------
    layers
        Their names.
    trained, unseen
        For each layer, shapes (n, d) and (m, d).
    """
    spreads = []
    shares = []
    for layer, own, other in zip(layers, trained, unseen, strict=True):
        spread = _spread(layer, own)
        usual = float(np.quantile(spread.distances(other), QUANTILE))
        spreads.append(FeatureSpread(layer, spread.mean, spread.scale, spread.factor, usual))
        shares.append(spread.distances(other) / usual)
    return OutOfDistribution(tuple(spreads), float(np.quantile(np.mean(shares, axis=0), QUANTILE)))


def _spread(layer: str, features: NDArray[np.float32]) -> FeatureSpread:
    from sklearn.covariance import ledoit_wolf

    mean, scale = features.mean(axis=0), features.std(axis=0)
    # A channel that is the same for all training images must not rule all others.
    scale = np.maximum(scale, max(_LEAST_SCALE, 1e-3 * float(np.median(scale))))
    covariance, _ = ledoit_wolf(((features - mean) / scale).astype(np.float64))
    factor = np.linalg.cholesky(np.linalg.inv(covariance))
    half = factor.astype(np.float16)
    return FeatureSpread(layer, mean.astype(np.float32), scale.astype(np.float32), half, 1.0)


def features_by_layer(
    model: Any, layers: tuple[str, ...], dataset: Dataset, indices: NDArray[np.int64]
) -> list[NDArray[np.float32]]:
    """Features of some images: for each layer, shape (len(indices), d)."""
    size = model.input_shape[1]
    run = score_and_features(model, layers)
    parts = [
        run(np.stack([model_input(dataset.frames[i], size) for i in batch]))[1]
        for batch in np.array_split(indices, -(-len(indices) // _BATCH))
    ]
    widths = [width(output) for output in outputs_of(model, layers)]
    return np.split(np.concatenate(parts), np.cumsum(widths)[:-1], axis=1)
