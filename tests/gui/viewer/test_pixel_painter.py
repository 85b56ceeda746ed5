"""What the painter puts on the screen, pixel by pixel; numpy is the oracle."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSizeF
from PySide6.QtGui import QImage, QPainter

from app.core.image.display import render
from app.core.image.radiograph import Overlay, Radiograph, Window
from app.gui.viewer.pixel_painter import PixelPainter
from app.gui.viewer.viewport import Viewport

RNG = np.random.default_rng(4)
BLOCKS = RNG.integers(0, 4096, (60, 80)).astype(np.uint16)


def drawn(radiograph, viewport, voi=None, inverted=False, painter=None):
    """The view as (rows, columns) uint8."""
    width, height = round(viewport.view.width()), round(viewport.view.height())
    picture = QImage(width, height, QImage.Format.Format_RGB32)
    picture.fill(0)
    onto = QPainter(picture)
    (painter or PixelPainter()).draw(onto, viewport, radiograph, voi, inverted)
    onto.end()
    bits = np.frombuffer(picture.constBits(), np.uint8).reshape(height, width, 4)
    return bits[..., 0].copy()


def viewport_of(pixels, scale=1.0, turns=0, flipped=False):
    """A view that the image just fills."""
    rows, columns = pixels.shape
    size = QSizeF(columns * scale, rows * scale)
    made = Viewport(size.transposed() if turns % 2 else size, QSizeF(columns, rows))
    made.scale, made.centre = scale, QPointF(columns / 2, rows / 2)
    made.turns, made.flipped = turns, flipped
    return made


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.int32, np.float32])
def test_one_to_one_is_the_rendering_itself(dtype):
    image = Radiograph(Path("x"), (BLOCKS // 16).astype(dtype), windows=(Window(100, 200),))
    shown = drawn(image, viewport_of(image.pixels))
    np.testing.assert_array_equal(shown, render(image))


@pytest.mark.parametrize("dtype", [np.uint16, np.int16, np.float32])
def test_made_smaller_it_is_the_window_over_the_mean_of_stored_values(dtype):
    """Averaged first, then windowed: the mean of what a narrow window made black and white is
    another grey."""
    fine = RNG.integers(0, 4096, (300, 320))
    means = fine.reshape(60, 5, 64, 5).mean(axis=(1, 3))
    image = Radiograph(Path("x"), fine.astype(dtype), windows=(Window(2048, 300),))
    shown = drawn(image, viewport_of(image.pixels, 0.2))
    expected = render(Radiograph(Path("x"), np.rint(means).astype(np.int32)), Window(2048, 300))
    # The mean itself is rounded to a whole stored value, less than a grey level here.
    assert np.abs(shown.astype(int) - expected).max() <= 1
    after = render(image).reshape(60, 5, 64, 5).mean(axis=(1, 3))
    assert np.abs(after - expected).mean() > 10


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("flipped", [False, True])
def test_turned_and_flipped(turns, flipped):
    image = Radiograph(Path("x"), BLOCKS, windows=(Window(2048, 4096),))
    viewport = viewport_of(BLOCKS, 1.0, turns, flipped)
    expected = np.rot90(render(image), -turns)
    expected = expected[:, ::-1] if flipped else expected
    np.testing.assert_array_equal(drawn(image, viewport), expected)


def test_what_is_kept_never_outlives_its_image():
    """Another frame, window, zoom or inversion is another picture, in any order."""
    painter = PixelPainter()
    images = [
        Radiograph(Path("x"), np.roll(BLOCKS, number, 1), windows=(Window(2048, 4096),))
        for number in (0, 7)
    ]
    for _ in range(2):
        for image in images:
            for voi in (None, Window(1000, 900)):
                for inverted in (False, True):
                    shown = drawn(image, viewport_of(BLOCKS), voi, inverted, painter)
                    np.testing.assert_array_equal(shown, render(image, voi, inverted))


def test_a_thin_line_of_an_overlay_is_seen_at_every_scale():
    mask = np.zeros((600, 800), bool)
    mask[300] = True
    for scale in (0.1, 0.37, 1.0, 3.0):
        viewport = viewport_of(mask, scale)
        picture = QImage(viewport.view.toSize(), QImage.Format.Format_RGB32)
        picture.fill(0)
        onto = QPainter(picture)
        PixelPainter().draw_overlays(onto, viewport, (Overlay(mask),))
        onto.end()
        column = [picture.pixelColor(20, y).green() for y in range(picture.height())]
        assert max(column) > 110, scale
        assert np.mean(np.array(column) > 0) < 0.05, scale
