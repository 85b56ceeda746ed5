"""Which images are copies of each other, by their hashes, fast enough for tens of thousands."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from app.core.image.preprocess import NEAR_DUPLICATE_BITS

_ROWS, _COLUMNS = 512, 8192
"""A block of this many pairs takes 32 MiB of 64-bit words."""


def exact_groups(content_hashes: Sequence[str]) -> list[list[int]]:
    """Positions that share their pixels, two or more a group, in order."""
    places: dict[str, list[int]] = {}
    for position, content_hash in enumerate(content_hashes):
        places.setdefault(content_hash, []).append(position)
    return [group for group in places.values() if len(group) > 1]


def near_groups(
    perceptual_hashes: Sequence[bytes],
    cancelled: Callable[[], bool] = lambda: False,
    bits: int = NEAR_DUPLICATE_BITS,
) -> list[list[int]]:
    """Positions joined by hashes that differ in at most ``bits`` of 256, two or more a group.

    Every pair is compared, in blocks. The first of a hash's four words rules most pairs out: where
    it alone differs in more bits, so does the whole. What is a copy of a copy joins its group.

    Parameters
    ----------
    perceptual_hashes
        32 bytes each; see ``app.core.image.preprocess.perceptual_hash``.
    cancelled
        Asked between blocks; true ends the search with what was found.
    bits
        How many bits may differ.
    """
    if not perceptual_hashes:
        return []
    # Copies with the same hash are found by sorting; only different hashes are compared.
    unique, inverse = np.unique(_words(perceptual_hashes), axis=0, return_inverse=True)
    group = np.arange(len(unique))
    for start in range(0, len(unique), _ROWS):
        rows = unique[start : start + _ROWS]
        for left in range(start, len(unique), _COLUMNS):
            if cancelled():
                break
            _join(group, rows, start, unique[left : left + _COLUMNS], left, bits)
    found: dict[int, list[int]] = {}
    for position, place in enumerate(inverse.ravel().tolist()):
        found.setdefault(int(group[place]), []).append(position)
    return sorted(members for members in found.values() if len(members) > 1)


def near_copies(
    perceptual_hashes: Sequence[bytes], others: Sequence[bytes], bits: int = NEAR_DUPLICATE_BITS
) -> NDArray[np.bool_]:
    """Which images are copies of any of the others; compared as by ``near_groups``.

    Parameters
    ----------
    perceptual_hashes, others
        32 bytes each.
    bits
        How many bits may differ.

    Returns
    -------
    numpy.ndarray
        Shape (n,), bool, for ``perceptual_hashes``.
    """
    mine, theirs = _words(perceptual_hashes), np.unique(_words(others), axis=0)
    found = np.zeros(len(mine), dtype=np.bool_)
    for top in range(0, len(mine), _ROWS):
        for left in range(0, len(theirs), _COLUMNS):
            i, _ = _pairs(mine[top : top + _ROWS], theirs[left : left + _COLUMNS], bits)
            found[top + i] = True
    return found


def _words(perceptual_hashes: Sequence[bytes]) -> NDArray[np.uint64]:
    """Shape (n, 4): hashes as what is compared at once."""
    return np.frombuffer(b"".join(perceptual_hashes), dtype="<u8").reshape(-1, 4)


def _pairs(
    rows: NDArray[np.uint64],
    columns: NDArray[np.uint64],
    bits: int,
    wanted: NDArray[np.bool_] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The positions of near pairs, row by row; of those ``wanted`` alone where that is given."""
    alike = np.bitwise_count(rows[:, None, 0] ^ columns[None, :, 0]) <= bits
    if wanted is not None:
        alike &= wanted
    i, j = np.nonzero(alike)
    near = np.bitwise_count(rows[i] ^ columns[j]).sum(axis=1, dtype=np.int64) <= bits
    return i[near], j[near]


def _join(
    group: NDArray[np.int64],
    rows: NDArray[np.uint64],
    top: int,
    columns: NDArray[np.uint64],
    left: int,
    bits: int,
) -> None:
    """Give all that one block finds alike the lowest group number among them."""
    apart = group[top : top + len(rows), None] != group[None, left : left + len(columns)]
    i, j = _pairs(rows, columns, bits, apart)
    i, j = i + top, j + left
    if not len(i):
        return
    # The pairs come row by row.
    joined, starts = np.unique(i, return_index=True)
    for row, others in zip(joined, np.split(j, starts[1:]), strict=True):
        names = np.unique(group[np.append(others, row)])
        if len(names) > 1:
            group[np.isin(group, names)] = names[0]
