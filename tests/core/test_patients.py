"""Patients from file names, and splits that never tear one apart."""

from __future__ import annotations

import pytest

from app.core.patients import FOLDS, bucket_of, group_of, patient_of, pneumonia_kind, side_of


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
        ("holiday.jpg", None),
        ("person12.jpeg", None),
        ("IM-0001.jpeg", None),
    ],
)
def test_patient_of(name, patient):
    assert patient_of(name) == patient
    assert patient_of(f"some/folder/{name}") == patient


def test_the_kind_of_pneumonia():
    assert pneumonia_kind("person1_bacteria_2.jpeg") == "bacteria"
    assert pneumonia_kind("person1_virus_2.jpeg") == "virus"
    assert pneumonia_kind("IM-0115-0001.jpeg") is None


def test_an_unknown_name_is_grouped_by_its_content():
    assert group_of("a.png", "1234") == group_of("b.png", "1234") == "1234"
    assert group_of("IM-0115-0001.jpeg", "1234") == "im-0115"


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
    for fold in range(FOLDS):
        sides: dict[str, set[str]] = {}
        for name in names:
            patient = patient_of(name)
            assert patient is not None
            sides.setdefault(patient, set()).add(side_of(group_of(name, "unused"), fold))
        assert all(len(found) == 1 for found in sides.values())
        assert {s for found in sides.values() for s in found} == {
            "train",
            "validation",
            "calibration",
        }
