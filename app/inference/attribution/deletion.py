"""What the score loses where the map says that it comes from: deletion and insertion.

Petsiuk, Das and Saenko, RISE, BMVC 2018 (arXiv:1806.07421). The places of the highest evidence are
blurred away first (deletion), or put back first into a blurred copy (insertion), and the area
under the curve of the probability is taken: low and high are good. A number alone says little,
since some images keep their score however much is taken: it stands beside that of a random order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.inference.attribution.occlusion import logits

STEPS = 16
_BLUR = 1 / 12
"""Standard deviation of the blur, share of the image's side: no lung detail is left."""

Probabilities = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True)
class Areas:
    """Areas under the curves of one image, or their means; ``random``: in a random order."""

    deletion: float
    insertion: float
    random_deletion: float
    random_insertion: float


def areas(
    network: Any,
    image: NDArray[np.float32],
    evidence: NDArray[np.float32],
    probabilities: Probabilities,
    seed: int = 0,
) -> Areas:
    """The areas of one image.

    Parameters
    ----------
    network
        Keras model from (n, s, s, 1) to logits (n, 1).
    image
        Shape (s, s, 1), float32.
    evidence
        Shape (rows, columns), >= 0, over the whole image.
    probabilities
        From logits to probabilities, such as a card's calibration.
    seed
        Of the random order, and of the order of places of equal evidence.
    """
    random = np.random.default_rng(seed)
    unordered = random.random(evidence.shape, np.float32)
    soft = cv2.GaussianBlur(image, (0, 0), _BLUR * image.shape[0])
    blurred = np.asarray(soft, np.float32).reshape(image.shape)
    found = []
    for values in (evidence, unordered):
        order = _order(values, image.shape[0], random)
        deleted = _curve(image, blurred, order)
        inserted = _curve(blurred, image, order)
        p = probabilities(logits(network, np.concatenate([deleted, inserted])))
        found += [_area(p[: STEPS + 1]), _area(p[STEPS + 1 :])]
    return Areas(*found)


def mean_areas(found: list[Areas]) -> Areas | None:
    """The means over images; None for none."""
    if not found:
        return None
    values = [(a.deletion, a.insertion, a.random_deletion, a.random_insertion) for a in found]
    return Areas(*(float(mean) for mean in np.mean(values, axis=0)))


def _order(
    evidence: NDArray[np.float32], size: int, random: np.random.Generator
) -> NDArray[np.int64]:
    """Pixels from the highest evidence to the lowest; equal ones in random order."""
    fine = cv2.resize(evidence, (size, size), interpolation=cv2.INTER_LINEAR).ravel()
    return np.lexsort((random.random(fine.size), -fine))


def _curve(
    before: NDArray[np.float32], after: NDArray[np.float32], order: NDArray[np.int64]
) -> NDArray[np.float32]:
    """The images on the way from one to another, both ends too."""
    edges = np.linspace(0, order.size, STEPS + 1).round().astype(int)
    images = np.repeat(before[None], STEPS + 1, axis=0)
    flat, target = images.reshape(STEPS + 1, -1), after.ravel()
    for step, edge in enumerate(edges):
        flat[step, order[:edge]] = target[order[:edge]]
    return images


def _area(p: NDArray[np.float64]) -> float:
    return float(np.trapezoid(p, dx=1 / STEPS))
