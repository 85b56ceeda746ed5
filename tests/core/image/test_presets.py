"""Presets: what is offered, which part of a real chest they open up, histogram and ranges."""

from pathlib import Path

import numpy as np
import pytest
from factories import chest_like

from app.core.image.display import auto_window, render
from app.core.image.presets import (
    AUTO,
    BONE,
    FILE,
    LUNGS,
    MEDIASTINUM,
    default_preset,
    histogram_of,
    over_range,
    percentile_window,
    presets_of,
    shown_range,
)
from app.core.image.radiograph import IDENTITY_8_BIT, Radiograph, VoiLut, Window, moved
from app.core.image.reader import read_radiograph

CHEST = chest_like(400, 480).astype(np.uint16) * 16
KINDS = (LUNGS, MEDIASTINUM, BONE)


def radiograph(pixels=CHEST, **fields):
    return Radiograph(Path("x"), pixels, **fields)


def test_the_headers_come_first_and_what_was_made_is_not_the_headers():
    lut = VoiLut(np.arange(4096, dtype=np.uint16), 0, 4095, "soft")
    window = Window(2000, 3000)
    both = radiograph(windows=(window,), voi_luts=(lut,))
    kinds = [preset.kind for preset in presets_of(both)]
    assert kinds == [FILE, FILE, AUTO, LUNGS, MEDIASTINUM, BONE]
    assert default_preset(both).voi is lut
    made = radiograph(windows=(auto_window(CHEST),))
    assert [preset.kind for preset in presets_of(made)] == [AUTO, LUNGS, MEDIASTINUM, BONE]
    assert default_preset(made).kind == AUTO
    rescued = radiograph(windows=(Window(60000, 5),), rescue=auto_window(CHEST))
    assert default_preset(rescued).kind == AUTO
    assert presets_of(rescued)[0].voi == Window(60000, 5)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.int32, np.float32])
def test_the_same_part_opens_up_in_every_dtype_and_inverted(dtype):
    image = chest_like(400, 480)
    for kind in KINDS:
        plain = radiograph(image.astype(dtype), windows=(IDENTITY_8_BIT,))
        negative = radiograph((255 - image).astype(dtype), inverted=True)
        shown = render(plain, percentile_window(plain, kind)).astype(int)
        other = render(negative, percentile_window(negative, kind)).astype(int)
        assert np.abs(shown - other).max() <= 4
        assert len(np.unique(shown)) > 30


@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (9, 9)])
@pytest.mark.parametrize("value", [0, 7, 65535])
def test_tiny_and_constant_images_have_presets_too(shape, value):
    image = radiograph(np.full(shape, value, np.uint16), windows=(Window(1, 1),))
    for preset in presets_of(image):
        assert render(image, preset.voi).shape == shape
    assert histogram_of(image).counts.sum() == image.pixels.size


def real_chests(shared_data):
    folders = ("fullsize/NORMAL", "fullsize/PNEUMONIA", "nih-adult-dev/NORMAL")
    return [path for name in folders for path in sorted((shared_data / name).iterdir())[:6]]


def test_on_real_chests_each_preset_opens_up_its_own_part(shared_data):
    """Lungs are the dark half of the middle, the mediastinum the bright stripe between them."""
    for path in real_chests(shared_data):
        image = read_radiograph(path)
        rows, columns = image.pixels.shape
        middle = image.pixels[rows // 5 : 4 * rows // 5, columns // 6 : 5 * columns // 6]
        dark = middle < np.percentile(middle, 35)
        bright = middle > np.percentile(middle, 65)

        def between(kind, part, image=image, middle=middle):
            shown = render(radiograph(middle), percentile_window(image, kind))
            return np.mean((shown[part] > 0) & (shown[part] < 255))

        assert between(LUNGS, dark) > 0.8, path.name
        assert between(MEDIASTINUM, bright) > 0.8, path.name
        assert between(MEDIASTINUM, dark) < 0.5, path.name
        assert between(BONE, bright) > 0.9, path.name


def test_the_histogram_counts_what_there_is():
    values = np.repeat(np.array([10, 11, 13], np.uint16), [5, 1, 4]).reshape(2, 5)
    histogram = histogram_of(radiograph(values))
    assert (histogram.low, histogram.high) == (10, 13)
    assert histogram.counts.tolist() == [5, 1, 0, 4]
    holes = np.array([[np.nan, 0.0, 1.0]], np.float32)
    assert histogram_of(radiograph(holes)).counts.sum() == 2


@pytest.mark.parametrize("value", [0.0, 0.5, 3000.5, -1e9, 1e30])
def test_a_histogram_of_floating_point_values_that_hardly_differ(value):
    values = np.full((4, 5), value, np.float32)
    values[0, 0] = np.nextafter(values[0, 0], np.float32(np.inf))
    for each in (values, np.full_like(values, value)):
        assert histogram_of(radiograph(each)).counts.sum() == 20


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID", "LUT"])
def test_range_and_centre_and_width_say_the_same(function):
    lut = VoiLut(np.linspace(0, 255, 100).astype(np.uint16), 50, 255)
    voi = lut if function == "LUT" else Window(100, 100, function)
    wider = moved(voi, *over_range(voi, 20, 400))
    assert shown_range(wider) == pytest.approx((20, 400))
    assert moved(wider, *over_range(wider, *shown_range(voi))).width == pytest.approx(voi.width)
    if function != "SIGMOID":
        values = np.array([[19, 20, 21, 399, 400, 401]], np.int32)
        shown = render(radiograph(values), wider)[0].tolist()
        assert shown[:2] == [0, 0]
        assert shown[-2:] == [255, 255]


def test_a_curve_keeps_its_shape_when_it_is_moved_and_stretched():
    table = (65535 * np.linspace(0, 1, 256) ** 2).astype(np.uint16)
    lut = VoiLut(table, 0, 65535)
    values = np.arange(256, dtype=np.uint16).reshape(16, 16)
    plain = render(radiograph(values), lut)
    twice = moved(lut, 2 * lut.center + 1000, 2 * lut.width)
    shown = render(radiograph(values.astype(np.int32) * 2 + 1000), twice)
    assert np.abs(shown.astype(int) - plain).max() <= 1
    further = moved(lut, lut.center + 30, lut.width)
    np.testing.assert_array_equal(render(radiograph(values + 30), further), plain)
