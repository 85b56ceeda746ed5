"""A JPEG decoder that lets no half picture through: does its scan end where its data do?"""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from app.core.base.errors import BrokenData
from app.core.base.reasons import phrase
from app.core.dicom.jpeg_check import without_remarks

_ENDS_EARLY = phrase("picture-ends-early", "the picture's data end before its last row")
_GOES_ON = phrase("data-go-on", "its compressed data go on after its last row")

_ARITHMETIC = b"\xff\xc9"
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")

_SPARE_BYTES = 4
"""Compressed data that the last row cannot do without."""

_AHEAD_BYTES = 10
"""libjpeg decodes a block only when its 64-bit buffer could be filled beyond it."""

_LEAST_WIDTH = 8
"""Pixels; a narrower last row may by chance look as if it had never been written."""


class WholeJpeg(JpegImageFile):
    """A JPEG whose data must reach exactly to its last row.

    libjpeg fills what a cut or overwritten scan leaves out with grey and only warns, and Pillow
    drops the warning. So the last row is marked before the decoder begins. A row that is written
    although data are left was not made of them: they are damaged, or the height is not theirs.
    A row that is not written although all data were handed over is missing.
    """

    _end_at: int | None = None
    _spare: bytes = b""
    _mark: bytes = b""
    _spare_asked_for = _ahead_given = False

    def look_for_end(self, data: bytes) -> None:
        """Find where the only scan ends, before anything is decoded; several are not checked.

        Parameters
        ----------
        data
            The file's content.

        Raises
        ------
        ValueError
            When the compressed data are followed by what cannot follow them.
        """
        # Pillow has read up to and including the start of the first scan.
        if self.fp is not None and self.size[0] >= _LEAST_WIDTH:
            start = self.fp.tell()
            self._end_at = _scan_end(data, start)
            if _ARITHMETIC in data[:start]:
                # Such a scan leaves out what its reader can guess of its end.
                self._end_at = None
            if self._end_at is not None:
                self._spare = data[max(start, self._end_at - _SPARE_BYTES) : self._end_at]

    def load_prepare(self) -> None:
        """Mark the last row with what no picture holds."""
        super().load_prepare()
        if self._end_at is not None:
            noise = np.random.default_rng(0).integers(0, 256, (1, self.size[0], 4), np.uint8)
            grey = self.mode == "L"
            row = Image.fromarray(noise[..., 0] if grey else noise, "L" if grey else "CMYK")
            if self.mode in ("RGB", "YCbCr"):
                row = Image.frombytes(self.mode, row.size, noise[..., :3].tobytes())
            self.im.paste(row.im, self._last_row())
            self._mark = self._marked_row()

    def load_read(self, read_bytes: int) -> bytes:
        """Hand the decoder its next bytes, and look at the last row before and after the end."""
        if self._end_at is None or self.fp is None:
            return super().load_read(read_bytes)
        place, spare_at = self.fp.tell(), self._end_at - len(self._spare)
        if place < spare_at:
            return self.fp.read(min(read_bytes, spare_at - place))
        self._spare_asked_for = True
        if place < self._end_at:
            return self.fp.read(min(read_bytes, self._end_at - place))
        if not self._ahead_given:
            self._ahead_given = True
            return bytes(_AHEAD_BYTES)
        if place == self._end_at and not self._is_written():
            raise BrokenData(_ENDS_EARLY())
        return super().load_read(read_bytes)

    def load(self) -> Any:
        """Decode, and raise ``OSError`` unless data and picture end together."""
        pixel = super().load()
        # Some writers fill up to the end marker.
        if self._mark and not self._spare_asked_for and len(set(self._spare)) > 1:
            raise BrokenData(_GOES_ON())
        return pixel

    def _is_written(self) -> bool:
        return self._marked_row() != self._mark

    def _marked_row(self) -> bytes:
        row = Image.new(self.mode, (self.size[0], 1))
        row.im.paste(self.im.crop(self._last_row()), (0, 0, *row.size))
        return row.tobytes()

    def _last_row(self) -> tuple[int, int, int, int]:
        width, height = self.size
        return 0, height - 1, width, height


def open_jpeg(data: bytes) -> tuple[WholeJpeg, bytes]:
    """A JPEG whose decoding can begin, and the bytes that it is made of.

    Pillow stumbles over application data that others pass over: then they are left out.
    """
    try:
        return WholeJpeg(io.BytesIO(data)), data
    except Exception:
        bare = without_remarks(data)
        if bare == data:
            raise
        return WholeJpeg(io.BytesIO(bare)), bare


def _scan_end(data: bytes, start: int) -> int | None:
    """Where the end marker of a JPEG with a single scan lies; None for several scans.

    Raises
    ------
    ValueError
        When the compressed data are followed by what cannot follow them.
    """
    found = _MARKER.search(data, start)
    if found is None:
        raise ValueError("the file ends before the picture does")
    marker = data[found.start() + 1]
    if marker == 0xD9:
        return found.start()
    # Tables, another scan, number of lines, restart interval, comment, application data.
    if marker in (0xC4, 0xDA, 0xDB, 0xDC, 0xDD, 0xCC, 0xFE) or 0xE0 <= marker <= 0xEF:
        return None
    raise ValueError(f"its compressed data hold the stray marker FF{marker:02X}")
