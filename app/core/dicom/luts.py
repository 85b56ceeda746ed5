"""Modality and VOI look-up tables (PS3.3 C.11.1.1, C.11.2.1.1) in all the forms that are met.

The descriptor of a table is wrong in many archives, so it is held against the entries: their
number follows the data, as in DCMTK, and their bits the largest of them, where the descriptor
cannot be true.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from app.core.base.reasons import Reason, caution, step
from app.core.dicom.text import numbers

_ENTRIES = caution(
    "lut-entries",
    "{name} has {count} entries, its descriptor says {said}",
    "{name} has other entries than its descriptor says",
)
_ENTRY_BITS = step(
    "lut-entry-bits", "{name} taken with {used} bits an entry, its descriptor says {bits}"
)

_BITS = range(8, 17)

_SMOOTH = 4.0
"""Bytes that are entries differ less than this on average; the halves of words do not."""


@dataclass(frozen=True)
class Lut:
    """A table of a file.

    Parameters
    ----------
    table
        Its entries.
    first
        The value that the first of them is for; lower ones get it too.
    maximum
        The highest entry that it may hold, which is white.
    notes
        Where the descriptor was not believed.
    doubts
        The same, where the picture may have suffered.
    """

    table: NDArray[np.uint16]
    first: int
    maximum: int
    notes: tuple[Reason, ...] = ()
    doubts: tuple[Reason, ...] = ()


def lut_of(item: Dataset, big_endian: bool, values: NDArray, name: str) -> Lut | None:
    """An item of a Modality or VOI LUT Sequence; None when it cannot be used.

    Parameters
    ----------
    item
        The item.
    big_endian
        Whether the file is, so that words that pydicom left as bytes are.
    values
        What goes into the table, any shape: its first value may lack its sign, or have one too
        much, and is taken so that it fits them.
    name
        What it is, for the notes.
    """
    descriptor = numbers(item, "LUTDescriptor")
    if len(descriptor) != 3:
        return None
    said, first, bits = (int(part) for part in descriptor)
    told = bool(said % 65536)
    said = said % 65536 or 65536
    table = _entries(item, said, bits, big_endian)
    if table is None or (told and len(table) < said / 2):
        # Most values would get the last entry that is there.
        return None
    notes: list[Reason] = []
    doubts: list[Reason] = []
    count = len(table)
    if count > said and not table[said:].any():
        table = table[:said]
    elif count != said:
        words = _ENTRIES(name=name, count=count, said=said)
        (notes if count > said else doubts).append(words)
    used = int(table.max()).bit_length()
    # A table that is not even half bright at its end is none to look at an image with.
    if used and used != bits:
        if bits in _BITS:
            notes.append(_ENTRY_BITS(name=name, used=used, bits=bits))
        bits = used
    bits = bits if bits in _BITS or used else 16
    return Lut(table, _first(first, len(table), values), 2**bits - 1, tuple(notes), tuple(doubts))


def _entries(item: Dataset, said: int, bits: int, big_endian: bool) -> NDArray[np.uint16] | None:
    """All entries that are there; None for none."""
    try:
        data = item.LUTData
        if not isinstance(data, bytes):
            data, big_endian = np.asarray(data, "<u2").tobytes(), False
    except Exception:
        return None  # no data, or such as are no numbers
    words = np.frombuffer(data[: len(data) // 2 * 2], ">u2" if big_endian else "<u2")
    single = np.frombuffer(words.astype("<u2").tobytes() + data[len(words) * 2 :], np.uint8)
    if len(single) in (said, said + said % 2) and (bits == 8 or _is_smooth(single[:said])):
        return single[:said].astype(np.uint16)
    return words[:65536].astype(np.uint16) if len(words) else None


def _is_smooth(entries: NDArray[np.uint8]) -> bool:
    """Whether bytes are entries one by one, and not the halves of words."""
    return (
        float(np.abs(np.diff(entries.astype(np.int16))).mean()) < _SMOOTH
        if len(entries) > 1
        else False
    )


def _first(first: int, count: int, values: NDArray) -> int:
    """The first value mapped, with the sign that brings most of the table to the values."""
    low, high = float(values.min()), float(values.max())

    def shared(start: int) -> float:
        return min(high, start + count) - max(low, start)

    others = [first - 65536] if first > 32767 else [first + 65536] if first < 0 else []
    return max([first, *others], key=shared)
