"""All data elements of a file's header, in words, for the eye: DICOM tags, or what a picture says.

Nothing of the pixels is read. Values are as the file has them; whoever shows them hides identity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import ExifTags
from pydicom import DataElement, Dataset
from pydicom.datadict import keyword_for_tag
from pydicom.dataelem import RawDataElement
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag, Tag
from pydicom.uid import UID

from app.core.base.errors import UnreadableImage
from app.core.base.limits import TooMuch, too_much
from app.core.base.quiet import quiet
from app.core.base.reasons import unreadable
from app.core.base.translation import tr
from app.core.dicom.file import read_dataset
from app.core.dicom.header_probe import opened_dicom
from app.core.dicom.text import file_text
from app.core.image.picture_probe import exif_of, opened_picture

_NO_HEADER = unreadable(
    "header-not-shown",
    "The header of {path} cannot be read ({kind}).",
    "The header of the file cannot be read.",
    "A DICOM, PNG, JPEG or TIFF file was expected.",
    "Check that the file is still there and whole.",
)

_BINARY = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_MOST_ITEMS = 50
"""Items of one sequence; a cine has one for each frame, all alike."""
_MOST_LETTERS = 256
_FIRST_BYTES = 16
_DEFERRED_BYTES = 1 << 20
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class Element:
    """One data element.

    Parameters
    ----------
    tag
        ``(0010,0010)``; ``Item 1`` for an item of a sequence; empty for what is no DICOM.
    keyword
        Such as ``PatientName``; empty for private elements and for what is no DICOM.
    name
        In words.
    vr
        Value representation, two letters, or empty.
    value
        In words, shortened.
    children
        The items of a sequence, or the elements of an item.
    """

    tag: str
    keyword: str
    name: str
    vr: str
    value: str
    children: tuple[Element, ...] = ()


def read_elements(path: Path) -> tuple[Element, ...]:
    """Read the header of a file.

    Raises
    ------
    UnreadableImage
        For a file that is neither DICOM nor a picture, or is gone.
    """
    try:
        with opened_dicom(path) as file:
            is_dicom = file is not None
        return _dicom(path) if is_dicom else _picture(path)
    except TooMuch as error:
        raise too_much(path) from error
    except Exception as error:
        raise UnreadableImage(_NO_HEADER(path=str(path), kind=_kind(error))) from error


def _kind(error: Exception) -> str:
    # The message of a decoder may quote the header; an error of the system's does not.
    return error.strerror or "" if isinstance(error, OSError) else type(error).__name__


# DICOM


def _dicom(path: Path) -> tuple[Element, ...]:
    with path.open("rb") as file, quiet:
        ds, pixels = read_dataset(file, defer=_DEFERRED_BYTES)
        found = [*_elements(ds.file_meta), *_elements(ds)]
    if pixels is not None:
        keyword = keyword_for_tag(pixels.tag)
        words = tr("not read")
        found.append(Element(_tag(Tag(pixels.tag)), keyword, tr("Pixel Data"), "", words))
    return tuple(found)


def _elements(ds: Dataset) -> Iterator[Element]:
    for tag in sorted(ds.keys()):
        raw = ds.get_item(tag)
        if isinstance(raw, RawDataElement) and raw.value is None and raw.length:
            # Longer than what is read at once: its length is all that can be shown.
            words = tr("{count} bytes", count=f"{raw.length:,}")
            yield Element(_tag(tag), keyword_for_tag(tag), "", raw.VR or "", words)
            continue
        try:
            said = file_text(ds, tag)
            yield _element(ds[tag], said)
        except Exception:
            # A value that does not fit its type; the others are still worth a look.
            vr = getattr(raw, "VR", "") or ""
            words = tr("cannot be read")
            yield Element(_tag(tag), keyword_for_tag(tag), "", vr, words)


def _element(element: DataElement, said: str | None) -> Element:
    tag, vr, value = element.tag, str(element.VR), element.value
    name = element.name.strip("[]") if tag.is_private else element.name
    if vr == "SQ":
        items = list(value)
        shown = tuple(_item(number, item) for number, item in enumerate(items[:_MOST_ITEMS], 1))
        words = tr("{count} items", count=len(items)) if len(items) != 1 else tr("1 item")
        if len(items) > _MOST_ITEMS:
            many = tr("{count} items, the first {shown} shown")
            words = many.format(count=len(items), shown=_MOST_ITEMS)
        return Element(_tag(tag), element.keyword, name, vr, words, shown)
    words = _words(vr, value) if said is None else _short(said)
    return Element(_tag(tag), element.keyword, name, vr, words)


def _item(number: int, item: Dataset) -> Element:
    return Element(tr("Item {number}", number=number), "", "", "", "", tuple(_elements(item)))


def _words(vr: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        if vr not in _BINARY and value.isascii():
            return _short(value.decode("ascii"))
        start = value[:_FIRST_BYTES].hex(" ")
        dots = " …" if len(value) > _FIRST_BYTES else ""
        return tr("{count} bytes: {start}", count=f"{len(value):,}", start=start + dots)
    if isinstance(value, (MultiValue, list, tuple)):
        return _short("\\".join(str(part) for part in value))
    if vr == "UI" and (name := UID(str(value)).name) != str(value):
        return f"{value} ({name})"
    return _short(str(value))


def _short(text: str) -> str:
    text = _UNPRINTABLE.sub(" ", text).strip()
    return text if len(text) <= _MOST_LETTERS else text[: _MOST_LETTERS - 1] + "…"


def _tag(tag: BaseTag) -> str:
    return f"({tag.group:04X},{tag.element:04X})"


# PNG, JPEG, TIFF


def _picture(path: Path) -> tuple[Element, ...]:
    # Only the header: Pillow decodes pixels when they are asked for.
    with path.open("rb") as file, opened_picture(file) as picture:
        facts = [
            # The keywords and types of DICOM, by which it is known that these name nobody.
            _fact("", "CS", tr("Format"), picture.format or "", "ImageType"),
            _fact("", "US", tr("Width"), picture.width, "Columns"),
            _fact("", "US", tr("Height"), picture.height, "Rows"),
            _fact("", "CS", tr("Mode"), picture.mode, "PhotometricInterpretation"),
        ]
        for name, value in sorted(picture.info.items(), key=lambda pair: str(pair[0])):
            if name not in ("exif", "icc_profile", "photoshop", "xmp"):
                facts.append(_fact("", "", str(name), value))
        exif = exif_of(picture)
        for number, value in sorted(exif.items()):
            facts.append(_fact("EXIF", "", ExifTags.TAGS.get(number, f"0x{number:04X}"), value))
        for block in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
            names = ExifTags.GPSTAGS if block is ExifTags.IFD.GPSInfo else ExifTags.TAGS
            for number, value in sorted(exif.get_ifd(block).items()):
                facts.append(_fact("EXIF", "", names.get(number, f"0x{number:04X}"), value))
    return tuple(facts)


def _fact(tag: str, vr: str, name: str, value: object, keyword: str = "") -> Element:
    return Element(tag, keyword, name, vr, _words(vr, value))
