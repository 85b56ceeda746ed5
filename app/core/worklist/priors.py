"""Which earlier images show the same patient. By PatientID and its issuer, never by the name.

A wrong prior misleads more than none: where the header leaves a doubt there is no prior, and what
speaks against the match though the numbers are the same is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.core.base.quiet import quiet
from app.core.base.translation import tr
from app.core.dicom.header_probe import opened_dicom
from app.core.gate.header_words import plain_words
from app.core.image.radiograph import Header
from app.core.reading.measure import projection
from app.core.worklist.patients import names_nobody, of_header
from app.core.worklist.scan import Item


@dataclass(frozen=True)
class Prior:
    """An earlier image of the same patient."""

    item: Item
    header: Header


def read_header(path: Path) -> Header | None:
    """The header of a DICOM file without its pixels; None for any other file."""
    from app.core.dicom.file import read_dataset
    from app.core.dicom.header import header_of

    try:
        with opened_dicom(path) as file:
            if file is None:
                return None
            with quiet:
                return header_of(read_dataset(file, last_group=0x0028)[0])
    except Exception:
        # Whatever is wrong with it, it is nobody's prior.
        return None


def why_none(header: Header) -> str:
    """Why an image can have no prior, '' when it can."""
    if not header.is_dicom:
        return tr("The image has no header, and a file name is no identity.")
    if not has_patient_id(header):
        return tr("The header gives no PatientID, and a name alone is no identity.")
    if day_of(header) is None:
        return tr("The header gives no StudyDate, so that nothing is known as earlier.")
    return ""


def has_patient_id(header: Header) -> bool:
    """Whether PatientID names one patient."""
    return not names_nobody(header.patient_id)


def same_patient(one: Header, other: Header) -> bool:
    """Whether two headers name the same patient: same PatientID of the same issuer.

    A number of which the issuer is named in one of them only may be another hospital's.
    """
    return bool(of_header(one)) and of_header(one) == of_header(other)


def is_same_image(one: Header, other: Header) -> bool:
    """Whether two headers that were read from one path at two times are of one image."""
    return (
        same_patient(one, other)
        and one.sop_instance_uid == other.sop_instance_uid
        and one.study_date == other.study_date
    )


def find_priors(current: Header, others: Iterable[tuple[Item, Header]]) -> list[Prior]:
    """The earlier images of the same patient, the most recent study first.

    Within a study the images of the same projection come first. Images of the study itself are
    none; nor are those of the same day, unless both headers give the time.
    """
    if why_none(current):
        return []
    found = [
        Prior(item, header)
        for item, header in others
        if same_patient(current, header)
        and (
            not header.study_instance_uid or header.study_instance_uid != current.study_instance_uid
        )
        and _is_earlier(header, current)
    ]
    seen = projection(current)
    found.sort(key=lambda prior: prior.item.shown)
    found.sort(key=lambda prior: projection(prior.header) != seen)
    found.sort(key=lambda prior: (day_of(prior.header), _clock(prior.header)), reverse=True)
    return found


def first_choice(current: Header, priors: list[Prior]) -> Prior | None:
    """The most recent prior of the same part of the body; without one, the most recent."""
    part = _part(current)
    alike = (prior for prior in priors if part and _part(prior.header) == part)
    return next(alike, next(iter(priors), None))


def doubts(current: Header, prior: Header) -> tuple[str, ...]:
    """What speaks against the two being one patient although the numbers are the same."""
    found = []
    if current.sex and prior.sex and current.sex != prior.sex:
        found.append(tr("Same PatientID, but another sex"))
    names = [plain_words(header.patient_name) for header in (current, prior)]
    if all(names) and names[0] != names[1]:
        found.append(tr("Same PatientID, but another name"))
    return tuple(found)


def _is_earlier(header: Header, than: Header) -> bool:
    day, other = day_of(header), day_of(than)
    if day is None or other is None or day > other:
        return False
    if day < other:
        return True
    clock, other_clock = _clock(header), _clock(than)
    return bool(clock and other_clock) and clock < other_clock


def day_of(header: Header) -> date | None:
    """The day of the study; None where the header gives none that can be."""
    digits = header.study_date.replace(".", "")
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


def _clock(header: Header) -> str:
    """The time as HHMMSS of six digits, '' for none (a time may be cut short after the hours)."""
    digits = header.study_time.replace(":", "").split(".")[0].strip()
    return digits.ljust(6, "0") if digits.isdigit() and len(digits) in (2, 4, 6) else ""


def _part(header: Header) -> str:
    return plain_words(header.body_part) or next(iter(header.parts_described), "")
