"""How grey values become brightness: VOI windows and VOI LUTs (DICOM PS3.3 C.11.2), to 8 bits."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from app.core.image.radiograph import IDENTITY_8_BIT, Radiograph, Voi, VoiLut, Window

_SAMPLE = 1_000_000
_SMALL_SAMPLE = 50_000
_TAIL_PERCENT = 0.5
_CHUNK_ROWS = 512
_LUT_TAKES_16_BITS = int(cv2.__version__.split(".")[0]) >= 5


def auto_window(pixels: NDArray) -> Window:
    """A window for an image that brings none: from its 0.5th to its 99.5th percentile.

    The tails are left out because a few pixels of lead marker or burnt-in text often lie far
    from the anatomy and would darken all of it. Images above a million pixels are sampled on a
    regular grid.

    Parameters
    ----------
    pixels
        Any shape, any integer or float dtype; values that are not finite are ignored.

    Returns
    -------
    Window
        LINEAR for integers, LINEAR_EXACT for floats. A constant image shows black.
    """
    values = sampled(pixels, _SAMPLE).ravel()
    if values.dtype.kind == "f":
        values = values[np.isfinite(values)]
    if values.size == 0:
        return IDENTITY_8_BIT
    low, high = np.percentile(values, (_TAIL_PERCENT, 100 - _TAIL_PERCENT))
    if low == high:
        low, high = float(values.min()), float(values.max())
    if pixels.dtype.kind == "f":
        return Window((low + high) / 2, max(high - low, 1e-6), "LINEAR_EXACT", made=True)
    low, high = float(np.floor(low)), float(np.ceil(high))
    # Under LINEAR the lowest value shown is center - width/2 and the highest one step less
    # than center + width/2 (C.11.2.1.2.1): hence the ones.
    return Window((low + high + 1) / 2, high - low + 1, made=True)


def sampled(pixels: NDArray, count: int) -> NDArray:
    """At most about ``count`` of the values, on a regular grid; a view."""
    if pixels.size <= count:
        return pixels
    step = int(np.ceil((pixels.size / count) ** (1 / pixels.ndim)))
    return pixels[(slice(None, None, step),) * pixels.ndim]


def rendered_sample(radiograph: Radiograph) -> NDArray[np.uint8]:
    """About 50,000 pixels of the default display, on a regular grid; as fast as so few are."""
    shutter = radiograph.shutter
    if shutter is not None:
        shutter = replace(shutter, mask=sampled(shutter.mask, _SMALL_SAMPLE))
    pixels = sampled(radiograph.pixels, _SMALL_SAMPLE)
    return render(replace(radiograph, pixels=pixels, shutter=shutter))


def share_between(values: NDArray, voi: Voi) -> float:
    """The share of the values (of a sample of them) that is shown neither black nor white."""
    grey = _brightness(sampled(values, _SMALL_SAMPLE), voi, negative=False)
    return float(np.mean((grey > 0) & (grey < 255)))


def render(
    radiograph: Radiograph, window: Voi | None = None, invert: bool = False
) -> NDArray[np.uint8]:
    """The image as brightness, 0 black to 255 white.

    Parameters
    ----------
    radiograph
        What to show.
    window
        A window or a VOI LUT; None for the image's default.
    invert
        Show the negative, on top of what MONOCHROME1 asks for.

    Returns
    -------
    NDArray[np.uint8]
        Shape (rows, columns), a new array. The exact value y in [0, 1] becomes
        ``floor(255 * y + 0.5)``. What the display shutter hides has the grey of the shutter.
    """
    out = _without_shutter(radiograph, window, invert)
    if radiograph.shutter is not None:
        out[radiograph.shutter.mask] = radiograph.shutter.grey
    return out


def _without_shutter(radiograph: Radiograph, window: Voi | None, invert: bool) -> NDArray[np.uint8]:
    pixels = radiograph.pixels
    negative = radiograph.inverted != invert
    voi = radiograph.default_voi if window is None else window
    if pixels.dtype == np.uint8 and voi == IDENTITY_8_BIT:
        return np.bitwise_not(pixels) if negative else pixels.copy()
    if pixels.dtype in (np.uint8, np.uint16):
        values = np.arange(np.iinfo(pixels.dtype).max + 1)
        return _looked_up(pixels, _brightness(values, voi, negative))
    if pixels.dtype == np.int16:
        # The bit pattern of an int16 read as uint16 is the place in the table.
        values = np.arange(65536, dtype=np.uint16).view(np.int16)
        return _looked_up(pixels.view(np.uint16), _brightness(values, voi, negative))
    out = np.empty(pixels.shape, np.uint8)
    for start in range(0, pixels.shape[0], _CHUNK_ROWS):
        rows = slice(start, start + _CHUNK_ROWS)
        out[rows] = _brightness(pixels[rows], voi, negative)
    return out


def _looked_up(index: NDArray, table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The entries of a table at an index of 8 or 16 bits, which it covers whole."""
    if _LUT_TAKES_16_BITS:
        # Six times as fast as numpy.
        found = cv2.LUT(np.ascontiguousarray(index), table)
        return np.asarray(found, np.uint8).reshape(index.shape)
    return table.take(index)


def _brightness(values: NDArray, voi: Voi, negative: bool) -> NDArray[np.uint8]:
    x = np.asarray(values, np.float64)
    y = _apply_lut(x, voi) if isinstance(voi, VoiLut) else _apply_window(x, voi)
    if negative:
        y = 1.0 - y
    return np.floor(y * 255.0 + 0.5).astype(np.uint8)


def _apply_lut(x: NDArray[np.float64], lut: VoiLut) -> NDArray[np.float64]:
    # Values below and above the table get its first and last entry.
    table = np.clip(lut.table / max(lut.maximum, 1), 0.0, 1.0)
    if lut.step != 1.0:
        places = lut.first + lut.step * np.arange(len(table))
        return np.interp(x, places, table)
    place = np.clip(np.rint(np.rint(x) - lut.first), 0, len(table) - 1)
    return table[place.astype(np.intp)]


def _apply_window(x: NDArray[np.float64], window: Window) -> NDArray[np.float64]:
    center, width = window.center, window.width
    if window.function == "SIGMOID":
        # 1 / (1 + exp(-4 t)) without overflow for values far below the centre.
        return 0.5 * (1.0 + np.tanh(2.0 * (x - center) / max(width, 1e-9)))
    if window.function == "LINEAR_EXACT":
        return np.clip((x - center) / max(width, 1e-9) + 0.5, 0.0, 1.0)
    center -= 0.5
    if width <= 1:
        return np.where(x <= center, 0.0, 1.0)
    return np.clip((x - center) / (width - 1) + 0.5, 0.0, 1.0)
