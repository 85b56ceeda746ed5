"""The letters at the edges of the image, and what gives none."""

from math import cos, radians, sin

import pytest
from pydicom import Dataset

from app.core.orientation import Edges, checked, edges, from_cosines, opposite
from app.core.reader import read_radiograph


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (("L", "F"), ("L", "F")),
        ((" l ", "fp"), ("L", "FP")),
        (("A", "F"), ("A", "F")),
        (("L", ""), ("L", "")),
        (("", "F"), ("", "F")),
        (("", ""), ()),
        ((), ()),
        (("L",), ()),
        (("L", "F", "P"), ()),
        (("L", "R"), ()),
        (("L", "L"), ()),
        (("LR", "F"), ()),
        (("LE", "F"), ()),
        (("X", "F"), ()),
    ],
)
def test_what_cannot_be_meant_gives_no_letter(said, expected):
    assert checked(said) == expected


@pytest.mark.parametrize(
    ("cosines", "expected"),
    [
        ((1, 0, 0, 0, 1, 0), ("L", "P")),
        ((0, 1, 0, 0, 0, -1), ("P", "F")),
        ((1, 0, 0, 0, 0, -1), ("L", "F")),
        ((-1, 0, 0, 0, 0, -1), ("R", "F")),
        ((cos(radians(30)), sin(radians(30)), 0, 0, 0, -1), ("LP", "F")),
        ((cos(radians(5)), sin(radians(5)), 0, 0, 0, -1), ("L", "F")),
        ((1, 0, 0, 1, 0, 0), ()),
        ((2, 0, 0, 0, 1, 0), ()),
        ((0, 0, 0, 0, 0, 0), ()),
        ((1, 0, 0), ()),
        ((), ()),
    ],
)
def test_cosines_are_read_in_patient_coordinates(cosines, expected):
    assert from_cosines(cosines) == expected


def test_the_other_end():
    assert opposite("LF") == "RH"
    assert opposite("A") == "P"
    assert opposite("") == ""


@pytest.mark.parametrize(
    ("turns", "flipped", "expected"),
    [
        (0, False, Edges(left="R", top="H", right="L", bottom="F")),
        # Clockwise: the head, which was on top, is on the right.
        (1, False, Edges(left="F", top="R", right="H", bottom="L")),
        (2, False, Edges(left="L", top="F", right="R", bottom="H")),
        (3, False, Edges(left="H", top="L", right="F", bottom="R")),
        (0, True, Edges(left="L", top="H", right="R", bottom="F")),
        # Clockwise, then left and right swapped.
        (1, True, Edges(left="H", top="R", right="F", bottom="L")),
    ],
)
def test_letters_follow_what_is_seen(turns, flipped, expected):
    assert edges(("L", "F"), turns, flipped) == expected


def test_half_an_orientation_gives_half_the_letters():
    assert edges(("L", "")) == Edges(left="R", right="L")
    assert edges(()) == Edges()


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, ()),
        ({"PatientOrientation": ["L", "F"]}, ("L", "F")),
        ({"ImageOrientationPatient": [1, 0, 0, 0, 0, -1]}, ("L", "F")),
        # The plain words go first.
        (
            {"PatientOrientation": ["R", "F"], "ImageOrientationPatient": [1, 0, 0, 0, 0, -1]},
            ("R", "F"),
        ),
        ({"PatientOrientation": ["L", "F"], "AnatomicalOrientationType": "QUADRUPED"}, ()),
        ({"PatientOrientation": ["L", "F"], "AnatomicalOrientationType": "BIPED"}, ("L", "F")),
    ],
)
def test_the_header_is_read(dicom_factory, tags, expected):
    assert read_radiograph(dicom_factory(**tags)).header.patient_orientation == expected


def code(meaning, **more):
    made = Dataset()
    made.CodeMeaning = meaning
    for keyword, value in more.items():
        setattr(made, keyword, value)
    return made


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, ""),
        ({"PatientPosition": "HFS"}, "supine"),
        ({"PatientPosition": "FFDL"}, "decubitus"),
        ({"PatientOrientationCodeSequence": [code("erect")]}, "erect"),
        (
            {
                "PatientOrientationCodeSequence": [
                    code("recumbent", PatientOrientationModifierCodeSequence=[code("supine")])
                ]
            },
            "supine",
        ),
        ({"PatientOrientationCodeSequence": [code("semi-erect")]}, "semi-erect"),
        ({"SeriesDescription": "CHEST AP SUPINE"}, "supine"),
        ({"SeriesDescription": "Thorax a.p. liegend"}, "supine"),
        ({"SeriesDescription": "Chest portable"}, "bedside"),
        ({"SeriesDescription": "CHEST PA UPRIGHT"}, "erect"),
        # A code is better than a description.
        ({"PatientPosition": "HFS", "SeriesDescription": "erect"}, "supine"),
        ({"SeriesDescription": "Bettina Upritchard"}, ""),
    ],
)
def test_how_the_patient_lay_or_stood(dicom_factory, tags, expected):
    assert read_radiograph(dicom_factory(**tags)).header.posture == expected
