"""Headers that are wrong about the bits of the values: the right picture or none."""

import numpy as np
import pytest
from factories import chest_like
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless

from app.core.base.errors import UnreadableImage
from app.core.base.reasons import texts
from app.core.image.reader import read_radiograph

GREY_12 = (chest_like().astype(np.uint32) * 4095 // 255).astype(np.uint16)
SIGNED = GREY_12.astype(np.int16) - 2048


def jpeg_2000(values: np.ndarray, signed: bool) -> bytes:
    from openjpeg.utils import encode_array

    return encode_array(values, bits_stored=12, photometric_interpretation=0)


def test_jpeg_ls_without_the_sign_of_its_12_bits(dicom_factory):
    import jpeg_ls

    frame = jpeg_ls.encode_pixel_data(
        (SIGNED.astype(np.int32) & 0xFFF).astype("<u2").tobytes(),
        rows=SIGNED.shape[0],
        columns=SIGNED.shape[1],
        samples_per_pixel=1,
        bits_allocated=16,
        bits_stored=16,
        photometric_interpretation="MONOCHROME2",
    )
    path = dicom_factory(SIGNED, transfer_syntax=JPEGLSLossless, frame=bytes(frame), BitsStored=12)
    read = read_radiograph(path)
    np.testing.assert_array_equal(read.pixels, SIGNED)
    assert "Sign taken from the highest bit stored" in texts(read.steps)


@pytest.mark.parametrize("values", [GREY_12, SIGNED], ids=["unsigned", "signed"])
@pytest.mark.parametrize("said", [0, 1])
def test_jpeg_2000_that_contradicts_its_header(dicom_factory, values, said):
    frame = jpeg_2000(values, values.dtype.kind == "i")
    path = dicom_factory(
        values,
        transfer_syntax=JPEG2000Lossless,
        frame=frame,
        BitsStored=12,
        PixelRepresentation=said,
    )
    if said == (values.dtype.kind == "i"):
        np.testing.assert_array_equal(read_radiograph(path).pixels, values)
    else:
        with pytest.raises(UnreadableImage, match="cannot be decoded"):
            read_radiograph(path)


def test_values_with_more_bits_than_the_header_says(dicom_factory):
    values = chest_like().astype(np.uint16) * 257
    read = read_radiograph(dicom_factory(values, BitsStored=12))
    np.testing.assert_array_equal(read.pixels, values)
    assert "12 bits a value, but the image has 16" in " ".join(texts(read.cautions))


@pytest.mark.parametrize("edge", [0, 4095])
def test_hard_edges_are_no_wrong_bits(dicom_factory, edge):
    values = GREY_12 // 2 + 2048
    values[:, :30] = edge
    values[::2, 100:130] = 0
    values[1::2, 100:130] = 4095
    path = dicom_factory(values, BitsStored=12)
    read = read_radiograph(path)
    np.testing.assert_array_equal(read.pixels, values)
    assert not read.cautions


@pytest.mark.parametrize("rows", [10, 100])
def test_more_pixel_data_than_the_header_says_is_told(dicom_factory, rows):
    values = chest_like()
    path = dicom_factory(values, Rows=values.shape[0] - rows)
    (caution,) = read_radiograph(path).cautions
    assert "more pixel data" in caution.text()
    whole = read_radiograph(dicom_factory(values))
    assert not whole.cautions
