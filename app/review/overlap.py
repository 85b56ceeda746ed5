"""Which images of a folder a model has seen before: to train on, or to set its threshold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from app.core.errors import ModelError
from app.core.model_card import (
    CONTENT_HASH_BYTES,
    PERCEPTUAL_HASH_BYTES,
    ModelCard,
    pack_hashes,
    unpack_hashes,
)
from app.core.preprocess import NEAR_DUPLICATE_BITS
from app.inference.scoring import Scored


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

    def count(self, rows: Iterable[Scored]) -> tuple[int, int]:
        """How many scored images are among these: with the same pixels, and nearly the same.

        Returns
        -------
        exact, near : int
            An image counts once; a resized or re-compressed copy is near.
        """
        exact = near = 0
        for row in rows:
            if not row.content_hash:
                continue
            if bytes.fromhex(row.content_hash)[:CONTENT_HASH_BYTES] in self.exact:
                exact += 1
            elif len(self.near) and nearest(row.perceptual_hash, self.near) <= NEAR_DUPLICATE_BITS:
                near += 1
        return exact, near


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
        f"The card of the model {card.title} is damaged: {key!r} holds no list of hashes.",
        "They tell which images the model has seen, and without them figures may flatter unseen.",
        "Take the model's card.json from where the model came from, or choose another model.",
    )
