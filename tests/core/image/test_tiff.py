"""TIFF kinds that decoders read wrong without a word, and those that nobody here reads."""

import numpy as np
import pytest
from factories import chest_like, write_tiff
from PIL import Image

from app.core.base.errors import UnreadableImage
from app.core.image.display import render
from app.core.image.reader import read_radiograph

GREY = chest_like()


def test_eight_bits_with_a_sign_keep_their_order(tmp_path):
    values = (GREY.astype(np.int16) - 128).astype(np.int8)
    write_tiff(tmp_path / "x.tif", values)
    np.testing.assert_array_equal(read_radiograph(tmp_path / "x.tif").pixels, values)


@pytest.mark.parametrize("factor", [1, 1000, 2**24 + 2**16])
def test_32_bits_without_a_sign_keep_their_order(tmp_path, factor):
    values = GREY.astype(np.uint32) * factor
    write_tiff(tmp_path / "x.tif", values)
    read = read_radiograph(tmp_path / "x.tif")
    np.testing.assert_allclose(read.pixels, values.astype(float), rtol=1e-6)
    write_tiff(tmp_path / "y.tif", GREY.astype(np.float32))
    plain = read_radiograph(tmp_path / "y.tif")
    assert np.abs(render(read).astype(int) - render(plain)).max() <= 1


def test_32_bits_with_a_sign(tmp_path):
    values = GREY.astype(np.int32) * 1000 - 100_000
    write_tiff(tmp_path / "x.tif", values)
    np.testing.assert_array_equal(read_radiograph(tmp_path / "x.tif").pixels, values)


OF_NO_KIND = {
    "planes of 16 bits": (
        np.stack([GREY.astype(np.uint16) * 257] * 3),
        {"channels": 3, "planes": True},
    ),
    "doubles": (GREY.astype(np.float64), {}),
    "64 bits": (GREY.astype(np.uint64), {}),
    "complex": (GREY.astype(np.complex64), {}),
}


@pytest.mark.parametrize("name", OF_NO_KIND)
def test_what_is_not_read_is_not_called_damaged(tmp_path, name):
    values, options = OF_NO_KIND[name]
    write_tiff(tmp_path / "x.tif", values, **options)
    with pytest.raises(UnreadableImage, match="of a kind that is not read") as told:
        read_radiograph(tmp_path / "x.tif")
    assert "damaged" not in str(told.value)


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "TIFF"])
def test_a_picture_that_asks_to_be_turned_is_said_to_be(tmp_path, fmt):
    for orientation in range(10):
        exif = Image.Exif()
        exif[0x0112] = orientation
        Image.fromarray(GREY).save(tmp_path / "x", fmt, exif=exif)
        cautions = read_radiograph(tmp_path / "x").cautions
        assert bool(cautions) == (2 <= orientation <= 8)
        assert all(f"orientation {orientation}" in caution.text() for caution in cautions)
    Image.fromarray(GREY).save(tmp_path / "x", fmt)
    assert not read_radiograph(tmp_path / "x").cautions
