"""The pixels of a TIFF: what is compressed is libtiff's work, and done in a process of its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL.TiffImagePlugin import TiffImageFile

from app.core.native.pool import native_pool

_PLAIN = "raw"
"""Pillow's own decoder, of what is not compressed."""


class TiffAsStored(TiffImageFile):
    """A TIFF in the order of its stored rows and columns; Pillow would apply the orientation."""

    def load_end(self) -> None:
        """Leave the rows as they are, in place of turning them."""
        self._size = self.im.size


def pixels_of(picture: TiffAsStored, data: bytes, convert: str = "") -> NDArray:
    """The values of the page that a picture stands at, the first.

    Parameters
    ----------
    picture
        Opened, nothing decoded yet.
    data
        The file's content.
    convert
        Pillow's name of the mode to convert to, empty for none.

    Returns
    -------
    NDArray
        Shape (rows, columns) or (rows, columns, channels).
    """
    if all(tile[0] == _PLAIN for tile in picture.tile):
        return decode_here(picture, convert)
    return native_pool().run("tiff", data, {"convert": convert}, _megapixels(picture))[0]


def wide_colours_of(picture: TiffAsStored, data: bytes) -> NDArray:
    """The same of RGB with more than 8 bits a channel, which Pillow would cut."""
    return native_pool().run("tiff colours", data, {}, _megapixels(picture))[0]


def decode_here(picture: TiffAsStored, convert: str) -> NDArray:
    """Decode in this process."""
    return np.asarray(picture.convert(convert) if convert else picture)


def decode_wide_colours(data: bytes) -> NDArray:
    """Decode RGB of more than 8 bits in this process, by OpenCV.

    Raises
    ------
    ValueError
        When it cannot.
    """
    import cv2

    values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None or values.ndim != 3:
        raise ValueError("its data cannot be decoded")
    return values[..., (2, 1, 0, 3)[: values.shape[2]]]


def _megapixels(picture: TiffAsStored) -> float:
    return picture.size[0] * picture.size[1] / 1e6
