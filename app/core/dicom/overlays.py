"""Overlay planes: the 60xx groups of a data set, to masks that lie over the image (PS3.3 C.9.2).

Their bits stand packed in OverlayData or, in old files, in bits of the pixels' own words that the
values leave unused (retired in 2004).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.tag import Tag

from app.core.base.reasons import Reason, step
from app.core.dicom.text import numbers, text
from app.core.image.radiograph import Overlay

_UNREAD = step("overlay-not-read", "An overlay could not be read and is not shown")

_GROUPS = range(0x6000, 0x6020, 2)
_ELEMENTS = {
    "OverlayRows": 0x0010,
    "OverlayColumns": 0x0011,
    "NumberOfFramesInOverlay": 0x0015,
    "OverlayDescription": 0x0022,
    "OverlayOrigin": 0x0050,
    "ImageFrameOrigin": 0x0051,
    "OverlayBitPosition": 0x0102,
    "OverlayLabel": 0x1500,
    "OverlayData": 0x3000,
}


_Plane = dict[str, Any]


def embedded_bits(ds: Dataset) -> tuple[int, ...]:
    """The bits of the pixels' words that hold overlays instead of values."""
    positions = (
        int((numbers(plane, "OverlayBitPosition") or (-1,))[0])
        for plane in _planes(ds).values()
        if "OverlayData" not in plane
    )
    # A bit of the value is what writers leave there who have no overlay at all.
    return tuple(bit for bit in positions if _spare(ds, bit))


def overlays_of(
    ds: Dataset, shape: tuple[int, int], words: NDArray | None, frame: int, steps: list[Reason]
) -> tuple[Overlay, ...]:
    """The overlays of a frame.

    Parameters
    ----------
    ds
        The data set.
    shape
        Rows and columns of the image.
    words
        The pixels' words with all their bits, for overlays that stand in them; None for none.
    frame
        From 0.
    steps
        An overlay that cannot be read is told here; the image is shown all the same.
    """
    found = []
    shutter = int((numbers(ds, "ShutterOverlayGroup") or (0,))[0])
    for group, plane in _planes(ds).items():
        if group == shutter:
            continue
        try:
            mask = _mask(ds, plane, shape, words, frame)
        except Exception:
            # Nothing of a damaged group may keep the reader from the image.
            steps.append(_UNREAD())
            continue
        if mask is not None and mask.any():
            label = text(plane, "OverlayLabel") or text(plane, "OverlayDescription")
            found.append(Overlay(mask, label))
    return tuple(found)


def bitmap_of(ds: Dataset, group: int, shape: tuple[int, int]) -> NDArray[np.bool_] | None:
    """The first plane of a group in OverlayData, as a mask of the image's shape; None for none."""
    plane = _planes(ds).get(group)
    try:
        return None if plane is None else _mask(ds, plane, shape, None, 0)
    except Exception:
        return None


def _planes(ds: Dataset) -> dict[int, _Plane]:
    """The values of each group, by the keywords of its elements."""
    planes = {}
    for group in _GROUPS:
        tags = {keyword: Tag(group, element) for keyword, element in _ELEMENTS.items()}
        plane = {keyword: ds[tag].value for keyword, tag in tags.items() if tag in ds}
        if "OverlayData" in plane or "OverlayBitPosition" in plane:
            planes[group] = plane
    return planes


def _mask(
    ds: Dataset, plane: _Plane, shape: tuple[int, int], words: NDArray | None, frame: int
) -> NDArray[np.bool_] | None:
    """Where the overlay draws on this frame; None where it does not belong to it."""
    if "OverlayData" not in plane:
        bit = int(numbers(plane, "OverlayBitPosition")[0])
        if words is None or bit not in embedded_bits(ds):
            return None
        return np.asarray((words >> bit) & 1, np.bool_)
    rows, columns = (int(numbers(plane, name)[0]) for name in ("OverlayRows", "OverlayColumns"))
    frames = int((numbers(plane, "NumberOfFramesInOverlay") or (1,))[0])
    first = numbers(plane, "ImageFrameOrigin")
    # Without a frame of origin a single plane lies over every frame.
    place = frame - (int(first[0]) - 1 if first else 0) if first or frames > 1 else 0
    if not 0 <= place < frames or rows < 1 or columns < 1:
        return None
    data = bytes(plane["OverlayData"])
    if not ds.original_encoding[1]:
        # Big-endian files keep the bits in words (OW).
        data = np.frombuffer(data[: len(data) // 2 * 2], ">u2").astype("<u2").tobytes()
    count, start = rows * columns, place * rows * columns
    last = -(-(start + count) // 8)
    packed = np.frombuffer(data, np.uint8)[start // 8 : last]
    bits = np.unpackbits(packed, bitorder="little")[start % 8 :][:count]
    origin = numbers(plane, "OverlayOrigin") or (1.0, 1.0)
    drawn = bits.reshape(rows, columns).astype(bool)
    return _placed(drawn, int(origin[0]) - 1, int(origin[1]) - 1, shape)


def _spare(ds: Dataset, bit: int) -> bool:
    """Whether a bit of the words is none of the value's."""
    stored = int((numbers(ds, "BitsStored") or (16,))[0])
    high = int((numbers(ds, "HighBit") or (stored - 1,))[0])
    allocated = int((numbers(ds, "BitsAllocated") or (16,))[0])
    return 0 <= bit < allocated and not high - stored < bit <= high


def _placed(
    drawn: NDArray[np.bool_], top: int, left: int, shape: tuple[int, int]
) -> NDArray[np.bool_]:
    """The plane on a mask of the image's shape; what hangs over the edge is cut."""
    mask = np.zeros(shape, np.bool_)
    rows, columns = drawn.shape
    first_row, first_column = max(0, top), max(0, left)
    last_row, last_column = min(shape[0], top + rows), min(shape[1], left + columns)
    if last_row > first_row and last_column > first_column:
        part = drawn[first_row - top : last_row - top, first_column - left : last_column - left]
        mask[first_row:last_row, first_column:last_column] = part
    return mask
