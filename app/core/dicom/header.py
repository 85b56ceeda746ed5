"""What a DICOM header says of the patient, the view and the scale: tags to plain values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from pydicom import Dataset
from pydicom.uid import UID

from app.core.base.ages import Age, read_age
from app.core.dicom.orientation import checked, from_cosines
from app.core.dicom.text import in_frame, items, numbers, text
from app.core.dicom.view import view_shown, views_of
from app.core.gate.header_words import parts_named, plain_words, says_no_part
from app.core.image.radiograph import Header, PixelSpacing

_SPACING_MM = (0.01, 10.0)
_SAME_SPACING = 0.005
"""Relative; headers round, and a magnification of less cannot be told from it."""
_MAGNIFICATIONS = (1.0, 5.0)

_MODALITY_OF_CLASS = (
    ("Computed Radiography", "CR"),
    ("Digital X-Ray", "DX"),
    ("Digital Mammography", "MG"),
    ("Breast", "MG"),
    ("Digital Intra-Oral", "IO"),
    ("X-Ray Radiofluoroscopic", "RF"),
    ("X-Ray Angiographic", "XA"),
    ("X-Ray 3D", "XA"),
    ("CT Image", "CT"),
    ("MR ", "MR"),
    ("Ultrasound", "US"),
    ("Nuclear Medicine", "NM"),
    ("Positron Emission", "PT"),
    ("PET ", "PT"),
    ("VL ", "XC"),
    ("Ophthalmic", "OP"),
    ("RT Dose", "RTDOSE"),
    ("Segmentation", "SEG"),
)
RADIOGRAPHS = frozenset({"CR", "DX", "RG", "RF"})

_POSTURES = (
    ("semi-erect", re.compile(r"\bSEMI ?(?:ERECT|UPRIGHT|RECUMBENT)\b|\bHALBSITZEND\b")),
    (
        "supine",
        re.compile(
            r"\bDECUB\w* (?:DORSAL|SUPIN)\w*|\bSUPINE\b|\bLIEGEND\b|\bRUCKENLAGE\b|\bCOUCHE\b"
        ),
    ),
    ("prone", re.compile(r"\bDECUB\w* (?:VENTRAL|PRON)\w*|\bPRONE\b|\bBAUCHLAGE\b")),
    ("decubitus", re.compile(r"\bDECUB\w*")),
    ("recumbent", re.compile(r"\bRECUMBENT\b")),
    ("sitting", re.compile(r"\bSITTING\b|\bSITZEND\b")),
    ("erect", re.compile(r"\bERECT\b|\bUPRIGHT\b|\bSTANDING\b|\bSTEHEND\b|\bDEBOUT\b")),
    ("bedside", re.compile(r"\bPORTABLE\b|\bBEDSIDE\b|\bBETT(?:AUFNAHME|LUNGE)?\b|\bAU LIT\b")),
)
_POSITIONS = {
    "HFS": "supine", "FFS": "supine", "LFS": "supine", "RFS": "supine",
    "HFP": "prone", "FFP": "prone", "LFP": "prone", "RFP": "prone",
    "HFDR": "decubitus", "HFDL": "decubitus", "FFDR": "decubitus", "FFDL": "decubitus",
    "SITTING": "sitting",
}  # fmt: skip


def frame_rate(ds: Dataset) -> float | None:
    """Frames a second for playing: what is recommended, else how fast they were taken.

    RecommendedDisplayFrameRate (PS3.3 C.7.6.5 and C.7.6.6), then CineRate, then FrameTime or the
    mean of FrameTimeVector, which are milliseconds.
    """
    for keyword in ("RecommendedDisplayFrameRate", "CineRate"):
        if (rate := (numbers(ds, keyword) or (0.0,))[0]) > 0:
            return rate
    times = numbers(ds, "FrameTime") or numbers(ds, "FrameTimeVector")[1:]
    mean = sum(times) / len(times) if times else 0.0
    return 1000.0 / mean if mean > 0 else None


def header_of(ds: Dataset) -> Header:
    """Everything of a data set that Opacity shows or judges by; nothing of it is trusted."""
    issuer, age, orientation = text(ds, "IssuerOfPatientID"), age_of(ds), _orientation(ds)
    views = views_of(ds, orientation)
    return Header(
        is_dicom=True,
        patient_id=text(ds, "PatientID"),
        issuer_of_patient_id=issuer,
        patient_name=text(ds, "PatientName"),
        sex=text(ds, "PatientSex"),
        age_years=age.years,
        age_doubt=age.doubt,
        study_instance_uid=text(ds, "StudyInstanceUID"),
        sop_instance_uid=text(ds, "SOPInstanceUID"),
        study_date=text(ds, "StudyDate"),
        study_time=text(ds, "StudyTime"),
        modality=_modality(ds),
        body_part=_body_part(ds),
        parts_described=_parts_described(ds),
        view=view_shown(ds, views),
        views=views,
        patient_orientation=orientation,
        posture=_posture(ds),
        burned_in=text(ds, "BurnedInAnnotation").upper(),
        frames=frame_count(ds),
    )


def frame_count(ds: Dataset) -> int:
    """NumberOfFrames, at least 1."""
    return max(1, int((numbers(ds, "NumberOfFrames") or (1,))[0]))


def for_processing(ds: Dataset) -> bool:
    """Whether the image is what the detector measured, not yet made for display."""
    of_class = UID(text(ds, "SOPClassUID")).name
    return (
        text(ds, "PresentationIntentType").upper() == "FOR PROCESSING"
        or "For Processing" in of_class
    )


def age_of(ds: Dataset) -> Age:
    """The age from PatientAge, else from PatientBirthDate and the day of the study."""
    said = read_age(text(ds, "PatientAge"))
    if said.years is None and (years := _years_between(ds)) is not None:
        return Age(years, "from dates")
    return said


def _years_between(ds: Dataset) -> float | None:
    born = _date(text(ds, "PatientBirthDate"))
    days = ("StudyDate", "AcquisitionDate", "SeriesDate", "ContentDate")
    taken = next((day for name in days if (day := _date(text(ds, name)))), None)
    if born is None or taken is None or taken < born:
        return None
    years = taken.year - born.year
    if (taken.month, taken.day) < (born.month, born.day):
        years -= 1
    birthday = _birthday(born, born.year + years)
    return years + (taken - birthday).days / 366


def _birthday(born: date, year: int) -> date:
    try:
        return born.replace(year=year)
    except ValueError:  # 29 February
        return date(year, 3, 1)


def _date(value: str) -> date | None:
    digits = value.replace(".", "")
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


def _modality(ds: Dataset) -> str:
    """Modality, unless the SOP class says that the object is no radiograph at all.

    The class decides what the file is, Modality is a word beside it: a CT slice whose Modality
    was set to DX stays a CT slice.
    """
    said = text(ds, "Modality").upper()
    name = UID(text(ds, "SOPClassUID")).name
    of_class = next((code for start, code in _MODALITY_OF_CLASS if name.startswith(start)), "")
    if not said or (said in RADIOGRAPHS and of_class and of_class not in RADIOGRAPHS):
        return of_class
    return said


def _body_part(ds: Dataset) -> str:
    said = text(ds, "BodyPartExamined")
    if not says_no_part(said):
        return said
    region = _meaning(items(ds, "AnatomicRegionSequence"))
    return said if says_no_part(region) else region


def _parts_described(ds: Dataset) -> tuple[str, ...]:
    keywords = ("SeriesDescription", "ProtocolName", "StudyDescription")
    return tuple(dict.fromkeys(part for name in keywords for part in parts_named(text(ds, name))))


def _meaning(codes: Iterable[Dataset]) -> str:
    return next((name for item in codes if (name := text(item, "CodeMeaning"))), "")


def _orientation(ds: Dataset) -> tuple[str, ...]:
    """Where rows and columns run to; ImageOrientationPatient only without PatientOrientation.

    For an animal other codes hold (PS3.3 C.7.6.1.1.1), which are not shown.
    """
    if text(ds, "AnatomicalOrientationType").upper() == "QUADRUPED":
        return ()
    if said := text(ds, "PatientOrientation"):
        return checked(tuple(said.split("\\")))
    where = in_frame(ds, "PlaneOrientationSequence", "ImageOrientationPatient")
    return from_cosines(numbers(where, "ImageOrientationPatient"))


def _posture(ds: Dataset) -> str:
    """How the patient stood or lay, as far as a code or a description says; '' for unknown.

    The codes go first (PS3.16 CID 19 and 20, PatientPosition of PS3.3 C.7.3.1.1.2), the modifier
    before the broader word; then descriptions, of which only the posture is kept.
    """
    coded = items(ds, "PatientOrientationCodeSequence")
    modifiers = [m for item in coded for m in items(item, "PatientOrientationModifierCodeSequence")]
    modifiers += items(ds, "PatientOrientationModifierCodeSequence")
    position = _POSITIONS.get(text(ds, "PatientPosition").upper(), "")
    described = ("ViewPosition", "SeriesDescription", "ProtocolName", "StudyDescription")
    for said in (
        *(text(item, "CodeMeaning") for item in (*modifiers, *coded)),
        position,
        *(text(ds, keyword) for keyword in described),
    ):
        words = plain_words(said)
        if found := next((name for name, sign in _POSTURES if sign.search(words)), ""):
            return found
    return ""


def spacing_of(ds: Dataset) -> PixelSpacing | None:
    """The pixel spacing that can be used, and where it holds (PS3.3 10.7.1).

    PixelSpacing holds in the patient in a cross-section, and in a radiograph when it is smaller
    than the spacing at the detector or on the scanned film (then it was corrected or calibrated),
    or when PixelSpacingCalibrationType says so and neither of them is there. Equal to theirs it
    is theirs, whatever the type says; larger it contradicts the geometry, and alone and without a
    type "it cannot be determined" (10.7.1.1): unknown. A spacing at the detector is
    divided by EstimatedRadiographicMagnificationFactor where that is above 1 (C.8.7.5,
    C.8.11.5). Spacings shall be positive (10.7.1.3); 0 and what no radiograph has are none.
    """
    own = _pair(numbers(in_frame(ds, "PixelMeasuresSequence", "PixelSpacing"), "PixelSpacing"))
    imager = _pair(numbers(ds, "ImagerPixelSpacing"))
    device = imager or _pair(numbers(ds, "NominalScannedPixelSpacing"))
    if own and _modality(ds) in ("CT", "MR", "PT", "NM"):
        return PixelSpacing(*own, at="patient")
    if own and device and not _same(own, device):
        smaller = all(a <= b * (1 + _SAME_SPACING) for a, b in zip(own, device, strict=True))
        return PixelSpacing(*own, at="patient" if smaller else "unknown")
    if own and not device:
        calibrated = text(ds, "PixelSpacingCalibrationType").upper() in ("GEOMETRY", "FIDUCIAL")
        return PixelSpacing(*own, at="patient" if calibrated else "unknown")
    if device is None:
        return None
    low, high = _MAGNIFICATIONS
    factor = (numbers(ds, "EstimatedRadiographicMagnificationFactor") or (1.0,))[0]
    if imager and low < factor <= high:
        return PixelSpacing(imager[0] / factor, imager[1] / factor, at="estimated")
    return PixelSpacing(*device, at="detector")


def _same(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return all(abs(a - b) <= _SAME_SPACING * b for a, b in zip(one, other, strict=True))


def _pair(values: tuple[float, ...]) -> tuple[float, float] | None:
    low, high = _SPACING_MM
    if len(values) != 2 or not all(low <= value <= high for value in values):
        return None
    return values[0], values[1]
