"""The plain values of DICOM elements: text by the file's character set, numbers, items.

Coded strings shall be ASCII (PS3.5 6.2), but many writers put the language of their place there.
pydicom takes those for Latin-1, and replaces what it cannot decode elsewhere: here the bytes of
the file are read once more.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from pydicom import Dataset
from pydicom.charset import CODES_TO_ENCODINGS, decode_bytes
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag, Tag

_TEXT = frozenset({"AE", "AS", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UT"})
_ESCAPE = b"\x1b"
_ESCAPE_LEFT = re.compile(r"\x1b\$?[()*+,./-]?[@-~]")
"""What decoding leaves of an escape sequence, as pydicom does for Chinese (ISO 2022 IR 58)."""
_DELIMITERS = {ord(char) for char in "\r\n\f\t\\^="}
_ONE_BYTE = ("ascii", "iso8859", "iso_8859", "latin")
"""How the names begin of encodings in which no word is UTF-8 by chance. Not so in Thai (TIS 620)
and half-width Katakana, whose letters lie where UTF-8 has its further bytes."""


def decoded(data: bytes, encodings: Sequence[str]) -> str:
    """Bytes of a header as text: by the character set, then as UTF-8, then as Latin-1.

    Parameters
    ----------
    data
        As they stand in the file.
    encodings
        Python's names for the values of SpecificCharacterSet; of none of them at least one.
    """
    escaped = _ESCAPE in data
    if data.isascii() and not escaped:
        return data.decode("ascii")
    told = encodings[0].lower()
    one_byte = told.startswith(_ONE_BYTE) and not escaped
    # UTF-8 under the name of a one-byte set is a common mistake, and no word by chance.
    ways = ("utf-8", told) if one_byte else (told, "utf-8")
    # Escape sequences name their own sets, which the header may have forgotten to announce.
    sets = [told, *encodings[1:], *CODES_TO_ENCODINGS.values()]
    for way in ways:
        try:
            text = decode_bytes(data, sets, _DELIMITERS) if escaped else data.decode(way)
        except (UnicodeError, LookupError, ValueError):
            continue
        if "\N{REPLACEMENT CHARACTER}" not in text:
            return _ESCAPE_LEFT.sub("", text)
    return data.decode("latin-1")


def encodings_of(ds: Dataset) -> list[str]:
    """Python's names for the character sets of a data set or an item; Latin-1 for none."""
    told = ds.original_character_set
    named = [told] if isinstance(told, str) else list(told or ())
    return named if named and named[0] else ["latin-1"]


def file_text(ds: Dataset, tag: BaseTag) -> str | None:
    """The text of an element as the file has it, values parted by a backslash.

    Returns
    -------
    str or None
        None for what is no text, is not there, or was not read from a file.
    """
    raw = ds.get_item(tag) if tag in ds else None
    if not isinstance(raw, RawDataElement) or not isinstance(raw.value, bytes):
        return None
    try:
        vr = dictionary_VR(tag) if raw.VR in (None, "UN") else raw.VR
    except KeyError:
        return None
    if vr not in _TEXT:
        return None
    text = decoded(raw.value, encodings_of(ds)).replace("\0", "")
    if vr == "PN":
        text = text.rstrip("= ")
    return "\\".join(part.strip() for part in text.split("\\"))


def text(ds: Dataset | dict[str, Any], keyword: str) -> str:
    """The value of a tag as trimmed text, several values joined by a backslash; '' for none.

    By the file's character set, whatever the tag's type.
    """
    try:
        tag = tag_for_keyword(keyword)
        if tag and isinstance(ds, Dataset) and (said := file_text(ds, Tag(tag))) is not None:
            return said
        value = ds.get(keyword)
    except Exception:
        # A value that cannot be converted (a letter in a number) is as good as none.
        return ""
    if value is None:
        return ""
    if isinstance(value, (MultiValue, list, tuple)):
        return "\\".join(str(part).strip() for part in value)
    return str(value).replace("\0", "").strip()


def numbers(ds: Dataset | dict[str, Any], keyword: str) -> tuple[float, ...]:
    """The finite numbers of a tag; empty when it is absent or holds anything else."""
    try:
        value = ds.get(keyword)
        if value is None or value == "":
            return ()
        many = value if isinstance(value, (MultiValue, list, tuple)) else [value]
        found = tuple(float(part) for part in many)
    except Exception:
        return ()
    return found if all(math.isfinite(part) for part in found) else ()


def items(ds: Dataset, keyword: str) -> list[Dataset]:
    """The items of a sequence; empty when it is absent or damaged."""
    try:
        value = ds.get(keyword)
        return [item for item in value or () if isinstance(item, Dataset)]
    except Exception:
        return []


def in_frame(ds: Dataset, macro: str, keyword: str, frame: int = 0) -> Dataset:
    """Where a tag of a frame (counted from 0) stands.

    Enhanced objects keep what belongs to a frame in the sequence ``macro`` of the functional
    groups; in all others it is in the data set itself.
    """
    if keyword in ds:
        return ds
    per_frame = items(ds, "PerFrameFunctionalGroupsSequence")[frame : frame + 1]
    for group in (*per_frame, *items(ds, "SharedFunctionalGroupsSequence")[:1]):
        for item in items(group, macro)[:1]:
            if keyword in item:
                return item
    return ds
