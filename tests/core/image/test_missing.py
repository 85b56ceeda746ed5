"""Parts of a picture that are one single value: data that were never copied, or a border."""

import numpy as np
import pytest
from factories import chest_like, write_dicom, write_tiff
from pydicom.uid import ExplicitVRBigEndian, JPEG2000Lossless, JPEGLSLossless, RLELossless

from app.core.base.errors import UnreadableImage
from app.core.base.reasons import texts
from app.core.image.missing import missing_part
from app.core.image.reader import read_radiograph

GREY = chest_like(240, 200)
GREY_12 = GREY.astype(np.uint16) * 16
WHOLE = 240 * 200


def cut(values: np.ndarray, share: float, filling: int = 0) -> np.ndarray:
    """The values as they are read when the last bytes were never written."""
    raw = bytearray(np.ascontiguousarray(values).tobytes())
    missing = round(len(raw) * share)
    raw[len(raw) - missing :] = bytes([filling]) * missing
    return np.frombuffer(bytes(raw), values.dtype).reshape(values.shape)


def told(path) -> str:
    """What the reader says of missing data; empty for nothing."""
    try:
        cautions = read_radiograph(path).cautions
    except UnreadableImage as error:
        return f"UNREADABLE {error}"
    return " ".join(each for each in texts(cautions) if "missing" in each)


@pytest.mark.parametrize("filling", [0, 255])
@pytest.mark.parametrize("values", [GREY, GREY_12], ids=["8 bits", "12 of 16 bits"])
@pytest.mark.parametrize("share", [0.03, 0.1, 0.17, 0.2])
def test_a_missing_tail_is_a_caution_that_names_its_share(dicom_factory, values, share, filling):
    path = dicom_factory(cut(values, share, filling), BitsStored=8 if values is GREY else 12)
    assert f"its last {share:.0%} are one single value" in told(path)


@pytest.mark.parametrize("filling", [0, 255])
@pytest.mark.parametrize("share", [0.26, 0.3, 0.7])
def test_a_picture_that_lacks_a_quarter_is_unreadable(dicom_factory, share, filling):
    for syntax in ("1.2.840.10008.1.2.1", ExplicitVRBigEndian):
        path = dicom_factory(cut(GREY_12, share, filling), BitsStored=12, transfer_syntax=syntax)
        assert told(path).startswith("UNREADABLE")
        assert f"its last {share:.0%} are one single value" in told(path)


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_air_beside_the_patient_is_no_border(dicom_factory, share):
    values = GREY.copy()
    values[:100, :30] = 0
    values[:40, -60:] = 0
    assert "its last" in told(dicom_factory(cut(values, share)))


@pytest.mark.parametrize("fill", [0, 128, 4095])
@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEGLSLossless, RLELossless])
def test_what_a_decoder_filled_in(dicom_factory, syntax, fill):
    values = GREY_12.copy()
    values.ravel()[-WHOLE // 10 :] = fill
    path = dicom_factory(values, BitsStored=12, transfer_syntax=syntax)
    assert "its last 10% are one single value" in told(path)


def test_the_beginning_and_a_band(dicom_factory):
    values = GREY.copy()
    values.ravel()[: WHOLE // 5 + 90] = 0
    assert "its first 20%" in told(dicom_factory(values))
    values = GREY.copy()
    values.ravel()[WHOLE // 2 : WHOLE // 2 + WHOLE // 10] = 0
    assert "a band of 10% in it" in told(dicom_factory(values))
    values.ravel()[WHOLE // 2 : WHOLE // 2 + WHOLE // 3] = 0
    assert told(dicom_factory(values)).startswith("UNREADABLE")


BORDERS = {
    "collimated on all sides": np.pad(GREY[:200, :160], 20),
    "white on all sides": np.pad(GREY[:200, :160], 20, constant_values=255),
    "bars above and below": np.pad(GREY[60:180], ((60, 60), (0, 0))),
    "bars above and below, not alike": np.pad(GREY[60:180], ((40, 80), (0, 0))),
    "bars at the sides": np.pad(GREY, ((0, 0), (70, 70))),
    "sides and below": np.pad(GREY, ((0, 12), (30, 30))),
    "below, a thin one": np.pad(GREY, ((0, 4), (0, 0))),
    "above": np.pad(GREY, ((20, 0), (0, 0))),
    "noise below": np.r_[GREY, np.random.default_rng(0).integers(0, 2, (90, 200), np.uint8)],
    "nothing at all": GREY * np.uint8(0) + np.uint8(7),
    "no border": GREY,
}


@pytest.mark.parametrize("name", BORDERS)
def test_borders_are_no_missing_data(dicom_factory, tmp_path, name):
    values = BORDERS[name]
    assert told(dicom_factory(values)) == ""
    assert told(dicom_factory(values.astype(np.uint16) * 16, BitsStored=12)) == ""
    write_tiff(tmp_path / "x.tif", values)
    assert told(tmp_path / "x.tif") == ""


def test_what_the_file_says_is_padding(dicom_factory):
    values = np.pad(GREY_12, ((0, 100), (0, 0)))
    assert told(dicom_factory(values, BitsStored=12)).startswith("UNREADABLE")
    assert told(dicom_factory(values, BitsStored=12, PixelPaddingValue=0)) == ""
    # A row that breaks off is none, whatever is said.
    broken = cut(GREY_12, 0.3 + 0.3 / 240)
    path = dicom_factory(broken, BitsStored=12, PixelPaddingValue=0)
    assert told(path).startswith("UNREADABLE")


def test_of_what_gets_no_score_nothing_is_said(dicom_factory):
    values = cut(GREY_12, 0.4)
    assert told(dicom_factory(values, Modality="MR")) == ""
    assert told(dicom_factory(np.stack([values, values]))) == ""


@pytest.mark.parametrize("share", [0.1, 0.4])
def test_tiff_in_strips_and_tiles(tmp_path, share):
    path = tmp_path / "x.tif"
    write_tiff(path, cut(GREY_12, share))
    expected = "UNREADABLE" if share > 0.25 else "A part of the image"
    assert told(path).startswith(expected)
    assert f"its last {share:.0%}" in told(path)


def test_missing_tiles():
    values = np.pad(GREY_12, ((0, 16), (0, 56)), mode="edge")
    tiled = values.copy()
    tiled[192:, 128:] = 0
    assert missing_part(tiled, tile=(64, 64)).share == pytest.approx(2 / 16)
    assert missing_part(values, tile=(64, 64)) is None
    tiled[192:] = 0
    assert missing_part(tiled, tile=(64, 64)).is_certain
    bordered = np.pad(GREY_12, ((64, 64), (64, 64)))
    assert missing_part(bordered, tile=(64, 64)) is None


def test_a_file_filled_up_with_zeros_on_a_full_disk(tmp_path):
    """As a copy to a preallocated file leaves it: pages of 4,096 bytes, in rows of 2,048."""
    values = np.tile(GREY_12, (2, 6))[:480, :1024]
    path = write_dicom(tmp_path / "x.dcm", values, BitsStored=12)
    whole = path.read_bytes()
    for pages in (20, 100):
        kept = len(whole) // 4096 * 4096 - 4096 * pages
        path.write_bytes(whole[:kept] + bytes(len(whole) - kept))
        share = (len(whole) - kept) / values.nbytes
        assert ("UNREADABLE" in told(path)) == (share > 0.26)
        assert "its last" in told(path)
