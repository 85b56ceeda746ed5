"""The letters at the edges of the image, and what gives none."""

import re
from math import cos, radians, sin

import numpy as np
import pytest
from pydicom import Dataset

from app.core.dicom.orientation import (
    Edges,
    checked,
    edges,
    from_cosines,
    opposite,
    to_upright,
    turn_cautions,
)
from app.core.image.reader import read_radiograph


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


STORED = {
    ("R", "F"): lambda upright: upright[:, ::-1],
    ("L", "H"): lambda upright: upright[::-1],
    ("R", "H"): lambda upright: upright[::-1, ::-1],
    ("F", "L"): lambda upright: upright.T,
    ("F", "R"): lambda upright: np.rot90(upright, 1),
    ("H", "L"): lambda upright: np.rot90(upright, -1),
    ("H", "RP"): lambda upright: upright[::-1, ::-1].T,
}
"""How a frontal picture lies in the file, by where its rows and columns run to."""


@pytest.mark.parametrize("orientation", STORED, ids="".join)
def test_a_picture_is_set_upright_and_back(orientation):
    upright = np.arange(6).reshape(2, 3)
    stored = STORED[orientation](upright)
    turn = to_upright(orientation)
    np.testing.assert_array_equal(turn.applied(stored), upright)
    np.testing.assert_array_equal(turn.undone(upright), stored)
    (caution,) = turn_cautions(orientation)
    assert "\\".join(orientation) in caution.text()
    assert re.search(r"(upright|mirrored back) for the score", caution.text())


@pytest.mark.parametrize(
    "orientation", [("L", "F"), ("LP", "FA"), (), ("L", ""), ("", "F"), ("A", "F"), ("L", "P")]
)
def test_what_is_upright_or_no_frontal_view_is_left_alone(orientation):
    assert to_upright(orientation) is None
    assert turn_cautions(orientation) == ()


@pytest.mark.parametrize("orientation", [("R", ""), ("", "H"), ("F", ""), ("", "L")])
def test_half_an_orientation_is_a_caution_and_turns_nothing(orientation):
    assert to_upright(orientation) is None
    assert "was not done" in turn_cautions(orientation)[0].text()
