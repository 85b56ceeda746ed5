"""Verdicts, on the real window with the real database."""

import hashlib
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from factories import chest_like, write_dicom
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from window_steps import WAIT, choose_to_read, row_named

from app.core.model.results import Call
from app.core.reading.verdicts import Agreement, ImageIdentity, Region, RegionKind, Verdict
from app.gui.main_window import MainWindow
from app.gui.verdict.reader_dialog import ReaderDialog
from app.gui.worklist.arrangement import BELOW, WorklistColumn
from app.review.verdicts.store import VerdictStore, default_path

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def activate(window, qtbot):
    """Keys belong to the window again after a dialog."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=WAIT)


def press(window, key, modifiers=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(window.worklist.table, key, modifiers)


def press_and_save(window, qtbot, key, modifiers=Qt.KeyboardModifier.NoModifier):
    with qtbot.waitSignal(window.reading.service.saved, timeout=WAIT):
        press(window, key, modifiers)


def stored(window, name, reader="Ada"):
    """What a program that starts now finds on disk."""
    with VerdictStore(default_path()) as store:
        return store.latest(row_named(window, name).image, reader)


def cell(window, name, column):
    index = window.worklist_model.index_of(row_named(window, name).item)
    return index.siblingAtColumn(column).data()


@pytest.fixture
def reading(window, mixed_folder, open_and_score, qtbot):
    """Everything scored, and Ada reads."""
    window.reading.set_reader("Ada")
    open_and_score(mixed_folder)
    choose_to_read(window, qtbot, "image3.png")
    return window.reading


def test_one_key_saves_the_verdict_and_the_next_unread_image_comes(window, reading, qtbot):
    press_and_save(window, qtbot, Qt.Key.Key_A)
    given = stored(window, "image3.png")
    row = row_named(window, "image3.png")
    assert given.agreement is Agreement.AGREE
    assert given.p_pneumonia == row.prediction.p_pneumonia
    assert given.label == row.prediction.call == given.call
    assert given.model == row.prediction.model
    assert given.score_visible
    assert window.controller.current.path.name != "image3.png"
    assert "agree" in cell(window, "image3.png", WorklistColumn.VERDICT)
    qtbot.waitUntil(lambda: reading.controller.on_screen, timeout=WAIT)
    other = window.controller.current.path.name
    press_and_save(window, qtbot, Qt.Key.Key_D)
    assert stored(window, other).agreement is Agreement.DISAGREE
    assert window.controller.current.path.name not in (other, "image3.png")


def test_every_image_is_read_once_with_one_key_each(window, reading, qtbot):
    window.worklist.step(-20)
    while not all(row.is_read for row in window.worklist_model.rows):
        qtbot.waitUntil(lambda: reading.controller.on_screen, timeout=WAIT)
        if window.controller.current.path.name == "broken.png":
            press_and_save(window, qtbot, Qt.Key.Key_A, SHIFT)
        else:
            press_and_save(window, qtbot, Qt.Key.Key_U)
    assert "No other unread" in reading.bar.state.text()
    with VerdictStore(default_path()) as store:
        images = {row.image.content_hash for row in window.worklist_model.rows}
        assert len(store.all()) == len(images) == 9  # two of the ten files hold the same values


def test_staying_on_the_image_is_a_setting(window, reading, qtbot):
    page = next(p for p in _settings(window).pages if p.title == "Reading")
    page.advance.setChecked(False)
    window.desk.dialog.accept()
    activate(window, qtbot)
    press_and_save(window, qtbot, Qt.Key.Key_U)
    assert window.controller.current.path.name == "image3.png"
    press(window, Qt.Key.Key_J)
    assert window.controller.current.path.name != "image3.png"


def _settings(window):
    window.desk.show_settings("Reading")
    return window.desk.dialog


def test_label_note_reason_and_key_image_by_keyboard(window, reading, qtbot):
    reading.controller.advance = False
    bar = reading.bar
    press_and_save(window, qtbot, Qt.Key.Key_P, SHIFT)
    call = row_named(window, "image3.png").prediction.call
    agreement = Agreement.AGREE if call is Call.PNEUMONIA else Agreement.DISAGREE
    assert stored(window, "image3.png").agreement is agreement
    assert bar.label.currentText() == "pneumonia"
    press_and_save(window, qtbot, Qt.Key.Key_K)
    assert bar.key.isChecked()
    press(window, Qt.Key.Key_Return, CONTROL)
    assert bar.note.hasFocus()
    QTest.keyClicks(bar.note, "adu left base")  # A, D and U are letters here
    with qtbot.waitSignal(reading.service.saved, timeout=WAIT):
        QTest.keyClick(bar.note, Qt.Key.Key_Return)
    assert window.worklist.table.hasFocus()
    bar.reason.setFocus()
    QTest.keyClicks(bar.reason.lineEdit(), "Device")
    with qtbot.waitSignal(reading.service.saved, timeout=WAIT):
        QTest.keyClick(bar.reason.lineEdit(), Qt.Key.Key_Return)
    given = stored(window, "image3.png")
    assert (given.label, given.key_image) == ("PNEUMONIA", True)
    assert (given.note, given.reason) == ("adu left base", "Device")
    bar.note.setFocus()
    QTest.keyClicks(bar.note, "oops")
    QTest.keyClick(bar.note, Qt.Key.Key_Escape)
    assert bar.note.text() == "adu left base"


def test_a_note_that_was_not_confirmed_is_saved_when_the_image_changes(window, reading, qtbot):
    reading.bar.note.setFocus()
    QTest.keyClicks(reading.bar.note, "half a thought")
    with qtbot.waitSignal(reading.service.saved, timeout=WAIT):
        window.worklist.step(1)
    assert stored(window, "image3.png").note == "half a thought"
    assert reading.bar.note.text() == ""
    choose_to_read(window, qtbot, "image3.png")
    assert reading.bar.note.text() == "half a thought"


def test_the_reader_is_asked_at_the_first_verdict_and_shown(
    window, mixed_folder, open_and_score, qtbot
):
    open_and_score(mixed_folder)
    choose_to_read(window, qtbot, "image3.png")
    assert window.reading.bar.reader.text() == "Who reads?"
    press(window, Qt.Key.Key_A)
    dialog = window.findChild(ReaderDialog)
    dialog.name.setEditText("Grace")
    with qtbot.waitSignal(window.reading.service.saved, timeout=WAIT):
        dialog.accept()
    assert stored(window, "image3.png", "Grace").agreement is Agreement.AGREE
    assert window.reading.bar.reader.text() == "Grace"
    activate(window, qtbot)
    qtbot.waitUntil(lambda: window.reading.controller.on_screen, timeout=WAIT)
    press_and_save(window, qtbot, Qt.Key.Key_A)
    assert window.settings.text("reader") == "Grace"


def test_undo_goes_back_and_says_what_was_undone(window, reading, qtbot):
    press_and_save(window, qtbot, Qt.Key.Key_D)
    assert window.controller.current.path.name != "image3.png"
    press_and_save(window, qtbot, Qt.Key.Key_Z, CONTROL)
    assert window.controller.current.path.name == "image3.png"
    assert "Undone: disagree" in reading.bar.state.text()
    assert stored(window, "image3.png") is None
    press_and_save(window, qtbot, Qt.Key.Key_Z, CONTROL | SHIFT)
    assert stored(window, "image3.png").agreement is Agreement.DISAGREE
    with VerdictStore(default_path()) as store:
        assert len(store.history(row_named(window, "image3.png").image)) == 3


def test_undo_finds_an_image_that_is_filtered_away_by_now(window, reading, qtbot):
    combo = window.worklist.verdict_filter
    combo.setCurrentIndex(combo.findData("unread"))
    window.worklist_model.toggle_fold(BELOW)
    assert window.worklist.choose(row_named(window, "knee.dcm").item)
    qtbot.waitUntil(lambda: reading.controller.on_screen, timeout=WAIT)
    press_and_save(window, qtbot, Qt.Key.Key_U)
    window.worklist.search.setText("nothing is called so")
    press_and_save(window, qtbot, Qt.Key.Key_Z, CONTROL)
    assert window.controller.current.path.name == "knee.dcm"
    assert window.worklist.current_item.path.name == "knee.dcm"


def test_a_click_leaves_the_keys_where_they_were(window, reading, qtbot):
    window.worklist.table.setFocus()
    with qtbot.waitSignal(reading.service.saved, timeout=WAIT):
        QTest.mouseClick(reading.bar.unsure, Qt.MouseButton.LeftButton)
    assert window.worklist.table.hasFocus()
    assert stored(window, "image3.png").agreement is Agreement.UNSURE


def test_regions_go_with_the_verdict_and_come_back(window, reading, qtbot):
    reading.controller.advance = False
    region = Region(RegionKind.RECTANGLE, ((10.0, 20.0), (60.0, 80.0)), "base")
    window.image_view.set_regions([region])
    with qtbot.waitSignal(reading.service.saved, timeout=WAIT):
        window.image_view.regions_changed.emit((region,))
    press_and_save(window, qtbot, Qt.Key.Key_A)
    assert stored(window, "image3.png").regions == (region,)
    choose_to_read(window, qtbot, "image2.png")
    assert tuple(window.image_view.regions) == ()
    choose_to_read(window, qtbot, "image3.png")
    assert tuple(window.image_view.regions) == (region,)


def test_a_refused_image_gets_a_label_and_nothing_to_agree_with(window, reading, qtbot):
    reading.controller.advance = False
    name = "knee.dcm"
    choose_to_read(window, qtbot, name)
    assert not reading.bar.agree.isVisible()
    assert reading.bar.normal.isVisible()
    press(window, Qt.Key.Key_A)
    assert "no score" in reading.bar.state.text()
    press_and_save(window, qtbot, Qt.Key.Key_N, SHIFT)
    given = stored(window, name)
    assert (given.label, given.agreement) == ("NORMAL", None)
    assert given.p_pneumonia is None


def press_in_vain(window, qtbot):
    """Everything that judges, labels, marks or draws."""
    for key, modifiers in (
        *((key, Qt.KeyboardModifier.NoModifier) for key in (Qt.Key.Key_A, Qt.Key.Key_D)),
        *((key, Qt.KeyboardModifier.NoModifier) for key in (Qt.Key.Key_U, Qt.Key.Key_K)),
        *((key, SHIFT) for key in (Qt.Key.Key_N, Qt.Key.Key_P)),
    ):
        press(window, key, modifiers)
        assert "cannot be read" in window.reading.bar.state.text()
    region = Region(RegionKind.RECTANGLE, ((1.0, 2.0), (6.0, 8.0)))
    window.image_view.regions_changed.emit((region,))
    window.reading.controller.set_note("odd")
    qtbot.wait(200)
    assert not window.reading.controller.saving


def test_what_was_never_on_the_screen_gets_no_label(window, reading, qtbot):
    choose_to_read(window, qtbot, "broken.png")
    bar = reading.bar
    assert bar.acknowledge.isVisible()
    assert not any(b.isVisible() for b in (bar.agree, bar.normal, bar.pneumonia, bar.unsure))
    assert not any(field.isEnabled() for field in (bar.label, bar.reason, bar.note, bar.key))
    press_in_vain(window, qtbot)
    with VerdictStore(default_path()) as store:
        assert store.all() == ()
    assert not row_named(window, "broken.png").is_read
    choose_to_read(window, qtbot, "image3.png")
    assert not bar.acknowledge.isVisible()
    assert bar.agree.isVisible()
    press(window, Qt.Key.Key_A, SHIFT)
    assert "judge this image" in bar.state.text()


def test_an_unreadable_file_is_acknowledged_for_its_path_alone(
    window, reading, qtbot, open_and_score, tmp_path
):
    folder = tmp_path / "empty"
    folder.mkdir()
    for name in ("one.dcm", "two.dcm", "three.png"):
        (folder / name).write_bytes(b"")
    open_and_score(folder)
    choose_to_read(window, qtbot, "one.dcm")
    reading.controller.advance = False
    press_and_save(window, qtbot, Qt.Key.Key_A, SHIFT)
    given = stored(window, "one.dcm")
    assert given.acknowledges
    assert (given.agreement, given.label, given.call, given.regions) == (None, "", None, ())
    read = {row.name for row in window.worklist_model.rows if row.is_read}
    assert read == {"one.dcm"}
    assert cell(window, "one.dcm", WorklistColumn.VERDICT) == "acknowledged: cannot be read"
    press_and_save(window, qtbot, Qt.Key.Key_Z, CONTROL)
    assert not row_named(window, "one.dcm").is_read


@pytest.mark.slow
def test_labels_that_an_earlier_version_gave_to_empty_files_are_no_readings(
    window, reading, qtbot, open_and_score, tmp_path
):
    before = ImageIdentity("file:" + hashlib.sha256(b"").hexdigest())
    with VerdictStore(default_path()) as store:
        store.add(
            Verdict(before, "Ada", None, datetime.now(UTC), label="NORMAL", key_image=True), None
        )
    folder = tmp_path / "empty"
    folder.mkdir()
    (folder / "a.dcm").write_bytes(b"")
    open_and_score(folder)
    choose_to_read(window, qtbot, "a.dcm")
    qtbot.waitUntil(lambda: len(reading.controller.book) == 1, timeout=WAIT)
    row = row_named(window, "a.dcm")
    assert not row.is_read
    assert cell(window, "a.dcm", WorklistColumn.VERDICT) == ""
    assert not reading.controller.book.entries()[0].verdict.is_read  # and yet it is kept


@pytest.mark.slow
def test_renaming_and_moving_a_folder_keeps_its_verdicts(
    window, reading, qtbot, open_and_score, mixed_folder, tmp_path
):
    (mixed_folder / "broken.png").unlink()
    open_and_score(mixed_folder)
    names = [row.item.path.name for row in window.worklist_model.rows]
    for name in names:
        choose_to_read(window, qtbot, name)
        press_and_save(window, qtbot, Qt.Key.Key_U)
    new = tmp_path / "elsewhere" / "new name"
    new.parent.mkdir()
    shutil.move(mixed_folder, new)
    for path in [p for p in sorted(new.rglob("*")) if p.is_file()]:
        path.rename(path.with_name(f"renamed-{path.name}"))
    open_and_score(new)
    rows = window.worklist_model.rows
    assert len(rows) == len(names)
    assert all(row.is_read for row in rows), [r.name for r in rows if not r.is_read]
    assert rows[0].reading.verdict.agreement is Agreement.UNSURE


def test_a_verdict_on_other_pixels_under_the_same_uid_is_told_and_does_not_count(
    window, reading, qtbot, open_and_score, tmp_path
):
    reading.controller.advance = False
    uid = "1.2.826.0.1.3680043.8.498.77"
    for folder, seed in (("a", 1), ("b", 2)):
        (tmp_path / folder).mkdir()
        write_dicom(tmp_path / folder / "x.dcm", chest_like(seed=seed), SOPInstanceUID=uid)
    open_and_score(tmp_path / "a")
    choose_to_read(window, qtbot, "x.dcm")
    press_and_save(window, qtbot, Qt.Key.Key_A)
    open_and_score(tmp_path / "b")
    choose_to_read(window, qtbot, "x.dcm")
    row = row_named(window, "x.dcm")
    assert not row.is_read
    assert row.reading.other_pixels
    assert "other pixels" in reading.bar.state.text()


def test_verdicts_on_dicom_appear_before_anything_is_scored(
    window, reading, qtbot, open_and_score, mixed_folder, monkeypatch
):
    choose_to_read(window, qtbot, "one.dcm")
    press_and_save(window, qtbot, Qt.Key.Key_D)
    monkeypatch.setattr(window.service, "_score_wanted", _Nothing())
    window.open([str(mixed_folder)])
    rows = window.worklist_model
    qtbot.waitUntil(lambda: any(r.is_read and r.name == "one.dcm" for r in rows.rows), timeout=WAIT)
    assert row_named(window, "one.dcm").prediction is None
    window.service.cancel()


class _Nothing:
    def emit(self, *_):
        pass


@pytest.mark.slow
def test_what_another_program_writes_shows_up(window, reading, qtbot):
    image = row_named(window, "image3.png").image
    with closing(VerdictStore(default_path())) as other:
        other.add(Verdict(image, "Grace", Agreement.UNSURE, datetime.now(UTC), label="effusion"))
        qtbot.waitUntil(lambda: "Grace" in reading.bar.state.text(), timeout=WAIT)
    assert "unsure, effusion" in reading.bar.state.text()
    assert not row_named(window, "image3.png").is_read


def test_a_verdict_that_cannot_be_saved_stays_and_says_so(window, reading, qtbot, monkeypatch):
    with closing(VerdictStore(default_path())) as other:
        other._connection.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr("app.review.verdicts.store.BUSY_SECONDS", 0.1)
        reading.service.open(default_path())
        with qtbot.waitSignal(reading.service.not_saved, timeout=WAIT):
            press(window, Qt.Key.Key_A)
        assert window.controller.current.path.name == "image3.png"
        assert "NOT SAVED: agree" in reading.bar.state.text()
        assert window.notice_bar.isVisible()
        other._connection.execute("ROLLBACK")
    assert stored(window, "image3.png") is None
    press_and_save(window, qtbot, Qt.Key.Key_A)
    assert stored(window, "image3.png").agreement is Agreement.AGREE
    assert "NOT SAVED" not in reading.bar.state.text()


def test_a_damaged_database_is_moved_aside_only_if_the_person_wants_it(
    window, mixed_folder, open_and_score, qtbot
):
    reading = window.reading
    reading.set_reader("Ada")
    open_and_score(mixed_folder)
    broken = default_path().with_name("broken.sqlite")
    broken.write_bytes(b"This is no database. " * 50)
    reading.path = broken
    with qtbot.waitSignal(reading.service.not_opened, timeout=WAIT):
        reading.follow_settings()
    assert broken.read_bytes().startswith(b"This is no database")
    box = reading.question
    with qtbot.waitSignal(reading.service.opened, timeout=WAIT):
        box.buttons()[0].click()
    kept = list(broken.parent.glob("broken.sqlite.aside-*"))
    assert len(kept) == 1
    assert kept[0].read_bytes().startswith(b"This is no database")
    activate(window, qtbot)
    choose_to_read(window, qtbot, "image3.png")
    press_and_save(window, qtbot, Qt.Key.Key_A)
    with VerdictStore(broken) as store:
        assert len(store.all()) == 1


def test_a_database_with_a_bad_cell_is_used_and_moving_it_aside_is_offered(window, qtbot):
    reading = window.reading
    ailing = default_path().with_name("ailing.sqlite")
    with VerdictStore(ailing) as store:
        for n in range(3):
            image = ImageIdentity(f"{n:064x}")
            store.add(Verdict(image, "Ada", Agreement.AGREE, datetime.now(UTC)))
    with closing(sqlite3.connect(ailing)) as database:
        database.execute("DROP TRIGGER history_keeps_words")
        database.execute("UPDATE history SET given_at = x'fffe' WHERE number = 2")
        database.commit()
    reading.path = ailing
    with qtbot.waitSignal(reading.service.ailing, timeout=WAIT):
        reading.follow_settings()
    assert len(reading.controller.book) == 2
    box = reading.question
    assert "row 2, column given_at" in box.text()
    with qtbot.waitSignal(reading.service.opened, timeout=WAIT):
        box.buttons()[0].click()
    assert len(list(ailing.parent.glob("ailing.sqlite.aside-*"))) == 1
    assert len(reading.controller.book) == 0


def test_closing_writes_the_note_that_is_being_typed(window, reading, qtbot):
    reading.bar.note.setFocus()
    QTest.keyClicks(reading.bar.note, "last words")
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=WAIT)
    assert stored(window, "image3.png").note == "last words"


def test_what_could_not_be_saved_is_not_lost(window, reading, qtbot, monkeypatch):
    """It is tried again after the next that can be, and the window asks before it closes."""
    monkeypatch.setattr("app.review.verdicts.store.BUSY_SECONDS", 0.1)
    with qtbot.waitSignal(reading.service.opened, timeout=WAIT):
        reading.service.open(default_path())
    with closing(VerdictStore(default_path())) as other:
        other._connection.execute("BEGIN IMMEDIATE")
        with qtbot.waitSignal(reading.service.not_saved, timeout=WAIT):
            press(window, Qt.Key.Key_A)
        choose_to_read(window, qtbot, "image2.png")
        assert "NOT SAVED" not in reading.bar.state.text()
        window.close()
        assert window.isVisible()
        assert "Verdicts that are not saved: 1" in reading.question.text()
        reading.question.buttons()[0].click()
        activate(window, qtbot)
        choose_to_read(window, qtbot, "image3.png")
        assert "NOT SAVED: agree" in reading.bar.state.text()
        choose_to_read(window, qtbot, "image2.png")
        other._connection.execute("ROLLBACK")
    with qtbot.waitSignals([reading.service.saved] * 2, timeout=WAIT):
        press(window, Qt.Key.Key_U)
    assert stored(window, "image2.png").agreement is Agreement.UNSURE
    assert stored(window, "image3.png").agreement is Agreement.AGREE
    assert reading.controller.unsaved == 0


def test_reader_and_verdicts_are_there_at_the_next_start(
    window, reading, qtbot, mixed_folder, monkeypatch
):
    press_and_save(window, qtbot, Qt.Key.Key_A)
    image = row_named(window, "image3.png").image
    window.close()
    again = MainWindow()
    again.show()
    try:
        qtbot.waitUntil(lambda: len(again.reading.controller.book) == 1, timeout=WAIT)
        assert again.reading.controller.reader == "Ada"
        assert again.reading.controller.row_reading(image).verdict.agreement is Agreement.AGREE
        assert again.reading.controller.row_reading(ImageIdentity("0" * 64)).verdict is None
    finally:
        again.close()
        assert again.service.close(30)
        again.deleteLater()
        qtbot.wait(1)
