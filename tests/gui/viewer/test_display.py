"""Window and level, presets, histogram, overlays, palettes and film on the real window."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
from factories import chest_like, write_dicom
from pydicom.tag import Tag
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest

from app.core.image.heatmap_paint import PALETTES, palette
from app.core.image.presets import shown_range
from app.core.image.radiograph import Window
from app.core.model.results import Heatmap
from app.gui.common.privacy import privacy
from app.gui.main_window import MainWindow

WAIT = 30_000
CHEST = chest_like(300, 360).astype(np.uint16) * 16
FRAMES = np.stack([np.roll(chest_like(60, 71), 9 * number, 1) for number in range(5)])


def show(window, qtbot, path):
    with qtbot.waitSignal(window.image_view.image_shown, timeout=WAIT, check_params_cb=None):
        window.open([str(path)])
    qtbot.waitUntil(lambda: window.image_view.radiograph is not None, timeout=WAIT)
    return window.image_view


@pytest.fixture
def chest(tmp_path):
    tags = {
        "WindowCenter": [2000, 1500],
        "WindowWidth": [4000, 1000],
        "WindowCenterWidthExplanation": ["NORMAL", "HARDER"],
        "RescaleSlope": 2,
        "RescaleIntercept": -1000,
        "RescaleType": "HU",
    }
    return write_dicom(tmp_path / "chest.dcm", CHEST, BitsStored=12, **tags)


def press(window, key, modifier=Qt.KeyboardModifier.NoModifier):
    window.image_view.setFocus()
    QTest.keyClick(window.image_view, key, modifier)


def test_the_keys_two_to_six_choose_presets(window, qtbot, chest):
    view = show(window, qtbot, chest)
    assert view.levels.shown == Window(2000, 4000)
    press(window, Qt.Key.Key_2)
    assert view.levels.shown == Window(1500, 1000)
    press(window, Qt.Key.Key_2)
    assert view.levels.shown == Window(2000, 4000)
    seen = set()
    for key in (Qt.Key.Key_3, Qt.Key.Key_4, Qt.Key.Key_5, Qt.Key.Key_6):
        press(window, key)
        seen.add(view.window_in_use)
    assert len(seen) == 4
    press(window, Qt.Key.Key_R)
    assert view.window_in_use is None


def wheel(view, notches, modifier):
    place = QPointF(view.rect().center())
    event = QWheelEvent(
        place,
        view.mapToGlobal(place),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        modifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    view.wheelEvent(event)


def test_the_wheel_with_ctrl_and_shift(window, qtbot, chest):
    view = show(window, qtbot, chest)
    scale = view.viewport.scale
    wheel(view, 1, Qt.KeyboardModifier.ControlModifier)
    assert view.levels.shown.width > 4000
    assert view.levels.shown.center == 2000
    width = view.levels.shown.width
    wheel(view, 1, Qt.KeyboardModifier.ShiftModifier)
    # A lower centre shows the same values brighter; of an inverted picture a higher one does.
    assert view.levels.shown == Window(2000 - 0.1 * width, width)
    view.toggle_inverted()
    wheel(view, 1, Qt.KeyboardModifier.ShiftModifier)
    assert view.levels.shown == Window(2000, width)
    assert view.viewport.scale == scale


def test_the_panel_follows_and_changes_the_window(window, qtbot, chest):
    view, panel = show(window, qtbot, chest), window.display.panel
    assert panel.isHidden() or not panel.isVisible()
    room = view.size()
    press(window, Qt.Key.Key_W)
    assert panel.isVisible()
    assert view.size() == room, "the panel takes room from the image"
    names = [panel.presets.itemText(place) for place in range(panel.presets.count())]
    assert names == ["NORMAL", "HARDER", "Automatic", "Lungs", "Mediastinum", "Bone"]
    assert panel.presets.currentText() == "NORMAL"
    assert (panel.center.value(), panel.width_box.value()) == (2000, 4000)
    panel.width_box.setFocus()
    panel.width_box.selectAll()
    QTest.keyClicks(panel.width_box, "900")
    QTest.keyClick(panel.width_box, Qt.Key.Key_Return)
    assert view.levels.shown == Window(2000, 900)
    assert panel.presets.currentIndex() == -1
    panel.presets.setCurrentIndex(4)
    panel.presets.activated.emit(4)
    assert view.levels.current.kind == "mediastinum"
    assert panel.center.value() == pytest.approx(view.levels.shown.center, abs=0.06)


def test_the_handles_of_the_histogram(window, qtbot, chest):
    view = show(window, qtbot, chest)
    press(window, Qt.Key.Key_4)
    press(window, Qt.Key.Key_W)
    strip = window.display.panel.histogram
    assert np.sum(strip._histogram.counts) == CHEST.size
    low, high = shown_range(view.levels.shown)
    start = QPoint(round(strip.place_of(high)), strip.height() // 2)
    QTest.mousePress(strip, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(strip, start - QPoint(40, 0))
    QTest.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=start - QPoint(40, 0))
    assert shown_range(view.levels.shown)[0] == pytest.approx(low)
    assert shown_range(view.levels.shown)[1] < high - 20
    low, high = shown_range(view.levels.shown)
    middle = QPoint(round(strip.place_of((low + high) / 2)), 10)
    QTest.mousePress(strip, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(strip, middle + QPoint(15, 0))
    QTest.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=middle + QPoint(15, 0))
    moved = shown_range(view.levels.shown)
    assert moved[0] > low
    assert moved[1] - moved[0] == pytest.approx(high - low)
    strip.setFocus()
    QTest.keyClick(strip, Qt.Key.Key_Up)
    wider = shown_range(view.levels.shown)
    assert wider[1] - wider[0] > moved[1] - moved[0]
    QTest.keyClick(strip, Qt.Key.Key_Right)
    assert shown_range(view.levels.shown)[0] > wider[0]


def test_the_panel_and_the_palette_are_remembered(window, qtbot, chest, opacity_home):
    show(window, qtbot, chest)
    window.commands["window-panel"].trigger()
    window.commands["palette-cividis"].trigger()
    window.commands["overlays"].trigger()
    window.commands["shutter"].trigger()
    window.close()
    assert window.service.close(30)
    again = MainWindow()
    again.show()
    assert again.commands["window-panel"].isChecked()
    assert again.display.panel.isVisible()
    assert again.commands["palette-cividis"].isChecked()
    assert again.image_view.palette_name == "cividis"
    assert not again.image_view.graphics_shown
    assert not again.image_view.shutter_shown
    again.close()
    assert again.service.close(30)
    again.deleteLater()


def test_each_palette_colours_map_and_legend(window, qtbot, chest):
    view = show(window, qtbot, chest)
    evidence = np.zeros((7, 7), np.float32)
    evidence[3, 3] = 1.0
    view.set_heatmap(Heatmap(evidence, 1.0, "Grad-CAM"))
    view.set_overlay_opacity(1.0)
    window.commands["heatmap"].trigger()
    pictures = []
    for name in PALETTES:
        window.commands[f"palette-{name}"].trigger()
        picture = view.grab().toImage()
        hottest = picture.pixelColor(view.viewport.image_rect().center().toPoint())
        wanted = palette(name)[255][:3]
        got = (hottest.red(), hottest.green(), hottest.blue())
        assert np.abs(np.subtract(got, wanted.astype(int))).max() < 40, name
        pictures.append(picture.copy(picture.width() - 220, picture.height() - 80, 220, 80))
    assert all(a != b for a, b in pairwise(pictures)), "legends"


def test_value_under_the_cursor_in_units_and_as_stored(window, qtbot, chest):
    view = show(window, qtbot, chest)
    place = view.viewport.image_rect().center()
    view.cursor_at = place.toPoint()
    point = view.to_image(QPointF(view.cursor_at))
    stored = CHEST[int(point.y()), int(point.x())]
    assert view.value_under_cursor() == 2 * stored.astype(float) - 1000
    from app.gui.viewer.window_level import value_words

    words = value_words(view.value_under_cursor(), view.radiograph)
    assert words == f"Value {2.0 * stored - 1000:g} HU  stored {stored}"


def with_overlay(path):
    import pydicom

    ds = pydicom.dcmread(path)
    mask = np.zeros(CHEST.shape, bool)
    mask[100:104, 50:300] = True
    for element, vr, value in (
        (0x0010, "US", mask.shape[0]),
        (0x0011, "US", mask.shape[1]),
        (0x0040, "CS", "G"),
        (0x0050, "SS", [1, 1]),
        (0x0100, "US", 1),
        (0x0102, "US", 0),
        (0x3000, "OW", np.packbits(mask.ravel(), bitorder="little").tobytes()),
    ):
        ds.add_new(Tag(0x6000, element), vr, value)
    ds.save_as(path)
    return path


def test_overlays_are_drawn_and_go_with_a_key_and_with_the_identity(window, qtbot, chest):
    view = show(window, qtbot, with_overlay(chest))

    def green():
        rect = view.viewport.image_rect()
        point = QPointF(
            rect.left() + 180.5 * view.viewport.scale, rect.top() + 102 * view.viewport.scale
        )
        colour = view.grab().toImage().pixelColor(point.toPoint())
        return colour.green() > colour.red() + 40

    assert green()
    view.rotate(1)
    view.rotate(3)
    assert green()
    press(window, Qt.Key.Key_O)
    assert not green()
    press(window, Qt.Key.Key_O)
    assert green()
    privacy.set_hidden(True)
    assert not green()
    privacy.set_hidden(False)
    assert green()


def test_the_shutter_covers_what_it_hides_and_goes_with_a_key(window, qtbot, tmp_path):
    bright = np.pad(CHEST, 40, constant_values=65000)
    edges = {"Left": 41, "Right": 400, "Upper": 41, "Lower": 340}
    told = {
        f"Shutter{name}{'Vertical' if name in ('Left', 'Right') else 'Horizontal'}Edge": at
        for name, at in edges.items()
    }
    path = write_dicom(tmp_path / "a.dcm", bright, ShutterShape="RECTANGULAR", **told)
    view = show(window, qtbot, path)

    def border():
        rect, scale = view.viewport.image_rect(), view.viewport.scale
        point = QPointF(rect.left() + 400 * scale, rect.bottom() - 15 * scale)
        return view.grab().toImage().pixelColor(point.toPoint()).lightness()

    assert border() < 10
    press(window, Qt.Key.Key_O, Qt.KeyboardModifier.ShiftModifier)
    assert border() > 240
    view.rotate(1)
    press(window, Qt.Key.Key_O, Qt.KeyboardModifier.ShiftModifier)
    view.rotate(3)
    assert border() < 10


def test_a_film_is_stepped_through_and_played(window, qtbot, tmp_path):
    path = write_dicom(tmp_path / "film.dcm", FRAMES, FrameTime=20, Modality="RF")
    view = show(window, qtbot, path)
    assert view.radiograph.frame == 0

    def shown(frame):
        qtbot.waitUntil(
            lambda: view.radiograph is not None and view.radiograph.frame == frame, timeout=WAIT
        )
        np.testing.assert_array_equal(view.radiograph.pixels, FRAMES[frame])

    view.zoom_by(2.0)
    scale = view.viewport.scale
    press(window, Qt.Key.Key_Period)
    shown(1)
    press(window, Qt.Key.Key_Comma)
    press(window, Qt.Key.Key_Comma)
    shown(4)
    assert view.viewport.scale == scale
    frames = []
    view.view_changed.connect(lambda: frames.append(view.radiograph.frame))
    press(window, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: len(frames) >= 8, timeout=WAIT)
    press(window, Qt.Key.Key_C)
    assert [b - a for a, b in pairwise(frames) if b != a] != []
    assert all((b - a) % 5 <= 1 for a, b in pairwise(frames))
    assert not window.display._clock.isActive()


def test_a_damaged_frame_says_so_in_its_place_only(window, qtbot, tmp_path):
    path = write_dicom(tmp_path / "film.dcm", FRAMES)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - FRAMES[0].size - 10])
    view = show(window, qtbot, path)
    press(window, Qt.Key.Key_Comma)
    qtbot.waitUntil(lambda: view.radiograph is None, timeout=WAIT)
    assert "Frame 5 of 5" in view.message
    press(window, Qt.Key.Key_Comma)
    qtbot.waitUntil(lambda: view.radiograph is None and "Frame 4" in view.message, timeout=WAIT)
    press(window, Qt.Key.Key_Comma)
    qtbot.waitUntil(lambda: view.radiograph is not None, timeout=WAIT)
    assert view.radiograph.frame == 2


def test_frames_are_offered_for_films_only_and_another_image_ends_the_playing(
    window, qtbot, tmp_path
):
    folder = tmp_path / "both"
    folder.mkdir()
    write_dicom(folder / "a.dcm", FRAMES, FrameTime=20)
    cv2.imwrite(str(folder / "b.png"), chest_like())
    view = show(window, qtbot, folder)
    qtbot.waitUntil(lambda: window.worklist_model.rowCount() >= 2, timeout=WAIT)
    window.worklist.step(-2)  # to the film, wherever the highest unread image stands
    qtbot.waitUntil(lambda: view.radiograph and view.radiograph.header.frames > 1, timeout=WAIT)
    assert window.commands["cine"].isEnabled()
    for _ in range(2):
        window.commands["cine"].trigger()
        with qtbot.waitSignal(view.image_shown, timeout=WAIT):
            window.worklist.step(1)
        qtbot.waitUntil(lambda: view.radiograph is not None, timeout=WAIT)
        assert not window.display._clock.isActive()
        assert window.commands["cine"].isEnabled() == (view.radiograph.header.frames > 1)
        window.worklist.step(-1)
        qtbot.waitUntil(lambda: view.radiograph is not None, timeout=WAIT)


def test_the_settings_page_chooses_palette_and_overlays(window, qtbot):
    window.desk.show_settings("Display")
    page = next(page for page in window.desk.dialog.pages if page.title == "Display")
    page.palette_box.setCurrentIndex(page.palette_box.findData("viridis"))
    page.overlays.setChecked(False)
    page.apply(window.settings)
    assert window.image_view.palette_name == "viridis"
    assert window.commands["palette-viridis"].isChecked()
    assert not window.image_view.graphics_shown
    page.load(window.settings)
    assert page.palette_box.currentData() == "viridis"
    window.desk.dialog.close()
