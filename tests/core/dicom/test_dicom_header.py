"""DICOM: what the header says of spacing, age, view, modality and body part, and the gate on it."""

import numpy as np
import pytest
from factories import sequence_item
from pydicom.uid import (
    CTImageStorage,
    DigitalXRayImageStorageForPresentation,
)
from real_dicoms import real_file

from app.core.base.reasons import texts
from app.core.gate.rules import judge
from app.core.image.radiograph import PixelSpacing
from app.core.image.reader import read_radiograph


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, None),
        ({"PixelSpacing": [0.2, 0.3]}, PixelSpacing(0.2, 0.3, "unknown")),
        ({"ImagerPixelSpacing": [0.2, 0.2]}, PixelSpacing(0.2, 0.2, "detector")),
        (
            {"PixelSpacing": [0.2, 0.2], "ImagerPixelSpacing": [0.2, 0.2]},
            PixelSpacing(0.2, 0.2, "detector"),
        ),
        (
            {"PixelSpacing": [0.17, 0.17], "ImagerPixelSpacing": [0.2, 0.2]},
            PixelSpacing(0.17, 0.17, "patient"),
        ),
        (
            {"PixelSpacing": [0.2, 0.2], "PixelSpacingCalibrationType": "FIDUCIAL"},
            PixelSpacing(0.2, 0.2, "patient"),
        ),
        ({"PixelSpacing": [0, 0]}, None),
        (
            {"PixelSpacing": [0, 0], "ImagerPixelSpacing": [0.1, 0.1]},
            PixelSpacing(0.1, 0.1, "detector"),
        ),
        ({"PixelSpacing": [-1, -1]}, None),
        ({"PixelSpacing": [1000, 1000]}, None),
        ({"PixelSpacing": [0.0001, 0.2]}, None),
        ({"NominalScannedPixelSpacing": [0.1, 0.1]}, PixelSpacing(0.1, 0.1, "detector")),
        ({"Modality": "CT", "PixelSpacing": [0.5, 0.5]}, PixelSpacing(0.5, 0.5, "patient")),
    ],
)
def test_spacing(dicom_factory, tags, expected):
    assert read_radiograph(dicom_factory(**tags)).spacing == expected


@pytest.mark.parametrize(
    ("tags", "years"),
    [
        ({"PatientAge": "003Y"}, 3.0),
        ({"PatientAge": "018M"}, 1.5),
        ({"PatientAge": "072M"}, 6.0),
        ({"PatientAge": "052W"}, 52 * 7 / 365.25),
        ({"PatientAge": "010D"}, 10 / 365.25),
        ({"PatientAge": None}, None),
        ({"PatientAge": ""}, None),
        (
            {"PatientAge": None, "PatientBirthDate": "20200315", "StudyDate": "20240314"},
            3 + 365 / 366,
        ),
        ({"PatientAge": "", "PatientBirthDate": "20200315", "StudyDate": "20240315"}, 4.0),
        ({"PatientAge": None, "PatientBirthDate": "20200229", "StudyDate": "20260228"}, 5.995),
        ({"PatientAge": None, "PatientBirthDate": "20200229", "StudyDate": "20260301"}, 6.0),
        ({"PatientAge": None, "PatientBirthDate": "20300101", "StudyDate": "20240315"}, None),
        ({"PatientAge": None, "PatientBirthDate": "20200315", "AcquisitionDate": "20250315"}, 5.0),
    ],
)
def test_age(dicom_factory, tags, years):
    found = read_radiograph(dicom_factory(**tags)).header.age_years
    assert found == (None if years is None else pytest.approx(years, abs=0.002))
    # The sixth birthday is the line: exact on both sides.
    if years is not None:
        assert (found < 6) == (years < 6)


@pytest.mark.parametrize(
    ("tags", "view", "refused"),
    [
        ({"ViewPosition": "PA"}, "PA", False),
        ({"ViewPosition": "LL"}, "LL", True),
        (
            {"ViewPosition": "", "ViewCodeSequence": [sequence_item(CodeMeaning="left lateral")]},
            None,
            True,
        ),
        ({"ViewPosition": None, "SeriesDescription": "Chest LAT"}, None, True),
        ({"ViewPosition": None, "SeriesDescription": "CHEST PA+LAT"}, "", False),
        ({"ViewPosition": None, "SeriesDescription": "THORAX PROFIL"}, None, True),
        ({"ViewPosition": None, "SeriesDescription": "Thorax LLATERAL"}, None, True),
        ({"ViewPosition": None, "SeriesDescription": "XR LL, LATE"}, "", False),
        ({"ViewPosition": None, "PatientOrientation": ["A", "F"]}, None, True),
        ({"ViewPosition": None, "PatientOrientation": ["L", "F"]}, "", False),
        ({"ViewPosition": "AP", "PatientOrientation": ["P", "F"]}, "AP", False),
        ({"ViewPosition": None}, "", False),
    ],
)
def test_view(dicom_factory, tags, view, refused):
    read = read_radiograph(dicom_factory(**tags))
    assert view is None or read.header.view == view
    assert bool(judge(read, None).refusals) is refused


@pytest.mark.parametrize(
    ("tags", "modality"),
    [
        ({"Modality": "DX", "SOPClassUID": DigitalXRayImageStorageForPresentation}, "DX"),
        ({"Modality": "CR", "SOPClassUID": CTImageStorage}, "CT"),
        ({"Modality": "MR"}, "MR"),
        ({"Modality": None}, "CR"),
        ({"Modality": None, "SOPClassUID": "1.2.3.4"}, ""),
        ({"Modality": "cr"}, "CR"),
    ],
)
def test_modality(dicom_factory, tags, modality):
    assert read_radiograph(dicom_factory(**tags)).header.modality == modality


def test_body_part_from_its_code(dicom_factory):
    tags = {"BodyPartExamined": None, "AnatomicRegionSequence": [sequence_item(CodeMeaning="Knee")]}
    read = read_radiograph(dicom_factory(**tags))
    assert "Knee" in judge(read, None).refusals[0].text()


@pytest.mark.parametrize(
    ("tags", "refused", "caution"),
    [
        (
            {"StudyDescription": "XR TIBIA/FIBULA LEFT", "SeriesDescription": "TIBIA AP"},
            "TIBIA",
            "",
        ),
        ({"ProtocolName": "Hand Mrs Miller"}, "HAND", ""),
        ({"StudyDescription": "Thorax 1 Ebene"}, "", ""),
        ({"StudyDescription": "CHEST, KNEE", "SeriesDescription": "AP"}, "", "KNEE"),
        ({"BodyPartExamined": "UNKNOWN", "AnatomicRegionSequence": ["Tibia"]}, "Tibia", ""),
        ({"BodyPartExamined": "UNKNOWN", "AnatomicRegionSequence": ["Chest"]}, "", ""),
        ({"AnatomicRegionSequence": ["Unspecified"], "SeriesDescription": "Thorax"}, "", ""),
        ({"BodyPartExamined": "UNKNOWN", "StudyDescription": "KNEE"}, "KNEE", ""),
        ({"StudyDescription": "Mr Miller, ward 3"}, "", "does not name the body part"),
    ],
)
def test_body_part_from_elsewhere(dicom_factory, tags, refused, caution):
    if regions := tags.get("AnatomicRegionSequence"):
        tags = tags | {
            "AnatomicRegionSequence": [sequence_item(CodeMeaning=name) for name in regions]
        }
    read = read_radiograph(dicom_factory(**({"BodyPartExamined": None, "Modality": "DX"} | tags)))
    judgement = judge(read, None)
    for said, word in ((judgement.refusals, refused), (judgement.cautions, caution)):
        assert len(said) == bool(word)
        assert word in "".join(texts(said))
    # Free text is not kept, let alone quoted: it may name the patient.
    assert "Miller" not in f"{judgement}{read.header}"


def test_header_fields(dicom_factory):
    read = read_radiograph(
        dicom_factory(IssuerOfPatientID="HOSP", StudyDate="20240102", PatientSex="F")
    )
    header = read.header
    assert (header.patient_id, header.issuer_of_patient_id) == ("SECRET-ID", "HOSP")
    assert (header.patient_name, header.sex, header.study_date) == ("Secret^Name", "F", "20240102")
    assert header.study_instance_uid
    assert header.sop_instance_uid


@pytest.mark.slow
def test_the_adult_chest_passes_with_a_caution_and_the_tibia_does_not():
    for name in ("RG1_UNCR.dcm", "RG1_UNCI.dcm", "RG1_J2KR.dcm", "RG1_J2KI.dcm"):
        read = read_radiograph(real_file(name))
        judgement = judge(read, (1.0, 5.0))
        assert judgement.refusals == (), name
        assert "years old" in judgement.cautions[0].text()
        assert read.inverted
        assert read.spacing is None
        assert read.pixels.dtype == np.uint16
    for name in ("RG3_UNCR.dcm", "RG3_UNCI.dcm", "RG3_J2KR.dcm", "RG3_J2KI.dcm"):
        judgement = judge(read_radiograph(real_file(name)), (1.0, 5.0))
        assert "EXTREMITY" in judgement.refusals[0].text(), name
