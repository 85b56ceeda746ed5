"""The one way into a DICOM file: its data set, with a limit to what a file may make of its bytes.

Four megabytes can inflate to eight gigabytes, a list of backslashes is a million values to
pydicom, and eight bytes are an item of a sequence that takes a kilobyte. No header needs any of
it. Whoever wants a header or a whole data set takes it from here.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO, cast

from pydicom import Dataset
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.filereader import read_partial
from pydicom.tag import BaseTag, Tag
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from app.core.base.limits import MOST_BYTES, TooMuch
from app.core.dicom.repair import end_of_meta

MOST_FRAGMENTS = 1_000_000
ITEM_TAG = b"\xfe\xff\x00\xe0"

PIXEL_KEYWORDS = {
    0x7FE00008: "FloatPixelData",
    0x7FE00009: "DoubleFloatPixelData",
    0x7FE00010: "PixelData",
}

_SYNTAX = b"\2\0\x10\0UI"
_META_BYTES = 1 << 16
_INFLATED_HEADER_BYTES = 32 << 20
_HEADER_BYTES = 192 << 20
_VALUE_BYTES = 1 << 20
"""Of a text or a list of numbers; each number takes a hundred times its letters."""
_BINARY_BYTES = 64 << 20
_NESTED_BYTES = 16 << 20
_SEQUENCE_BYTES = 16 << 20
_MOST_ELEMENTS = 20_000
_MOST_READS = 250_000
"""Two or three an element, those in sequences among them."""
_BINARY = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN", "OB or OW"})
_UNDEFINED = 0xFFFFFFFF


class Endless(ValueError):
    """A file goes on in elements that no header has, such as a half-copied one in zeros."""


@dataclass(frozen=True)
class Place:
    """Where the pixel data lie: tag, VR (None where the file has none), offset and length."""

    tag: int
    vr: str | None
    start: int
    length: int


def read_dataset(
    file: BinaryIO,
    *,
    pixels: bool = False,
    last_group: int = 0xFFFF,
    tags: Sequence[str] = (),
    defer: int = 0,
    look: Callable[[str | None], None] = lambda _: None,
) -> tuple[Dataset, Place | None]:
    """Read a data set, as ``dcmread(force=True)`` does.

    Parameters
    ----------
    file
        Open; deflated or not.
    pixels
        Read on through the pixel data, in place of ending before them.
    last_group
        End after this group of tags.
    tags
        Keywords of all that is wanted; empty for everything.
    defer
        Longer values are left in the file, their elements having none; 0 for leaving out what is
        longer than anything that is read.
    look
        Called with the VR of each element.

    Returns
    -------
    Dataset
        ``file_meta`` names the true transfer syntax.
    Place or None
        Where the pixel data lie in ``plain_file(file)``; None where there are none, or they were
        read.

    Raises
    ------
    TooMuch
        When it would take too much memory.
    Exception
        Of many kinds, when it cannot be parsed.
    """
    most = MOST_BYTES + _BINARY_BYTES
    plain = plain_file(file, most if pixels else _INFLATED_HEADER_BYTES, cut=not pixels)
    if pixels and plain.seek(0, 2) > most:
        raise TooMuch
    sparing = _Sparing(plain)
    elements = sequences = 0
    place: Place | None = None

    def stop(tag: BaseTag, vr: str | None, length: int) -> bool:
        nonlocal elements, sequences, place
        elements += 1
        if elements > _MOST_ELEMENTS:
            # Eight zero bytes are an element to pydicom, and a half-copied file has millions.
            raise Endless("more elements than a header has")
        look(vr)
        if tag.group > last_group:
            return True
        if tag in PIXEL_KEYWORDS:
            if pixels:
                sparing.spend_freely()
                return False
            place = Place(int(tag), vr, sparing.tell(), length)
            return True
        if length == _UNDEFINED:
            sparing.allow(_NESTED_BYTES)
            return False
        kind = _vr_of(tag) if vr in (None, "UN") else vr
        if kind == "SQ":
            sequences += length
            if sequences > _SEQUENCE_BYTES:
                sparing.check_there(length)
                raise TooMuch
        sparing.allow(_BINARY_BYTES if kind in _BINARY or kind == "SQ" else _VALUE_BYTES)
        return False

    wanted: list[Any] = [Tag(keyword) for keyword in tags]
    sparing.seek(0)
    ds = read_partial(
        cast(BinaryIO, sparing),
        stop_when=stop,
        defer_size=None if pixels else defer or _BINARY_BYTES,
        force=True,
        specific_tags=wanted or None,
    )
    if not defer:
        for long in [tag for tag, element in ds._dict.items() if _is_deferred(element)]:
            del ds[long]
    compressed = pixels and "PixelData" in ds and ds["PixelData"].is_undefined_length
    # Each fragment is a number and an object to pydicom.
    if compressed and ds.PixelData.count(ITEM_TAG) > MOST_FRAGMENTS:
        raise TooMuch
    if plain is not file:
        ds.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    return ds, place


def plain_file(file: BinaryIO, most: int = MOST_BYTES, *, cut: bool = False) -> BinaryIO:
    """The same file without deflation, at its start; the file itself where it has none.

    Parameters
    ----------
    file
        Open, wherever it stands.
    most
        Bytes that it may have then.
    cut
        Whether what goes beyond them, or is missing, is left out and no error.

    Raises
    ------
    TooMuch
        When it has more.
    ValueError, zlib.error
        When it is damaged.
    """
    file.seek(0)
    head = file.read(_META_BYTES)
    end = end_of_meta(head) if head[128:132] == b"DICM" else 0
    syntax = head.find(_SYNTAX, 0, end) + len(_SYNTAX) + 2
    uid = DeflatedExplicitVRLittleEndian.encode()
    if head[syntax : syntax + len(uid)] != uid:
        file.seek(0)
        return file
    # As long as it was, so that no length changes.
    plain_uid = ExplicitVRLittleEndian.encode().ljust(len(uid), b"\0")
    made = BytesIO()
    made.write(head[:syntax] + plain_uid + head[syntax + len(uid) : end])
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    file.seek(end)
    while not inflate.eof and (chunk := inflate.unconsumed_tail or file.read(1 << 16)):
        made.write(inflate.decompress(chunk, 1 << 20))
        if made.tell() > most:
            if cut:
                break
            raise TooMuch
    if not inflate.eof and not cut:
        raise ValueError("the deflated data end early")
    made.seek(0)
    return made


def _vr_of(tag: BaseTag) -> str:
    try:
        return dictionary_VR(tag)
    except KeyError:
        return "UN"


def _is_deferred(element: object) -> bool:
    return isinstance(element, RawDataElement) and element.value is None and element.length > 0


class _Sparing:
    """A file that lets pydicom read no more than a header has."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = file.seek(0, 2)
        self._reads, self._bytes, self._at_once = _MOST_READS, _HEADER_BYTES, _VALUE_BYTES
        self.seek, self.tell = file.seek, file.tell
        self.closed = False

    def allow(self, most: int) -> None:
        """Let the next read, of a value, take so many bytes."""
        self._at_once = most

    def spend_freely(self) -> None:
        """Let the rest be read, which is known not to be too long."""
        self._bytes = self._at_once = 2 * self._size

    def check_there(self, length: int) -> None:
        """Raise ``EOFError``, at which pydicom ends, where a length is beyond the file's end."""
        if length > self._size - self.tell():
            raise EOFError("a value goes beyond the end of the file")

    def read(self, count: int = -1) -> bytes:
        """As a file does.

        Raises
        ------
        TooMuch
            When it is too much.
        EOFError
            For more than there is, where that would be too much.
        """
        self._reads -= 1
        if count > 16 or count < 0:
            count = min(count, self._size) if count >= 0 else self._size - self.tell()
            if count > self._at_once:
                self.check_there(count)
                raise TooMuch
            self._bytes -= min(count, max(0, self._size - self.tell()))
            if self._at_once < self._size:
                self._at_once = _NESTED_BYTES
        if self._reads < 0:
            raise Endless("more elements than a header has")
        if self._bytes < 0:
            raise TooMuch
        return self._file.read(count)
