"""What slices are made of: view, sex, age group, pneumonia kind and size of each audited image.

A CSV goes before the header of a file: a person wrote it for this purpose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.core.base.ages import read_age
from app.core.base.quiet import quiet
from app.core.base.translation import mark
from app.core.dicom.header_probe import looks_like_dicom
from app.core.image.picture_probe import opened_picture
from app.core.image.radiograph import Header
from app.core.worklist.patients import pneumonia_kind

TITLES = {
    "source folder": mark("Source folder"),
    "view": mark("View"),
    "sex": mark("Sex"),
    "age group": mark("Age group"),
    "pneumonia kind": mark("Pneumonia kind"),
    "image size": mark("Image size"),
}
"""The columns that an audit makes by itself; all others are a CSV's."""

AGE_GROUPS = ((1, "<1"), (6, "1-5"), (18, "6-17"), (40, "18-39"), (60, "40-59"), (80, "60-79"))
"""Years below which each group ends; the last of all is ``OLDEST``."""
OLDEST = "80+"

SIZES = ((256, "<=256 px"), (512, "257-512 px"), (1024, "513-1024 px"), (2048, "1025-2048 px"))
"""The longest side that falls in each group; the last of all is ``LARGEST``."""
LARGEST = ">2048 px"

_SEXES = {"m": "M", "male": "M", "f": "F", "female": "F", "o": "O", "other": "O"}
_HEAD = 1024


@dataclass(frozen=True)
class HeaderFacts:
    """What a file says of itself without its pixels being decoded.

    ``size`` is (rows, columns) of the stored image, None where it is not told.
    """

    header: Header
    size: tuple[int, int] | None


def facts_of(path: Path) -> HeaderFacts:
    """Read a file's header; nothing is known of one that is none, or is damaged."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
            file.seek(0)
            if not looks_like_dicom(head):
                with opened_picture(file) as picture:
                    return HeaderFacts(Header(), (picture.height, picture.width))
            from app.core.dicom.file import read_dataset
            from app.core.dicom.header import header_of
            from app.core.dicom.text import numbers

            with quiet:
                ds, _ = read_dataset(file)
                rows, columns = (numbers(ds, name) for name in ("Rows", "Columns"))
                size = (int(rows[0]), int(columns[0])) if rows and columns else None
                return HeaderFacts(header_of(ds), size)
    except Exception:  # a damaged header: the reader of the image tells the person
        return HeaderFacts(Header(), None)


def columns_of(name: str, facts: HeaderFacts, given: Mapping[str, str]) -> dict[str, str]:
    """All columns of an image; what is not known is not there.

    Parameters
    ----------
    name
        Its path below the folder.
    facts
        Of its file.
    given
        Columns of a CSV, and the source folder.
    """
    header = facts.header
    found = {"view": header.view, "sex": header.sex, **given}
    age = header.age_years if not found.get("age") else read_age(found["age"]).years
    found["view"] = found["view"].upper()
    found["sex"] = _SEXES.get(found["sex"].lower(), found["sex"])
    found["age group"] = found.get("age group") or age_group(age)
    found["pneumonia kind"] = found.get("pneumonia kind") or pneumonia_kind(name) or ""
    found["image size"] = found.get("image size") or size_group(facts.size)
    return {key: value for key, value in found.items() if value}


def age_group(years: float | None) -> str:
    """The group of an age, empty for none."""
    if years is None:
        return ""
    return next((name for end, name in AGE_GROUPS if years < end), OLDEST)


def size_group(size: tuple[int, int] | None) -> str:
    """The group of a picture's size by its longer side, empty for none."""
    if size is None:
        return ""
    return next((name for end, name in SIZES if max(size) <= end), LARGEST)
