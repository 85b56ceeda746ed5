from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest

from app.core.image.radiograph import Header, Radiograph, Window
from app.core.model.results import Heatmap
from app.gui.viewer.image_view import ImageView


def radiograph(rows=300, columns=200, **fields):
    """Dark but for a bright mark at the upper left, 16 bits deep."""
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


def grey_at(view, row, column):
    """What is painted at a pixel of the image."""
    rect = view.viewport.image_rect()
    x = rect.left() + (column + 0.5) * view.viewport.scale
    y = rect.top() + (row + 0.5) * view.viewport.scale
    return view.grab().toImage().pixelColor(int(x), int(y)).lightness()


def test_an_image_is_fitted_whole_and_never_turned(view):
    rect = view.viewport.image_rect()
    assert view.rect().toRectF().contains(rect)
    assert rect.height() > 480
    assert rect.height() / rect.width() == pytest.approx(1.5)
    assert grey_at(view, 20, 20) == 255
    assert grey_at(view, 20, 180) < 5
    assert grey_at(view, 280, 20) < 5


@pytest.mark.parametrize("place", [QPointF(250, 300), QPointF(400, 100)])
def test_the_wheel_zooms_at_the_cursor(view, place):
    view.zoom_by(2.0)
    held = view.viewport.to_image(place)
    event = QWheelEvent(
        place,
        view.mapToGlobal(place),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    before = view.viewport.scale
    view.wheelEvent(event)
    assert view.viewport.scale > before
    after = view.viewport.to_image(place)
    assert after.x() == pytest.approx(held.x(), abs=0.01)
    assert after.y() == pytest.approx(held.y(), abs=0.01)


def test_one_to_one_shows_pixels_as_they_are(view):
    view.one_to_one()
    assert view.viewport.scale == 1.0
    image = view.grab().toImage()
    rect = view.viewport.image_rect()
    left, top = round(rect.left()), round(rect.top())
    # The edge of the bright mark lies between columns 49 and 50.
    assert image.pixelColor(left + 49, top + 10).lightness() == 255
    assert image.pixelColor(left + 50, top + 10).lightness() < 5


def test_a_resized_view_keeps_a_fitted_image_fitted(view):
    view.resize(900, 320)
    assert view.viewport.image_rect().height() == pytest.approx(308, abs=1)
    view.zoom_by(2.0)
    scale = view.viewport.scale
    view.resize(500, 500)
    assert view.viewport.scale == scale


def drag(view, button, start, end, modifier=Qt.KeyboardModifier.NoModifier):
    QTest.mousePress(view, button, modifier, start)
    QTest.mouseMove(view, end)
    QTest.mouseRelease(view, button, modifier, end)


@pytest.mark.parametrize("button", [Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton])
def test_a_drag_changes_the_window_on_the_full_depth(view, button):
    before = view.viewport.image_rect()
    drag(view, button, QPoint(300, 250), QPoint(340, 270))
    window = view.window_in_use
    assert window.width > 2000
    assert window.center < 2000
    assert view.viewport.image_rect() == before
    assert grey_at(view, 280, 20) > 5
    view.reset()
    assert view.window_in_use is None
    assert grey_at(view, 280, 20) < 5


def test_the_middle_button_and_space_pan(view):
    view.zoom_by(3.0)
    for press in (Qt.MouseButton.MiddleButton, Qt.MouseButton.LeftButton):
        before = view.viewport.image_rect().topLeft()
        if press is Qt.MouseButton.LeftButton:
            QTest.keyPress(view, Qt.Key.Key_Space)
        drag(view, press, QPoint(300, 250), QPoint(330, 240))
        moved = view.viewport.image_rect().topLeft() - before
        assert moved.toPoint() == QPoint(30, -10)
        assert view.window_in_use is None
    QTest.keyRelease(view, Qt.Key.Key_Space)


def test_an_image_cannot_be_lost_out_of_sight(view):
    view.zoom_by(2.0)
    view.viewport.pan(QPointF(99_999, 99_999))
    assert view.viewport.image_rect().intersects(view.rect().toRectF())


def test_invert_swaps_black_and_white_on_top_of_monochrome1(view):
    view.toggle_inverted()
    assert grey_at(view, 20, 20) < 5
    assert grey_at(view, 280, 20) == 255
    view.set_radiograph(radiograph(inverted=True))
    assert grey_at(view, 20, 20) < 5
    view.toggle_inverted()
    assert grey_at(view, 20, 20) == 255


def evidence(*, at=None, rows=7, columns=7):
    values = np.zeros((rows, columns), np.float32)
    if at:
        values[at] = 1.0
    return Heatmap(values, 1.0, "Grad-CAM")


def test_the_overlay_lies_over_the_right_pixels(view):
    plain = view.grab().toImage()
    view.set_heatmap(evidence(at=(5, 5)))
    with_map = view.grab().toImage()
    rect = view.viewport.image_rect()

    def point(row, column):
        return (
            int(rect.left() + rect.width() * column / 7),
            int(rect.top() + rect.height() * row / 7),
        )

    hot, cold = point(5.5, 5.5), point(5.5, 1.5)
    assert with_map.pixelColor(*hot).red() > plain.pixelColor(*hot).red() + 80
    assert with_map.pixelColor(*cold) == plain.pixelColor(*cold)


def test_an_empty_map_paints_nothing_over_the_image(view):
    plain = view.grab().toImage()
    view.set_heatmap(evidence())
    with_map = view.grab().toImage()
    rect = view.viewport.image_rect().toRect().adjusted(2, 2, -2, -40)
    assert with_map.copy(rect) == plain.copy(rect)
    assert with_map != plain, "the words that say so are missing"


def test_a_huge_image_is_drawn_from_a_bounded_number_of_pixels(view, monkeypatch):
    from app.gui.viewer import pixel_painter

    sizes = []
    real = pixel_painter._resized

    def counted(values, *where):
        sizes.append(values.size)
        return real(values, *where)

    monkeypatch.setattr(pixel_painter, "_resized", counted)
    monkeypatch.setattr(pixel_painter, "_MOST_PIXELS", 100_000)
    view.set_radiograph(radiograph(3000, 2000))
    view.grab()
    assert max(sizes) <= 110_000
    view.one_to_one()
    view.grab()
    assert grey_at(view, 1500, 1000) < 5


def test_the_value_under_the_cursor_is_the_stored_one(view):
    rect = view.viewport.image_rect()
    view.cursor_at = (rect.topLeft() + QPointF(5, 5)).toPoint()
    assert view.value_under_cursor() == 3000
    view.cursor_at = QPoint(1, 1)
    assert view.value_under_cursor() is None


def test_one_pixel_and_a_wide_strip_can_be_shown(view):
    for shape in ((1, 1), (1, 900), (900, 1)):
        view.set_radiograph(Radiograph(Path("x"), np.full(shape, 200, np.uint8)))
        view.set_heatmap(evidence(at=(3, 3)))
        view.grab()
        view.one_to_one()
        view.grab()


def test_sides_are_told_only_when_the_header_tells_them(view):
    plain = view.grab().toImage()
    view.set_radiograph(radiograph(header=Header(patient_orientation=("L", "F"))))
    with_sides = view.grab().toImage()
    assert with_sides != plain
