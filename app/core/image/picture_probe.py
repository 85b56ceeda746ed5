"""What a PNG, JPEG or TIFF says of itself, without its pixels."""

from __future__ import annotations

from typing import BinaryIO

from PIL import Image

from app.core.image.tiff_check import check_directories

_FORMATS = ("PNG", "JPEG", "TIFF")
_TIFF_MARKS = (b"II", b"MM")
_MOST_EXIF = 1 << 16
"""Bytes; a segment of a JPEG holds no more."""


def opened_picture(file: BinaryIO) -> Image.Image:
    """A picture of which only the header is read.

    Parameters
    ----------
    file
        Open, and kept open as long as the picture is used.

    Raises
    ------
    Exception
        Of many kinds, when it is none, or is damaged.
    """
    file.seek(0)
    if file.read(2) in _TIFF_MARKS:
        file.seek(0)
        check_directories(file)
    file.seek(0)
    return Image.open(file, formats=_FORMATS)


def exif_of(picture: Image.Image) -> Image.Exif:
    """Its EXIF data; Pillow's own way to them would decode a PNG."""
    if picture.format == "TIFF":
        return picture.getexif()
    exif = Image.Exif()
    block = picture.info.get("exif", b"")
    if block and len(block) <= _MOST_EXIF:
        exif.load(block)
    return exif
