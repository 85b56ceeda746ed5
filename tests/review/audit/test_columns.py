"""What slices are made of: header and CSV to columns."""

from __future__ import annotations

import numpy as np
from audits import audit_of
from factories import write_dicom
from PIL import Image

from app.core.image.radiograph import Header
from app.review.audit import problems
from app.review.audit.columns import HeaderFacts, age_group, columns_of, facts_of
from app.review.holdout.overlap import Seen

HEADER = Header(is_dicom=True, view="PA", sex="F", age_years=4.0)


def test_every_age_has_one_group():
    ages = (0.0, 0.99, 1, 5.9, 6, 17, 18, 39, 40, 59, 60, 79, 80, 110)
    groups = [age_group(age) for age in ages]
    assert groups == [
        *("<1", "<1", "1-5", "1-5", "6-17", "6-17", "18-39", "18-39"),
        *("40-59", "40-59", "60-79", "60-79", "80+", "80+"),
    ]
    assert age_group(None) == ""


def test_a_table_goes_before_the_header():
    facts = HeaderFacts(HEADER, (2000, 1500))
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
    for said in ("unknown", "old", "1000"):
        assert "age group" not in columns_of("a.png", HeaderFacts(HEADER, None), {"age": said})


def test_ages_of_a_table_that_are_none_are_counted():
    def told(*ages):
        columns = [{"age": age} for age in ages]
        audit = audit_of([0.1] * len(ages), [0, 1] * (len(ages) // 2), columns=columns)
        seen = Seen.of(audit.card)
        return [each for each in problems.of(audit, seen) if each.startswith("Ages")]

    assert told("58", "61", "7", "") == []
    assert told("058Y", "6M", "unknown", "") == []
    assert told("58", "6M", "old", "1000") == [
        "Ages in the table that cannot be read: 2. In no age group.",
        "Ages in the table without a unit, beside others with one: 1. Taken as years.",
    ]


def test_facts_of_files(tmp_path):
    Image.fromarray(np.zeros((30, 300), np.uint8)).save(tmp_path / "a.png")
    assert facts_of(tmp_path / "a.png") == HeaderFacts(Header(), (30, 300))
    write_dicom(tmp_path / "a.dcm", PatientSex="F", PatientAge="006M", ViewPosition="PA")
    facts = facts_of(tmp_path / "a.dcm")
    assert (facts.header.sex, facts.header.view, facts.header.age_years) == ("F", "PA", 0.5)
    assert facts.size is not None
    for bad in (b"", b"no image", b"\x89PNG\r\n\x1a\n"):
        (tmp_path / "bad").write_bytes(bad)
        assert facts_of(tmp_path / "bad") == HeaderFacts(Header(), None)
    assert facts_of(tmp_path / "gone") == HeaderFacts(Header(), None)
