"""Images that arrive by themselves, in the real window: watched folders."""

from __future__ import annotations

import cv2
import pytest
from factories import chest_like, write_dicom
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.core.image.reader import _GONE
from app.core.model.results import Prediction, Status
from app.core.reading.marks import Mark, MarkKind
from app.gui.common.wording import score_words
from app.gui.viewer.tags_model import TagColumn
from app.gui.worklist.arrangement import State, WorklistColumn
from app.gui.worklist.arrivals_desk import WATCH
from app.inference.scoring.pipeline import Scored
from app.jobs import folder_watcher
from app.network.config import load

WAIT = 30_000


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr(folder_watcher, "_SOON_S", 0.3)
    monkeypatch.setattr(folder_watcher, "_QUIET_S", 0.3)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "opened"
    made.mkdir()
    for number in range(3):
        cv2.imwrite(str(made / f"image{number}.png"), chest_like(seed=number))
    return made


def row_named(window, name):
    return next((row for row in window.worklist_model.rows if row.item.path.name == name), None)


def state_cell(window, name):
    index = window.worklist_model.index_of(row_named(window, name).item)
    return index.siblingAtColumn(WorklistColumn.STATE).data()


def forget_read_ahead(window):
    """As after a few more images: what was read ahead is read from the disk again."""
    window.service._loader._images.clear()


def choose(window, qtbot, name):
    window.worklist.table.setCurrentIndex(
        window.worklist_model.index_of(row_named(window, name).item)
    )
    qtbot.waitUntil(lambda: window.controller.current.path.name == name, timeout=WAIT)


@pytest.mark.slow
def test_a_new_image_is_listed_and_scored_and_the_one_in_view_stays(
    window, qtbot, folder, open_and_score
):
    open_and_score(folder)
    choose(window, qtbot, "image1.png")
    qtbot.waitUntil(lambda: window.image_view.radiograph is not None, timeout=WAIT)
    before = sorted(folder.iterdir())
    cv2.imwrite(str(folder / "a-first.png"), chest_like(seed=9))
    qtbot.waitUntil(
        lambda: (
            (row := row_named(window, "a-first.png")) is not None
            and row.state in (State.SCORED, State.CAUTION)
        ),
        timeout=WAIT,
    )
    assert window.controller.current.path.name == "image1.png"
    current = window.worklist.table.currentIndex()
    assert window.worklist_model.item_at(current).path.name == "image1.png"
    assert sorted(folder.iterdir()) == sorted([*before, folder / "a-first.png"])
    qtbot.waitUntil(lambda: not window.service.is_busy, timeout=WAIT)
    assert not window.status_line.bar.isVisible()


@pytest.mark.slow
def test_an_empty_folder_shows_its_first_image_when_it_comes(window, qtbot, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    with qtbot.waitSignal(window.service.scan_finished, timeout=WAIT):
        window.open([str(empty)])
    assert window.controller.current is None
    cv2.imwrite(str(empty / "one.png"), chest_like())
    qtbot.waitUntil(lambda: window.controller.current is not None, timeout=WAIT)
    qtbot.waitUntil(lambda: window.image_view.radiograph is not None, timeout=WAIT)
    qtbot.waitUntil(lambda: not window.service.is_busy, timeout=WAIT)


def test_a_removed_image_stays_marked_with_its_score(window, qtbot, folder, open_and_score):
    open_and_score(folder)
    choose(window, qtbot, "image1.png")
    score = row_named(window, "image2.png").prediction
    (folder / "image2.png").unlink()
    qtbot.waitUntil(lambda: row_named(window, "image2.png").gone, timeout=WAIT)
    assert state_cell(window, "image2.png") == "gone"
    assert row_named(window, "image2.png").prediction == score
    assert window.controller.current.path.name == "image1.png"
    forget_read_ahead(window)
    choose(window, qtbot, "image2.png")
    qtbot.waitUntil(lambda: "no longer there" in window.image_view.message, timeout=WAIT)
    window.worklist_model.rearrange()
    assert row_named(window, "image2.png").prediction == score


@pytest.mark.slow
def test_a_changed_image_is_read_and_scored_anew(window, qtbot, folder, open_and_score):
    open_and_score(folder)
    choose(window, qtbot, "image1.png")
    qtbot.waitUntil(lambda: window.image_view.radiograph is not None, timeout=WAIT)
    before = window.image_view.radiograph
    cv2.imwrite(str(folder / "image1.png"), 255 - chest_like(seed=5))
    window.arrivals.watcher.look_now()
    qtbot.waitUntil(lambda: "has changed" in window.notice_bar.text.text(), timeout=WAIT)
    qtbot.waitUntil(
        lambda: (
            window.image_view.radiograph is not None and window.image_view.radiograph is not before
        ),
        timeout=WAIT,
    )
    assert (window.image_view.radiograph.pixels != before.pixels).any()
    qtbot.waitUntil(lambda: row_named(window, "image1.png").prediction is not None, timeout=WAIT)


@pytest.mark.slow
def test_what_was_measured_is_not_carried_to_another_image_under_the_same_name(
    window, qtbot, folder, open_and_score
):
    open_and_score(folder)
    choose(window, qtbot, "image1.png")
    view, desk = window.image_view, window.image_view.drawing.desk

    def wait_for_another(image=None):
        qtbot.waitUntil(
            lambda: (
                view.radiograph is not None
                and view.radiograph.path.name == "image1.png"
                and view.radiograph is not image
            ),
            timeout=WAIT,
        )

    wait_for_another()
    desk.add(Mark(MarkKind.LENGTH, ((10.0, 10.0), (60.0, 10.0))))
    before, old = view.radiograph, (folder / "image1.png").read_bytes()
    cv2.imwrite(str(folder / "image1.png"), 255 - chest_like(seed=5))
    window.arrivals.watcher.look_now()
    wait_for_another(before)
    assert desk.marks == ()
    assert not desk.can_undo
    # The old image again has its own again.
    changed = view.radiograph
    (folder / "image1.png").write_bytes(old)
    window.arrivals.watcher.look_now()
    wait_for_another(changed)
    assert [mark.kind for mark in desk.marks] == [MarkKind.LENGTH]


@pytest.mark.slow
def test_the_tags_of_a_patient_do_not_stay_beside_the_image_of_the_next(
    window, qtbot, folder, open_and_score
):
    write_dicom(folder / "a.dcm", chest_like(seed=1), PatientID="FIRST")
    open_and_score(folder)
    choose(window, qtbot, "a.dcm")
    window.image_desk.show_tags()
    tags = window.image_desk.tags
    tags.search.setText("PatientID")

    def shown():
        index = tags.found.index(0, TagColumn.VALUE)
        return index.data() if index.isValid() else None

    qtbot.waitUntil(lambda: shown() == "FIRST", timeout=WAIT)
    qtbot.waitUntil(lambda: window.image_view.radiograph is not None, timeout=WAIT)
    write_dicom(folder / "a.dcm", chest_like(seed=2), PatientID="SECOND")
    window.arrivals.watcher.look_now()
    qtbot.waitUntil(lambda: shown() == "SECOND", timeout=WAIT)
    tags.close()


@pytest.mark.slow
def test_a_folder_that_is_away_is_told_and_keeps_its_list(window, qtbot, folder, open_and_score):
    open_and_score(folder)
    folder.rename(folder.parent / "away")
    qtbot.waitUntil(lambda: "cannot be reached" in window.notice_bar.text.text(), timeout=WAIT)
    assert not any(row.gone for row in window.worklist_model.rows)
    window.notice_bar.next()
    (folder.parent / "away").rename(folder)
    qtbot.waitUntil(lambda: "reached again" in window.notice_bar.text.text(), timeout=WAIT)


def test_nothing_is_watched_for_who_does_not_want_it(window, qtbot, folder, open_and_score):
    window.settings.set_flag(WATCH, False)
    open_and_score(folder)
    assert not window.arrivals.watcher.watching
    window.settings.set_flag(WATCH, True)
    window.arrivals.use(load().listening)
    assert window.arrivals.watcher.watching


def test_a_vanished_file_says_the_same_in_list_panel_and_verdict_bar(
    window, qtbot, folder, open_and_score
):
    window.reading.set_reader("Ada")
    open_and_score(folder)
    choose(window, qtbot, "image1.png")
    score = row_named(window, "image2.png").prediction
    (folder / "image2.png").unlink()
    forget_read_ahead(window)
    with qtbot.waitSignal(window.service.image_failed, timeout=WAIT):
        choose(window, qtbot, "image2.png")
    window.worklist_model.rearrange()
    panel, bar = window.prediction_panel, window.reading.bar
    assert row_named(window, "image2.png").prediction == score
    assert panel.score.text() == score_words(score)
    assert panel.away.isVisible()
    qtbot.waitUntil(lambda: window.reading.controller.on_screen, timeout=WAIT)
    assert not bar.agree.isVisible()
    assert not bar.acknowledge.isEnabled()
    QTest.keyClick(window.worklist.table, Qt.Key.Key_A)
    qtbot.wait(100)
    assert not row_named(window, "image2.png").is_read
    choose(window, qtbot, "image1.png")
    assert not panel.away.isVisible()


@pytest.mark.slow
def test_a_share_that_drops_takes_no_score_and_what_failed_meanwhile_is_scored_when_it_is_back(
    window, qtbot, folder, open_and_score
):
    open_and_score(folder)
    choose(window, qtbot, "image1.png")
    before = {row.name: row.prediction for row in window.worklist_model.rows}
    folder.rename(folder.parent / "away")
    qtbot.waitUntil(lambda: "cannot be reached" in window.notice_bar.text.text(), timeout=WAIT)
    forget_read_ahead(window)
    with qtbot.waitSignal(window.service.image_failed, timeout=WAIT):
        choose(window, qtbot, "image2.png")
    # One of them had no score yet: reading it failed.
    gone = Prediction(Status.UNREADABLE, (_GONE(path="x"),))
    late = row_named(window, "image1.png")
    window.worklist_model.put_back([late.item.path])
    window.review.add_scores([Scored(late.item, gone)])
    window.worklist_model.rearrange()
    assert late.prediction.is_away
    assert row_named(window, "image2.png").prediction == before["image2.png"]
    (folder.parent / "away").rename(folder)
    qtbot.waitUntil(lambda: "reached again" in window.notice_bar.text.text(), timeout=WAIT)
    window.notice_bar.next()
    assert not window.notice_bar.isVisible()
    qtbot.waitUntil(lambda: window.image_view.radiograph is not None, timeout=WAIT)
    assert window.image_view.radiograph.path.name == "image2.png"
    qtbot.waitUntil(
        lambda: late.prediction is not None and late.prediction.p_pneumonia is not None,
        timeout=WAIT,
    )
    assert {r.name: r.prediction.p_pneumonia for r in window.worklist_model.rows} == {
        name: each.p_pneumonia for name, each in before.items()
    }
