"""Lengths, angles, ratio and scale bar against values worked out by hand."""

import pytest

from app.core.image.radiograph import Header, PixelSpacing
from app.core.reading.measure import (
    angle,
    cardiothoracic_ratio,
    length,
    projection,
    ratio_cautions,
    scale_bar,
    unit,
)

TALL = PixelSpacing(0.4, 0.1, "detector")
"""Pixels four times as high as wide."""


@pytest.mark.parametrize(
    ("start", "end", "spacing", "expected"),
    [
        ((0, 0), (3, 4), None, 5.0),
        ((10, 10), (10, 10), None, 0.0),
        ((0, 0), (30, 0), TALL, 3.0),
        ((0, 0), (0, 10), TALL, 4.0),
        ((0, 0), (30, 10), TALL, 5.0),
        ((30, 10), (0, 0), TALL, 5.0),
        ((1.5, 2.5), (4.5, 6.5), PixelSpacing(2.0, 2.0, "patient"), 10.0),
    ],
)
def test_a_length_takes_each_axis_by_its_own_spacing(start, end, spacing, expected):
    assert length(start, end, spacing) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("first", "vertex", "last", "spacing", "expected"),
    [
        ((1, 0), (0, 0), (0, 1), None, 90.0),
        ((1, 0), (0, 0), (-1, 0), None, 180.0),
        ((1, 0), (0, 0), (5, 0), None, 0.0),
        ((1, 0), (0, 0), (1, 1), None, 45.0),
        ((1, 0), (0, 0), (-1, 1), None, 135.0),
        ((2, 3), (1, 3), (1, 2), None, 90.0),
        # 40 columns of 0.1 mm and 10 rows of 0.4 mm are both 4 mm.
        ((40, 0), (0, 0), (40, 10), TALL, 45.0),
        # The same pixels without a spacing: atan(10 / 40).
        ((40, 0), (0, 0), (40, 10), None, 14.0362),
    ],
)
def test_an_angle_is_the_one_in_the_body_not_in_the_grid(first, vertex, last, spacing, expected):
    assert angle(first, vertex, last, spacing) == pytest.approx(expected, abs=1e-3)
    assert angle(last, vertex, first, spacing) == pytest.approx(expected, abs=1e-3)


def test_an_angle_needs_two_legs():
    assert angle((1, 1), (1, 1), (5, 5), None) is None


@pytest.mark.parametrize(
    ("heart", "thorax", "expected"),
    [
        (((100, 50), (220, 50)), ((40, 80), (280, 80)), 0.5),
        (((220, 50), (100, 50)), ((40, 80), (280, 80)), 0.5),
        (((100, 50), (193, 50)), ((40, 80), (290, 80)), 0.372),
        # An image that was stored on its side and turned upright by the reader.
        (((50, 100), (50, 220)), ((80, 40), (80, 280)), 0.5),
        (((0, 0), (10, 0)), ((5, 5), (5, 5)), None),
    ],
)
def test_the_ratio_is_heart_over_thorax_along_one_axis(heart, thorax, expected):
    found = cardiothoracic_ratio(heart, thorax)
    assert found == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("PA", "PA"),
        ("AP", "AP"),
        ("AP ERECT", "AP"),
        ("postero-anterior", "PA"),
        ("antero-posterior projection", "AP"),
        ("LL", "LATERAL"),
        ("LATERAL (PatientOrientation)", "LATERAL"),
        ("PA/AP", ""),
        ("PAPER", ""),
        ("", ""),
    ],
)
def test_the_projection_is_what_the_header_says_and_nothing_else(view, expected):
    assert projection(Header(view=view)) == expected


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (Header(view="PA", age_years=40, posture="erect"), []),
        (Header(view="PA", age_years=6), []),
        (Header(view="AP", age_years=40), ["AP view"]),
        (Header(view="AP", age_years=40, posture="supine"), ["AP view", "Not upright"]),
        (Header(view="PA", age_years=40, posture="bedside"), ["Not upright"]),
        (Header(view="LL", age_years=40), ["Lateral"]),
        (Header(age_years=40), ["Unknown projection"]),
        (Header(view="PA", age_years=5.9), ["Young child"]),
        (Header(view="PA", age_years=0.5), ["Infant: up to 0.60"]),
        (Header(view="PA"), ["Unknown age"]),
        (Header(), ["Unknown projection", "Unknown age"]),
    ],
)
def test_a_ratio_is_shown_with_what_makes_it_mislead(header, words):
    found = ratio_cautions(header)
    assert len(found) == len(words)
    assert all(caution.startswith(word) for caution, word in zip(found, words, strict=True))


def test_mm_alone_is_only_said_of_the_patient():
    said = {at: unit(PixelSpacing(0.1, 0.1, at)) for at in ("patient", "estimated", "detector")}
    assert said["patient"] == "mm"
    assert said["detector"] == "mm at detector"
    assert "estimated" in said["estimated"]
    assert "unknown" in unit(PixelSpacing(0.1, 0.1, "unknown"))
    assert unit(None) == "px"


@pytest.mark.parametrize(
    ("spacing", "along_rows", "most", "pixels", "figure"),
    [
        (PixelSpacing(0.2, 0.2, "patient"), True, 300, 250, "5 cm"),
        (PixelSpacing(0.2, 0.2, "patient"), True, 1000, 1000, "20 cm"),
        (PixelSpacing(0.2, 0.2, "patient"), True, 49, 25, "5 mm"),
        (PixelSpacing(0.2, 0.2, "patient"), True, 1, 1, "0.2 mm"),
        (TALL, True, 300, 200, "2 cm"),
        (TALL, False, 300, 250, "10 cm"),
        (None, True, 300, 200, "200 px"),
        (None, True, 7, 5, "5 px"),
    ],
)
def test_a_scale_bar_is_round_and_fits(spacing, along_rows, most, pixels, figure):
    bar = scale_bar(spacing, along_rows, most)
    assert bar.pixels == pytest.approx(pixels)
    assert bar.figure == figure


def test_a_scale_bar_says_where_it_holds():
    notes = {
        at: scale_bar(PixelSpacing(0.2, 0.2, at), True, 300).note
        for at in ("patient", "estimated", "detector", "unknown")
    }
    assert notes == {
        "patient": "",
        "estimated": "estimated",
        "detector": "at detector",
        "unknown": "calibration unknown",
    }
    assert scale_bar(None, True, 300).note == ""
    assert scale_bar(None, True, 0.5) is None
