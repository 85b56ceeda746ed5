"""Stored DICOM values to modality values: unused bits, padding, Modality LUT or rescale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.uid import UID

from app.core.base.reasons import Reason, caution, step
from app.core.dicom.luts import lut_of
from app.core.dicom.overlays import embedded_bits
from app.core.dicom.text import in_frame, items, numbers, text
from app.core.image.raster_common import blocks_of

_UPPER = step("upper-bits", "Values taken from the upper bits (HighBit {highbit})")
_LUT = step("modality-lut", "Modality LUT")
_LUT_NOT_SHOWN = step(
    "modality-lut-not-for-display",
    "Modality LUT not used: in RF and XA images it is not for display",
)
_NO_LUT = caution(
    "modality-lut-unusable", "The header's Modality LUT cannot be used and was left out"
)
_RESCALED = step("rescaled", "Rescaled: value × {slope:g} + {intercept:g}")


def unsigned(values: NDArray) -> NDArray:
    """Channels of a colour image in 8 or 16 unsigned bits."""
    if values.dtype in (np.uint8, np.uint16):
        return values
    top = max(int(values.max()), 1)
    return (np.clip(values, 0, None) / top * 65535).astype(np.uint16)


def padding_of(ds: Dataset, stored: NDArray) -> NDArray[np.bool_] | None:
    """Which pixels are padding (PixelPaddingValue, PixelPaddingRangeLimit); None for none.

    All pixels or none being padding gives None: then the tag tells nothing.
    """
    value = numbers(ds, "PixelPaddingValue")
    if not value:
        return None
    limit = numbers(ds, "PixelPaddingRangeLimit") or value
    low, high = sorted((_as_stored(value[0], stored), _as_stored(limit[0], stored)))
    mask: NDArray[np.bool_] = (stored >= low) & (stored <= high)
    return mask if mask.any() and not mask.all() else None


def _as_stored(value: float, stored: NDArray) -> float:
    # Many writers give a negative padding value with VR US.
    if stored.dtype.kind == "i" and value > np.iinfo(stored.dtype).max:
        return value - 2.0 ** (8 * stored.dtype.itemsize)
    return value


def lifted(ds: Dataset) -> int:
    """By how many bits the values stand above the lowest of their words, as HighBit says."""
    stored, high = ((numbers(ds, name) or (0,))[0] for name in ("BitsStored", "HighBit"))
    allocated = (numbers(ds, "BitsAllocated") or (0,))[0]
    return int(high + 1 - stored) if 0 < stored <= high < allocated else 0


def lowered(ds: Dataset, stored: NDArray, words: NDArray | None, steps: list[Reason]) -> NDArray:
    """The values where HighBit puts them, unless what lies below shows that it is wrong.

    The standard has wanted HighBit to be BitsStored - 1 since 2014, and some writers put a wrong
    number there: bits below the value that are neither empty nor an overlay are the value's own.
    """
    by = lifted(ds)
    if words is None or by == 0:
        return stored
    below = sum(1 << bit for bit in range(by) if bit not in embedded_bits(ds))
    if (words & below).any():
        return stored
    steps.append(_UPPER(highbit=int(ds.HighBit)))
    return _true_values(words, int(ds.BitsAllocated), int(ds.BitsStored), int(ds.HighBit))


def modality_values(
    ds: Dataset, stored: NDArray, frame: int, steps: list[Reason], cautions: list[Reason]
) -> tuple[NDArray, str, tuple[float, float] | None]:
    """The values after Modality LUT or rescale, their units, and slope and intercept.

    A Modality LUT that cannot be used is left out, as DCMTK does. Those of RF and XA objects are
    for subtraction and not for display (PS3.3 C.8.7.1.1.2): as there, the class of the object
    decides, and Modality only without one.
    """
    if not for_display(ds):
        if "ModalityLUTSequence" in ds or "RescaleSlope" in ds:
            steps.append(_LUT_NOT_SHOWN())
        return _narrow(stored), "", None
    if luts := items(ds, "ModalityLUTSequence"):
        lut = lut_of(luts[0], not ds.original_encoding[1], stored, "Modality LUT")
        if lut is not None:
            steps.append(_LUT())
            # The values are the entries: no matter how many bits they are said to have.
            cautions += lut.doubts
            # In more bits than the values have: their difference to the first may need them.
            values = np.empty(stored.shape, lut.table.dtype)
            for rows in blocks_of(stored):
                place = stored[rows].astype(np.int64) - lut.first
                values[rows] = lut.table[np.clip(place, 0, len(lut.table) - 1)]
            return _narrow(values), text(luts[0], "ModalityLUTType"), None
        cautions.append(_NO_LUT())
    where = in_frame(ds, "PixelValueTransformationSequence", "RescaleSlope", frame)
    slope = (numbers(where, "RescaleSlope") or (1.0,))[0]
    intercept = (numbers(where, "RescaleIntercept") or (0.0,))[0]
    units = text(where, "RescaleType")
    if slope == 0 or (slope, intercept) == (1.0, 0.0):
        return _narrow(stored), units, None
    steps.append(_RESCALED(slope=slope, intercept=intercept))
    return _rescaled(stored, slope, intercept), units, (slope, intercept)


def _rescaled(stored: NDArray, slope: float, intercept: float) -> NDArray:
    """Whole numbers where all of them are, else in single precision."""
    whole = stored.dtype.kind in "iub" and slope.is_integer() and intercept.is_integer()
    dtype: np.dtype = np.dtype(np.float32)
    if whole:
        ends = [int(end * slope + intercept) for end in (int(stored.min()), int(stored.max()))]
        dtype = _narrowest(min(ends), max(ends))
    made = np.empty(stored.shape, dtype)
    for rows in blocks_of(stored):
        values = stored[rows] * np.float64(slope) + intercept
        made[rows] = values.astype(np.int64) if whole else values
    return made if whole else _narrow(made)


def for_display(ds: Dataset) -> bool:
    """Whether Modality LUT and rescale are for the display; not so in RF and XA objects."""
    if of_class := text(ds, "SOPClassUID"):
        return not UID(of_class).name.startswith(("X-Ray Radiofluoroscopic", "X-Ray Angiographic"))
    return text(ds, "Modality").upper() not in ("RF", "XA")


def _narrowest(low: int, high: int) -> np.dtype:
    fitting = (
        dtype
        for dtype in (np.int16, np.uint16, np.int32)
        if np.iinfo(dtype).min <= low and high <= np.iinfo(dtype).max
    )
    return np.dtype(next(fitting, np.float32))


def _narrow(values: NDArray) -> NDArray:
    """uint8, int16 and uint16 stay; other integers become the narrowest that holds them."""
    if values.dtype in (np.uint8, np.int16, np.uint16):
        return values
    if values.dtype.kind in "iub":
        return values.astype(_narrowest(int(values.min()), int(values.max())))
    single = values.astype(np.float32)
    finite = np.isfinite(single)
    if finite.all():
        return single
    if not finite.any():
        raise ValueError("no finite value")
    return np.where(finite, single, single[finite].min())


def _true_values(words: NDArray, allocated: int, stored: int, high: int) -> NDArray:
    """The values out of whole words: ``stored`` bits whose highest is bit ``high``.

    Parameters
    ----------
    words
        Any shape, an integer dtype of ``allocated`` bits; its sign is that of the values.
    """
    return (words << (allocated - 1 - high)) >> (allocated - stored)
