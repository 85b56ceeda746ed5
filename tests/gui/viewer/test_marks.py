"""Measures and regions on the image, by mouse and by keys."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from app.core.image.radiograph import Header, PixelSpacing, Radiograph, Window
from app.core.reading.marks import MarkKind
from app.core.reading.measure import length
from app.core.reading.verdicts import Region, RegionKind
from app.gui.viewer.image_view import ImageView
from app.gui.viewer.tools.mark_painting import warnings_of, words_of

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


def radiograph(name="x.dcm", rows=300, columns=200, **fields):
    pixels = np.full((rows, columns), 1000, np.uint16)
    pixels[: rows // 4, : columns // 4] = 3000
    fields.setdefault("windows", (Window(2000, 2000),))
    return Radiograph(Path(name), pixels, **fields)


@pytest.fixture
def view(qtbot):
    made = ImageView()
    qtbot.addWidget(made)
    made.resize(600, 500)
    made.show()
    made.set_radiograph(radiograph(spacing=PixelSpacing(0.4, 0.2, "detector")))
    made.setFocus()
    return made


def at(view, column, row):
    return view.to_view(QPointF(column, row)).toPoint()


def drag(view, start, end):
    QTest.mousePress(view, LEFT, NONE, start)
    QTest.mouseMove(view, (start + end) / 2)
    QTest.mouseMove(view, end)
    QTest.mouseRelease(view, LEFT, NONE, end)


def draw(view, kind, *points):
    view.drawing.draw(kind)
    places = [at(view, *point) for point in points]
    for start, end in zip(places[::2], places[1::2], strict=False):
        drag(view, start, end)
    if len(places) % 2:
        QTest.mouseClick(view, LEFT, NONE, places[-1])


def marks(view):
    return view.drawing.desk.marks


def test_a_drag_draws_a_length_and_the_button_is_for_the_window_again(view):
    draw(view, MarkKind.LENGTH, (40, 50), (140, 50))
    (mark,) = marks(view)
    assert view.drawing.kind is None
    found = length(*mark.points, view.radiograph.spacing)
    assert found == pytest.approx(20.0, abs=0.4)
    assert words_of(mark, view.radiograph) == [f"{found:.1f} mm at detector"]
    drag(view, at(view, 100, 200), at(view, 120, 220))
    assert view.window_in_use is not None
    assert len(marks(view)) == 1


def test_clicks_draw_as_well_as_drags(view):
    view.drawing.draw(MarkKind.ANGLE)
    for point in ((40, 50), (40, 150), (140, 150)):
        QTest.mouseClick(view, LEFT, NONE, at(view, *point))
    (mark,) = marks(view)
    assert words_of(mark, view.radiograph)[0] in ("89.9°", "90.0°", "90.1°")


def test_the_ratio_lies_level_on_the_screen_and_warns(view):
    draw(view, MarkKind.RATIO, (60, 100), (120, 130), (20, 160), (180, 140))
    (mark,) = marks(view)
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = mark.points
    assert (y0, y2) == (y1, y3)
    assert (x1 - x0) / (x3 - x2) == pytest.approx(60 / 160, abs=0.01)
    assert words_of(mark, view.radiograph)[0] == "Cardiothoracic ratio 0.38"
    assert [text.split(":")[0] for text in warnings_of(mark, view.radiograph)] == [
        "Unknown projection",
        "Unknown age",
    ]
    view.set_radiograph(radiograph("pa.dcm", header=Header(view="PA", age_years=50)))
    assert not warnings_of(mark, view.radiograph)
    view.rotate(1)
    draw(view, MarkKind.RATIO, (60, 100), (70, 200), (20, 50), (30, 250))
    (mark,) = marks(view)
    (x0, _), (x1, _), (x2, _), (x3, _) = mark.points
    assert (x0, x2) == (x1, x3), "level on the screen is upright in a picture on its side"
    assert words_of(mark, view.radiograph)[0] == "Cardiothoracic ratio 0.50"


def test_a_polygon_closes_at_its_first_corner(view):
    view.drawing.draw(MarkKind.POLYGON)
    for point in ((40, 50), (140, 50), (140, 150), (40, 50)):
        QTest.mouseClick(view, LEFT, NONE, at(view, *point))
    (region,) = view.regions
    assert region.kind is RegionKind.POLYGON
    assert np.allclose(region.points, [(40, 50), (140, 50), (140, 150)], atol=1)


def test_a_handle_can_be_dragged_and_the_line_moves_the_whole(view):
    draw(view, MarkKind.LENGTH, (40, 50), (140, 50))
    drag(view, at(view, 140, 50), at(view, 140, 120))
    assert np.allclose(marks(view)[0].points, [(40, 50), (140, 120)], atol=1)
    drag(view, at(view, 90, 85), at(view, 100, 105))
    assert np.allclose(marks(view)[0].points, [(50, 70), (150, 140)], atol=1.5)
    assert view.window_in_use is None


def test_a_click_with_a_shaking_hand_moves_nothing(view):
    draw(view, MarkKind.LENGTH, (40, 50), (140, 50))
    before = marks(view)
    place = at(view, 140, 50)
    drag(view, place, place + QPoint(2, 1))
    assert marks(view) == before
    assert view.drawing.desk.handle == 1


def test_the_marks_are_told_in_words(view):
    draw(view, MarkKind.LENGTH, (40, 50), (140, 50))
    draw(view, MarkKind.ELLIPSE, (40, 80), (140, 150))
    view.drawing.desk.set_label("nodule")
    words = view.accessibleDescription()
    assert words.startswith("Ellipse nodule. Distance ")
    assert words.endswith("mm at detector")


def test_nothing_leaves_the_image(view):
    draw(view, MarkKind.LENGTH, (40, 50), (140, 50))
    drag(view, at(view, 90, 50), at(view, -400, -400))
    assert min(min(point) for point in marks(view)[0].points) == 0
    assert length(*marks(view)[0].points, None) == pytest.approx(100, abs=1)


def test_delete_removes_and_undo_brings_back(view):
    draw(view, MarkKind.LENGTH, (40, 50), (140, 50))
    draw(view, MarkKind.LENGTH, (40, 90), (140, 90))
    kept = marks(view)
    QTest.mouseClick(view, LEFT, NONE, at(view, 90, 50))
    assert view.drawing.desk.selected == 0
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert marks(view) == kept[1:]
    QTest.keyClick(view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert marks(view) == kept
    for _ in range(9):
        QTest.keyClick(view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert marks(view) == ()


def test_tab_walks_through_the_handles_and_arrows_move_a_pixel(view):
    draw(view, MarkKind.LENGTH, (40, 50), (140, 50))
    view.drawing.desk.select(None)
    before = marks(view)[0].points
    QTest.keyClick(view, Qt.Key.Key_Tab)
    QTest.keyClick(view, Qt.Key.Key_Right)
    QTest.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    (x, y), other = marks(view)[0].points
    assert (x, y) == pytest.approx((before[0][0] + 1, before[0][1] + 10))
    assert other == before[1]
    QTest.keyClick(view, Qt.Key.Key_Tab)
    assert view.drawing.desk.handle == 1
    QTest.keyClick(view, Qt.Key.Key_Tab)
    assert view.drawing.desk.selected is None
    QTest.keyClick(view, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert view.drawing.desk.handle == 1


def test_arrows_mean_the_screen_whatever_way_the_image_lies(view):
    draw(view, MarkKind.LENGTH, (40, 50), (140, 50))
    before = marks(view)[0].points[0]
    view.rotate(1)
    view.flip()
    view.drawing.desk.select(0, 0)
    place = view.to_view(QPointF(*before))
    QTest.keyClick(view, Qt.Key.Key_Right)
    moved = marks(view)[0].points[0]
    assert view.to_view(QPointF(*moved)).x() > place.x()
    assert abs(moved[0] - before[0]) + abs(moved[1] - before[1]) == pytest.approx(1)


def test_up_and_down_walk_the_list_until_a_handle_is_chosen(view, qtbot):
    draw(view, MarkKind.LENGTH, (40, 50), (140, 50))
    with qtbot.waitSignal(view.step_wanted):
        QTest.keyClick(view, Qt.Key.Key_Down)


def test_a_mark_can_be_placed_without_a_mouse(view):
    view.drawing.draw(MarkKind.LENGTH)
    QTest.keyClick(view, Qt.Key.Key_Return)
    for _ in range(3):
        QTest.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(view, Qt.Key.Key_Return)
    (mark,) = marks(view)
    assert length(*mark.points, None) == pytest.approx(30)
    assert view.drawing.desk.handle == 1


def test_escape_puts_the_tool_away_with_what_is_half_drawn(view):
    view.drawing.draw(MarkKind.ANGLE)
    QTest.mouseClick(view, LEFT, NONE, at(view, 40, 50))
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert view.drawing.kind is None
    assert marks(view) == ()


def test_regions_are_told_named_and_kept_in_stored_pixels(view, qtbot):
    view.rotate(1)
    view.flip()
    with qtbot.waitSignal(view.regions_changed) as told:
        draw(view, MarkKind.RECTANGLE, (40, 50), (140, 150))
    (region,) = told.args[0]
    assert region.kind is RegionKind.RECTANGLE
    assert np.allclose(sorted(region.points), [(40, 50), (140, 150)], atol=1)
    QTest.keyClick(view, Qt.Key.Key_Return)
    editor = view.drawing.select_tool.editor
    QTest.keyClicks(editor, "Consolidation, n")
    with qtbot.waitSignal(view.regions_changed) as told:
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert told.args[0][0].label == "Consolidation, n"
    assert view.hasFocus()


def test_measures_are_no_regions(view, qtbot):
    with qtbot.assertNotEmitted(view.regions_changed):
        draw(view, MarkKind.LENGTH, (40, 50), (140, 50))
    assert view.regions == ()


def test_stored_regions_are_shown_without_being_told(view, qtbot):
    stored = (Region(RegionKind.ELLIPSE, ((10.0, 10.0), (50.0, 60.0)), "nodule"),)
    draw(view, MarkKind.LENGTH, (40, 50), (140, 50))
    with qtbot.assertNotEmitted(view.regions_changed):
        view.set_regions(stored)
    assert view.regions == stored
    assert len(marks(view)) == 2
    view.drawing.undo()
    assert view.regions == stored, "undoing a measure brings no older regions back"
    assert len(marks(view)) == 1


def test_steps_of_the_arrows_are_told_once_and_before_anything_else(view, qtbot):
    told = []
    view.regions_changed.connect(told.append)
    draw(view, MarkKind.RECTANGLE, (40, 50), (140, 150))
    view.drawing.desk.select(0, 0)
    for _ in range(5):
        QTest.keyClick(view, Qt.Key.Key_Left)
    assert len(told) == 1
    qtbot.waitUntil(lambda: len(told) == 2, timeout=2000)
    QTest.keyClick(view, Qt.Key.Key_Left)
    view.drawing.freeze()
    assert len(told) == 3
    assert told[-1] == view.regions


def test_marks_stay_with_their_image_for_the_session(view):
    draw(view, MarkKind.LENGTH, (40, 50), (140, 50))
    draw(view, MarkKind.ELLIPSE, (40, 80), (140, 150))
    kept = marks(view)
    view.set_radiograph(radiograph("other.dcm"))
    assert marks(view) == ()
    view.set_radiograph(None, "Reading…")
    view.grab()
    view.set_radiograph(radiograph())
    assert marks(view) == kept


def test_nothing_is_drawn_on_an_image_that_is_being_left(view):
    view.drawing.draw(MarkKind.RECTANGLE)
    QTest.mousePress(view, LEFT, NONE, at(view, 40, 50))
    view.drawing.freeze()
    QTest.mouseRelease(view, LEFT, NONE, at(view, 140, 150))
    draw(view, MarkKind.RECTANGLE, (40, 50), (140, 150))
    assert marks(view) == ()
    view.set_radiograph(radiograph("next.dcm"))
    draw(view, MarkKind.RECTANGLE, (40, 50), (140, 150))
    assert len(marks(view)) == 1


@pytest.mark.parametrize("kind", list(MarkKind))
def test_each_mark_is_painted_where_it_lies(view, kind):
    plain = view.grab().toImage()
    points = {
        MarkKind.ANGLE: [(40, 100), (100, 150), (160, 100)],
        MarkKind.RATIO: [(60, 100), (120, 100), (20, 150), (180, 150)],
    }.get(kind, [(40, 100), (160, 150)])
    if kind is MarkKind.POLYGON:
        view.drawing.draw(kind)
        for point in [(40, 100), (160, 100), (100, 150)]:
            QTest.mouseClick(view, LEFT, NONE, at(view, *point))
        QTest.keyClick(view, Qt.Key.Key_Return)
    else:
        draw(view, kind, *points)
    assert len(marks(view)) == 1
    drawn = view.grab().toImage()
    (x0, y0), (x1, y1) = marks(view)[0].outlines()[0][:2]
    place = at(view, (x0 + x1) / 2, (y0 + y1) / 2)
    assert drawn.pixelColor(place).red() > plain.pixelColor(place).red() + 50


def test_marks_are_painted_anew_only_when_they_look_different(view, monkeypatch):
    from app.gui.viewer.tools import select_tool

    painted = []
    monkeypatch.setattr(select_tool, "paint_mark", lambda *args, **_: painted.append(args[2].kind))
    draw(view, MarkKind.LENGTH, (40, 50), (140, 50))
    view.grab()
    painted.clear()
    view.levels.set(1500, 500)
    view.grab()
    assert not painted, "the window changes the pixels only"
    for change in (lambda: view.zoom_by(1.1), lambda: view.drawing.desk.select(0, 1), view.flip):
        change()
        view.grab()
        assert painted, change
        painted.clear()
    view.set_radiograph(radiograph(spacing=PixelSpacing(0.1, 0.1, "patient")))
    view.grab()
    assert painted
