"""De-identification: DICOM PS3.15 Annex E, Basic Application Level Confidentiality Profile.

The table of attributes (E.1-1, edition 2026c) is ``resources/deidentify/basic_profile.csv``.
Beyond it: private attributes, overlays, curves and unknown attributes are removed, every UID
that is not one of the standard's own is replaced, and a text that still names the patient is
emptied. What is burned into the pixels cannot be removed: see ``burned_in_risk``.
"""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib import resources

from pydicom import DataElement, Dataset
from pydicom.valuerep import DA, DT

from app import __version__
from app.core.base.errors import OutputError
from app.core.base.quiet import quiet
from app.core.base.translation import tr
from app.core.dicom.text import text
from app.core.worklist.patients import names_nobody
from app.review.export.pixel_margins import clear_margins, clear_overlay_bits
from app.review.export.reviewed import MAKER
from app.review.export.stand_ins import Deidentification

EDITION = "2026c"
_STANDARD_UIDS = "1.2.840.10008."
_SCHEME_UIDS = frozenset({"CodingSchemeUID", "ContextUID", "MappingResourceUID"})
_KEPT_WITHOUT_SHIFT = frozenset({"PatientBirthDate", "PatientBirthTime", "GPSTimeStamp"})
"""Dates that no option keeps: PS3.15 E.3.6 shifts those of the examination."""
_LEAST_NAME, _LEAST_EASTERN_NAME = 3, 2
_DUMMY_DATE, _DUMMY_TIME = "19000101", "000000"
_NAMES_AND_DAYS = frozenset({"AS", "DA", "DT", "PN"})
_BINARY = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_NUMBERS = frozenset({"DS", "FD", "FL", "IS", "SL", "SS", "SV", "UL", "US", "UV"})
_TEXTS = frozenset({"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"})


def patient_key(ds: Dataset) -> str:
    """What tells one patient from another: ID and issuer, the name only where no ID names one."""
    patient_id = text(ds, "PatientID")
    if names_nobody(patient_id):
        return f"name\0{text(ds, 'PatientName')}\0{text(ds, 'StudyInstanceUID')}"
    return f"{text(ds, 'IssuerOfPatientID')}\0{patient_id}"


def burned_in_risk(ds_says: str, modality: str) -> str:
    """Words of warning on text in the pixels; empty where the file says that there is none.

    Parameters
    ----------
    ds_says
        BurnedInAnnotation: YES, NO, or empty where it is not told (a PNG, most radiographs).
    modality
        Of the image; empty for none.
    """
    if ds_says.upper() == "NO":
        return ""
    if ds_says.upper() == "YES":
        return tr("The file says that text is burned into its pixels; it stays there.")
    if modality in ("SC", "OT", "US", "XC", "ES", "RF"):
        return tr("Images of this kind often have names burned into their pixels; these stay.")
    return tr("Text that is burned into the pixels (names, dates, markers) stays there: look.")


def deidentify(ds: Dataset, how: Deidentification) -> Dataset:
    """Take the identity out of a data set, in place.

    Parameters
    ----------
    ds
        Read whole; its pixels stay.
    how
        Salt and options.

    Returns
    -------
    Dataset
        The same, with PatientIdentityRemoved, the method and its codes (CID 7050).

    Raises
    ------
    OutputError
        When it cannot be walked; nothing of it must be used then.
    """
    patient = patient_key(ds)
    names = _identifying_words(ds)
    days = timedelta(days=how.days(patient)) if how.shift_dates else None
    try:
        with quiet:
            ds.decode()
            clear_margins(ds)
            clear_overlay_bits(ds)
            _clean(ds, how, days)
            _empty_mentions(ds, names)
    except OutputError:
        raise
    except Exception as error:
        raise OutputError(
            tr("The identity could not be taken out ({kind}).", kind=type(error).__name__),
            tr("A DICOM file that follows the standard was expected."),
            tr("Leave this image out of the export."),
        ) from error
    pseudonym = how.pseudonym(patient)
    ds.PatientID = ds.PatientName = pseudonym
    ds.PatientIdentityRemoved = "YES"
    shifted = "; dates moved" if days else "; dates removed"
    ds.DeidentificationMethod = [
        f"DICOM PS3.15 {EDITION} Basic Profile{shifted}",
        f"{MAKER} {__version__}",
    ]
    codes = [("113100", "Basic Application Confidentiality Profile")]
    if days:
        option = "Retain Longitudinal Temporal Information Modified Dates Option"
        codes.append(("113107", option))
    ds.DeidentificationMethodCodeSequence = [_code(*each) for each in codes]
    ds.LongitudinalTemporalInformationModified = "MODIFIED" if days else "REMOVED"
    if meta := getattr(ds, "file_meta", None):
        meta.MediaStorageSOPInstanceUID = ds.get("SOPInstanceUID", how.uid(""))
        for keyword in _META_OF_THE_SENDER:
            if keyword in meta:
                delattr(meta, keyword)
    ds.preamble = bytes(128)
    return ds


_META_OF_THE_SENDER = (
    "SourceApplicationEntityTitle",
    "SendingApplicationEntityTitle",
    "ReceivingApplicationEntityTitle",
    "SourcePresentationAddress",
    "SendingPresentationAddress",
    "ReceivingPresentationAddress",
    "PrivateInformationCreatorUID",
    "PrivateInformation",
)


_NEED_NOT_BE = (
    "InstanceCreationDate",
    "InstanceCreationTime",
    "DateOfSecondaryCapture",
    "TimeOfSecondaryCapture",
    "SeriesDate",
    "SeriesTime",
)


def blank_times(made: Dataset) -> None:
    """Take the day of the export out of a new object: it is near the day of the examination.

    What the object must have is a dummy; the rest is removed. For a data set whose own dates are
    already gone or moved, and only for what was added by ``highdicom``.
    """
    for element in list(made.iterall()):
        if element.keyword == "ContributionDateTime":
            element.value = None
    for keyword in _NEED_NOT_BE:
        if keyword in made:
            delattr(made, keyword)
    for keyword in ("ContentDate", "PresentationCreationDate"):
        if keyword in made:
            setattr(made, keyword, _DUMMY_DATE)
    for keyword in ("ContentTime", "PresentationCreationTime"):
        if keyword in made:
            setattr(made, keyword, _DUMMY_TIME)


@lru_cache(maxsize=1)
def profile() -> dict[int, str]:
    """Action by tag, as table E.1-1 has them: ``D``, ``Z``, ``X``, ``U``, ``X/Z`` ..."""
    table = resources.files("resources") / "deidentify" / "basic_profile.csv"
    rows = csv.DictReader(table.read_text(encoding="ascii").splitlines())
    return {int(row["tag"], 16): row["action"] for row in rows}


def _clean(ds: Dataset, how: Deidentification, days: timedelta | None) -> None:
    actions = profile()
    for tag in list(ds.keys()):
        element = ds[tag]
        action = actions.get(int(tag), "")
        if tag.is_private or tag.group in _GRAPHIC_GROUPS or not element.keyword:
            del ds[tag]
        elif days and element.VR in ("DA", "DT", "TM") and action and _may_shift(element):
            _shift(element, days)
        elif action == "X" or (action.startswith("X/") and _can_go(ds, element, action)):
            del ds[tag]
        elif element.VR == "UI":
            _replace_uids(element, how)
        elif not action and element.VR in _NAMES_AND_DAYS:
            del ds[tag]  # none of a radiograph's, but a file may hold anything
        elif action in ("Z", "X/Z"):
            element.value = [] if element.VR == "SQ" else None
        elif action and action != _CLEANED:
            _put_dummy(element, how, days)
        elif element.VR == "SQ":
            for item in element.value or ():
                _clean(item, how, days)


_CLEANED = "X/Z/U*"
"""References to other images: what they refer to stays told, under the new UIDs."""


def _can_go(ds: Dataset, element: DataElement, action: str) -> bool:
    """Whether X may stand for X/Z, X/D and X/Z/D: the classes of radiographs need none of them.

    Enhanced multi-frame classes do, and the acquisition context may only be empty (C.7.6.14).
    """
    enhanced = "SharedFunctionalGroupsSequence" in ds
    return not enhanced and element.keyword != "AcquisitionContextSequence" and action != _CLEANED


_GRAPHIC_GROUPS = frozenset((*range(0x5000, 0x5100, 2), *range(0x6000, 0x6100, 2)))


def _may_shift(element: DataElement) -> bool:
    return element.keyword not in _KEPT_WITHOUT_SHIFT


def _shift(element: DataElement, days: timedelta) -> None:
    """Move a date; a time of day stays. What is no date is emptied."""
    if element.VR == "TM" or not element.value:
        return
    many = element.value if element.VM > 1 else [element.value]
    moved: list[str] = []
    for each in many:
        try:
            moved.append(_moved(str(each), element.VR, days))
        except (ValueError, OverflowError):
            moved.append("")
    element.value = moved if element.VM > 1 else moved[0]


def _moved(value: str, vr: str, days: timedelta) -> str:
    if vr == "DA":
        day = DA(value)
        if not isinstance(day, date):
            raise ValueError
        return (date(day.year, day.month, day.day) + days).strftime("%Y%m%d")
    moment = DT(value)
    if not isinstance(moment, datetime):
        raise ValueError
    whole = datetime(moment.year, moment.month, moment.day, moment.hour, moment.minute)
    return (whole + days).strftime("%Y%m%d%H%M")


def _replace_uids(element: DataElement, how: Deidentification) -> None:
    if element.keyword in _SCHEME_UIDS or not element.value:
        return
    many = element.value if element.VM > 1 else [element.value]
    new = [
        each if str(each).startswith(_STANDARD_UIDS) else how.uid(str(each).strip())
        for each in many
    ]
    element.value = new if element.VM > 1 else new[0]


def _put_dummy(element: DataElement, how: Deidentification, days: timedelta | None) -> None:
    """A value of the right kind that says nothing; for D and all that may have to be D."""
    vr = element.VR
    if vr == "SQ":
        # Without its items' own words an item is a dummy; an unlisted text in it must not stay.
        for item in element.value or ():
            _clean(item, how, days)
            for inner in list(item):
                if inner.VR in _TEXTS and inner.keyword not in _CODES:
                    item[inner.tag].value = "ANONYMIZED"
    elif vr == "DA":
        element.value = _DUMMY_DATE
    elif vr == "TM":
        element.value = _DUMMY_TIME
    elif vr == "DT":
        element.value = _DUMMY_DATE + _DUMMY_TIME
    elif vr == "AS":
        element.value = "000Y"
    elif vr in _NUMBERS:
        element.value = 0
    elif vr in _BINARY:
        element.value = bytes(2)
    else:
        element.value = "ANONYMIZED"


_CODES = frozenset({"CodeValue", "CodingSchemeDesignator", "CodeMeaning", "ValueType"})


def _identifying_words(ds: Dataset) -> frozenset[str]:
    """Names and IDs of the patient, to be looked for wherever they do not belong."""
    values = [
        text(ds, each)
        for each in ("PatientName", "PatientID", "AccessionNumber", "OtherPatientIDs")
    ]
    values += [text(ds, "OtherPatientNames"), text(ds, "PatientBirthName")]
    words: set[str] = set()
    for value in values:
        for separator in "^=\\,;":
            value = value.replace(separator, " ")
        words.update(
            part.casefold()
            for part in value.split()
            if len(part) >= (_LEAST_EASTERN_NAME if _is_eastern(part) else _LEAST_NAME)
        )
    return frozenset(words)


def _empty_mentions(ds: Dataset, words: frozenset[str]) -> None:
    """Empty texts that still name the patient: the table knows attributes, not their misuse."""
    for element in ds.iterall():
        if element.VR not in _TEXTS or element.VR == "CS" or not element.value:
            continue
        found = str(element.value).casefold()
        parts = set("".join(c if c.isalnum() else " " for c in found).split())
        if parts & words or any(word in found for word in words if _is_telling(word)):
            element.value = None


def _is_telling(word: str) -> bool:
    """Whether a name or ID is found inside other words too: it is long, or no word of its own.

    Chinese, Japanese and Korean leave no spaces between words.
    """
    return len(word) > 5 or not word.isalnum() or _is_eastern(word)


def _is_eastern(word: str) -> bool:
    return any(letter >= "\u2e80" for letter in word)


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item
