"""One path to the network's input, and hashes that know a copy."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from factories import chest_like
from PIL import Image

from app.core.image.display import render
from app.core.image.preprocess import (
    NEAR_DUPLICATE_BITS,
    content_hash,
    frame_of,
    model_input,
    perceptual_hash,
    shrink,
)
from app.core.image.radiograph import Radiograph, Window
from app.core.image.reader import read_radiograph


def radiograph(pixels, **fields):
    return Radiograph("unused", pixels, **fields)


def cloudy(seed):
    """A picture with all low frequencies, as a radiograph has them."""
    noise = np.random.default_rng(seed).normal(size=(30, 36)).astype(np.float32)
    smooth = cv2.resize(noise, (1100, 900), interpolation=cv2.INTER_CUBIC)
    return cv2.normalize(smooth, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


def bits_apart(one: bytes, other: bytes) -> int:
    return int(
        np.bitwise_count(np.frombuffer(one, np.uint8) ^ np.frombuffer(other, np.uint8)).sum()
    )


def test_the_frame_is_pillows_antialiased_bicubic():
    pixels = chest_like(900, 1200)
    expected = Image.fromarray(pixels).resize((224, 224), Image.Resampling.BICUBIC)
    np.testing.assert_array_equal(frame_of(radiograph(pixels)), np.asarray(expected))


def test_a_frame_stays_as_it_is():
    pixels = chest_like(224, 224)
    np.testing.assert_array_equal(frame_of(radiograph(pixels)), pixels)


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (3, 2), (2000, 30)])
def test_odd_shapes(shape):
    x = model_input(shrink(np.full(shape, 77, np.uint8)), 192)
    assert x.shape == (192, 192, 1)
    assert np.isfinite(x).all()


def test_the_input_does_not_depend_on_a_linear_window():
    """A darker or flatter copy of the same picture is the same to the network."""
    frame = chest_like(224, 224)
    darker = (frame * 0.5 + 20).astype(np.uint8)
    difference = np.abs(model_input(frame, 192) - model_input(darker, 192))
    assert difference.mean() < 2
    assert model_input(frame, 192).max() <= 255
    assert model_input(frame, 192).min() >= 0


def test_window_and_level_never_reach_the_network():
    pixels = chest_like(300, 300)
    seen = frame_of(radiograph(pixels))
    render(radiograph(pixels), Window(10, 5), invert=True)
    np.testing.assert_array_equal(frame_of(radiograph(pixels)), seen)


def test_monochrome1_is_turned_once(dicom_factory):
    pixels = chest_like(300, 280)
    plain = dicom_factory(pixels, name="plain.dcm")
    turned = dicom_factory(255 - pixels, name="turned.dcm", PhotometricInterpretation="MONOCHROME1")
    np.testing.assert_array_equal(
        frame_of(read_radiograph(plain)), frame_of(read_radiograph(turned))
    )


def test_png_and_dicom_of_the_same_pixels_are_the_same_input(dicom_factory, tmp_path):
    pixels = chest_like(700, 900)
    cv2.imwrite(str(tmp_path / "a.png"), pixels)
    png = read_radiograph(tmp_path / "a.png")
    window = {"WindowCenter": 128, "WindowWidth": 256}
    dicom = read_radiograph(dicom_factory(pixels, **window))
    np.testing.assert_array_equal(frame_of(png), frame_of(dicom))
    assert content_hash(render(png)) == content_hash(render(dicom))


def test_hashes_of_a_copy_and_of_a_stranger():
    pixels = cloudy(1)
    copy = cv2.resize(pixels, (500, 400), interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", copy, [cv2.IMWRITE_JPEG_QUALITY, 60])
    copy = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
    mine = perceptual_hash(shrink(pixels))
    assert len(mine) == 32
    assert bits_apart(mine, perceptual_hash(shrink(copy))) <= NEAR_DUPLICATE_BITS
    assert content_hash(pixels) != content_hash(copy)
    assert content_hash(pixels) == content_hash(pixels.copy())
    assert bits_apart(mine, perceptual_hash(shrink(cloudy(2)))) > NEAR_DUPLICATE_BITS


@pytest.mark.data
def test_a_full_size_original_and_its_training_copy_give_nearly_the_same_input(shared_data):
    """What remains is the copy's JPEG compression: a few grey levels of 255."""
    for path in sorted((shared_data / "fullsize").rglob("*.jpeg"))[::6]:
        copy = shared_data / "kermany-train" / path.parent.name / path.name
        original, small = (frame_of(read_radiograph(p)) for p in (path, copy))
        assert np.abs(original.astype(float) - small).mean() < 5
        assert bits_apart(perceptual_hash(original), perceptual_hash(small)) <= 10


TWIN = chest_like(500, 420)
TWIN_12 = TWIN.astype(np.uint16) * 16 + 8
TWIN_16 = TWIN.astype(np.uint16) * 257
WHOLE_12 = {"WindowCenter": 2048, "WindowWidth": 4096}


@pytest.mark.parametrize(
    ("stored", "tags"),
    [
        (TWIN, {}),
        (TWIN_12, {"BitsStored": 12, **WHOLE_12}),
        (
            65535 - TWIN_16,
            {
                "PhotometricInterpretation": "MONOCHROME1",
                "WindowCenter": 32768,
                "WindowWidth": 65536,
            },
        ),
        (
            TWIN_12.astype(np.int16) - 3000,
            {"RescaleSlope": 1, "RescaleIntercept": 3000, **WHOLE_12},
        ),
        (
            TWIN_12.astype(np.int16) - 3000,
            {
                "RescaleSlope": 0.5,
                "RescaleIntercept": 0.25,
                "WindowCenter": -476,
                "WindowWidth": 2048,
            },
        ),
        (TWIN_12, {"BitsStored": 12, "WindowCenter": 40000, "WindowWidth": 400}),
        (TWIN_12, {"BitsStored": 12}),
        (TWIN_16, {}),
    ],
    ids=["8", "12 window", "16 MONOCHROME1", "signed", "halves", "beside", "12 auto", "16 auto"],
)
def test_twins_in_other_clothes(dicom_factory, tmp_path, stored, tags):
    """One chest stored in eight ways: a window's frame is equal to one grey level of 255.

    Without a window the frame is stretched to its 0.5th and 99.5th percentile, which the
    network's input is in any case: there the tolerance is 1 level in the mean.
    """
    cv2.imwrite(str(tmp_path / "x.png"), TWIN)
    png = frame_of(read_radiograph(tmp_path / "x.png")).astype(float)
    frame = frame_of(read_radiograph(dicom_factory(stored, **tags))).astype(float)
    automatic = stored.dtype != np.uint8 and tags.get("WindowCenter", 40000) == 40000
    if automatic:
        low, high = np.percentile(TWIN, (0.5, 99.5))
        png = shrink(
            np.clip((TWIN - low) * 255.0 / (high - low), 0, 255).round().astype(np.uint8)
        ).astype(float)
    assert np.abs(frame - png).max() <= (3 if automatic else 1)
    assert np.abs(frame - png).mean() <= 1
    original, twin = (model_input(f.astype(np.uint8), 192) for f in (shrink(TWIN), frame))
    assert np.abs(original - twin).mean() < 2
