"""Which images of a folder a model has seen before: to train on, or to set its threshold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import ModelError
from app.core.base.translation import tr
from app.core.image.preprocess import NEAR_DUPLICATE_BITS
from app.core.model.card import (
    CONTENT_HASH_BYTES,
    PERCEPTUAL_HASH_BYTES,
    ModelCard,
    pack_hashes,
    unpack_hashes,
)
from app.inference.scoring.pipeline import Scored


@dataclass(frozen=True)
class Hashes:
    """Hashes of some images: ``near`` of shape (n, 32), uint8."""

    exact: frozenset[bytes]
    near: NDArray[np.uint8] = field(repr=False)

    @classmethod
    def of(cls, data: dict[str, Any], prefix: str, card: ModelCard) -> Self:
        """From the two lists of a card's data whose names begin with the prefix."""
        exact = _unpacked(data, f"{prefix}content_hashes", CONTENT_HASH_BYTES, card)
        near = _unpacked(data, f"{prefix}perceptual_hashes", PERCEPTUAL_HASH_BYTES, card)
        copies = np.frombuffer(b"".join(near), dtype=np.uint8)
        return cls(frozenset(exact), copies.reshape(-1, PERCEPTUAL_HASH_BYTES))

    def has(self, content_hash: str) -> bool:
        """Whether the very picture is among them, by its SHA-256 in hex; not for an empty one."""
        return bytes.fromhex(content_hash)[:CONTENT_HASH_BYTES] in self.exact

    def match(self, content_hash: str, perceptual_hash: bytes) -> str:
        """``exact`` for the same pixels, ``near`` for a resized or re-compressed copy, or empty.

        Parameters
        ----------
        content_hash
            SHA-256 in hex; empty for an image that was not hashed.
        perceptual_hash
            32 bytes.
        """
        if not content_hash:
            return ""
        if self.has(content_hash):
            return "exact"
        if len(self.near) and nearest(perceptual_hash, self.near) <= NEAR_DUPLICATE_BITS:
            return "near"
        return ""

    def count(self, rows: Iterable[Scored]) -> tuple[int, int]:
        """How many scored images are among these: with the same pixels, and nearly the same.

        Returns
        -------
        exact, near : int
            An image counts once; a resized or re-compressed copy is near.
        """
        found = [self.match(row.content_hash, row.perceptual_hash) for row in rows]
        return found.count("exact"), found.count("near")


@dataclass(frozen=True)
class Seen:
    """What a card says of the images its model was trained on and its threshold was set on."""

    training: Hashes
    calibration: Hashes

    @classmethod
    def of(cls, card: ModelCard) -> Self:
        """Read the card's lists; one that is absent is empty.

        Raises
        ------
        ModelError
            When a list is damaged.
        """
        data = card.data
        if not isinstance(data, dict):
            raise _damaged("data", card)
        return cls(Hashes.of(data, "", card), Hashes.of(data, "calibration_", card))


def nearest(perceptual_hash: bytes, others: NDArray[np.uint8]) -> int:
    """Bits by which a hash differs from the nearest of others, shape (n, 32)."""
    mine = np.frombuffer(perceptual_hash, dtype=np.uint8)
    return int(np.bitwise_count(others ^ mine).sum(axis=1, dtype=np.int64).min())


def _unpacked(data: dict[str, Any], key: str, length: int, card: ModelCard) -> list[bytes]:
    text = data.get(key) or ""
    try:
        hashes = unpack_hashes(text, length)
    except (ValueError, TypeError) as error:
        raise _damaged(key, card) from error
    # Base64 is decoded leniently: what is no base64 is left out without a word.
    if any(len(one) != length for one in hashes) or len(pack_hashes(hashes)) != len(text):
        raise _damaged(key, card)
    return hashes


def _damaged(key: str, card: ModelCard) -> ModelError:
    return ModelError(
        tr(
            "The card of the model {model} is damaged: {key!r} holds no list of hashes.",
            model=card.title,
            key=key,
        ),
        tr(
            "They tell which images the model has seen, and without them "
            "figures may flatter unseen."
        ),
        tr("Take the model's card.json from where the model came from, or choose another model."),
    )


@dataclass(frozen=True)
class Unseen:
    """Which images none of several models was trained on.

    Parameters
    ----------
    kept
        Shape (n,), bool.
    same_pixels, near_duplicates, same_patient
        Images left out, each counted once: a training image itself, a copy of one, another image
        of a patient who is on one of these.
    calibrated
        For each model, the kept images on which its threshold was set.
    """

    kept: NDArray[np.bool_] = field(repr=False)
    same_pixels: int
    near_duplicates: int
    same_patient: int
    calibrated: tuple[int, ...]

    @property
    def excluded(self) -> dict[str, int]:
        """The counts of what was left out, and their sum."""
        counts = {
            "same_pixels": self.same_pixels,
            "near_duplicates": self.near_duplicates,
            "same_patient": self.same_patient,
        }
        return {"total": sum(counts.values()), **counts}


def unseen(
    content_hashes: Sequence[str],
    perceptual_hashes: Sequence[bytes],
    patients: Sequence[str | None],
    models: Sequence[Seen],
) -> Unseen:
    """Leave out what any of the models was trained on, with whole patients.

    Parameters
    ----------
    content_hashes, perceptual_hashes, patients
        Of each image, in one order; None for an unknown patient.
    models
        What the cards say that each model has seen.
    """
    pairs = list(zip(content_hashes, perceptual_hashes, strict=True))
    found = [
        min((match for model in models if (match := model.training.match(*pair))), default="")
        for pair in pairs
    ]
    known = {patient for patient, match in zip(patients, found, strict=True) if match} - {None}
    of_known = np.array([patient in known for patient in patients], dtype=bool)
    direct = np.array([bool(match) for match in found], dtype=bool)
    kept = ~(direct | of_known)
    calibrated = (
        sum(bool(model.calibration.match(*pairs[i])) for i in np.flatnonzero(kept))
        for model in models
    )
    return Unseen(
        kept,
        found.count("exact"),
        found.count("near"),
        int((of_known & ~direct).sum()),
        tuple(calibrated),
    )
