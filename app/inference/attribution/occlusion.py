"""Occlusion (Zeiler and Fergus, ECCV 2014, arXiv:1311.2901): hide a square, see what is lost."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

CELLS = 8
"""Squares along a side."""
_BATCH = 32


def occlusion(network: Any, layer: str, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much the logit falls when a square is replaced by the image's mean; 0 where it rises.

    Parameters
    ----------
    network
        Keras model from (n, s, s, 1) to logits (n, 1).
    layer
        Not used: it needs nothing of the network but its logit.
    inputs
        Shape (n, s, s, 1), float32.

    Returns
    -------
    ndarray
        Shape (n, 8, 8), float32, logit units.
    """
    del layer
    return np.stack([np.maximum(drops(network, each), 0.0) for each in inputs])


def drops(network: Any, image: NDArray[np.float32]) -> NDArray[np.float32]:
    """What hiding each square takes from the logit of one image, of either sign."""
    size = image.shape[0]
    edges = np.linspace(0, size, CELLS + 1).round().astype(int)
    hidden = np.repeat(image[None], CELLS * CELLS, axis=0)
    for at in range(CELLS * CELLS):
        row, column = divmod(at, CELLS)
        hidden[at, edges[row] : edges[row + 1], edges[column] : edges[column + 1]] = image.mean()
    whole = logits(network, image[None])[0]
    return (whole - logits(network, hidden)).reshape(CELLS, CELLS).astype(np.float32)


def logits(network: Any, inputs: NDArray[np.float32]) -> NDArray[np.float64]:
    """The logits of images, shape (n,), in batches."""
    parts = [
        np.asarray(network(inputs[at : at + _BATCH], training=False))[:, 0]
        for at in range(0, len(inputs), _BATCH)
    ]
    return np.concatenate(parts).astype(np.float64)
