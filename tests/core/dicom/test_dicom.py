"""DICOM: values, windows, inversion, frames and colours, case by case; pydicom is the oracle."""

import cv2
import numpy as np
import pydicom
import pytest
from factories import LOSSLESS_SYNTAXES, chest_like, sequence_item
from pydicom.pixels import apply_modality_lut
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    MediaStorageDirectoryStorage,
    RLELossless,
    XRayAngiographicImageStorage,
    XRayRadiofluoroscopicImageStorage,
)

from app.core.base.errors import UnreadableImage
from app.core.base.reasons import texts
from app.core.gate.rules import judge
from app.core.image.display import render
from app.core.image.radiograph import IDENTITY_8_BIT, Window
from app.core.image.reader import read_radiograph

GREY = chest_like()
GREY_12 = GREY.astype(np.uint16) * 16
SIGNED = GREY.astype(np.int16) * 16 - 1000


@pytest.mark.parametrize("syntax", LOSSLESS_SYNTAXES, ids=lambda uid: uid.name)
@pytest.mark.parametrize("values", [GREY, GREY_12, SIGNED], ids=["uint8", "uint16", "int16"])
def test_stored_values_and_dtype_survive(dicom_factory, syntax, values):
    read = read_radiograph(dicom_factory(values, transfer_syntax=syntax))
    np.testing.assert_array_equal(read.pixels, values)
    assert read.pixels.dtype == values.dtype
    assert read.header.is_dicom


@pytest.mark.parametrize(
    "syntax",
    [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian],
    ids=lambda uid: uid.name,
)
def test_without_preamble_and_meta_information(dicom_factory, syntax):
    path = dicom_factory(GREY_12, transfer_syntax=syntax, preamble=False, name="IM0001")
    assert path.read_bytes()[128:132] != b"DICM"
    np.testing.assert_array_equal(read_radiograph(path).pixels, GREY_12)


def test_jpeg_baseline(dicom_factory):
    frame = cv2.imencode(".jpg", GREY)[1].tobytes()
    read = read_radiograph(dicom_factory(transfer_syntax=JPEGBaseline8Bit, frame=frame))
    expected = cv2.imdecode(np.frombuffer(frame, np.uint8), cv2.IMREAD_GRAYSCALE)
    np.testing.assert_array_equal(read.pixels, expected)


@pytest.mark.parametrize(
    ("slope", "intercept", "dtype"),
    [
        (1, 0, np.uint16),
        (1, -1024, np.int16),
        (2, 0, np.int16),
        (10, 0, np.uint16),
        (-1, 0, np.int16),
        (20, 0, np.int32),
        (0.5, 1, np.float32),
        (0, 5, np.uint16),  # a slope of 0 makes no sense and is not applied
    ],
)
def test_rescale_keeps_the_dtype_narrow(dicom_factory, slope, intercept, dtype):
    path = dicom_factory(GREY_12, RescaleSlope=slope, RescaleIntercept=intercept, RescaleType="US")
    read = read_radiograph(path)
    expected = GREY_12 * float(slope) + intercept if slope else GREY_12
    np.testing.assert_allclose(read.pixels, expected, rtol=1e-6)
    assert read.pixels.dtype == dtype


def test_modality_lut(dicom_factory):
    table = (np.arange(4096, dtype=np.uint16)[::-1] * 3).tolist()
    lut = sequence_item(LUTDescriptor=[4096, 0, 16], ModalityLUTType="US", LUTData=table)
    lut["LUTData"].VR = "US"
    path = dicom_factory(GREY_12, ModalityLUTSequence=[lut])
    expected = apply_modality_lut(GREY_12, pydicom.dcmread(path))
    np.testing.assert_array_equal(read_radiograph(path).pixels, expected)
    assert expected.max() > 4096


@pytest.mark.parametrize("bits", [10, 12, 15])
def test_bits_above_those_stored_are_dropped(dicom_factory, bits):
    values = (GREY.astype(np.uint16) * 4) & (2**bits - 1)
    dirty = values | np.uint16(1 << 15)
    read = read_radiograph(dicom_factory(dirty, BitsStored=bits))
    np.testing.assert_array_equal(read.pixels, values)
    signed = SIGNED // 8
    dirty = signed & np.int16(0x0FFF)
    read = read_radiograph(dicom_factory(dirty, BitsStored=12))
    np.testing.assert_array_equal(read.pixels, signed)


@pytest.mark.parametrize(
    ("tags", "windows"),
    [
        (
            {"WindowCenter": [600, 2000], "WindowWidth": [800, 4000]},
            (Window(600, 800), Window(2000, 4000)),
        ),
        (
            {"WindowCenter": 5, "WindowWidth": 9, "VOILUTFunction": "SIGMOID"},
            (Window(5, 9, "SIGMOID"),),
        ),
        (
            {"WindowCenter": 5, "WindowWidth": 0.5, "VOILUTFunction": "LINEAR_EXACT"},
            (Window(5, 0.5, "LINEAR_EXACT"),),
        ),
        ({"WindowCenter": [1, 7], "WindowWidth": [0, 20]}, (Window(7, 20),)),
    ],
)
def test_windows(dicom_factory, tags, windows):
    # What lies beside the values comes after a window that fits them.
    assert read_radiograph(dicom_factory(GREY_12, **tags)).windows[-len(windows) :] == windows


@pytest.mark.parametrize(
    "tags", [{}, {"WindowCenter": 5, "WindowWidth": 0}, {"WindowCenter": 5}, {"WindowCenter": ""}]
)
def test_a_missing_window_comes_from_the_data(dicom_factory, tags):
    read = read_radiograph(dicom_factory(GREY_12, **tags))
    (window,) = read.windows
    assert abs(window.center - GREY_12.mean()) < 1500
    assert render(read).std() > 40


def test_eight_bits_without_a_window_show_like_a_png(dicom_factory):
    read = read_radiograph(dicom_factory(GREY))
    assert read.windows == (IDENTITY_8_BIT,)
    np.testing.assert_array_equal(render(read), GREY)


@pytest.mark.parametrize(
    ("tags", "inverted"),
    [
        ({}, False),
        ({"PhotometricInterpretation": "MONOCHROME1"}, True),
        ({"PresentationLUTShape": "INVERSE"}, True),
        ({"PresentationLUTShape": "IDENTITY"}, False),
        ({"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE"}, True),
    ],
)
def test_inverted_exactly_once(dicom_factory, tags, inverted):
    read = read_radiograph(dicom_factory(GREY, **tags))
    assert read.inverted is inverted
    np.testing.assert_array_equal(read.pixels, GREY)
    np.testing.assert_array_equal(render(read), 255 - GREY if inverted else GREY)


@pytest.mark.parametrize(
    ("photometric", "shape", "contradicts"),
    [
        ("MONOCHROME1", "IDENTITY", True),
        ("MONOCHROME2", "INVERSE", True),
        ("MONOCHROME1", "INVERSE", False),
        ("MONOCHROME2", "IDENTITY", False),
        ("MONOCHROME1", "", False),
        ("MONOCHROME2", "LIN OD", False),
    ],
)
def test_a_header_that_contradicts_itself_about_black_and_white_is_named(
    dicom_factory, photometric, shape, contradicts
):
    path = dicom_factory(GREY, PhotometricInterpretation=photometric, PresentationLUTShape=shape)
    cautions = read_radiograph(path).cautions
    assert bool(cautions) == contradicts
    assert not contradicts or (photometric in cautions[0].text() and shape in cautions[0].text())


@pytest.mark.parametrize(
    ("tags", "used"),
    [
        ({"SOPClassUID": XRayRadiofluoroscopicImageStorage, "Modality": "RF"}, False),
        ({"SOPClassUID": XRayAngiographicImageStorage, "Modality": "XA"}, False),
        ({"SOPClassUID": XRayRadiofluoroscopicImageStorage, "Modality": "CR"}, False),
        ({"SOPClassUID": None, "Modality": "RF"}, False),
        ({"SOPClassUID": None, "Modality": "CR"}, True),
        ({"Modality": "RF"}, True),
    ],
)
@pytest.mark.parametrize("how", ["LUT", "rescale"])
def test_the_modality_lut_of_fluoroscopy_is_not_for_display(dicom_factory, tags, used, how):
    """PS3.3 C.8.7.1.1.2; dcmtk goes by the class, too."""
    lut = sequence_item(LUTDescriptor=[256, 0, 16], ModalityLUTType="US")
    lut.add_new("LUTData", "OW", np.arange(256)[::-1].astype("<u2").tobytes())
    told = {"ModalityLUTSequence": [lut]} if how == "LUT" else {}
    told = told or {"RescaleSlope": -1, "RescaleIntercept": 255}
    read = read_radiograph(dicom_factory(GREY, **tags, **told))
    np.testing.assert_array_equal(read.pixels, 255 - GREY.astype(int) if used else GREY)
    assert any("not for display" in step for step in texts(read.steps)) is not used


@pytest.mark.parametrize("packed", [False, True])
def test_voi_lut(dicom_factory, packed):
    table = np.linspace(255, 0, 256).astype(np.uint16)
    lut = sequence_item(LUTDescriptor=[256, 0, 8 if packed else 16])
    if packed:
        lut.add_new("LUTData", "OW", table.astype(np.uint8).tobytes())
    else:
        lut.add_new("LUTData", "US", (table * 257).tolist())
    path = dicom_factory(GREY, VOILUTSequence=[lut], WindowCenter=3, WindowWidth=4)
    read = read_radiograph(path)
    assert len(read.voi_luts) == 1
    assert read.windows == (Window(3, 4),)
    assert np.abs(render(read).astype(int) - (255 - GREY)).max() <= 1


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_padding_is_black_and_out_of_the_window(dicom_factory, photometric):
    values = GREY_12 + 100
    values[:40] = 0
    values[40:50] = 65535
    plain = read_radiograph(dicom_factory(values, PhotometricInterpretation=photometric))
    path = dicom_factory(
        values,
        PhotometricInterpretation=photometric,
        PixelPaddingValue=65535,
        PixelPaddingRangeLimit=65535,
    )
    read = read_radiograph(path)
    np.testing.assert_array_equal(read.pixels[50:], values[50:])
    assert render(read)[40:50].max() == 0
    assert read.windows[0].width < plain.windows[0].width
    range_of = dicom_factory(SIGNED, PixelPaddingValue=-1000, PixelPaddingRangeLimit=-900)
    assert read_radiograph(range_of).pixels.min() > -900
    everything = dicom_factory(np.zeros((70, 70), np.uint8), PixelPaddingValue=0)
    assert read_radiograph(everything).pixels.max() == 0


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, RLELossless], ids=lambda u: u.name)
def test_multi_frame_gives_its_first(dicom_factory, syntax):
    frames = np.stack([GREY, 255 - GREY, GREY // 2])
    read = read_radiograph(dicom_factory(frames, transfer_syntax=syntax))
    np.testing.assert_array_equal(read.pixels, GREY)
    assert read.header.frames == 3
    assert "3 frames" in judge(read, None).refusals[0].text()


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, RLELossless], ids=lambda u: u.name)
def test_a_large_file_is_not_read_whole(dicom_factory, monkeypatch, syntax):
    path = dicom_factory(np.stack([GREY_12, GREY_12 // 2]), transfer_syntax=syntax)
    expected = read_radiograph(path)
    monkeypatch.setattr("app.core.dicom.image._WHOLE_FILE_BYTES", 1000)
    read = read_radiograph(path)
    np.testing.assert_array_equal(read.pixels, expected.pixels)
    assert read.header == expected.header


@pytest.mark.parametrize("equal", [True, False])
def test_rgb(dicom_factory, equal):
    channels = [GREY] * 3 if equal else [GREY, np.flipud(GREY), GREY]
    rgb = np.ascontiguousarray(np.stack(channels, axis=-1))
    read = read_radiograph(dicom_factory(rgb, SamplesPerPixel=3))
    assert read.colour is not equal
    if equal:
        np.testing.assert_array_equal(render(read), GREY)
        assert judge(read, (1, 5)).refusals == ()
    else:
        assert "colour" in judge(read, None).refusals[0].text()


@pytest.mark.parametrize("equal", [True, False])
def test_palette(dicom_factory, equal):
    ramp = np.arange(256, dtype=np.uint16) * 257
    tags = {"PhotometricInterpretation": "PALETTE COLOR"}
    for name in ("Red", "Green", "Blue"):
        values = ramp if equal or name == "Red" else ramp[::-1]
        tags[f"{name}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        tags[f"{name}PaletteColorLookupTableData"] = values.astype("<u2").tobytes()
    read = read_radiograph(dicom_factory(GREY, **tags))
    assert read.colour is not equal
    if equal:
        assert np.abs(render(read).astype(int) - GREY).max() <= 1


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (3, 3)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_tiny(dicom_factory, shape, dtype):
    read = read_radiograph(dicom_factory(np.full(shape, 9, dtype)))
    assert render(read).shape == shape


def test_dicomdir_and_documents(dicom_factory, tmp_path):
    directory = dicom_factory(SOPClassUID=MediaStorageDirectoryStorage)
    with pytest.raises(UnreadableImage, match="DICOMDIR"):
        read_radiograph(directory)
    without = pydicom.dcmread(dicom_factory())
    for keyword in ("PixelData", "Rows", "Columns"):
        delattr(without, keyword)
        without.save_as(tmp_path / "x.dcm")
        with pytest.raises(UnreadableImage):
            read_radiograph(tmp_path / "x.dcm")


def test_20000_by_20000_from_the_header(dicom_factory):
    with pytest.raises(UnreadableImage, match="20,000 × 20,000"):
        read_radiograph(dicom_factory(Rows=20_000, Columns=20_000))
