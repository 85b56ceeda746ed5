"""What a DICOM image should look like: its windows and VOI LUT, and what to do when they fail."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from app.core.dicom_header import in_frame, items, numbers, text
from app.core.display import auto_window, share_between
from app.core.images import IDENTITY_8_BIT, VoiLut, Window, WindowFunction

_LEAST_BETWEEN = 0.01
"""A picture has at least this share of its pixels between black and white."""

_LEAST_WIDTH = 16
"""Whole grey values that spread less are noise, which no window makes a picture of."""


def default_view(
    ds: Dataset, pixels: NDArray, real: NDArray, steps: list[str], cautions: list[str]
) -> tuple[tuple[Window, ...], VoiLut | None]:
    """The windows to choose from, the default first, and the VOI LUT that precedes them.

    A window or VOI LUT that shows nearly all of a picture black and white cannot be meant for
    these values (a wrong tag, or values that were changed without it): a window from the values
    takes its place, with a step and a caution.

    Parameters
    ----------
    ds
        The data set.
    pixels, real
        Modality values, (rows, columns); and those that are no padding, any shape.
    steps, cautions
        What was done and what is doubtful is added here, in words.
    """
    windows, voi_lut = _windows(ds), _voi_lut(ds, pixels)
    meant = voi_lut or next(iter(windows), None)
    if meant is None:
        return (_without_window(ds, pixels, real),), None
    if share_between(real, meant) < _LEAST_BETWEEN:
        auto = auto_window(real)
        noise = real.dtype.kind != "f" and auto.width < _LEAST_WIDTH
        if not noise and share_between(real, auto) >= _LEAST_BETWEEN:
            what = "VOI LUT" if voi_lut else "window"
            steps.append(f"Header's {what} not used: a window from the 0.5th to 99.5th percentile")
            cautions.append(
                f"The header's {what} would show nearly all of the image black or white; "
                "a window from its grey values was used"
            )
            return (auto, *windows), None
    return windows or (_without_window(ds, pixels, real),), voi_lut


def _windows(ds: Dataset) -> tuple[Window, ...]:
    """All usable windows of the header."""
    where = in_frame(ds, "FrameVOILUTSequence", "WindowCenter")
    said = text(where, "VOILUTFunction").upper()
    function: WindowFunction = "LINEAR"
    if said == "SIGMOID":
        function = "SIGMOID"
    elif said == "LINEAR_EXACT":
        function = "LINEAR_EXACT"
    pairs = zip(numbers(where, "WindowCenter"), numbers(where, "WindowWidth"), strict=False)
    smallest = 1.0 if function == "LINEAR" else 1e-6
    return tuple(Window(c, w, function) for c, w in pairs if w >= smallest)


def _without_window(ds: Dataset, pixels: NDArray, real: NDArray) -> Window:
    if pixels.dtype != np.uint8:
        return auto_window(real)
    # The values are shown as they are, like a PNG of the same pixels.
    bits = int((numbers(ds, "BitsStored") or (8,))[0])
    return IDENTITY_8_BIT if bits == 8 else Window(2.0 ** (bits - 1), 2.0**bits)


def full_range(pixels: NDArray) -> Window:
    """The window of what was stored in channels: DICOM windows are for greyscale only."""
    return IDENTITY_8_BIT if pixels.dtype == np.uint8 else Window(32768.0, 65536.0)


def _voi_lut(ds: Dataset, pixels: NDArray) -> VoiLut | None:
    """The first item of the VOI LUT Sequence, or None where there is none that can be used."""
    for item in items(ds, "VOILUTSequence")[:1]:
        descriptor = numbers(item, "LUTDescriptor")
        if len(descriptor) != 3 or "LUTData" not in item:
            return None
        count, first, bits = (int(part) for part in descriptor)
        count = count or 65536
        if first > 32767 and pixels.dtype.kind in "if" and int(pixels.min()) < 0:
            first -= 65536
        data = item.LUTData
        if not isinstance(data, bytes):
            data = np.asarray(data, np.uint16).tobytes()
        if bits == 8 and len(data) in (count, count + count % 2):
            table = np.frombuffer(data, np.uint8, count).astype(np.uint16)
        elif 8 <= bits <= 16 and len(data) >= 2 * count:
            big = not ds.original_encoding[1] and isinstance(item.LUTData, bytes)
            table = np.frombuffer(data, ">u2" if big else "<u2", count).astype(np.uint16)
        else:
            return None
        return VoiLut(table, first, 2**bits - 1)
    return None
