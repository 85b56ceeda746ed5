"""One frame out of a DICOM file's Pixel Data, without decoding or keeping the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
from pydicom import Dataset
from pydicom.encaps import parse_basic_offsets
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.utils import as_pixel_options
from pydicom.uid import UID

from app.core.base.limits import MOST_BYTES, TooMuch
from app.core.dicom.decoders import Frame, FrameForm, decode_frame
from app.core.dicom.file import ITEM_TAG, MOST_FRAGMENTS
from app.core.dicom.header import frame_count
from app.core.dicom.text import numbers, text

_UNDEFINED = 0xFFFFFFFE
_LOOKED_AT = 1 << 20
_END_OF_SEQUENCE = b"\xfe\xff\xdd\xe0"
_PADDING_BYTES = 1 << 16
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

    def decode(self, file: BinaryIO, frame: int) -> Frame:
        """The values of a frame as they are stored, with all their bits.

        Parameters
        ----------
        file
            Open, wherever it stands.
        frame
            From 0.

        Raises
        ------
        Exception
            Of many kinds, pydicom's and its decoders', when the frame is not there or damaged.
        """
        if self.syntax.is_encapsulated:
            return decode_frame(self._compressed(file, frame), frame_form(self.ds, self.syntax))
        source, index, count = self._source(file, frame)
        options = as_pixel_options(self.ds, number_of_frames=count, pixel_keyword=self.keyword)
        samples, allocated = (
            int((numbers(self.ds, name) or (1,))[0])
            for name in ("SamplesPerPixel", "BitsAllocated")
        )
        kept = samples == 1 and allocated in (8, 16) and self.keyword == "PixelData"
        options["correct_unused_bits"] = not kept
        if self.vr is not None:
            options["pixel_vr"] = self.vr
        values, _ = get_decoder(self.syntax).as_array(source, index=index, raw=False, **options)
        # Big-endian files give big-endian arrays.
        values = values.astype(values.dtype.newbyteorder("="), copy=False)
        return Frame(values.view(f"u{allocated // 8}"), allocated) if kept else Frame(values)

    def spare_bytes(self, file: BinaryIO) -> int:
        """How many bytes lie behind the last frame; 0 where that cannot be told, or is filling."""
        if self.syntax.is_encapsulated or self.length >= _UNDEFINED:
            return 0
        frames = -(-self._bits_of_a_frame() * frame_count(self.ds) // 8)
        file.seek(self.start + frames)
        spare = file.read(min(max(0, self.length - frames), _LOOKED_AT))
        return len(spare) if len(set(spare)) > 1 else 0

    def _source(self, file: BinaryIO, frame: int) -> tuple[bytes, int, int]:
        """Bytes that hold the frame, its index in them, and how many frames they are."""
        count = frame_count(self.ds)
        if not 0 <= frame < count:
            raise ValueError("no such frame")
        bits = self._bits_of_a_frame()
        swapped = not self.syntax.is_little_endian and (bits // 8) % 2
        if count == 1 or bits % 8 or swapped:
            # The frames do not begin with bytes (or with words) of their own.
            whole = min(self.length, -(-bits * count // 8) + _PADDING_BYTES)
            if whole > MOST_BYTES:
                raise TooMuch
            file.seek(self.start)
            return file.read(whole), frame, count
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
        parts: list[bytes] = []
        total = 0
        for place in self._fragments[frame]:
            parts.append(_fragment(file, place))
            total += len(parts[-1])
            if total > MOST_BYTES:
                raise TooMuch
        return b"".join(parts)

    def _index(self, file: BinaryIO) -> list[list[int]]:
        """Which fragments make which frame (PS3.5 A.4): by a table of offsets, else by counting."""
        file.seek(self.start + 4)
        if int.from_bytes(file.read(4), "little") > 4 * MOST_FRAGMENTS:
            raise ValueError("more offsets than a file has frames")
        file.seek(self.start)
        offsets = parse_basic_offsets(file)
        first = file.tell()
        places = _places(file)
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


def frame_form(ds: Dataset, syntax: UID) -> FrameForm:
    """What a data set says of its compressed frames."""
    options = as_pixel_options(ds, number_of_frames=1)
    options.pop("extended_offsets", None)
    plain = {name: v if isinstance(v, int) else str(v) for name, v in options.items()}
    return FrameForm(str(syntax), plain)


def _places(file: BinaryIO) -> list[int]:
    """Where the fragments lie, from where the file stands on."""
    places: list[int] = []
    while (tag := file.read(4)) == ITEM_TAG:
        length = file.read(4)
        if len(length) < 4 or length == b"\xff\xff\xff\xff" or len(places) > MOST_FRAGMENTS:
            raise ValueError("fragments that are none")
        places.append(file.tell() - 8)
        file.seek(int.from_bytes(length, "little"), 1)
    if len(tag) == 4 and tag != _END_OF_SEQUENCE:
        raise ValueError("an unexpected tag between the fragments")
    return places


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
