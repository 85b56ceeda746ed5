"""By what an image is known again, whatever its file is called and wherever it lies."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.core.base.quiet import quiet
from app.core.dicom.header_probe import opened_dicom
from app.core.image.radiograph import Radiograph
from app.core.reading.verdicts import UNKNOWN, UNREADABLE, ImageIdentity

_CHUNK = 1 << 20
_INTEGERS = (np.uint8, np.int16, np.uint16, np.int32)


def identity_of(radiograph: Radiograph) -> ImageIdentity:
    """The identity of a decoded image, from its values and its header."""
    return ImageIdentity(content_hash(radiograph.pixels), radiograph.header.sop_instance_uid)


def content_hash(pixels: NDArray) -> str:
    """SHA-256 (hex) over shape and values.

    Of the values themselves and not of their display, so that neither another default window nor
    a later version of the program makes an image a stranger.

    Parameters
    ----------
    pixels
        Shape (rows, columns), any real type. The same integers have the same hash whatever type
        holds them.
    """
    values = pixels
    if values.dtype.kind in "iu" and values.dtype != np.uint8 and values.size:
        low, high = int(values.min()), int(values.max())
        fitting = (kind for kind in _INTEGERS if _holds(kind, low, high))
        values = values.astype(next(fitting, np.int64), copy=False)
    values = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
    made = hashlib.sha256(f"{values.shape} {values.dtype.str} ".encode())
    made.update(values.data)
    return made.hexdigest()


def identity_of_file(path: Path) -> ImageIdentity:
    """The identity of a file that cannot be decoded: of its place and bytes; empty without bytes.

    So it can be acknowledged, and is found again. Of its place too: all empty files are alike, and
    one that somebody has dealt with says nothing of the next.
    """
    made = hashlib.sha256(os.fsencode(path.absolute()) + b"\0")
    try:
        if not path.is_file():
            return UNKNOWN
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                made.update(chunk)
    except OSError:
        return UNKNOWN
    return ImageIdentity(f"{UNREADABLE}{made.hexdigest()}")


def uid_of_file(path: Path) -> ImageIdentity:
    """What the header alone says of an image, in a millisecond; empty for any other file.

    Verdicts on a DICOM image can so be shown before its pixels were decoded.
    """
    try:
        with opened_dicom(path) as file:
            if file is None:
                return UNKNOWN
            from app.core.dicom.file import read_dataset

            with quiet:
                header, _ = read_dataset(file, last_group=0x0008, tags=("SOPInstanceUID",))
            return ImageIdentity("", str(header.get("SOPInstanceUID", "") or ""))
    except Exception:  # a broken header: reading the image tells why
        return UNKNOWN


def _holds(kind: type[np.integer], low: int, high: int) -> bool:
    limits = np.iinfo(kind)
    return bool(limits.min <= low and high <= limits.max)
