"""How unlike the training images a picture is, told from inside the network: the second gate.

The first gate (``app.core.gate.rules``) reads the header, which many files lack and some get
wrong. This
one looks at what some layers make of the picture: the mean and the standard deviation of each
channel over the picture, against those of the images that the weights were trained on, by the
squared Mahalanobis distance with one Gaussian a layer (after Lee et al., A Simple Unified Framework
for Detecting Out-of-Distribution Samples and Adversarial Attacks, NeurIPS 2018, arXiv:1807.03888,
with one Gaussian for all classes). It is fitted in ``app.training.result.out_of_distribution``.
"""

from __future__ import annotations

import hashlib
import io
import math
import zipfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import ModelError
from app.core.base.translation import tr
from app.core.gate.rules import UNLIKE, UNLIKE_TOO_FAR, UNLIKE_UNKNOWN, GateResult
from app.core.model.card import ModelCard

FILE = "fitness.npz"
"""Beside ``model.keras``, where the card says that there is a gate."""

MAX_UNPACKED_BYTES = 2**26
_PARTS = ("mean", "scale", "factor", "usual")


@dataclass(frozen=True)
class FeatureSpread:
    """How the features of one layer spread over the training images.

    Parameters
    ----------
    layer
        The layer's name.
    mean, scale
        Shape (d,), float32: features are taken less ``mean`` and divided by ``scale``, > 0.
    factor
        Shape (d, d), float16, lower triangular; its product with its own transpose is the inverse
        of the covariance of the features so scaled.
    usual
        The 98th percentile of the squared distance, by dimension, on patients that the weights
        never saw, > 0.
    """

    layer: str
    mean: NDArray[np.float32] = field(repr=False)
    scale: NDArray[np.float32] = field(repr=False)
    factor: NDArray[np.float16] = field(repr=False)
    usual: float

    @cached_property
    def _factor(self) -> NDArray[np.float32]:
        return self.factor.astype(np.float32)

    def distances(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Squared Mahalanobis distances by dimension: from (n, d) to (n,)."""
        white = ((features - self.mean) / self.scale) @ self._factor
        return np.asarray(np.mean(np.square(white, dtype=np.float64), axis=1))


@dataclass(frozen=True)
class OutOfDistribution:
    """The spreads of some layers.

    Parameters
    ----------
    spreads
        In the order in which the features come.
    usual
        The 98th percentile, on the same patients, of the mean over the layers of the distance
        divided by the layer's own ``usual``.
    """

    spreads: tuple[FeatureSpread, ...]
    usual: float

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers whose features it needs."""
        return tuple(spread.layer for spread in self.spreads)

    def unlikeness(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """How unlike the training images some pictures are.

        Parameters
        ----------
        features
            Shape (n, sum of the layers' dimensions); see ``app.inference.scoring.features``.

        Returns
        -------
        numpy.ndarray
            Shape (n,), >= 0; 98 of 100 images of new patients of the same kind are below 1.
            Infinite where a feature is not finite.
        """
        ends = np.cumsum([len(spread.mean) for spread in self.spreads])
        if features.ndim != 2 or features.shape[1] != ends[-1]:
            raise ValueError(f"features of shape (n, {ends[-1]}) expected, not {features.shape}")
        parts = np.split(features, ends[:-1], axis=1)
        each = [s.distances(part) / s.usual for s, part in zip(self.spreads, parts, strict=True)]
        return np.nan_to_num(np.mean(each, axis=0) / self.usual, nan=np.inf, posinf=np.inf)

    def to_bytes(self) -> bytes:
        """The file; the same gate always gives the same bytes."""
        arrays: dict[str, Any] = {"layers": np.array(self.layers), "usual": np.float64(self.usual)}
        for number, spread in enumerate(self.spreads):
            arrays |= {f"{number}/{part}": getattr(spread, part) for part in _PARTS}
        out = io.BytesIO()
        np.savez_compressed(out, allow_pickle=False, **arrays)
        return out.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what ``to_bytes`` wrote.

        Raises
        ------
        ModelError
            When it is damaged, or is no such file.
        """
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED_BYTES:
                    raise ValueError("it unpacks to more than a gate can need")
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                spreads = tuple(
                    _checked(str(name), *(stored[f"{number}/{part}"] for part in _PARTS))
                    for number, name in enumerate(stored["layers"])
                )
                usual = float(stored["usual"])
            if not spreads or not 0 < usual < np.inf:
                raise ValueError("it has no layers or no scale")
        except Exception as error:  # zlib, zipfile and numpy each have their own
            raise ModelError(
                tr("The fitness gate {name} cannot be read: {error}.", name=FILE, error=error),
                tr("A file that Opacity wrote was expected."),
                tr("Copy the model's folder again, or train it again."),
            ) from error
        return cls(spreads, usual)


def _checked(
    layer: str, mean: NDArray, scale: NDArray, factor: NDArray, usual: NDArray
) -> FeatureSpread:
    """A layer's spread, if it makes sense; else ``ValueError``."""
    size = len(mean)
    arrays = (mean, scale, factor, usual)
    if (
        [array.dtype for array in arrays] != [np.float32, np.float32, np.float16, np.float64]
        or [array.shape for array in arrays] != [(size,), (size,), (size, size), ()]
        or not all(np.isfinite(array).all() for array in arrays)
        or not ((scale > 0).all() and usual > 0)
    ):
        raise ValueError(f"what it holds of {layer} makes no sense")
    return FeatureSpread(layer, mean, scale, factor, float(usual))


def card_part(data: bytes, caution: float, refuse: float) -> dict[str, Any]:
    """What a card says of its gate: the hash of the file, and the two limits on the unlikeness."""
    return {"sha256": hashlib.sha256(data).hexdigest(), "caution": caution, "refuse": refuse}


def read_file(folder: Path, card: ModelCard) -> bytes | None:
    """The bytes of a model's gate, checked against its card; None for a card without one.

    Raises
    ------
    ModelError
        When the file is missing, or is not the one that the card describes.
    """
    if not card.fitness:
        return None
    path = folder / FILE
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(
            tr(
                "The fitness gate {path} cannot be read: {error}.",
                path=path,
                error=error.strerror or error,
            ),
            tr("The card of this model says that there is one."),
            tr("Copy the model's folder again, or train it again."),
        ) from error
    check(data, card, str(path))
    return data


def check(data: bytes, card: ModelCard, path: str = FILE) -> None:
    """Check that bytes are those of a card's gate.

    Raises
    ------
    ModelError
        When they are not.
    """
    if hashlib.sha256(data).hexdigest() != card.fitness.get("sha256"):
        raise ModelError(
            tr("The fitness gate {path} is not the one its card describes.", path=path),
            tr("Its SHA-256 must equal that under fitness in card.json."),
            tr("Copy the model's folder again, or train it again."),
        )


def load_fitness(folder: Path, card: ModelCard) -> OutOfDistribution | None:
    """A model's gate; None for a card without one.

    Raises
    ------
    ModelError
        As for ``read_file``, and when the file is damaged.
    """
    data = read_file(folder, card)
    return None if data is None else OutOfDistribution.from_bytes(data)


def judge_unlikeness(unlikeness: float | None, card: ModelCard) -> GateResult:
    """Refuse or caution by how unlike the training images an image is; None for no gate."""
    if unlikeness is None or unlikeness <= card.fitness["caution"]:
        return GateResult()
    if not math.isfinite(unlikeness):
        return GateResult(refusals=(UNLIKE_UNKNOWN(),))
    # Alone or in a batch, the network's sums differ in their last digits: the reason must not.
    times = float(f"{unlikeness:.5g}")
    if unlikeness > card.fitness["refuse"]:
        return GateResult(refusals=(UNLIKE_TOO_FAR(times=times),))
    return GateResult(cautions=(UNLIKE(times=times),))
