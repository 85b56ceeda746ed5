"""Turned and flipped pictures: what is seen follows, the pixels never do."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QSizeF, Qt
from PySide6.QtTest import QTest

from app.core.image.radiograph import Header, PixelSpacing, Radiograph, Window
from app.core.model.results import Heatmap
from app.gui.viewer.image_view import ImageView
from app.gui.viewer.tools import magnifier, static_overlays
from app.gui.viewer.tools.static_overlays import turned_words
from app.gui.viewer.viewport import Viewport

TURNS = [(turns, flipped) for turns in range(4) for flipped in (False, True)]


def radiograph(rows=300, columns=200, **fields):
    """Dark but for a bright mark at the upper left."""
    pixels = np.full((rows, columns), 1000, np.uint16)
    pixels[: rows // 4, : columns // 4] = 3000
    fields.setdefault("windows", (Window(2000, 2000),))
    return Radiograph(Path("x.dcm"), pixels, **fields)


@pytest.fixture
def view(qtbot):
    made = ImageView()
    qtbot.addWidget(made)
    made.resize(600, 500)
    made.show()
    made.set_radiograph(radiograph())
    return made


def turn(view, turns, flipped):
    view.rotate(turns)
    if flipped:
        view.flip()


def grey_at(view, column, row):
    place = view.to_view(QPointF(column, row)).toPoint()
    return view.grab().toImage().pixelColor(place).lightness()


@pytest.mark.parametrize(("turns", "flipped"), TURNS)
def test_the_transform_goes_there_and_back(turns, flipped):
    port = Viewport(QSizeF(600, 500), QSizeF(200, 300), turns=turns, flipped=flipped)
    port.fit()
    port.zoom(2.5, QPointF(420, 130))
    port.pan(QPointF(30, -10))
    for point in (QPointF(0, 0), QPointF(600, 500), QPointF(133, 402)):
        again = port.transform().map(port.to_image(point))
        assert (again.x(), again.y()) == pytest.approx((point.x(), point.y()))


@pytest.mark.parametrize(("turns", "flipped"), TURNS)
def test_a_turned_picture_stands_where_the_transform_says(turns, flipped):
    port = Viewport(QSizeF(60, 60), QSizeF(3, 2), turns=turns, flipped=flipped)
    port.fit()
    picture = np.arange(6).reshape(2, 3)
    turned = port.turned(picture)
    rect = port.image_rect()
    for row in range(2):
        for column in range(3):
            place = port.transform().map(QPointF(column + 0.5, row + 0.5)) - rect.topLeft()
            assert (
                turned[int(place.y() / port.scale), int(place.x() / port.scale)]
                == (picture[row, column])
            )


def test_right_is_clockwise_on_the_screen_flipped_or_not():
    port = Viewport(QSizeF(60, 60), QSizeF(10, 10))
    for flipped in (False, True):
        port.stand_upright()
        if flipped:
            port.flip()
        port.fit()
        seen = port.to_image(QPointF(30, 1))
        port.rotate(1)
        place = port.transform().map(seen)
        assert (place.x(), place.y()) == pytest.approx((59, 30)), "what was on top is on the right"


@pytest.mark.parametrize(("turns", "flipped"), TURNS)
def test_the_picture_turns_and_stays_fitted_and_whole(view, turns, flipped):
    before = view.radiograph.pixels.copy()
    turn(view, turns, flipped)
    rect = view.viewport.image_rect()
    assert view.rect().toRectF().contains(rect)
    assert max(rect.width() - 588, rect.height() - 488) == pytest.approx(0, abs=1)
    assert grey_at(view, 20, 20) == 255
    assert grey_at(view, 180, 20) < 5
    assert grey_at(view, 20, 280) < 5
    assert np.array_equal(view.radiograph.pixels, before)


@pytest.mark.parametrize(("turns", "flipped"), TURNS)
def test_the_heatmap_turns_with_it(view, turns, flipped):
    values = np.zeros((7, 7), np.float32)
    values[5, 1] = 1.0
    view.set_heatmap(Heatmap(values, 1.0, "Grad-CAM"))
    turn(view, turns, flipped)
    drawn = view.grab().toImage()
    hot = view.to_view(QPointF(200 * 1.5 / 7, 300 * 5.5 / 7)).toPoint()
    cold = view.to_view(QPointF(200 * 5.5 / 7, 300 * 1.5 / 7)).toPoint()
    assert drawn.pixelColor(hot).red() > 80
    assert drawn.pixelColor(cold).red() < 5


def test_zoom_pan_value_and_window_work_on_a_turned_picture(view):
    turn(view, 1, True)
    held = view.to_image(QPointF(250, 200))
    view.zoom_by(2.0, QPointF(250, 200))
    after = view.to_image(QPointF(250, 200))
    assert (after.x(), after.y()) == pytest.approx((held.x(), held.y()))
    before = view.viewport.image_rect().topLeft()
    view.viewport.pan(QPointF(15, -20))
    assert (view.viewport.image_rect().topLeft() - before).toPoint() == QPoint(15, -20)
    view.cursor_at = view.to_view(QPointF(20, 20)).toPoint()
    assert view.value_under_cursor() == 3000
    QTest.mousePress(view, Qt.MouseButton.RightButton, pos=QPoint(300, 250))
    QTest.mouseMove(view, QPoint(340, 270))
    QTest.mouseRelease(view, Qt.MouseButton.RightButton, pos=QPoint(340, 270))
    assert view.levels.shown.width > 2000


def test_the_image_says_so_until_it_is_reset_or_another_comes(view, monkeypatch):
    said = []
    monkeypatch.setattr(static_overlays, "paint_warning", lambda *args: said.append(args[2]))
    view.grab()
    assert not said
    view.flip()
    view.grab()
    assert said.pop() == "Flipped"
    view.rotate(1)
    view.grab()
    assert said.pop() == "Rotated 270° · Flipped"
    view.reset()
    assert not view.viewport.is_turned
    view.rotate(-1)
    assert turned_words(view.viewport) == "Rotated 270°"
    view.set_radiograph(radiograph())
    assert turned_words(view.viewport) == ""


def test_the_warning_is_seen(view):
    turn(view, 2, False)
    place = QRect(200, 34, 200, 30)
    warned = view.grab().toImage().copy(place)
    view.layers.clear()
    assert warned != view.grab().toImage().copy(place)


def letters_of(view, monkeypatch):
    placed = {}

    def remember(_painter, text, centre):
        placed[text] = (centre.x(), centre.y())

    monkeypatch.setattr(static_overlays, "_paint_seamed", remember)
    view.grab()
    return placed


def test_letters_stand_at_the_edges_and_follow(view, monkeypatch):
    view.set_radiograph(radiograph(header=Header(patient_orientation=("L", "F"))))
    placed = letters_of(view, monkeypatch)
    assert placed["R"][0] < 60 < 500 < placed["L"][0]
    assert placed["H"][1] < 40 < 460 < placed["F"][1]
    view.rotate(1)
    placed = letters_of(view, monkeypatch)
    assert placed["R"][1] < 40
    assert placed["H"][0] > 500
    view.set_radiograph(radiograph())
    assert set(letters_of(view, monkeypatch)) == {"100 px"}


@pytest.mark.parametrize(
    ("spacing", "turns", "millimetres", "words"),
    [
        (PixelSpacing(0.4, 0.2, "detector"), 0, 0.4, {"2 cm", "at detector"}),
        (PixelSpacing(0.4, 0.2, "patient"), 1, 0.2, {"1 cm"}),
    ],
)
def test_the_scale_is_as_long_as_it_says(view, monkeypatch, spacing, turns, millimetres, words):
    view.set_radiograph(radiograph(spacing=spacing))
    view.rotate(turns)
    bar = view.furniture.scale(view)
    assert bar.pixels * millimetres == pytest.approx({"2 cm": 20, "1 cm": 10}[bar.figure])
    assert set(letters_of(view, monkeypatch)) == words


def test_the_lens_shows_what_is_under_the_cursor_larger_through_the_window(view):
    view.set_radiograph(radiograph(3000, 2000))
    edge = view.to_view(QPointF(500, 300)).toPoint()
    view.cursor_at = edge
    view.drawing.magnify()
    assert view.drawing.magnifier.factor == 2
    drawn = view.grab().toImage()
    assert drawn.pixelColor(edge - QPoint(40, 0)).lightness() == 255
    assert drawn.pixelColor(edge + QPoint(40, 0)).lightness() < 5
    # 30 pixels below, twice enlarged, is 15 pixels away in the image: still bright.
    assert drawn.pixelColor(edge + QPoint(-40, 100)).lightness() == 255
    view.toggle_inverted()
    assert view.grab().toImage().pixelColor(edge - QPoint(40, 0)).lightness() < 5
    for factor in (3, 4, 0):
        view.drawing.magnify()
        assert view.drawing.magnifier.factor == factor
    view.drawing.magnify()
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert view.drawing.magnifier.factor == 0
    assert magnifier.FACTORS == (2, 3, 4)


def test_two_views_of_other_sizes_show_the_same_part():
    one = Viewport(QSizeF(600, 500), QSizeF(2000, 3000))
    other = Viewport(QSizeF(300, 700), QSizeF(800, 700))
    one.fit()
    one.zoom(3.0, QPointF(420, 130))
    other.look_alike(one)
    share = one.to_image(QPointF(300, 250))
    theirs = other.to_image(QPointF(150, 350))
    assert theirs.x() / 800 == pytest.approx(share.x() / 2000)
    assert theirs.y() / 700 == pytest.approx(share.y() / 3000)
    one.fit()
    other.look_alike(one)
    assert other.fitted
