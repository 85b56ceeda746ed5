import numpy as np
import pytest

from app.core.image.heatmap_paint import (
    PALETTES,
    blend,
    draws_nothing,
    empty_words,
    levels,
    paint,
    paint_contours,
    palette,
)
from app.core.model.results import Heatmap


def heatmap(values, full_scale=1.0):
    return Heatmap(np.array(values, np.float32), full_scale, "Grad-CAM")


# What is left of linear red, green and blue without one kind of cone (Machado, Oliveira and
# Fernandes, A physiologically-based model for simulation of color vision deficiency, 2009).
VISION = {
    "all cones": np.eye(3),
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritanopia": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


def seen(colours, matrix):
    """Lightness L* (CIE) and the distance from grey, of straight sRGB colours 0..255."""
    rgb = colours[:, :3] / 255.0
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(linear @ np.array(matrix).T, 0, 1)
    luminance = linear @ (0.2126, 0.7152, 0.0722)
    lightness = np.where(luminance > 0.008856, 116 * np.cbrt(luminance) - 16, 903.3 * luminance)
    return lightness, np.ptp(linear ** (1 / 2.4), axis=1)


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("name", PALETTES)
def test_every_palette_reads_with_any_colour_vision(name, vision):
    lightness, from_grey = seen(palette(name).astype(float), VISION[vision])
    assert lightness[-1] - lightness[0] > 35
    assert (np.diff(lightness[::16]) > 0).all()
    # The image below is grey: strong evidence is not.
    assert from_grey[192:].min() > 0.07


def test_an_unknown_palette_is_the_default_one():
    np.testing.assert_array_equal(palette("none such"), palette())


@pytest.mark.parametrize("name", PALETTES)
def test_the_palette_rises_in_lightness_and_opacity(name):
    colours = palette(name).astype(float)
    lightness = colours[:, :3] @ (0.2126, 0.7152, 0.0722)
    assert colours.shape == (256, 4)
    assert colours[0, 3] == 0
    assert colours[-1, 3] == 255
    assert (np.diff(colours[:, 3]) >= 0).all()
    assert lightness[-1] > lightness[128] > lightness[0]
    assert (np.diff(lightness) > -1.5).all()


@pytest.mark.parametrize("values", [[[0, 0], [0, 0]], [[0.009, 0], [0, 0.001]]])
def test_no_evidence_is_no_colour(values):
    grey = np.full((40, 60), 90, np.uint8)
    assert paint(heatmap(values), 40, 60)[..., 3].max() == 0
    assert (blend(grey, heatmap(values)) == 90).all()


def test_a_full_scale_of_nothing_divides_by_nothing():
    assert levels(heatmap([[1.0, 2.0]], full_scale=0.0), 10, 10).max() == 0


def test_weak_evidence_looks_weak_whatever_its_own_maximum():
    weak = paint(heatmap([[0.1, 0], [0, 0]]), 50, 50)
    strong = paint(heatmap([[1.0, 0], [0, 0]]), 50, 50)
    assert weak[..., 3].max() < 0.5 * strong[..., 3].max()
    assert paint(heatmap([[9.0, 0], [0, 0]]), 50, 50)[..., 3].max() == 255


def test_the_grid_spans_the_whole_image_whatever_its_aspect():
    values = np.zeros((7, 7), np.float32)
    values[1, 5] = 1.0
    shares = levels(heatmap(values), 140, 420)
    row, column = np.unravel_index(shares.argmax(), shares.shape)
    assert row / 140 == pytest.approx(1.5 / 7, abs=0.02)
    assert column / 420 == pytest.approx(5.5 / 7, abs=0.02)
    assert shares[:, :180].max() < 0.01
    assert shares.min() >= 0.0
    assert shares.max() <= 1.0


@pytest.mark.parametrize("name", PALETTES)
def test_below_a_fifth_of_full_scale_the_image_stays_as_it_is(name):
    assert palette(name)[:51, 3].max() == 0
    assert palette(name)[60, 3] > 0
    grey = np.full((40, 60), 90, np.uint8)
    assert (blend(grey, heatmap([[0.15, 0.1], [0.0, 0.12]]), 1.0, name) == 90).all()
    assert (blend(grey, heatmap([[0.9, 0.1], [0.0, 0.15]]), 1.0, name) != 90).any()


def test_a_map_of_which_nothing_is_drawn_says_so_and_excludes_nothing():
    faint, none, strong = heatmap([[0.1, 0.0]]), heatmap([[0.0, 0.0]]), heatmap([[0.5, 0.0]])
    assert [draws_nothing(each) for each in (faint, none, strong)] == [True, True, False]
    assert "below 20 %" in empty_words(faint)
    for each in (faint, none):
        assert "does not exclude pneumonia" in empty_words(each)


def test_contours_are_lines_along_the_levels():
    values = np.zeros((8, 8), np.float32)
    values[3:5, 3:5] = 1.0
    drawn = paint_contours(heatmap(values), 256, 256)[..., 3] > 0
    filled = paint(heatmap(values), 256, 256)[..., 3] > 0
    assert 0.02 < drawn.sum() / filled.sum() < 0.7
    assert not drawn[128, 128]
