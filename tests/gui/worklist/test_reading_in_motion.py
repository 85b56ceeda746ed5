"""The real window while things move: another folder, another file under a name, a held key."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import cv2
import pytest
from factories import chest_like
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from window_steps import WAIT, choose_to_read, row_named

from app.core.reading.verdicts import Agreement
from app.gui.verdict.reading_desk import PATH_KEY
from app.gui.worklist.arrivals_desk import WATCH
from app.review.verdicts.store import VerdictStore, default_path


@pytest.fixture
def reading(window, mixed_folder, open_and_score, qtbot):
    """Everything scored, nothing watched, and Ada reads."""
    window.settings.set_flag(WATCH, False)
    window.reading.set_reader("Ada")
    open_and_score(mixed_folder)
    choose_to_read(window, qtbot, "image3.png")
    return window.reading


def drop(window, folder):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, buttons, keys))


def test_a_note_being_typed_is_kept_when_another_folder_is_dropped(
    window, reading, qtbot, tmp_path
):
    with qtbot.waitSignal(reading.service.saved, timeout=WAIT):
        reading.controller.advance = False
        QTest.keyClick(window.worklist.table, Qt.Key.Key_A)
    row = row_named(window, "image3.png")
    reading.write_note()
    QTest.keyClicks(reading.bar.note, "left base")
    other = tmp_path / "other"
    other.mkdir()
    cv2.imwrite(str(other / "other.png"), chest_like(seed=8))
    with qtbot.waitSignal(reading.service.saved, timeout=WAIT):
        drop(window, other)
    with VerdictStore(default_path()) as store:
        given = store.latest(row.image, "Ada")
    assert given.note == "left base"
    assert given.agreement is Agreement.AGREE
    assert given.p_pneumonia == row.prediction.p_pneumonia
    qtbot.waitUntil(lambda: window.controller.current is not None, timeout=WAIT)
    qtbot.waitUntil(lambda: reading.controller.on_screen, timeout=WAIT)
    assert reading.bar.note.text() == ""


def test_a_file_that_changed_unwatched_is_scored_anew_before_it_can_be_judged(
    window, reading, qtbot
):
    row = row_named(window, "image1.png")
    before, score = row.image, row.prediction.p_pneumonia
    window.service._loader.forget_paths([row.item.path])  # as if it had been shown long ago
    picture = chest_like(seed=1)
    picture[:, :150] //= 4
    cv2.imwrite(str(row.item.path), picture)
    assert window.worklist.choose(row.item)

    def anew():
        window.worklist_model.settle()
        return row.prediction is not None and row.image != before and reading.controller.on_screen

    qtbot.waitUntil(anew, timeout=WAIT)
    assert row.prediction.p_pneumonia != score
    assert window.prediction_panel._prediction == row.prediction
    assert reading.controller.image == row.image
    assert "changed" in window.notice_bar.shown.what
    with qtbot.waitSignal(reading.service.saved, timeout=WAIT):
        QTest.keyClick(window.worklist.table, Qt.Key.Key_A)
    with VerdictStore(default_path()) as store:
        assert store.latest(before) is None
        assert store.latest(row.image).p_pneumonia == row.prediction.p_pneumonia


@pytest.mark.slow
@pytest.mark.parametrize("name", ["agree", "unsure", "label-normal", "undo-verdict"])
def test_a_key_that_is_held_judges_one_image_only(window, name):
    assert not window.commands[name].autoRepeat()
    assert window.commands["next"].autoRepeat()


def test_a_key_without_a_command_does_not_leave_the_image(window, reading):
    assert window.worklist_model.rowCount() > 4
    current = window.controller.current
    for key in "0789bgqz":
        QTest.keyClicks(window.worklist.table, key)
        assert window.controller.current == current


def test_the_end_of_what_is_seen_is_not_the_end_of_the_list(window, reading):
    window.worklist.search.setText("image3")
    reading.controller.go_on()
    unread = len(window.worklist_model.rows) - 1
    assert f"Filtered or folded away: {unread}" in reading.bar.state.text()
    window.worklist.clear_filter()
    reading.controller.go_on()
    assert window.controller.current.path.name != "image3.png"


def test_where_the_verdicts_lie_is_hidden_with_the_identity(window, reading):
    place = "/home/ward-7/verdicts.sqlite"
    reading.bar.show_state(replace(reading.bar._state, unsaved=f"NOT SAVED. {place} is gone."))
    assert "ward-7" in reading.bar.state.text()
    window.commands["hide-identity"].trigger()
    assert "ward-7" not in reading.bar.state.text() + reading.bar.state.toolTip()
    assert "NOT SAVED" in reading.bar.state.text()


def test_a_place_that_cannot_be_used_loses_no_verdict_and_no_export(
    window, reading, qtbot, tmp_path
):
    reading.controller.advance = False
    usual = reading.service.in_use
    assert usual == default_path()
    foreign = tmp_path / "foreign.sqlite"
    with closing(sqlite3.connect(foreign)) as made:
        made.execute("CREATE TABLE of_another (program INTEGER)")
    window.settings.set_text(PATH_KEY, str(foreign))
    with qtbot.waitSignal(reading.service.not_opened, timeout=WAIT):
        window.desk.dialog = None
        reading.follow_settings()
    assert reading.service.in_use == usual
    with qtbot.waitSignal(reading.service.saved, timeout=WAIT):
        QTest.keyClick(window.worklist.table, Qt.Key.Key_A)
    exported = []
    window.exports.exporter.start = lambda *_, verdicts, **__: exported.append(verdicts)
    window.exports.export_list()
    window.exports.dialog.set_folder(str(tmp_path / "out"))
    window.exports.dialog.export_button.click()
    window.exports.dialog.close()
    assert exported == [usual]
    with VerdictStore(usual) as store:
        assert store.latest(row_named(window, "image3.png").image, "Ada").is_read
