"""TIFF to grey values as they are stored, by Pillow; what it would read wrong is put right here."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.base.reasons import Reason, phrase, step
from app.core.image.missing import missing_part
from app.core.image.raster_common import (
    BITS_A_CHANNEL,
    Decoded,
    check_size,
    damaged,
    grey_of,
    not_supported,
)
from app.core.image.tiff_check import check_directories
from app.core.image.tiff_pixels import TiffAsStored, pixels_of, wide_colours_of

_BITS_PER_SAMPLE, _PHOTOMETRIC, _ORIENTATION, _PLANES, _SAMPLE_FORMAT = 258, 262, 274, 284, 339
_TILE_COLUMNS, _TILE_ROWS = 322, 323
_WHITE_IS_ZERO, _RGB = 0, 2
_CHUNKY = 1
_SIGNED = 2
_WIDE_BYTES = 8
"""Of a pixel in colour or of 32 bits, with what is made on the way to its grey value."""
_UNKNOWN_PIXELS = "unknown pixel mode"
"""What Pillow says of pixels that it has no mode for."""

_COMPRESSION = phrase("compression", "compression {number}")
_PIXEL_TYPE = phrase("pixel-type", "its pixel type")
_WHITE_ZERO = step("inverted-white-is-zero", "Shown inverted (white is zero)")


def decode_tiff(path: Path, data: bytes) -> Decoded:
    """Decode the first page.

    Raises
    ------
    UnreadableImage
        For a picture that is too large, and for pixel types and compressions that are not read.
    Exception
        Of many kinds, for damaged data.
    """
    check_directories(io.BytesIO(data))
    try:
        picture = TiffAsStored(io.BytesIO(data))
    except KeyError as error:
        form = _COMPRESSION(number=error.args[0])
        raise not_supported(path, "TIFF", form) from error
    except SyntaxError as error:
        if str(error) != _UNKNOWN_PIXELS:
            raise
        raise not_supported(path, "TIFF", _PIXEL_TYPE()) from error
    bits = max(picture.tag_v2.get(_BITS_PER_SAMPLE, (1,)))
    narrow = {"1": 1, "L": 1}.get(picture.mode, 2 if picture.mode.startswith("I;16") else 0)
    check_size(path, *picture.size, narrow or _WIDE_BYTES)
    frames = int(getattr(picture, "n_frames", 1))
    picture.seek(0)
    tags, mode = picture.tag_v2, picture.mode
    orientation = tags.get(_ORIENTATION, 1)
    inverted = False
    steps: tuple[Reason, ...] = ()
    if mode in ("RGB", "RGBA", "RGBX", "CMYK") and bits > 8:
        # Pillow would cut these to 8 bits; OpenCV takes planes and inks for RGB.
        if tags.get(_PHOTOMETRIC) != _RGB or tags.get(_PLANES, _CHUNKY) != _CHUNKY:
            raise not_supported(path, "TIFF", BITS_A_CHANNEL(bits=bits))
        values = wide_colours_of(picture, data)
    elif mode == "1":
        values = pixels_of(picture, data).astype(np.uint8) * np.uint8(255)
    elif mode == "L" and _SIGNED in tags.get(_SAMPLE_FORMAT, ()):
        # Pillow reads them as if they had no sign: dark and bright would change places.
        values = pixels_of(picture, data).view(np.int8).astype(np.int16)
    elif mode in ("L", "LA", "RGB", "RGBA"):
        values = pixels_of(picture, data)
    elif mode in ("P", "PA", "RGBX", "CMYK", "YCbCr", "LAB"):
        values = pixels_of(picture, data, "RGBA" if mode == "PA" else "RGB")
    elif mode.startswith("I;16") or mode in ("I", "F"):
        values = pixels_of(picture, data)
        if mode == "I" and _SIGNED not in tags.get(_SAMPLE_FORMAT, ()):
            # The same with 32 bits.
            values = values.view(values.dtype.str.replace("i", "u"))
        values = _native(values)
        inverted = tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
        if inverted:
            steps = (_WHITE_ZERO(),)
    else:
        raise not_supported(path, "TIFF", mode)
    missing = missing_part(values, tile=_tile_of(tags))
    if missing is not None and missing.is_certain:
        raise damaged(path, "TIFF", missing.phrase)
    grey, colour, steps = grey_of(values, steps)
    cautions = (missing.caution,) if missing else ()
    return Decoded(grey, colour, inverted, frames, steps, orientation, cautions)


def _tile_of(tags: Mapping[int, Any]) -> tuple[int, int] | None:
    """Rows and columns of the tiles; None where the picture is in strips, which are whole rows."""
    rows, columns = (int(tags.get(tag, 0) or 0) for tag in (_TILE_ROWS, _TILE_COLUMNS))
    return (rows, columns) if rows > 0 and columns > 0 else None


def _native(values: NDArray) -> NDArray:
    """Native byte order; floats finite; integers as narrow as they fit."""
    values = values.astype(values.dtype.newbyteorder("="))
    if values.dtype.kind == "f":
        finite = np.isfinite(values)
        if not finite.any():
            raise ValueError("it holds no finite value")
        if not finite.all():
            values = np.where(finite, values, values[finite].min())
        return values.astype(np.float32)
    if values.dtype in (np.int32, np.uint32):
        low, high = int(values.min()), int(values.max())
        for dtype in (np.uint16, np.int16, np.int32):
            if np.iinfo(dtype).min <= low and high <= np.iinfo(dtype).max:
                return values.astype(dtype)
        return values.astype(np.float32)
    return values
