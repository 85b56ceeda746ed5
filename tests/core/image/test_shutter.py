"""The display shutter: what it hides, for the eye and for the network alike."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from factories import chest_like
from pydicom.tag import Tag

from app.core.base.reasons import texts
from app.core.image.display import render, rendered_sample
from app.core.image.preprocess import frame_of
from app.core.image.reader import read_radiograph
from app.core.worklist.identity import identity_of

ROWS, COLUMNS = 60, 80
GREY = np.full((ROWS, COLUMNS), 200, np.uint8)
Y, X = np.mgrid[1 : ROWS + 1, 1 : COLUMNS + 1]
RECTANGLE = {
    "ShutterLeftVerticalEdge": 11,
    "ShutterRightVerticalEdge": 70,
    "ShutterUpperHorizontalEdge": 6,
    "ShutterLowerHorizontalEdge": 55,
}
CIRCLE = {"CenterOfCircularShutter": [30, 40], "RadiusOfCircularShutter": 20}
POLYGON = {"VerticesOfThePolygonalShutter": [6, 11, 6, 70, 55, 70, 55, 11]}
IN_RECTANGLE = (X >= 11) & (X <= 70) & (Y >= 6) & (Y <= 55)
IN_CIRCLE = (X - 40) ** 2 + (Y - 30) ** 2 <= 400


@pytest.mark.parametrize(
    ("tags", "seen"),
    [
        ({"ShutterShape": "RECTANGULAR", **RECTANGLE}, IN_RECTANGLE),
        ({"ShutterShape": "CIRCULAR", **CIRCLE}, IN_CIRCLE),
        ({"ShutterShape": "POLYGONAL", **POLYGON}, IN_RECTANGLE),
        (
            {"ShutterShape": ["RECTANGULAR", "CIRCULAR"], **RECTANGLE, **CIRCLE,
             "ShutterLeftVerticalEdge": 40},
            IN_RECTANGLE & IN_CIRCLE & (X >= 40),
        ),
        (
            {"ShutterShape": "CIRCULAR", **CIRCLE, "ImagerPixelSpacing": [0.4, 0.2]},
            (X - 40) ** 2 + (2 * (Y - 30)) ** 2 <= 400,
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("value", "grey"), [(0, 0), (65535, 255), (32768, 128), (None, 0)])
def test_what_the_shutter_hides(dicom_factory, tags, seen, value, grey):
    told = {} if value is None else {"ShutterPresentationValue": value}
    read = read_radiograph(dicom_factory(GREY, **tags, **told))
    np.testing.assert_array_equal(read.shutter.mask, ~seen)
    np.testing.assert_array_equal(render(read), np.where(seen, 200, grey))
    # The negative is one of the picture, not of its shutter.
    np.testing.assert_array_equal(render(read, invert=True), np.where(seen, 55, grey))
    np.testing.assert_array_equal(read.pixels, GREY)
    assert any("shutter applied" in step for step in texts(read.steps))
    assert read.cautions == ()


def test_a_bitmap_shutter_is_no_overlay(dicom_factory):
    hidden = np.zeros(GREY.shape, bool)
    hidden[:20, :30] = True
    path = dicom_factory(GREY, ShutterShape="BITMAP", ShutterOverlayGroup=0x6002)
    ds = pydicom.dcmread(path)
    for element, vr, told in (
        *((0x10, "US", ROWS), (0x11, "US", COLUMNS), (0x40, "CS", "G"), (0x50, "SS", [1, 1])),
        *((0x100, "US", 1), (0x102, "US", 0)),
        (0x3000, "OW", np.packbits(hidden, bitorder="little").tobytes()),
    ):
        ds.add_new(Tag(0x6002, element), vr, told)
    ds.save_as(path)
    read = read_radiograph(path)
    np.testing.assert_array_equal(read.shutter.mask, hidden)
    assert read.overlays == ()


@pytest.mark.parametrize(
    "tags",
    [
        {"ShutterShape": "RECTANGULAR"},
        {"ShutterShape": "RECTANGULAR", **RECTANGLE, "ShutterRightVerticalEdge": 5},
        {"ShutterShape": "RECTANGULAR", **RECTANGLE, "ShutterRightVerticalEdge": 11},
        {"ShutterShape": "CIRCULAR", "CenterOfCircularShutter": [30, 40]},
        {"ShutterShape": "POLYGONAL", "VerticesOfThePolygonalShutter": [1, 2, 3]},
        {"ShutterShape": "BITMAP"},
        {"ShutterShape": "STAR"},
    ],
)
def test_a_shutter_that_cannot_be_meant_is_told_and_hides_nothing(dicom_factory, tags):
    read = read_radiograph(dicom_factory(GREY, **tags))
    assert read.shutter is None
    assert "shutter" in read.cautions[0].text()


def test_a_shutter_that_hides_nothing_is_none(dicom_factory):
    edges = dict(zip(RECTANGLE, (1, 999, 1, 999), strict=True))
    read = read_radiograph(dicom_factory(GREY, ShutterShape="RECTANGULAR", **edges))
    assert (read.shutter, read.cautions) == (None, ())


def test_a_bright_border_under_a_shutter_is_as_good_as_a_black_one(dicom_factory):
    """The score's picture and the automatic window are those of what is seen."""
    inner = chest_like(400, 480).astype(np.uint16) * 16
    shutter = dict(zip(RECTANGLE, (71, 550, 71, 470), strict=True))
    bright, dark = (np.pad(inner, 70, constant_values=value) for value in (65000, 0))
    window = {"WindowCenter": 2048, "WindowWidth": 4096}
    covered = read_radiograph(
        dicom_factory(bright, ShutterShape="RECTANGULAR", **shutter, **window)
    )
    plain = read_radiograph(dicom_factory(dark, name="plain.dcm", **window))
    np.testing.assert_array_equal(render(covered), render(plain))
    np.testing.assert_array_equal(frame_of(covered), frame_of(plain))
    np.testing.assert_array_equal(rendered_sample(covered), rendered_sample(plain))
    # The image is the same one with or without its shutter, as verdicts know it.
    open_one = read_radiograph(dicom_factory(bright, name="open.dcm", **window))
    assert identity_of(covered).content_hash == identity_of(open_one).content_hash
    automatic = read_radiograph(dicom_factory(bright, ShutterShape="RECTANGULAR", **shutter))
    alone = read_radiograph(dicom_factory(inner, name="alone.dcm"))
    assert automatic.default_voi == alone.default_voi
