"""The DICOM source of an image: what a new object of the same study takes over from it.

A new object carries patient and study exactly as the source has them, mistakes included, since a
PACS files by them; all else is its own. Nothing of the source's private attributes is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import pydicom
from pydicom import Dataset
from pydicom.charset import python_encoding
from pydicom.uid import PYDICOM_IMPLEMENTATION_UID, UID, ExplicitVRLittleEndian, generate_uid

from app import __version__
from app.core.base.errors import OutputError
from app.core.base.limits import TooMuch
from app.core.base.quiet import quiet
from app.core.base.translation import mark, tr
from app.core.dicom.file import read_dataset
from app.core.dicom.header import frame_count
from app.core.dicom.parse import transfer_syntax_of
from app.core.dicom.text import numbers, text
from app.core.image.radiograph import Header
from app.review.export.reviewed import DICOM_FORMATS, MAKER, Format

NO_STUDY = mark("PNG, JPEG and TIFF files belong to no patient's study.")
NO_UIDS = mark("The file names no study, series or image (its UIDs are missing or damaged).")
COLOUR = mark("A presentation state for greyscale needs a greyscale image.")
NO_REGIONS = mark("There are no regions drawn by hand.")
NO_VIEW = mark("Only the image in view is exported as it is seen.")
NOT_DEIDENTIFIED = mark("The image itself is only copied de-identified.")

UTF_8 = "ISO_IR 192"
_UID = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))+")

# PS3.3 C.7.1.1 (Patient), C.7.2.1 (General Study), C.7.2.2 (Patient Study), C.7.1.3 and C.7.2.3
# (Clinical Trial); of the equipment that took the image nothing is true of the new object.
_TAKEN_OVER = """
    PatientName PatientID TypeOfPatientID IssuerOfPatientID IssuerOfPatientIDQualifiersSequence
    PatientBirthDate PatientBirthTime PatientSex OtherPatientIDs OtherPatientIDsSequence
    OtherPatientNames EthnicGroup PatientComments PatientSpeciesDescription
    PatientSpeciesCodeSequence PatientBreedDescription PatientBreedCodeSequence
    BreedRegistrationSequence ResponsiblePerson ResponsiblePersonRole ResponsibleOrganization
    PatientIdentityRemoved DeidentificationMethod DeidentificationMethodCodeSequence
    QualityControlSubject ReferencedPatientSequence
    StudyInstanceUID StudyDate StudyTime ReferringPhysicianName
    ReferringPhysicianIdentificationSequence ConsultingPhysicianName StudyID AccessionNumber
    IssuerOfAccessionNumberSequence StudyDescription PhysiciansOfRecord
    NameOfPhysiciansReadingStudy RequestingServiceCodeSequence ReferencedStudySequence
    ProcedureCodeSequence ReasonForPerformedProcedureCodeSequence
    AdmittingDiagnosesDescription AdmittingDiagnosesCodeSequence PatientAge PatientSize
    PatientWeight Occupation AdditionalPatientHistory PatientState PregnancyStatus
    PatientSexNeutered ReasonForVisit ServiceEpisodeID AdmissionID IssuerOfAdmissionIDSequence
    ClinicalTrialSponsorName ClinicalTrialProtocolID ClinicalTrialProtocolName
    ClinicalTrialSiteID ClinicalTrialSiteName ClinicalTrialSubjectID
    ClinicalTrialSubjectReadingID ClinicalTrialTimePointID ClinicalTrialTimePointDescription
    TimezoneOffsetFromUTC LongitudinalTemporalInformationModified
"""
_TYPE_2 = """
    PatientName PatientID PatientBirthDate PatientSex StudyDate StudyTime ReferringPhysicianName
    StudyID AccessionNumber
"""
_WITHOUT_SIDES = frozenset(
    {"ABDOMEN", "CHEST", "CSPINE", "HEAD", "HEART", "LSPINE", "MEDIASTINUM", "NECK", "PELVIS"}
    | {"SKULL", "SPINE", "TSPINE", "WHOLEBODY"}
)


def why_not(wanted: Format, header: Header, *, has_regions: bool, deidentified: bool) -> str:
    """Why an image cannot be written in a format; empty when it can.

    Parameters
    ----------
    wanted
        One of the DICOM formats; all others can always be written.
    header
        Of the image.
    has_regions, deidentified
        Whether regions were drawn by hand, and whether the export takes the identity out.
    """
    if wanted not in DICOM_FORMATS:
        return ""
    if not header.is_dicom:
        return NO_STUDY
    if not all(is_uid(uid) for uid in (header.study_instance_uid, header.sop_instance_uid)):
        return NO_UIDS
    if wanted is Format.PRESENTATION_STATE and not has_regions:
        return NO_REGIONS
    if wanted is Format.DICOM and not deidentified:
        return NOT_DEIDENTIFIED
    return ""


def is_uid(value: str) -> bool:
    """Whether a value can stand as a UID in an object that is to be stored."""
    return len(value) <= 64 and _UID.fullmatch(value) is not None


def read_source(path: Path, *, pixels: bool = False) -> Dataset:
    """Read a source, with or without its pixels; every value is decoded to text at once.

    Raises
    ------
    OutputError
        When it cannot be read any more.
    """
    try:
        with path.open("rb") as file, quiet:
            ds, _ = read_dataset(file, pixels=pixels)
            ds.decode()
            # A file without meta information has a transfer syntax too.
            ds.file_meta.TransferSyntaxUID = transfer_syntax_of(ds)
        return ds
    except TooMuch as error:
        raise OutputError(
            tr("{path} needs more than 1 GB of memory.", path=path),
            tr("At most 1 GB is taken for one file."),
            tr("Export it in another form than DICOM."),
        ) from error
    except Exception as error:
        # pydicom's words may quote the header.
        raise OutputError(
            tr("{path} cannot be read again ({kind}).", path=path, kind=type(error).__name__),
            tr("The file was there and could be read when it was opened."),
            tr("See that it is still there, then export again."),
        ) from error


def check_unchanged(path: Path, uid_then: str, uid_now: str) -> None:
    """Refuse a file that holds another image than the one that was judged.

    Raises
    ------
    OutputError
        When the two SOPInstanceUIDs differ; without one then nothing is known.
    """
    if uid_then and uid_then != uid_now:
        raise changed(path)


def changed(path: Path) -> OutputError:
    """Why nothing is made of a file that was replaced after its image was judged."""
    return OutputError(
        tr("{path} has changed since its image was judged.", path=path),
        tr("Score and verdict belong to the image that was there then."),
        tr("Open the image again, then export again."),
    )


def reference(ds: Dataset) -> Dataset:
    """What highdicom needs of a source to refer to it: clean, and whatever is missing is empty.

    Patient and study are empty here: ``take_over`` puts them in as they are.

    Raises
    ------
    OutputError
        When the source has no usable UIDs.
    """
    made = Dataset()
    for keyword in ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
        value = text(ds, keyword)
        if not is_uid(value):
            raise OutputError(
                tr(NO_UIDS), tr("Each DICOM image has them."), tr("Export it as PDF or PNG.")
            )
        setattr(made, keyword, UID(value))
    for keyword in _TYPE_2.split():
        setattr(made, keyword, None)
    for keyword in ("Rows", "Columns", "SamplesPerPixel", "BitsAllocated", "BitsStored"):
        setattr(made, keyword, int((numbers(ds, keyword) or (1,))[0]))
    if frame_count(ds) > 1:
        made.NumberOfFrames = frame_count(ds)
    made.Modality = text(ds, "Modality") or "OT"
    made.PhotometricInterpretation = text(ds, "PhotometricInterpretation") or "MONOCHROME2"
    return made


def take_over(ds: Dataset, made: Dataset) -> None:
    """Give a new object the patient and the study of its source, as they are there.

    The character set stays the source's; where it cannot hold the new object's own words, all of
    the object is UTF-8.
    """
    for keyword in _TAKEN_OVER.split():
        if keyword in ds:
            made[keyword] = ds[keyword]
    for keyword in _TYPE_2.split():
        if keyword not in made:
            setattr(made, keyword, None)
    charset = ds.get("SpecificCharacterSet")
    if not _can_hold(charset, _texts(made, besides=_TAKEN_OVER.split())):
        charset = UTF_8
    if charset:
        made.SpecificCharacterSet = charset
    elif "SpecificCharacterSet" in made:
        del made.SpecificCharacterSet
    made.file_meta.ImplementationClassUID = PYDICOM_IMPLEMENTATION_UID
    made.file_meta.ImplementationVersionName = f"{MAKER} {__version__}"[:16]


def take_over_body_part(ds: Dataset, made: Dataset) -> None:
    """Give an image or a presentation state the body part and its side (C.7.3.1).

    The side must be there, empty where it is not known, unless the part has none.
    """
    if part := text(ds, "BodyPartExamined"):
        made.BodyPartExamined = part
    side = text(ds, "Laterality") or text(ds, "ImageLaterality")
    if side or part.upper() not in _WITHOUT_SIDES:
        made.Laterality = side or None


def encoded(made: Dataset) -> bytes:
    """A new object as the bytes of its file."""
    file = BytesIO()
    made.file_meta.TransferSyntaxUID = made.file_meta.get(
        "TransferSyntaxUID", ExplicitVRLittleEndian
    )
    with quiet:
        pydicom.dcmwrite(file, made, enforce_file_format=True)
    return file.getvalue()


def new_uid() -> UID:
    """A UID that nothing else has (2.25 and a UUID, PS3.5 B.2)."""
    return generate_uid(prefix=None)


def printable(words: str) -> str:
    """Words without the control characters that a DICOM text must not hold (PS3.5, 6.1.3)."""
    return "".join(c if c.isprintable() or c in "\n\r\t" else " " for c in words)


def _texts(ds: Dataset, besides: Iterable[str] = ()) -> Iterable[str]:
    left_out = set(besides)
    for element in ds.iterall():
        if element.keyword not in left_out and element.VR in _TEXT_VRS and element.value:
            yield str(element.value)


_TEXT_VRS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})


def _can_hold(charset: object, texts: Iterable[str]) -> bool:
    """Whether these words can be written in a character set (its first, where it has several)."""
    first = charset if isinstance(charset, str) else next(iter(charset or ()), "")  # type: ignore[call-overload]
    encoding = python_encoding.get(first or "", "ascii")
    if encoding in ("iso8859", "iso_ir_6"):
        # pydicom's name for the default repertoire, which is ASCII.
        encoding = "ascii"
    try:
        for each in texts:
            each.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
