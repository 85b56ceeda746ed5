"""Small files that ask for a lot of memory, each of another kind; none holds a picture of use."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
from factories import png_chunk, write_dicom
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)

SMALL = np.zeros((8, 8), np.uint8)


def write_png(path: Path, side: int, bits: int, colour: int) -> Path:
    """A black PNG of side x side pixels of any colour type."""
    each = {0: 1, 2: 3, 4: 2, 6: 4}[colour] * bits // 8
    deflate = zlib.compressobj(9)
    row = bytes(side * each + 1)
    packed = b"".join(deflate.compress(row) for _ in range(side)) + deflate.flush()
    header = struct.pack(">IIBBBBB", side, side, bits, colour, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", packed)
        + png_chunk(b"IEND", b"")
    )
    return path


def write_deflated(path: Path, parts: list[tuple[bytes, int]], **tags: object) -> Path:
    """A deflated DICOM file whose data set goes on with each of some bytes so many times."""
    write_dicom(path, SMALL, transfer_syntax=DeflatedExplicitVRLittleEndian, **tags)
    head = path.read_bytes()
    end = 144 + int.from_bytes(head[140:144], "little")
    plain = zlib.decompress(head[end:], -15)
    plain = plain[: plain.index(b"\xe0\x7f\x10\x00")]
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = [deflate.compress(plain)]
    for piece, times in parts:
        block = piece * max(1, (1 << 20) // len(piece))
        whole, rest = divmod(len(piece) * times, len(block))
        packed += [deflate.compress(block) for _ in range(whole)]
        packed.append(deflate.compress(block[:rest]))
    path.write_bytes(head[:end] + b"".join(packed) + deflate.flush())
    return path


def element(tag: int, vr: bytes, length: int) -> bytes:
    """The head of an explicit little-endian element with a long length."""
    return struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr + b"\0\0" + struct.pack("<I", length)


def pixels_deflated(path: Path) -> Path:
    """Four gigabytes of pixels in four megabytes."""
    size = (1 << 32) - 16
    return write_deflated(path, [(element(0x7FE00010, b"OW", size), 1), (b"\0", size)])


def pixels_beyond_size_deflated(path: Path) -> Path:
    """The same, cut short of what its header says."""
    return write_deflated(path, [(element(0x7FE00010, b"OW", 4 << 28), 1), (b"\0", 3 << 28)])


def text_deflated(path: Path) -> Path:
    """A header with one text of two gigabytes, all separators."""
    size = 2 << 30
    return write_deflated(path, [(element(0x40404040, b"UC", size), 1), (b"\\", size)])


def numbers_in_header(path: Path) -> Path:
    """A list of thirty million numbers, in a file as large as that."""
    write_dicom(path, SMALL)
    size = 60_000_000
    at = path.read_bytes().index(b"\xe0\x7f\x10\x00")
    head, rest = path.read_bytes()[:at], path.read_bytes()[at:]
    path.write_bytes(head + element(0x30060050, b"UT", size) + b"1\\" * (size // 2) + rest)
    return path


def _sequence(length: int) -> bytes:
    # ViewCodeSequence, which is looked into.
    return element(0x00540220, b"SQ", length)


def items_of_known_length(path: Path) -> Path:
    """A sequence of four million empty items, its length told."""
    items = 4_000_000
    item = b"\xfe\xff\x00\xe0\0\0\0\0"
    return write_deflated(path, [(_sequence(8 * items), 1), (item, items)])


def items_of_unknown_length(path: Path) -> Path:
    """The same with its end marked, which makes a reader parse it at once."""
    item = b"\xfe\xff\x00\xe0\0\0\0\0"
    return write_deflated(path, [(_sequence(0xFFFFFFFF), 1), (item, 4_000_000)])


def fragments(path: Path) -> Path:
    """A compressed image in three million empty fragments."""
    frame = encapsulate([b"\xff\xd8" + bytes(20) + b"\xff\xd9"])
    write_dicom(path, SMALL, transfer_syntax=JPEG2000Lossless, frame=bytes(64))
    content = path.read_bytes()
    at = content.index(b"\xe0\x7f\x10\x00") + 12
    empty = b"\xfe\xff\x00\xe0\0\0\0\0"
    path.write_bytes(content[:at] + frame[:8] + empty * 3_000_000 + b"\xfe\xff\xdd\xe0\0\0\0\0")
    return path


def run_lengths(path: Path) -> Path:
    """RLE runs of two gigabytes in a frame of 64 pixels."""
    header = struct.pack("<16I", 1, 64, *[0] * 14)
    frame = header + b"\x81\x00" * (16 << 20)
    return write_dicom(path, SMALL, transfer_syntax=RLELossless, frame=frame)


def frame_of_another_size(path: Path) -> Path:
    """A JPEG 2000 frame of 30,000 x 30,000 in an image of 8 x 8."""
    siz = struct.pack(">HHIIIIIIIIH", 41, 0, 30000, 30000, 0, 0, 30000, 30000, 0, 0, 1) + b"\7\1\1"
    frame = b"\xff\x4f\xff\x51" + siz + bytes(60) + b"\xff\xd9"
    return write_dicom(path, SMALL, transfer_syntax=JPEG2000Lossless, frame=frame)


def many_pixels(path: Path) -> Path:
    """An uncompressed colour image of 10,000 x 10,000 in 16 bits, of which nothing is there."""
    return write_dicom(
        path,
        np.zeros((8, 8, 3), np.uint16),
        SamplesPerPixel=3,
        Rows=10_000,
        Columns=10_000,
        transfer_syntax=ExplicitVRLittleEndian,
    )


def fractional_slope(path: Path) -> Path:
    """100 million values that a fractional slope would make single precision of."""
    return write_dicom(
        path,
        np.zeros((8, 8), np.uint16),
        Rows=10_000,
        Columns=10_000,
        RescaleSlope="0.5",
        RescaleIntercept="0",
    )


def png_of_colours(path: Path) -> Path:
    """10,000 x 10,000 in four channels of 16 bits: 800 MB out of less than one."""
    return write_png(path, 10_000, 16, 6)


def png_text(path: Path) -> Path:
    """A text in a PNG that inflates to a gigabyte."""
    content = write_png(path, 32, 8, 0).read_bytes()
    deflate = zlib.compressobj(9)
    packed = b"".join(deflate.compress(bytes(1 << 20)) for _ in range(1000)) + deflate.flush()
    text = png_chunk(b"zTXt", b"Comment\0\0" + packed)
    path.write_bytes(content[:33] + text + content[33:])
    return path


def tiff_of_colours(path: Path) -> Path:
    """The same as a TIFF, deflated."""
    Image.new("RGB", (9000, 9000)).save(path, "TIFF", compression="tiff_adobe_deflate")
    return path


def tiff_tag(path: Path) -> Path:
    """A TIFF of which one tag has forty million numbers, in a file as large as that."""
    count = 40_000_000
    entry = [(256, 4, 1, 8), (257, 4, 1, 8), (258, 3, count, 200), (259, 3, 1, 1), (262, 3, 1, 1)]
    entry += [(273, 4, 1, 150), (278, 4, 1, 8), (279, 4, 1, 64)]
    made = b"II*\0" + struct.pack("<IH", 8, len(entry))
    made += b"".join(struct.pack("<HHII", *each) for each in entry) + bytes(4)
    path.write_bytes(made.ljust(200, b"\0") + b"\x08\0" * count)
    return path


def jpeg_of_colours(path: Path) -> Path:
    """A JPEG of 9,400 x 9,400 in colour."""
    Image.new("RGB", (9400, 9400), (10, 200, 30)).save(path, "JPEG")
    return path


BOMBS = (
    *(pixels_deflated, pixels_beyond_size_deflated, text_deflated, numbers_in_header),
    *(items_of_known_length, items_of_unknown_length, fragments, run_lengths),
    *(frame_of_another_size, many_pixels, fractional_slope, png_of_colours, png_text),
    *(tiff_of_colours, tiff_tag),
    jpeg_of_colours,
)
