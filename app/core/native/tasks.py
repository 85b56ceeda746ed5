"""What the decoders' processes do: compressed DICOM frames, and TIFF's compressed pixels."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray
from pydicom.uid import UID

from app.core.base.quiet import quiet
from app.core.dicom import decoders
from app.core.image import tiff_pixels


def _frame(data: bytes, about: dict[str, Any]) -> tuple[NDArray, dict[str, Any]]:
    with quiet:
        values, second = decoders.decode_here(data, UID(about["syntax"]), about["options"])
    return values, {"second": second}


def _tiff(data: bytes, about: dict[str, Any]) -> tuple[NDArray, dict[str, Any]]:
    with quiet:
        picture = tiff_pixels.TiffAsStored(io.BytesIO(data))
        return tiff_pixels.decode_here(picture, about["convert"]), {}


def _colours(data: bytes, about: dict[str, Any]) -> tuple[NDArray, dict[str, Any]]:
    with quiet:
        return tiff_pixels.decode_wide_colours(data), {}


Task = Callable[[bytes, dict[str, Any]], tuple[NDArray, dict[str, Any]]]

TASKS: dict[str, Task] = {"frame": _frame, "tiff": _tiff, "tiff colours": _colours}
