"""What lies within Pixel Data but is no pixel: comments of frames, old overlays, what follows.

The profile of PS3.15 Annex E knows attributes only; a JPEG frame may carry a whole EXIF block.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from pydicom import Dataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.pixels.utils import get_expected_length
from pydicom.uid import UID, RLELossless

from app.core.dicom.header import frame_count
from app.core.dicom.overlays import embedded_bits
from app.core.dicom.text import text
from app.core.dicom.transfer_syntaxes import JPEG_2000, MARKED_AS_JPEG

_START, _START_2000, _END = b"\xff\xd8", b"\xff\x4f", b"\xff\xd9"
_SCAN, _TILE = 0xDA, 0x90
_COMMENT_2000 = 0x64
# Comments and application segments (ISO 10918-1 B.2.4.5 and B.2.4.6) but those that say how to
# read the samples: JFIF, the colour transforms of JPEG-LS, and Adobe's.
_WORDS = frozenset({0xFE, *range(0xE0, 0xF0)}) - {0xE0, 0xE8, 0xEE}


def clear_margins(ds: Dataset) -> None:
    """Leave nothing in Pixel Data but the pixels, in place.

    Raises
    ------
    ValueError
        For a compressed frame that is not built as its standard says.
    """
    if "PixelData" not in ds or not ds.PixelData:
        return
    syntax = UID(text(getattr(ds, "file_meta", None) or {}, "TransferSyntaxUID"))
    if syntax in MARKED_AS_JPEG or syntax in JPEG_2000:
        before = list(generate_frames(ds.PixelData, number_of_frames=frame_count(ds)))
        frames = [_without_words(frame, syntax in JPEG_2000) for frame in before]
        if frames == before:
            return
        ds.PixelData = encapsulate(frames)
        for keyword in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths"):
            if keyword in ds:
                delattr(ds, keyword)
    elif not syntax or not syntax.is_encapsulated:
        length = get_expected_length(ds)
        ds.PixelData = ds.PixelData[:length] + bytes(length % 2)


def clear_overlay_bits(ds: Dataset) -> None:
    """Clear the bits of the pixels' words in which an old overlay lies (PS3.3 C.9.2), in place.

    Removing its attributes alone would leave it there for whoever looks. Other bits stay, since
    some writers say wrongly which of them hold the value.

    Raises
    ------
    ValueError
        Where a compression keeps these bits.
    """
    bits = embedded_bits(ds)
    syntax = UID(text(getattr(ds, "file_meta", None) or {}, "TransferSyntaxUID"))
    if not bits or "PixelData" not in ds or ds.BitsAllocated not in (8, 16):
        return
    if syntax and syntax.is_encapsulated:
        if syntax == RLELossless:
            raise ValueError("an overlay in compressed words")
        return
    # Bytes swapped in words (OW of 8 bits) hold the bits at the same places.
    kind = "u1" if ds.BitsAllocated == 8 else "<u2" if ds.original_encoding[1] else ">u2"
    values = np.frombuffer(ds.PixelData, kind)
    kept = (1 << ds.BitsAllocated) - 1 - sum(1 << bit for bit in bits)
    ds.PixelData = (values & values.dtype.type(kept)).astype(kind).tobytes()


def _without_words(frame: bytes, is_2000: bool) -> bytes:
    start = _START_2000 if is_2000 else _START
    end = frame.rfind(_END)
    if not frame.startswith(start) or end < 0:
        raise ValueError("a frame without its start or its end")
    last, dropped = (_TILE, {_COMMENT_2000}) if is_2000 else (_SCAN, _WORDS)
    kept = [start]
    place = len(start)
    for marker, segment in _segments(frame, place):
        if marker == last:
            break
        place += len(segment)
        if marker not in dropped:
            kept.append(segment)
    made = b"".join((*kept, frame[place:end], _END))
    return made + bytes(len(made) % 2)


def _segments(frame: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    """The marker segments of a header, each with its marker and its length."""
    while True:
        if place + 4 > len(frame) or frame[place] != 0xFF:
            raise ValueError("no marker where one must be")
        begin = place
        while frame[place + 1] == 0xFF:  # fill bytes
            place += 1
        marker = frame[place + 1]
        place += 2 + int.from_bytes(frame[place + 2 : place + 4], "big")
        if place > len(frame):
            raise ValueError("a segment beyond the end")
        yield marker, frame[begin:place]
