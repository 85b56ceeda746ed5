"""Overlay planes: packed, in the pixels' own words, over some frames, broken."""

import numpy as np
import pydicom
import pytest
from factories import chest_like
from pydicom.tag import Tag
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, RLELossless
from real_dicoms import real_file

from app.core.base.reasons import texts
from app.core.image.display import render
from app.core.image.preprocess import frame_of
from app.core.image.reader import read_radiograph

ROWS, COLUMNS = 61, 83
GREY = chest_like(ROWS, COLUMNS)
FRAME = np.zeros((ROWS, COLUMNS), bool)
FRAME[5:50, 7] = FRAME[5, 7:70] = True


def add_overlay(path, mask, *, group=0x6000, origin=(1, 1), swap=False, **more):
    """Write an overlay plane into a file, by tag: repeating groups have no keywords."""
    ds = pydicom.dcmread(path)
    rows, columns = mask.shape[-2:]
    data = np.packbits(mask.ravel(), bitorder="little").tobytes()
    data += b"\0" * (len(data) % 2)
    if swap:
        data = np.frombuffer(data, "<u2").astype(">u2").tobytes()
    values = [
        (0x0010, "US", rows),
        (0x0011, "US", columns),
        (0x0040, "CS", "G"),
        (0x0050, "SS", list(origin)),
        (0x0100, "US", 1),
        (0x0102, "US", 0),
        (0x3000, "OW", data),
    ]
    for element, vr, value in values + [(e, *rest) for e, rest in more.get("also", {}).items()]:
        ds.add_new(Tag(group, element), vr, value)
    ds.save_as(path)
    return path


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless])
def test_a_packed_overlay_equals_pydicoms_and_leaves_the_pixels_alone(dicom_factory, syntax):
    plain = dicom_factory(GREY, transfer_syntax=syntax, name="plain.dcm")
    without = read_radiograph(plain)
    path = add_overlay(
        plain, FRAME, swap=syntax == ExplicitVRBigEndian, also={0x1500: ("LO", "Ruler")}
    )
    read = read_radiograph(path)
    (overlay,) = read.overlays
    np.testing.assert_array_equal(overlay.mask, FRAME)
    if syntax != ExplicitVRBigEndian:
        # pydicom 3.0 leaves the bytes of big-endian words as they are.
        np.testing.assert_array_equal(overlay.mask, pydicom.dcmread(path).overlay_array(0x6000))
    assert overlay.label == "Ruler"
    np.testing.assert_array_equal(read.pixels, without.pixels)
    np.testing.assert_array_equal(frame_of(read), frame_of(without))


@pytest.mark.parametrize(("top", "left"), [(1, 1), (11, 21), (-4, 0), (55, 80)])
def test_an_overlay_of_another_size_lies_where_its_origin_says(dicom_factory, top, left):
    box = np.ones((10, 12), bool)
    read = read_radiograph(add_overlay(dicom_factory(GREY), box, origin=(top, left)))
    expected = np.zeros((ROWS, COLUMNS), bool)
    expected[max(0, top - 1) : max(0, top + 9), max(0, left - 1) : left + 11] = True
    np.testing.assert_array_equal(read.overlays[0].mask, expected)


def test_several_groups(dicom_factory):
    path = dicom_factory(GREY)
    for number in range(3):
        add_overlay(path, np.roll(FRAME, number, 1), group=0x6000 + 2 * number)
    found = [overlay.mask.argmax() for overlay in read_radiograph(path).overlays]
    assert found == [FRAME.argmax() + number for number in range(3)]


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("bit", [12, 15])
def test_old_overlays_in_the_unused_bits_of_the_pixels(dicom_factory, syntax, signed, bit):
    values = GREY.astype(np.int16) * 8 - (1000 if signed else 0)
    words = (values & 0x0FFF).astype(np.uint16) | (FRAME.astype(np.uint16) << bit)
    path = dicom_factory(
        words.view(np.int16) if signed else words, BitsStored=12, transfer_syntax=syntax
    )
    ds = pydicom.dcmread(path)
    ds.add_new(Tag(0x6000, 0x0010), "US", ROWS)
    ds.add_new(Tag(0x6000, 0x0011), "US", COLUMNS)
    ds.add_new(Tag(0x6000, 0x0100), "US", 16)
    ds.add_new(Tag(0x6000, 0x0102), "US", bit)
    ds.save_as(path)
    read = read_radiograph(path)
    np.testing.assert_array_equal(read.pixels, values)
    np.testing.assert_array_equal(read.overlays[0].mask, FRAME)


def test_a_bit_of_the_value_is_no_overlay(dicom_factory):
    """Group 6000 without OverlayData and with bit 0 is what some writers leave in every file."""
    path = dicom_factory(GREY.astype(np.uint16), BitsStored=12)
    ds = pydicom.dcmread(path)
    ds.add_new(Tag(0x6000, 0x0100), "US", 16)
    ds.add_new(Tag(0x6000, 0x0102), "US", 0)
    ds.save_as(path)
    assert read_radiograph(path).overlays == ()


@pytest.mark.parametrize("signed", [False, True])
def test_values_in_the_upper_bits_as_highbit_says(dicom_factory, signed):
    values = GREY.astype(np.int16) * 8 - (1000 if signed else 0)
    words = (values.astype(np.int32) << 4).astype(np.uint16)
    stored = words.view(np.int16) if signed else words
    read = read_radiograph(dicom_factory(stored, BitsStored=12, HighBit=15))
    np.testing.assert_array_equal(read.pixels, values)
    assert any("HighBit" in step for step in texts(read.steps))
    # A wrong HighBit: bits that would be cut off are in use.
    low = read_radiograph(dicom_factory(GREY.astype(np.uint16), BitsStored=12, HighBit=15))
    np.testing.assert_array_equal(low.pixels, GREY)


def test_an_overlay_belongs_to_its_frames(dicom_factory):
    from app.core.dicom.film import FrameReader

    frames = np.stack([GREY, GREY // 2, GREY // 3])
    planes = np.stack([FRAME, np.roll(FRAME, 2, 1)])
    path = add_overlay(dicom_factory(frames), planes, also={0x0015: ("IS", 2), 0x0051: ("US", 2)})
    assert read_radiograph(path).overlays == ()
    reader = FrameReader(path)
    for number in (1, 2):
        np.testing.assert_array_equal(reader.read(number).overlays[0].mask, planes[number - 1])


@pytest.mark.parametrize("data", [b"\0\0", b""])
def test_a_broken_overlay_does_not_cost_the_image(dicom_factory, data):
    path = add_overlay(dicom_factory(GREY), FRAME)
    ds = pydicom.dcmread(path)
    ds[Tag(0x6000, 0x3000)].value = data
    ds.save_as(path)
    read = read_radiograph(path)
    np.testing.assert_array_equal(render(read), GREY)
    assert read.overlays == ()
    assert any("overlay" in step for step in texts(read.steps))


@pytest.mark.parametrize(
    ("name", "labels"),
    [("examples_overlay.dcm", 1), ("MR-SIEMENS-DICOM-WithOverlays.dcm", 1)],
)
def test_real_overlays_equal_those_of_pydicom(name, labels):
    path = real_file(name)
    read = read_radiograph(path)
    ds = pydicom.dcmread(path)
    groups = [group for group in range(0x6000, 0x6020, 2) if Tag(group, 0x3000) in ds]
    expected = [ds.overlay_array(group).astype(bool) for group in groups]
    shown = [mask for mask in expected if mask.any()]
    assert len(read.overlays) == len(shown) >= labels
    for overlay, mask in zip(read.overlays, shown, strict=True):
        if mask.shape == overlay.mask.shape:
            np.testing.assert_array_equal(overlay.mask, mask)
