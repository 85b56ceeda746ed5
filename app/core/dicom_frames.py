"""One frame out of a DICOM file's Pixel Data, without decoding or keeping the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.encaps import encapsulate, parse_basic_offsets, parse_fragments
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.utils import as_pixel_options, get_j2k_parameters
from pydicom.uid import (
    UID,
    JPEG2000TransferSyntaxes,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from app.core.decoders import check_frame, plugin_for
from app.core.dicom_header import frame_count, numbers, text
from app.core.dicom_values import lifted

KEYWORDS = {
    0x7FE00008: "FloatPixelData",
    0x7FE00009: "DoubleFloatPixelData",
    0x7FE00010: "PixelData",
}
_LOSSLESS_JPEG = (JPEGLossless, JPEGLosslessSV1)
_KEEPS_WORDS = (RLELossless, JPEGLSLossless)
_UNDEFINED = 0xFFFFFFFE
_LOOKED_AT = 1 << 20
_END_MARKER = b"\xff\xd9"
_TAIL_BYTES = 10


@dataclass
class PixelData:
    """Where the pixels of a data set lie, and how its frames are cut out of them.

    Parameters
    ----------
    ds
        The header; Rows, Columns and so on are taken from it.
    syntax
        The transfer syntax.
    keyword, vr
        Of the element.
    start, length
        Of its value in the file, in bytes; the length means nothing for compressed frames.
    """

    ds: Dataset
    syntax: UID
    keyword: str
    vr: str | None
    start: int
    length: int
    _fragments: list[list[int]] = field(default_factory=list)
    """For each frame the places of its fragments, from the first byte of the item tag."""
    signed: bool | None = None
    """Whether the frame decoded last says of itself that its values have a sign; JPEG 2000 does."""

    def decode(self, file: BinaryIO, frame: int) -> NDArray:
        """The stored values of a frame, unused bits removed.

        Parameters
        ----------
        file
            Open, wherever it stands.
        frame
            From 0.

        Returns
        -------
        NDArray
            Shape (rows, columns) or (rows, columns, 3).

        Raises
        ------
        Exception
            Of many kinds, pydicom's and its decoders', when the frame is not there or damaged.
        """
        source, index, count = self._source(file, frame)
        return self._decoded(source, index, count)

    def words(self, file: BinaryIO, frame: int) -> NDArray | None:
        """The stored words with all bits allocated, those above and below the value too.

        None where a compression does not keep them, for colour and for floating point.
        """
        kept = not self.syntax.is_encapsulated or self.syntax in _KEEPS_WORDS
        samples = int((numbers(self.ds, "SamplesPerPixel") or (1,))[0])
        allocated = int((numbers(self.ds, "BitsAllocated") or (0,))[0])
        if not kept or samples != 1 or allocated not in (8, 16) or self.keyword != "PixelData":
            return None
        source, index, count = self._source(file, frame)
        return self._decoded(source, index, count, correct_unused_bits=False)

    def spare_bytes(self, file: BinaryIO) -> int:
        """How many bytes lie behind the last frame; 0 where that cannot be told, or is filling."""
        if self.syntax.is_encapsulated or self.length >= _UNDEFINED:
            return 0
        frames = -(-self._bits_of_a_frame() * frame_count(self.ds) // 8)
        file.seek(self.start + frames)
        spare = file.read(min(max(0, self.length - frames), _LOOKED_AT))
        return len(spare) if len(set(spare)) > 1 else 0

    def _decoded(self, source: bytes, index: int, count: int, **options: Any) -> NDArray:
        options |= as_pixel_options(self.ds, number_of_frames=count, pixel_keyword=self.keyword)
        options.pop("extended_offsets", None)
        if self.vr is not None:
            options["pixel_vr"] = self.vr
        decoded, _ = get_decoder(self.syntax).as_array(
            source,
            index=index,
            raw=False,
            decoding_plugin=plugin_for(self.syntax),
            **options,
        )
        # Big-endian files give big-endian arrays.
        return decoded.astype(decoded.dtype.newbyteorder("="), copy=False)

    def _source(self, file: BinaryIO, frame: int) -> tuple[bytes, int, int]:
        """Bytes that hold the frame, its index in them, and how many frames they are."""
        if self.syntax.is_encapsulated:
            content = self._compressed(file, frame)
            shape = (int(self.ds.Rows), int(self.ds.Columns), int(self.ds.SamplesPerPixel))
            check_frame(content, self.syntax, shape, int(self.ds.BitsAllocated))
            if self.syntax in JPEG2000TransferSyntaxes:
                self.signed = get_j2k_parameters(content).get("is_signed")
            if self.syntax in _LOSSLESS_JPEG and lifted(self.ds):
                raise ValueError("GDCM takes away the upper bits, in which the values stand")
            return encapsulate([content]), 0, 1
        count = frame_count(self.ds)
        if not 0 <= frame < count:
            raise ValueError("no such frame")
        bits = self._bits_of_a_frame()
        swapped = not self.syntax.is_little_endian and (bits // 8) % 2
        if count == 1 or bits % 8 or swapped:
            # The frames do not begin with bytes (or with words) of their own.
            file.seek(self.start)
            return file.read(self.length), frame, count
        file.seek(self.start + frame * (bits // 8))
        return file.read(bits // 8), 0, 1

    def _bits_of_a_frame(self) -> int:
        ds = self.ds
        bits = int(ds.Rows) * int(ds.Columns) * int(ds.SamplesPerPixel) * int(ds.BitsAllocated)
        # Two pixels share their colour.
        return bits // 3 * 2 if text(ds, "PhotometricInterpretation") == "YBR_FULL_422" else bits

    def _compressed(self, file: BinaryIO, frame: int) -> bytes:
        if not self._fragments:
            self._fragments = self._index(file)
        if not 0 <= frame < len(self._fragments):
            raise ValueError("the frame is not in the file")
        return b"".join(_fragment(file, place) for place in self._fragments[frame])

    def _index(self, file: BinaryIO) -> list[list[int]]:
        """Which fragments make which frame (PS3.5 A.4): by a table of offsets, else by counting."""
        file.seek(self.start)
        offsets = parse_basic_offsets(file)
        first = file.tell()
        _, places = parse_fragments(file)
        if extended := self.ds.get("ExtendedOffsetTable"):
            offsets = np.frombuffer(extended, "<u8").tolist()
        frames = frame_count(self.ds)
        starts = {first + offset for offset in offsets}
        if starts and starts <= set(places) and len(starts) == frames:
            return _grouped(places, lambda place: place in starts)
        if frames == 1:
            return [places]
        if len(places) <= frames:
            # Fewer when the file was cut off: the frames that are there can be shown.
            return [[place] for place in places]
        return _by_end_markers(file, places)


def _grouped(places: list[int], begins: Callable[[int], bool]) -> list[list[int]]:
    groups: list[list[int]] = []
    for place in places:
        if begins(place) or not groups:
            groups.append([])
        groups[-1].append(place)
    return groups


def _by_end_markers(file: BinaryIO, places: list[int]) -> list[list[int]]:
    """Frames end where a fragment ends in the marker, which may lie across two fragments."""
    frames: list[list[int]] = [[]]
    tail = b""
    for place in places:
        frames[-1].append(place)
        tail = (tail + _fragment(file, place, last=_TAIL_BYTES))[-_TAIL_BYTES:]
        if _END_MARKER in tail:
            frames.append([])
            tail = b""
    return [frame for frame in frames if frame]


def _fragment(file: BinaryIO, place: int, last: int | None = None) -> bytes:
    """A fragment, or only its last bytes."""
    file.seek(place + 4)
    length = int.from_bytes(file.read(4), "little")
    if last is not None and length > last:
        file.seek(length - last, 1)
        return file.read(last)
    content = file.read(length)
    if len(content) < length:
        raise ValueError("the file ends in the frame")
    return content
