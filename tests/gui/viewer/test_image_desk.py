"""Drawing, turning, tags and the prior on the real window, by its keys."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from factories import chest_like, write_dicom
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.core.reading.marks import MarkKind
from app.gui.common.privacy import privacy
from app.gui.viewer.tags_model import TagColumn

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
WAIT = 20_000


@pytest.fixture
def patients(tmp_path) -> Path:
    """Three studies of one patient, one of another, one without a PatientID, a photograph."""
    folder = tmp_path / "patients"
    folder.mkdir()
    own = {"PatientID": "77", "IssuerOfPatientID": "CLINIC", "StudyTime": "1015"}
    days = {"a-now": "20240501", "b-older": "20190302", "c-old": "20211103", "f-other": "20230101"}
    for number, (name, day) in enumerate(days.items()):
        whose = own if name != "f-other" else {**own, "PatientID": "78"}
        pixels = chest_like(seed=number).astype(np.uint16) * 16
        write_dicom(
            folder / f"{name}.dcm",
            pixels,
            StudyDate=day,
            WindowCenter=2048,
            WindowWidth=4096,
            PatientOrientation=["L", "F"],
            **whose,
        )
    write_dicom(folder / "d-nobody.dcm", PatientID="", StudyDate="20240101")
    cv2.imwrite(str(folder / "e-plain.png"), chest_like())
    return folder


@pytest.fixture
def reading(window, qtbot, patients):
    """The window with the first image of the folder in view; nothing is scored."""
    window.settings.set_text("reader", "Tester")
    window.reading.controller.set_reader("Tester")
    window.open([str(patients)])
    show(window, qtbot, "a-now.dcm")
    window.image_view.setFocus()
    return window


def show(window, qtbot, name):
    def is_listed():
        return any(item.path.name == name for item in window.review.all_items())

    qtbot.waitUntil(is_listed, timeout=WAIT)
    item = next(item for item in window.review.all_items() if item.path.name == name)
    window.worklist.choose(item)

    def is_shown():
        image = window.image_view.radiograph
        return image is not None and image.path.name == name

    qtbot.waitUntil(is_shown, timeout=WAIT)


def drag(view, start, end):
    places = [view.to_view(QPointF(*point)).toPoint() for point in (start, end)]
    QTest.mousePress(view, LEFT, NONE, places[0])
    QTest.mouseMove(view, places[1])
    QTest.mouseRelease(view, LEFT, NONE, places[1])


def press(window, key, modifier=NONE):
    QTest.keyClick(window.image_view, key, modifier)


def kinds(window):
    return [mark.kind for mark in window.image_view.drawing.desk.marks]


def test_each_tool_has_a_key_and_its_button_lights(reading):
    view, buttons = reading.image_view, reading.image_desk.area.strip.buttons
    press(reading, Qt.Key.Key_L)
    assert buttons["length"].isChecked()
    drag(view, (40, 50), (140, 50))
    assert not buttons["length"].isChecked()
    press(reading, Qt.Key.Key_L, SHIFT)
    assert buttons["angle"].isChecked()
    press(reading, Qt.Key.Key_X)
    assert buttons["ratio"].isChecked()
    assert not buttons["angle"].isChecked()
    drag(view, (90, 100), (140, 100))
    drag(view, (40, 130), (200, 130))
    assert kinds(reading) == [MarkKind.LENGTH, MarkKind.RATIO]
    assert reading.commands["remove-mark"].isEnabled()
    press(reading, Qt.Key.Key_Delete)
    assert kinds(reading) == [MarkKind.LENGTH]
    for wanted in ("rectangle", "ellipse", "polygon"):
        press(reading, Qt.Key.Key_V)
        assert buttons[wanted].isChecked()
    press(reading, Qt.Key.Key_V)
    assert reading.image_view.drawing.kind is None
    press(reading, Qt.Key.Key_M)
    assert buttons["magnifier"].isChecked()
    press(reading, Qt.Key.Key_Escape)


def test_turning_has_keys_and_is_not_carried_to_the_next_image(reading, qtbot):
    port = reading.image_view.viewport
    press(reading, Qt.Key.Key_Right, CTRL)
    assert port.turns == 1
    press(reading, Qt.Key.Key_Left, CTRL)
    press(reading, Qt.Key.Key_Left, CTRL)
    assert port.turns == 3
    press(reading, Qt.Key.Key_H, CTRL | SHIFT)
    assert port.flipped
    press(reading, Qt.Key.Key_R)
    assert not port.is_turned
    press(reading, Qt.Key.Key_H, CTRL | SHIFT)
    show(reading, qtbot, "b-older.dcm")
    assert not port.is_turned


def test_marks_and_regions_come_back_with_their_image(reading, qtbot):
    view = reading.image_view
    qtbot.waitUntil(lambda: bool(reading.reading.controller.image.content_hash), timeout=WAIT)
    press(reading, Qt.Key.Key_L)
    drag(view, (40, 50), (140, 50))
    press(reading, Qt.Key.Key_V)
    drag(view, (40, 80), (140, 120))
    before = view.drawing.desk.marks
    qtbot.waitUntil(lambda: not reading.reading.controller.saving, timeout=WAIT)
    show(reading, qtbot, "b-older.dcm")
    assert view.drawing.desk.marks == ()
    show(reading, qtbot, "a-now.dcm")
    assert view.drawing.desk.marks == before
    qtbot.waitUntil(lambda: bool(reading.reading.controller.image.content_hash), timeout=WAIT)
    qtbot.wait(50)
    assert view.drawing.desk.marks == before
    stored = reading.reading.controller.book.latest(reading.reading.controller.image, "Tester")
    assert stored.regions == view.regions


def test_ctrl_z_takes_back_the_measure_or_the_verdict_with_its_region(reading, qtbot):
    view, controller = reading.image_view, reading.reading.controller
    qtbot.waitUntil(lambda: bool(controller.image.content_hash), timeout=WAIT)
    press(reading, Qt.Key.Key_V)
    drag(view, (40, 80), (140, 120))
    qtbot.waitUntil(lambda: bool(controller.book.history(controller.image)), timeout=WAIT)
    qtbot.waitUntil(lambda: not controller.saving, timeout=WAIT)
    press(reading, Qt.Key.Key_L)
    drag(view, (40, 50), (140, 50))
    assert kinds(reading) == [MarkKind.RECTANGLE, MarkKind.LENGTH]
    press(reading, Qt.Key.Key_Z, CTRL)
    assert kinds(reading) == [MarkKind.RECTANGLE]
    press(reading, Qt.Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: kinds(reading) == [], timeout=WAIT)
    qtbot.waitUntil(lambda: not controller.saving, timeout=WAIT)
    # The other way round: the measure is older than the verdict.
    press(reading, Qt.Key.Key_L)
    drag(view, (40, 50), (140, 50))
    press(reading, Qt.Key.Key_V)
    drag(view, (40, 80), (140, 120))
    qtbot.waitUntil(lambda: not controller.saving, timeout=WAIT)
    press(reading, Qt.Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: kinds(reading) == [MarkKind.LENGTH], timeout=WAIT)
    qtbot.waitUntil(lambda: not controller.saving, timeout=WAIT)
    press(reading, Qt.Key.Key_Z, CTRL)
    assert kinds(reading) == []


@pytest.mark.slow
def test_a_region_is_never_given_to_the_next_image(reading, qtbot):
    view, controller = reading.image_view, reading.reading.controller
    qtbot.waitUntil(lambda: bool(controller.image.content_hash), timeout=WAIT)
    first, shown = controller.image, view.radiograph.path
    press(reading, Qt.Key.Key_V)
    place = view.to_view(QPointF(40, 80)).toPoint()
    QTest.mousePress(view, LEFT, NONE, place)
    press(reading, Qt.Key.Key_J)  # from the end of the list it goes on at the top
    QTest.mouseRelease(view, LEFT, NONE, view.to_view(QPointF(140, 120)).toPoint())
    drag(view, (40, 80), (140, 120))
    qtbot.waitUntil(lambda: view.radiograph and view.radiograph.path != shown)
    qtbot.waitUntil(lambda: controller.image not in (first,) and not controller.saving)
    assert controller.book.history(controller.image) == ()
    assert controller.book.history(first) == ()


def test_y_shows_the_most_recent_prior_linked_and_named(reading, qtbot):
    prior = reading.image_desk.prior
    press(reading, Qt.Key.Key_Y)
    qtbot.waitUntil(lambda: prior.pane.view.radiograph is not None, timeout=WAIT)
    assert prior.pane.view.radiograph.path.name == "c-old.dcm"
    assert [each.item.path.name for each in prior.priors] == ["c-old.dcm", "b-older.dcm"]
    assert prior._prior_tag.title == "PRIOR  2021-11-03"
    assert prior._prior_tag.lines[0] == "2 years earlier"
    assert prior._tag.title == "Current  2024-05-01"
    assert reading.image_desk.area.strip.buttons["prior"].isChecked()
    view, other = reading.image_view, prior.pane.view
    view.zoom_by(2.0)
    share = other.viewport.scale / view.viewport.scale
    view.zoom_by(1.5)
    assert other.viewport.scale / view.viewport.scale == pytest.approx(share)
    view.levels.set(1000, 2048)
    assert (other.levels.shown.center, other.levels.shown.width) == (1000, 2048)
    other.levels.set(900, 1024)
    assert view.levels.shown.width == 1024, "either of them leads"
    prior.pane.link.setChecked(False)
    view.zoom_by(1.5)
    assert other.viewport.scale / view.viewport.scale != pytest.approx(share)
    press(reading, Qt.Key.Key_Y)
    assert not prior.is_open
    assert prior._tag.title == ""


def test_another_prior_can_be_chosen_and_the_pane_follows_the_list(reading, qtbot):
    prior = reading.image_desk.prior
    press(reading, Qt.Key.Key_Y)
    qtbot.waitUntil(lambda: prior.pane.view.radiograph is not None, timeout=WAIT)
    assert prior.pane.chooser.count() == 2
    prior.pane.chooser.activated.emit(1)
    qtbot.waitUntil(lambda: prior.pane.view.radiograph is not None, timeout=WAIT)
    assert prior.pane.view.radiograph.path.name == "b-older.dcm"
    show(reading, qtbot, "c-old.dcm")
    qtbot.waitUntil(lambda: prior.pane.view.radiograph is not None, timeout=WAIT)
    assert prior.pane.view.radiograph.path.name == "b-older.dcm"
    show(reading, qtbot, "b-older.dcm")
    qtbot.waitUntil(lambda: "no earlier image" in prior.pane.view.message, timeout=WAIT)
    assert prior.pane.view.radiograph is None
    show(reading, qtbot, "d-nobody.dcm")
    assert "PatientID" in prior.pane.view.message
    press(reading, Qt.Key.Key_Y)


def test_a_prior_whose_file_is_another_patients_by_now_is_not_shown(reading, qtbot, patients):
    prior = reading.image_desk.prior
    press(reading, Qt.Key.Key_Y)
    qtbot.waitUntil(lambda: prior.pane.view.radiograph is not None, timeout=WAIT)
    write_dicom(patients / "b-older.dcm", PatientID="78", StudyDate="20190302")
    prior.pane.chooser.activated.emit(1)
    qtbot.waitUntil(lambda: "has changed" in prior.pane.view.message, timeout=WAIT)
    assert prior.pane.view.radiograph is None
    assert prior._prior_tag.title == ""


def test_what_was_measured_on_the_prior_shows_beside_the_current_image(reading, qtbot):
    prior = reading.image_desk.prior
    show(reading, qtbot, "c-old.dcm")
    press(reading, Qt.Key.Key_X)
    drag(reading.image_view, (90, 100), (140, 100))
    drag(reading.image_view, (40, 130), (200, 130))
    measured = reading.image_view.drawing.desk.marks
    assert len(measured) == 1
    show(reading, qtbot, "a-now.dcm")
    press(reading, Qt.Key.Key_Y)
    qtbot.waitUntil(lambda: prior.pane.view.radiograph is not None, timeout=WAIT)
    assert prior.pane.view.drawing.desk.marks == measured
    drag(prior.pane.view, (90, 100), (95, 60))
    assert prior.pane.view.drawing.desk.marks == measured, "it is changed where it is read"
    press(reading, Qt.Key.Key_Y)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "reason"), [("d-nobody.dcm", "PatientID"), ("e-plain.png", "file")]
)
def test_why_there_is_no_prior_stands_on_the_image(reading, qtbot, name, reason):
    show(reading, qtbot, name)
    prior = reading.image_desk.prior
    press(reading, Qt.Key.Key_Y)
    assert not prior.is_open
    assert prior._tag.title == "No prior"
    assert reason in prior._tag.lines[0]
    show(reading, qtbot, "a-now.dcm")
    assert prior._tag.title == ""


def test_the_prior_hides_its_date_with_identity(reading, qtbot):
    prior = reading.image_desk.prior
    press(reading, Qt.Key.Key_Y)
    qtbot.waitUntil(lambda: prior.pane.view.radiograph is not None, timeout=WAIT)
    try:
        privacy.set_hidden(True)
        shown = [prior._prior_tag.title, prior._tag.title, prior.pane.chooser.itemText(0)]
        assert not any("20" in text for text in shown)
    finally:
        privacy.set_hidden(False)
    press(reading, Qt.Key.Key_Y)


def rows(window):
    model = window.image_desk.tags.found
    return {
        model.index(row, TagColumn.NAME).data(): model.index(row, TagColumn.VALUE).data()
        for row in range(model.rowCount())
    }


def test_tags_are_searched_copied_hidden_and_follow_the_image(reading, qtbot):
    press(reading, Qt.Key.Key_I, CTRL)
    tags = reading.image_desk.tags
    qtbot.waitUntil(lambda: bool(rows(reading)), timeout=WAIT)
    assert rows(reading)["PatientID"] == "77"
    for words in ("(0010,0020)", "00100020", "77"):
        tags.search.setText(words)
        assert "PatientID" in rows(reading)
        assert "Rows" not in rows(reading)
    tags.search.setText("ofpatientid")
    assert list(rows(reading)) == ["IssuerOfPatientID"]
    tags.search.setText("clinic")
    assert list(rows(reading)) == ["IssuerOfPatientID"]
    tags.tree.setCurrentIndex(tags.found.index(0, 0))
    tags.copy_action.trigger()
    assert QGuiApplication.clipboard().text() == "(0010,0021)\tIssuerOfPatientID\tLO\tCLINIC"
    try:
        privacy.set_hidden(True)
        assert rows(reading) == {}, "what is hidden is not found either"
        tags.search.clear()
        assert "CLINIC" not in rows(reading).values()
        assert "Secret" not in str(rows(reading))
        assert "a-now" not in tags.windowTitle()
        assert rows(reading)["Rows"] == "200"
    finally:
        privacy.set_hidden(False)
    show(reading, qtbot, "e-plain.png")
    qtbot.waitUntil(lambda: "Format" not in rows(reading) and "ImageType" in rows(reading))
    assert rows(reading)["Columns"] == "240"
    tags.close()


def test_the_middle_of_the_window_is_not_clipped(reading):
    strip = reading.image_desk.area.strip
    shown = [button for button in strip.buttons.values() if button.isVisible()]
    assert len(shown) == len(strip.buttons) > 10
    assert max(button.geometry().right() for button in shown) <= strip.width()
    assert reading.image_view.width() >= 500
