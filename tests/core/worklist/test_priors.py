"""Who is the same patient, and what is earlier. A wrong prior is worse than none."""

from pathlib import Path

import pytest

from app.core.image.radiograph import Header
from app.core.worklist.priors import (
    Prior,
    doubts,
    find_priors,
    first_choice,
    has_patient_id,
    read_header,
    same_patient,
    why_none,
)
from app.core.worklist.scan import Item


def header(**fields):
    fields = {
        "is_dicom": True,
        "patient_id": "77",
        "issuer_of_patient_id": "CLINIC",
        "patient_name": "Doe^Jane",
        "study_instance_uid": "1.2.3",
        "study_date": "20240501",
        "study_time": "101500",
        "view": "PA",
        **fields,
    }
    return Header(**fields)


def others(*headers):
    return [(Item(Path(f"{n}.dcm"), f"{n}.dcm"), each) for n, each in enumerate(headers)]


CURRENT = header()


@pytest.mark.parametrize(
    "patient_id",
    ["", " ", "0", "000", "ANONYMOUS", "Anonymized", "unknown", "XXXX", "N/A", "None", "TEST"],
)
def test_a_stand_in_for_a_patient_id_is_none(patient_id):
    assert not has_patient_id(header(patient_id=patient_id))
    assert "PatientID" in why_none(header(patient_id=patient_id))
    assert not same_patient(header(patient_id=patient_id), header(patient_id=patient_id))


@pytest.mark.parametrize("patient_id", ["77", "0007", "X1", "ANON-12", "TESTA"])
def test_other_words_are_patient_ids(patient_id):
    assert has_patient_id(header(patient_id=patient_id))


def test_only_number_and_issuer_count():
    assert same_patient(CURRENT, header(patient_name="Somebody^Else"))
    assert same_patient(CURRENT, header(patient_id=" 77 "))
    assert not same_patient(CURRENT, header(patient_id="78"))
    assert not same_patient(CURRENT, header(patient_id="", patient_name="Doe^Jane"))
    assert not same_patient(CURRENT, header(issuer_of_patient_id="OTHER"))
    assert not same_patient(CURRENT, header(issuer_of_patient_id=""))
    both = header(issuer_of_patient_id="")
    assert same_patient(both, both)


def test_the_most_recent_earlier_study_comes_first():
    found = find_priors(
        CURRENT,
        others(
            header(study_instance_uid="1", study_date="20200101"),
            header(study_instance_uid="2", study_date="20230101", view="LL"),
            header(study_instance_uid="2", study_date="20230101", view="PA"),
            header(study_instance_uid="3", study_date="20250101"),
            header(study_date="20230601"),
            header(study_instance_uid="4", study_date="20230601", patient_id="78"),
            header(study_instance_uid="5", study_date=""),
            header(study_instance_uid="6", study_date="20241341"),
        ),
    )
    assert [prior.item.shown for prior in found] == ["2.dcm", "1.dcm", "0.dcm"]


@pytest.mark.parametrize(
    ("time", "own", "earlier"),
    [
        ("0900", "101500", True),
        ("101459.9", "101500", True),
        ("10", "101500", True),
        ("101500", "101500", False),
        ("1200", "101500", False),
        ("", "101500", False),
        ("0900", "", False),
    ],
)
def test_of_the_same_day_the_time_decides(time, own, earlier):
    other = header(study_instance_uid="9", study_time=time)
    assert bool(find_priors(header(study_time=own), others(other))) is earlier


def test_without_identity_or_day_there_is_none():
    earlier = others(header(study_instance_uid="1", study_date="20200101"))
    assert "file name" in why_none(Header())
    assert "StudyDate" in why_none(header(study_date=""))
    assert find_priors(header(study_date=""), earlier) == []
    assert find_priors(Header(patient_id="77", study_date="20240501"), earlier) == []
    assert why_none(CURRENT) == ""


def test_the_same_part_of_the_body_is_shown_first():
    knee = header(study_instance_uid="1", study_date="20230101", body_part="KNEE")
    chest = header(study_instance_uid="2", study_date="20200101", body_part="CHEST")
    priors = [Prior(item, each) for item, each in others(knee, chest)]
    assert first_choice(header(body_part="Chest"), priors).header is chest
    assert first_choice(header(body_part="SKULL"), priors).header is knee
    assert first_choice(CURRENT, priors).header is knee
    assert first_choice(CURRENT, []) is None


def test_what_speaks_against_it_is_told():
    assert doubts(CURRENT, header(patient_name="DOE^JANE")) == ()
    assert doubts(CURRENT, header(patient_name="")) == ()
    assert "name" in doubts(CURRENT, header(patient_name="Roe^Jane"))[0]
    assert "sex" in doubts(header(sex="F"), header(sex="M"))[0]


def test_headers_are_read_without_pixels(dicom_factory, tmp_path):
    path = dicom_factory(PatientID="77", StudyDate="20200101")
    path.write_bytes(path.read_bytes()[:-40_000])
    found = read_header(path)
    assert (found.patient_id, found.study_date) == ("77", "20200101")
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert read_header(tmp_path / "a.png") is None
    assert read_header(tmp_path / "gone.dcm") is None
    (tmp_path / "cut.dcm").write_bytes(bytes(128) + b"DICM" + b"\x02\x00")
    cut = read_header(tmp_path / "cut.dcm")
    assert cut is None or not cut.patient_id
