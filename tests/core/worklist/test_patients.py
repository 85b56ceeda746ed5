"""Patients from file names, and splits that never tear one apart."""

from __future__ import annotations

import pytest

from app.core.image.radiograph import Header
from app.core.worklist.patients import (
    FOLDS,
    Naming,
    bucket_of,
    is_kermany,
    names_nobody,
    naming_of,
    of_header,
    of_table,
    pneumonia_kind,
    side_of,
)

KERMANY = Naming(is_kermany=True)


@pytest.mark.parametrize(
    ("name", "patient"),
    [
        ("person123_bacteria_456.jpeg", "person123"),
        ("person123_virus_7.jpeg", "person123"),
        ("person447_virus_921_1.jpeg", "person447"),
        ("IM-0115-0001.jpeg", "im-0115"),
        ("IM-0629-0001-0003.jpeg", "im-0629"),
        ("NORMAL2-IM-0588-0001-0002.jpeg", "normal2-im-0588"),
        ("00000150_002.jpg", "00000150"),
        ("20240105_002.jpg", ""),  # a day and a number
        ("holiday.jpg", ""),
        ("person12.jpeg", ""),
        ("IM-0001.jpeg", ""),
    ],
)
def test_the_patient_of_a_name(name, patient):
    assert KERMANY.patient_of(name) == patient
    assert KERMANY.patient_of(f"some/folder/{name}") == patient


OSIRIX = [f"IM-0001-{n:04}.jpg" for n in range(60)]
NORMALS = [f"IM-{n:04}-0001.jpeg" for n in range(20)]
NORMALS2 = [f"NORMAL2-IM-{n:04}-0001.jpeg" for n in range(20)]
PERSONS = [f"person{n}_{kind}_{n}.jpeg" for n in range(20) for kind in ("bacteria", "virus")]
NIH = [f"{n:08}_000.png" for n in range(200)]


@pytest.mark.parametrize(
    ("names", "grouped", "collection"),
    [
        (OSIRIX, False, False),
        (OSIRIX + PERSONS[:5], False, False),
        (OSIRIX + NIH, False, False),
        (NORMALS, False, False),  # nothing tells them from another viewer's export
        (NORMALS + NORMALS2, True, True),
        (NORMALS + PERSONS, True, True),
        (NORMALS + PERSONS + NIH, True, False),
        (NIH, False, False),
        ([], False, False),
    ],
)
def test_names_of_a_viewers_export_are_patients_only_in_their_collection(
    names, grouped, collection
):
    naming = naming_of(names)
    assert bool(naming.patient_of("IM-0115-0001.jpeg")) == grouped
    assert is_kermany(names) == collection
    assert naming.patient_of("person12_virus_3.jpeg") == "person12"
    assert naming.patient_of("00000150_002.png") == "00000150"


@pytest.mark.parametrize(
    "word",
    [
        *("", " ", "0", "0000", "-", "?", "***", "ANONYMOUS", "anonymized", "Anonymisé"),
        *("ANON", "anon.", "UNKNOWN", "<unknown>", "N/A", "n.a.", "NaN", "none", "NULL", "TEST"),
        *("Test^Patient", "No ID", "no_id", "XXX", "xxxxxxxx", "99999", "DE-IDENTIFIED", "匿名"),
        *("Unbekannt", "PATIENT ID", "redacted", "[removed]", "anonymous patient"),
    ],
)
def test_a_placeholder_is_nobody_wherever_it_stands(word):
    assert names_nobody(word)
    assert of_header(Header(patient_id=word, issuer_of_patient_id="CLINIC")) == ""
    assert of_table(word) == ""
    assert KERMANY.key("a.dcm", Header(patient_id=word)) == ""
    assert KERMANY.key("person3_virus_4.dcm", Header(patient_id=word)) == "person3"


@pytest.mark.parametrize(
    "word",
    ["1", "10", "0007", "9", "99", "ANON-12", "anon1", "X1", "Testa", "NA12", "山田", "x-1", "0-0"],
)
def test_whatever_else_is_written_is_somebody(word):
    assert not names_nobody(word)
    assert of_header(Header(patient_id=f" {word} ")) == f"|{word}"
    assert of_table(word) == f"csv|{word}"


def test_a_table_that_counts_from_0_has_a_patient_0():
    assert of_table("0", ["0", "1", "2"]) == "csv|0"
    assert of_table("000", ["000", "001"]) == "csv|000"
    assert of_table("0", ["0", "4711", "815"]) == ""
    assert of_table("unknown", ["1"]) == ""


def test_a_table_goes_before_the_header_and_that_before_the_name():
    header = Header(patient_id="7", issuer_of_patient_id="CLINIC")
    assert KERMANY.key("person3_virus_4.dcm", header, "csv|A") == "csv|A"
    assert KERMANY.key("person3_virus_4.dcm", header) == "CLINIC|7"
    assert KERMANY.key("person3_virus_4.dcm") == "person3"


def test_the_kind_of_pneumonia():
    assert pneumonia_kind("person1_bacteria_2.jpeg") == "bacteria"
    assert pneumonia_kind("person1_virus_2.jpeg") == "virus"
    assert pneumonia_kind("IM-0115-0001.jpeg") is None


def test_buckets_never_change():
    """Written down once: another hash would put trained-on patients among the held-out ones."""
    assert [bucket_of(group) for group in ("person1", "person2", "im-0115", "x")] == BUCKETS


BUCKETS = [4, 1, 1, 6]


def test_each_group_is_held_out_by_exactly_one_fold():
    groups = [f"person{i}" for i in range(500)]
    for group in groups:
        sides = [side_of(group, fold) for fold in range(FOLDS)]
        assert sides.count("calibration") == 1
        assert sides.count("validation") <= 1
    for fold in range(FOLDS):
        share = sum(side_of(group, fold) == "calibration" for group in groups) / len(groups)
        assert 0.12 < share < 0.28


@pytest.mark.data
def test_no_patient_of_the_real_data_is_on_two_sides(shared_data):
    names = [path.name for path in (shared_data / "kermany-train").rglob("*.jpeg")]
    assert len(names) == 5216
    naming = naming_of(names)
    assert is_kermany(names)
    for fold in range(FOLDS):
        sides: dict[str, set[str]] = {}
        for name in names:
            patient = naming.patient_of(name)
            assert patient
            sides.setdefault(patient, set()).add(side_of(naming.key(name), fold))
        assert all(len(found) == 1 for found in sides.values())
        assert {s for found in sides.values() for s in found} == {
            "train",
            "validation",
            "calibration",
        }
