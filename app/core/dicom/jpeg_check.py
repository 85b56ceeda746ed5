"""Is a JPEG frame well formed? Asked before GDCM gets it, which crashes the program if not.

GDCM's JPEG code trusts the tables and headers inside a frame: one flipped byte there ends the
process (an assertion, or a write out of bounds), and with it the person's session. The compressed
values themselves it reads safely.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SOI, _EOI, _SOS, _DHT, _DQT, _DRI = 0xD8, 0xD9, 0xDA, 0xC4, 0xDB, 0xDD
_FRAMES = (0xC0, 0xC1, 0xC3)  # baseline, extended, lossless, all with Huffman coding
_LOSSLESS = 0xC3


@dataclass
class JpegFrame:
    """What the headers of a frame say.

    Parameters
    ----------
    process
        The frame marker's second byte.
    precision
        Bits a sample.
    rows, columns
        Size in pixels.
    components
        Identifier and quantisation table of each.
    """

    process: int = 0
    precision: int = 0
    rows: int = 0
    columns: int = 0
    components: dict[int, int] = field(default_factory=dict)

    @property
    def lossless(self) -> bool:
        """Whether values are predicted, not transformed."""
        return self.process == _LOSSLESS


_ANY_FRAME = re.compile(rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf\xf7]")
_JPEG_2000 = re.compile(rb"\xff\x4f\xff\x51")
JPEG_LS_FRAME, JPEG_2000_FRAME = 0xF7, 0x51

_LEAST_GAP_BYTES, _LEAST_GAP = 256, 0.02
"""Bytes, and the share of a frame's, from which equal ones are a gap."""
_GAPS = re.compile(b"\0{%d,}|\xff{%d,}" % (_LEAST_GAP_BYTES, _LEAST_GAP_BYTES))


@dataclass(frozen=True)
class OwnForm:
    """What a compressed frame says of itself.

    Parameters
    ----------
    process
        The second byte of its frame marker, of SIZ for JPEG 2000.
    rows, columns, components
        Its size.
    precision
        Bits a sample.
    signed
        Whether values have a sign; None where the compression does not tell.
    """

    process: int
    rows: int
    columns: int
    components: int
    precision: int
    signed: bool | None = None

    @property
    def is_lossless(self) -> bool:
        """Whether it is of one of the lossless processes of JPEG (SOF3, 7, 11, 15)."""
        return self.process in (0xC3, 0xC7, 0xCB, 0xCF)


def own_form(data: bytes) -> OwnForm | None:
    """What a JPEG, JPEG-LS or JPEG 2000 frame says of itself.

    None where no header is found; that its data are whole is not looked at.
    """
    if data[:2] != b"\xff\xd8":
        found = _JPEG_2000.search(data)
        return _of_jpeg_2000(data[found.end() : found.end() + 39]) if found else None
    place = 2
    try:
        while True:
            marker, body, place = _segment(data, place)
            if _ANY_FRAME.match(bytes((0xFF, marker))) and len(body) >= 6:
                rows, columns = (int.from_bytes(body[at : at + 2], "big") for at in (1, 3))
                return OwnForm(marker, rows, columns, body[5], body[0])
            if marker in (_SOS, _EOI):
                return None
    except ValueError:
        return None


def _of_jpeg_2000(siz: bytes) -> OwnForm | None:
    """SIZ (ISO/IEC 15444-1 A.5.1): Xsiz, Ysiz, XOsiz, YOsiz ... Csiz, Ssiz of the first."""
    if len(siz) < 39:
        return None
    right, bottom, left, top = (int.from_bytes(siz[at : at + 4], "big") for at in (4, 8, 12, 16))
    components, depth = int.from_bytes(siz[36:38], "big"), siz[38]
    precision, signed = (depth & 0x7F) + 1, bool(depth & 0x80)
    return OwnForm(JPEG_2000_FRAME, bottom - top, right - left, components, precision, signed)


def lacks_data(frame: bytes) -> bool:
    """Whether a part of a compressed frame was never written: a length of zeros, or of FF.

    A length of FF stands in no compression (JPEG and JPEG 2000 stuff it, RLE has a shorter form),
    and zeros only in JPEG whose tables make them a flat part of the picture.

    Parameters
    ----------
    frame
        JPEG, JPEG-LS, JPEG 2000 or RLE; what fills it up at its end looks like a gap, too.
    """
    start, zeros_are_flat = _data_of(frame)
    longest = {0: 0, 0xFF: 0}
    for gap in _GAPS.finditer(frame, start):
        value = frame[gap.start()]
        longest[value] = max(longest[value], gap.end() - gap.start())
    return max(longest[0xFF], 0 if zeros_are_flat else longest[0]) > _LEAST_GAP * len(frame)


def without_filling(frame: bytes) -> bytes:
    """A frame without its last end marker and the zeros or FF around it."""
    bare = frame.rstrip(b"\0\xff")
    return bare.removesuffix(b"\xff\xd9").rstrip(b"\0\xff")


def without_remarks(data: bytes) -> bytes:
    """A JPEG without the comments and application data (APPn, COM) before its first scan."""
    kept, place = [data[:2]], 2
    try:
        while True:
            start = place
            marker, _, place = _segment(data, start)
            if marker in (_SOS, _EOI):
                return b"".join(kept) + data[start:]
            if not (0xE0 <= marker <= 0xEF or marker == 0xFE):
                kept.append(data[start:place])
    except ValueError:
        return data


def _data_of(frame: bytes) -> tuple[int, bool]:
    """Where a JPEG's values begin, and whether zeros there are a flat part of the picture.

    Zeros are the first word of each table: no difference to what is expected, in a table for
    differences, and the end of a block in one for the other coefficients.
    """
    if frame[:2] != b"\xff\xd8":
        return 0, False
    place, first_words, process = 2, [], 0
    try:
        while True:
            marker, body, place = _segment(frame, place)
            if marker == _DHT:
                first_words += _first_words(body)
            elif marker == JPEG_LS_FRAME:
                return place, False
            elif _ANY_FRAME.match(bytes((0xFF, marker))):
                process = marker
            elif marker in (_SOS, _EOI):
                break
    except ValueError:
        return len(frame), True
    needed = [word for kind, word in first_words if process != _LOSSLESS or kind >> 4 == 0]
    return place, not any(needed)


def _first_words(body: bytes) -> list[tuple[int, int]]:
    """Kind and first word's value of each table of a DHT segment."""
    found, place = [], 0
    while place + 17 < len(body):
        found.append((body[place], body[place + 17]))
        place += 17 + sum(body[place + 1 : place + 17])
    return found


def parse_frame(data: bytes) -> JpegFrame:
    """Walk all headers of a JPEG frame with Huffman coding and check each.

    Raises
    ------
    ValueError
        With what is wrong, at the first thing that is.
    """
    if data[:2] != b"\xff\xd8":
        raise ValueError("no start marker")
    frame = JpegFrame()
    huffman: set[int] = set()
    quantisation: set[int] = set()
    scanned: set[int] = set()
    place = 2
    while True:
        marker, body, place = _segment(data, place)
        if marker == _EOI:
            break
        if marker in _FRAMES:
            if frame.process:
                raise ValueError("two frame headers")
            frame = _frame_header(marker, body)
        elif marker == _DHT:
            huffman |= _huffman_tables(body)
        elif marker == _DQT:
            quantisation |= _quantisation_tables(body)
        elif marker == _DRI:
            if len(body) != 2:
                raise ValueError("a restart interval of a wrong length")
        elif marker == _SOS:
            scanned |= _scan_header(body, frame, huffman, quantisation)
            found = _MARKER.search(data, place)
            if found is None:
                raise ValueError("no end marker")
            place = found.start()
        elif not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            raise ValueError(f"the unexpected marker FF{marker:02X}")
    if not frame.process or scanned != set(frame.components):
        raise ValueError("components without data")
    return frame


def _segment(data: bytes, place: int) -> tuple[int, bytes, int]:
    """Marker, content and the place after it."""
    while data[place : place + 2] == b"\xff\xff":
        place += 1
    if place + 2 > len(data) or data[place] != 0xFF:
        raise ValueError("a marker is missing")
    marker = data[place + 1]
    if marker == _EOI:
        return marker, b"", place + 2
    length = int.from_bytes(data[place + 2 : place + 4], "big")
    end = place + 2 + length
    if length < 2 or end > len(data):
        raise ValueError("a segment of a wrong length")
    return marker, data[place + 4 : end], end


def _frame_header(marker: int, body: bytes) -> JpegFrame:
    if len(body) < 6 or len(body) != 6 + 3 * body[5] or body[5] not in (1, 3):
        raise ValueError("a frame header of a wrong length")
    precision = body[0]
    allowed = {0xC0: (8,), 0xC1: (8, 12)}.get(marker, range(2, 17))
    if precision not in allowed:
        raise ValueError(f"a precision of {precision} bits")
    components: dict[int, int] = {}
    for start in range(6, len(body), 3):
        identifier, sampling, table = body[start : start + 3]
        across, down = sampling >> 4, sampling & 15
        most = 1 if marker == _LOSSLESS else 2
        if not (1 <= across <= most and 1 <= down <= most) or table > 3:
            raise ValueError("a component of a wrong kind")
        components[identifier] = table
    if len(components) != body[5]:
        raise ValueError("two components of one name")
    rows, columns = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    return JpegFrame(marker, precision, rows, columns, components)


def _huffman_tables(body: bytes) -> set[int]:
    found: set[int] = set()
    place = 0
    while place < len(body):
        kind = body[place]
        counts = body[place + 1 : place + 17]
        total = sum(counts)
        symbols = body[place + 17 : place + 17 + total]
        if len(counts) != 16 or len(symbols) != total or total > 256 or total == 0:
            raise ValueError("a Huffman table of a wrong length")
        if kind >> 4 > 1 or kind & 15 > 3:
            raise ValueError("a Huffman table of a wrong kind")
        # A prefix code: the words of each length must find room beside the shorter ones.
        room = 1
        for count in counts:
            room = 2 * room - count
            if room < 0:
                raise ValueError("a Huffman table with too many words")
        if kind >> 4 == 0 and max(symbols) > 16:
            raise ValueError("a Huffman table with impossible differences")
        found.add(kind)
        place += 17 + total
    return found


def _quantisation_tables(body: bytes) -> set[int]:
    found: set[int] = set()
    place = 0
    while place < len(body):
        wide, name = body[place] >> 4, body[place] & 15
        place += 1 + 64 * (1 + wide)
        if wide > 1 or name > 3 or place > len(body):
            raise ValueError("a quantisation table of a wrong kind")
        found.add(name)
    return found


def _scan_header(
    body: bytes, frame: JpegFrame, huffman: set[int], quantisation: set[int]
) -> set[int]:
    if not body or len(body) != 4 + 2 * body[0] or not frame.process or body[0] == 0:
        raise ValueError("a scan header of a wrong length")
    found: set[int] = set()
    for start in range(1, len(body) - 3, 2):
        identifier, tables = body[start], body[start + 1]
        needed = {tables >> 4}
        if frame.process != _LOSSLESS:
            needed.add(0x10 | (tables & 15))
        if identifier not in frame.components or identifier in found or not needed <= huffman:
            raise ValueError("a scan of an unknown component or table")
        if frame.process != _LOSSLESS and frame.components[identifier] not in quantisation:
            raise ValueError("a scan without its quantisation table")
        found.add(identifier)
    first, last, approximation = body[-3:]
    if frame.process == _LOSSLESS:
        if not 1 <= first <= 7 or last not in (0, 63) or approximation >= frame.precision:
            raise ValueError("a scan with an unknown predictor")
    elif first > 63 or last > 63:
        raise ValueError("a scan with impossible coefficients")
    return found
