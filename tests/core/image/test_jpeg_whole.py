"""JPEG data that end before or after their picture: half a chest must not be scored as one."""

import io

import numpy as np
import pytest
from factories import chest_like
from PIL import Image
from pydicom.uid import JPEGBaseline8Bit, JPEGExtended12Bit

from app.core.base.errors import UnreadableImage
from app.core.image.reader import read_radiograph

GREY = chest_like()


def jpeg(values=GREY, **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "JPEG", **{"quality": 95} | options)
    return buffer.getvalue()


def with_a_hole(whole: bytes, size: int = 256) -> bytes:
    """What an interrupted copy leaves: zeros in place of a block."""
    middle = len(whole) // 2
    return whole[:middle] + bytes(size) + whole[middle + size :]


def as_high(whole: bytes, rows: int) -> bytes:
    place = whole.index(b"\xff\xc0") + 5
    return whole[:place] + rows.to_bytes(2, "big") + whole[place + 2 :]


DAMAGED = {
    "hole": with_a_hole(jpeg()),
    "hole in optimised": with_a_hole(jpeg(optimize=True)),
    "hole in colour": with_a_hole(jpeg(np.stack([GREY] * 3, axis=-1)), 1024),
    "half as high": as_high(jpeg(), GREY.shape[0] // 2),
    "one block shorter": as_high(jpeg(), GREY.shape[0] - 16),
    "twice as high": as_high(jpeg(), GREY.shape[0] * 2),
    "one block higher": as_high(jpeg(), GREY.shape[0] + 16),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_data_must_end_with_the_picture(tmp_path, name):
    (tmp_path / "x.jpg").write_bytes(DAMAGED[name])
    with pytest.raises(UnreadableImage, match="damaged or incomplete"):
        read_radiograph(tmp_path / "x.jpg")


@pytest.mark.parametrize(
    "options",
    [{}, {"optimize": True}, {"restart_marker_rows": 1}, {"progressive": True}, {"quality": 5}],
)
@pytest.mark.parametrize("size", [(8, 8), (9, 300), (300, 9), (127, 64), (200, 150)])
@pytest.mark.parametrize("kind", ["noise", "black", "chest"])
def test_whole_pictures_of_any_size_pass(tmp_path, options, size, kind):
    values = {
        "noise": np.random.default_rng(0).integers(0, 256, size, np.uint8),
        "black": np.zeros(size, np.uint8),
        "chest": np.asarray(Image.fromarray(GREY).resize(size[::-1])),
    }[kind]
    for picture in (values, np.stack([values] * 3, axis=-1)):
        data = jpeg(picture, **options)
        (tmp_path / "x.jpg").write_bytes(data)
        grey = np.asarray(Image.open(io.BytesIO(jpeg(values, **options))))
        assert read_radiograph(tmp_path / "x.jpg").pixels.shape == grey.shape


@pytest.mark.parametrize("filling", [b"\0" * 500, b"\xff" * 500])
def test_filling_before_the_end_marker_is_no_damage(tmp_path, filling):
    whole = jpeg()
    (tmp_path / "x.jpg").write_bytes(whole[:-2] + filling + whole[-2:])
    plain = np.asarray(Image.open(io.BytesIO(whole)))
    np.testing.assert_array_equal(read_radiograph(tmp_path / "x.jpg").pixels, plain)


@pytest.mark.parametrize("syntax", [JPEGBaseline8Bit, JPEGExtended12Bit])
@pytest.mark.parametrize("damage", ["none", "hole", "cut"])
def test_a_frame_in_dicom_too(dicom_factory, syntax, damage):
    frame = jpeg()
    if damage == "hole":
        frame = with_a_hole(frame)
    elif damage == "cut":
        frame = frame[: len(frame) * 9 // 10].rstrip(b"\xff") + b"\xff\xd9"
    path = dicom_factory(transfer_syntax=syntax, frame=frame)
    if damage == "none":
        plain = np.asarray(Image.open(io.BytesIO(frame)))
        np.testing.assert_array_equal(read_radiograph(path).pixels, plain)
    else:
        with pytest.raises(UnreadableImage, match="cannot be decoded"):
            read_radiograph(path)
