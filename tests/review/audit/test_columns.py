"""What slices are made of: header and CSV to columns."""

from __future__ import annotations

import numpy as np
import pytest
from factories import write_dicom
from PIL import Image

from app.core.images import Header
from app.review.audit.columns import Facts, age_group, age_in_years, columns_of, facts_of

HEADER = Header(is_dicom=True, view="PA", sex="F", age_years=4.0)


@pytest.mark.parametrize(
    ("said", "years"),
    [
        ("58", 58.0),
        ("058Y", 58.0),
        ("58.5", 58.5),
        ("7 months", 7 / 12),
        ("18M", 1.5),
        ("10 days", 10 / 365.25),
        ("3 years", 3.0),
        ("old", None),
        ("", None),
        ("-1", None),
        ("1000", None),
    ],
)
def test_ages_as_tables_write_them(said, years):
    assert age_in_years(said) == (None if years is None else pytest.approx(years))


def test_every_age_has_one_group():
    ages = (0.0, 0.99, 1, 5.9, 6, 17, 18, 39, 40, 59, 60, 79, 80, 110)
    groups = [age_group(age) for age in ages]
    assert groups == [
        *("<1", "<1", "1-5", "1-5", "6-17", "6-17", "18-39", "18-39"),
        *("40-59", "40-59", "60-79", "60-79", "80+", "80+"),
    ]
    assert age_group(None) == ""


def test_a_table_goes_before_the_header():
    facts = Facts(HEADER, (2000, 1500))
    assert columns_of("a/person1_virus_2.png", facts, {}) == {
        "view": "PA",
        "sex": "F",
        "age group": "1-5",
        "pneumonia kind": "virus",
        "image size": "1025-2048 px",
    }
    given = {"view": "ap", "sex": "male", "age": "063Y", "ward": "B", "source folder": "x"}
    found = columns_of("a.png", facts, given)
    assert (found["view"], found["sex"], found["age group"]) == ("AP", "M", "60-79")
    assert (found["ward"], found["source folder"], found["age"]) == ("B", "x", "063Y")
    assert "pneumonia kind" not in found


def test_an_age_that_cannot_be_read_is_not_the_headers():
    """A table that says something else must not be mixed with the header."""
    assert "age group" not in columns_of("a.png", Facts(HEADER, None), {"age": "unknown"})


def test_facts_of_files(tmp_path):
    Image.fromarray(np.zeros((30, 300), np.uint8)).save(tmp_path / "a.png")
    assert facts_of(tmp_path / "a.png") == Facts(Header(), (30, 300))
    write_dicom(tmp_path / "a.dcm", PatientSex="F", PatientAge="006M", ViewPosition="PA")
    facts = facts_of(tmp_path / "a.dcm")
    assert (facts.header.sex, facts.header.view, facts.header.age_years) == ("F", "PA", 0.5)
    assert facts.size is not None
    for bad in (b"", b"no image", b"\x89PNG\r\n\x1a\n"):
        (tmp_path / "bad").write_bytes(bad)
        assert facts_of(tmp_path / "bad") == Facts(Header(), None)
    assert facts_of(tmp_path / "gone") == Facts(Header(), None)
