"""The real window, the real service and a real, tiny model."""

import os
import subprocess
import sys
import time
from pathlib import Path

import cv2
import pytest
from factories import chest_like, write_dicom
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest

from app.core.results import Call, Status
from app.gui.models.arrangement import Column, State
from app.gui.models.worklist_model import Role
from app.gui.widgets.worklist_table import OPTIONAL
from app.inference.scoring import Scored

ROOT = Path(__file__).resolve().parents[2]
WAIT = 30_000


def names(window):
    """What the list shows, top to bottom; headings in brackets."""
    model = window.worklist_model
    shown = []
    for place in range(model.rowCount()):
        item = model.item_at(model.index(place, 0))
        shown.append(item.path.name if item else f"[{model.index(place, 0).data()}]")
    return shown


def item_named(window, name):
    return next(r.item for r in window.worklist_model.rows if r.item.path.name == name)


def settle(window, qtbot):
    """Wait until the current image has its heatmap, or cannot have one."""
    with qtbot.waitSignal(window.service.heatmap_ready, timeout=WAIT):
        pass


def choose(window, qtbot, name):
    with qtbot.waitSignal(window.service.heatmap_ready, timeout=WAIT):
        assert window.worklist.choose(item_named(window, name))


def test_a_folder_is_listed_scored_and_ranked(window, mixed_folder, open_and_score):
    before = sorted(p.stat().st_mtime_ns for p in mixed_folder.rglob("*"))
    open_and_score(mixed_folder)
    shown = names(window)
    assert shown[0] == "[Needs your eyes: 1 refused, 1 unreadable]"
    assert set(shown[1:3]) == {"knee.dcm", "broken.png"}
    assert shown[3].startswith("[Scored: 8")
    rows = {row.item.path.name: row for row in window.worklist_model.rows}
    assert len(shown) == 2 + len(rows) == 12
    # Highest first; of a study, the worst image decides where both stand.
    scored = shown[4:]
    worst = dict.fromkeys(scored, 0.0)
    for name in scored:
        study = rows[name].header.study_instance_uid
        mates = [n for n in scored if study and rows[n].header.study_instance_uid == study]
        worst[name] = max(rows[n].prediction.p_pneumonia for n in mates or [name])
    assert [worst[name] for name in scored] == sorted(worst.values(), reverse=True)
    assert abs(scored.index("one.dcm") - scored.index("two.dcm")) == 1
    assert len({row.prediction.p_pneumonia for row in rows.values()}) > 4
    assert sorted(p.stat().st_mtime_ns for p in mixed_folder.rglob("*")) == before


def test_the_list_and_the_panel_say_the_same(window, mixed_folder, open_and_score, qtbot):
    open_and_score(mixed_folder)
    choose(window, qtbot, "image3.png")
    row = window.worklist_model.row_of(item_named(window, "image3.png"))
    panel = window.prediction_panel
    index = window.worklist_model.index_of(row.item)
    assert panel.score.text() == index.siblingAtColumn(Column.SCORE).data()
    assert str(row.call) in panel.call.text()
    assert "tiny-" in panel.facts.text()
    assert "CPU" in panel.facts.text() or "GPU" in panel.facts.text()
    assert "Stretched" in panel.facts.text()


def test_a_score_that_comes_after_the_heatmap_leaves_its_words(
    window, mixed_folder, open_and_score, qtbot
):
    open_and_score(mixed_folder)
    choose(window, qtbot, "image3.png")
    evidence = window.prediction_panel.evidence
    assert evidence.isVisible()
    row = window.worklist_model.row_of(item_named(window, "image3.png"))
    window.controller.scored([Scored(row.item, row.prediction, row.header)])
    assert evidence.isVisible()
    choose(window, qtbot, "knee.dcm")
    assert not evidence.isVisible()


def test_a_refused_image_has_no_score_and_is_never_normal(
    window, mixed_folder, open_and_score, qtbot
):
    open_and_score(mixed_folder)
    choose(window, qtbot, "knee.dcm")
    panel = window.prediction_panel
    assert panel.score.text() == "No score"
    assert "not a normal result" in panel.call.text()
    assert "KNEE" in panel.reasons.text()
    assert not panel.scale.isVisible()
    assert window.image_view.radiograph is not None
    assert window.image_view.heatmap is None
    row = window.worklist_model.row_of(item_named(window, "knee.dcm"))
    assert row.prediction.status is Status.REFUSED
    assert row.call is None


def test_an_unreadable_image_says_why_in_its_place(window, mixed_folder, open_and_score, qtbot):
    open_and_score(mixed_folder)
    choose(window, qtbot, "image0.png")
    with qtbot.waitSignal(window.service.image_failed, timeout=WAIT):
        assert window.worklist.choose(item_named(window, "broken.png"))
    assert window.image_view.radiograph is None
    assert window.image_view.message
    assert window.prediction_panel.score.text() == "No score"
    assert window.prediction_panel.reasons.isVisible()


@pytest.mark.parametrize("dicom", [False, True])
def test_every_column_is_in_sight_at_1280_pixels(
    window, mixed_folder, open_and_score, tmp_path, dicom
):
    if dicom:
        write_dicom(mixed_folder / "full.dcm", PatientID="P-2026-0001", PatientAge="064Y")
    else:
        for path in mixed_folder.rglob("*.dcm"):
            path.unlink()
    open_and_score(mixed_folder)
    table = window.worklist.table
    assert window.width() == 1280
    optional = {Column.PATIENT_ID, Column.VIEW, Column.AGE}
    shown = {column for column in Column if not table.isColumnHidden(column)}
    usual = set(Column) - OPTIONAL
    assert shown == (usual if dicom else usual - optional)
    assert table.horizontalScrollBar().maximum() == 0
    ends = [table.columnViewportPosition(c) + table.columnWidth(c) for c in shown]
    assert max(ends) <= table.viewport().width()
    assert table.columnWidth(Column.NAME) >= 80
    # Words that must not be cut off, with the room that the delegate leaves them.
    fits = table.fontMetrics().horizontalAdvance
    assert fits("> 0.999") + 8 < table.columnWidth(Column.SCORE)
    assert fits("PNEUMONIA") + 8 < table.columnWidth(Column.CALL)
    assert fits("unreadable") + 8 + 19 < table.columnWidth(Column.STATE)
    # The image stays the main thing.
    assert window.image_view.width() >= 500


def test_no_filter_by_call_hides_what_needs_eyes(window, mixed_folder, open_and_score):
    open_and_score(mixed_folder)
    worklist = window.worklist
    for call in Call:
        worklist.call_filter.setCurrentIndex(worklist.call_filter.findData(call.value))
        shown = names(window)
        assert {"knee.dcm", "broken.png"} <= set(shown)
        rows = {row.item.path.name: row for row in window.worklist_model.rows}
        for name in shown:
            if not name.startswith("[") and not rows[name].needs_eyes:
                assert rows[name].call is call
    worklist.search.setText("image0")
    shown = names(window)
    assert shown[0] == "[Needs your eyes: 1 refused, 1 unreadable · 2 hidden by the filter]"
    worklist.clear_filter()
    worklist.state_filter.setCurrentIndex(worklist.state_filter.findData(State.REFUSED.value))
    assert [name for name in names(window) if not name.startswith("[")] == ["knee.dcm"]


def test_the_overlay_leaves_zoom_and_pan_alone(window, mixed_folder, open_and_score, qtbot):
    open_and_score(mixed_folder)
    choose(window, qtbot, "two.dcm")
    view = window.image_view
    assert view.heatmap is not None
    view.zoom_by(3.0)
    view.viewport.pan(QPointF(40, -25))
    before = (view.viewport.scale, view.viewport.centre.toTuple())
    shown = view.grab().toImage()
    QTest.keyClick(window, Qt.Key.Key_H)
    assert not view.overlay_shown
    hidden = view.grab().toImage()
    QTest.keyClick(window, Qt.Key.Key_H)
    assert view.overlay_shown
    assert (view.viewport.scale, view.viewport.centre.toTuple()) == before
    assert hidden != shown
    assert view.grab().toImage() == shown


def test_keys_walk_the_list_from_list_and_image(window, mixed_folder, open_and_score, qtbot):
    open_and_score(mixed_folder)
    window.worklist.step(-100)
    order = [name for name in names(window) if not name.startswith("[")]
    table, view = window.worklist.table, window.image_view
    assert window.controller.current.path.name == order[0]
    walked = []
    for step in range(4):
        target = table if step % 2 else view
        target.setFocus()
        QTest.keyClick(target, Qt.Key.Key_Down)
        walked.append(window.controller.current.path.name)
    QTest.keyClick(view, Qt.Key.Key_Up)
    walked.append(window.controller.current.path.name)
    QTest.keyClick(window, Qt.Key.Key_N)
    walked.append(window.controller.current.path.name)
    assert walked == [*order[1:5], order[3], order[4]]
    settle(window, qtbot)


def test_the_first_step_goes_to_the_top_of_the_list(window, tmp_path, open_and_score, qtbot):
    for number in range(9):
        picture = chest_like(60, 60, seed=number)
        picture[: 6 * number] //= 2
        cv2.imwrite(str(tmp_path / f"{number}.png"), picture)
    open_and_score(tmp_path)
    ranked = names(window)[1:]
    first_found = "0.png"
    assert window.controller.current.path.name == first_found
    QTest.keyClick(window.worklist.table, Qt.Key.Key_Down)
    expected = ranked[1] if ranked[0] == first_found else ranked[0]
    assert window.controller.current.path.name == expected
    QTest.keyClick(window.worklist.table, Qt.Key.Key_Down)
    assert window.controller.current.path.name == ranked[ranked.index(expected) + 1]


def test_a_click_on_a_heading_folds_its_group(window, mixed_folder, open_and_score):
    open_and_score(mixed_folder)
    table = window.worklist.table
    place = table.visualRect(window.worklist_model.index(0, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert names(window)[0].startswith("[Needs your eyes: 1")
    assert names(window)[1].startswith("[Scored: 8")
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert len(names(window)) == 12


@pytest.mark.parametrize("thumbnails", [False, True])
def test_groups_fold_by_key_and_the_image_in_view_stays(
    window, mixed_folder, open_and_score, qtbot, thumbnails
):
    open_and_score(mixed_folder)
    window.commands["thumbnails"].setChecked(thumbnails)
    choose(window, qtbot, "knee.dcm")
    QTest.keyClick(window, Qt.Key.Key_E)
    assert names(window)[:2] == [
        "[Needs your eyes: 1 refused, 1 unreadable]",
        "[Scored: 8, highest first]",
    ]
    assert window.controller.current.path.name == "knee.dcm"
    assert window.worklist.current_item is None
    QTest.keyClick(window, Qt.Key.Key_S)
    assert len(names(window)) == 2
    QTest.keyClick(window, Qt.Key.Key_E)
    assert window.worklist.current_item.path.name == "knee.dcm"
    assert window.worklist.selection.selectedRows()[0].data(Role.ROW).name == "knee.dcm"
    QTest.keyClick(window, Qt.Key.Key_S)
    assert len(names(window)) == 12


def test_a_filter_that_hides_the_image_in_view_does_not_change_it(
    window, mixed_folder, open_and_score, qtbot
):
    open_and_score(mixed_folder)
    choose(window, qtbot, "image3.png")
    window.worklist.search.setText("image0")
    assert window.controller.current.path.name == "image3.png"
    window.worklist.search.setText("image")
    assert window.worklist.current_item.path.name == "image3.png"
    window.worklist.search.setText("image0")
    window.worklist.walk(1)
    assert window.controller.current.path.name == "image0.png"
    settle(window, qtbot)


def test_tiles_are_walked_clicked_and_folded(window, mixed_folder, open_and_score, qtbot):
    open_and_score(mixed_folder)
    window.commands["thumbnails"].setChecked(True)
    grid = window.worklist.tiles
    order = [name for name in names(window) if not name.startswith("[")]
    spot = grid.rect_of(4).center()
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert window.controller.current.path.name == order[2]
    QTest.keyClick(grid, Qt.Key.Key_Right)
    assert window.controller.current.path.name == order[3]
    QTest.keyClick(grid, Qt.Key.Key_Down)
    assert window.controller.current.path.name == order[3 + grid.columns]
    heading = grid.rect_of(1).topLeft() + QPointF(20, -10).toPoint()
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=heading)
    assert names(window)[1].startswith("[Scored: 8")


def test_the_training_panel_lies_beside_the_prediction(window):
    window.commands["training"].setChecked(True)
    assert window.training_dock.isVisible()
    assert window.training_panel.width() >= 340
    window.commands["training"].setChecked(False)
    assert not window.training_dock.isVisible()
    assert window.prediction_panel.isVisible()


def test_the_selected_image_stays_selected_and_in_place_while_others_are_ranked(
    window, tmp_path, qtbot
):
    for number in range(80):
        picture = chest_like(60, 60, seed=number)
        picture[: number % 60] //= 2
        cv2.imwrite(str(tmp_path / f"{number:03}.png"), picture)
    window.open([str(tmp_path)])
    qtbot.waitUntil(lambda: len(window.worklist_model.rows) == 80, timeout=WAIT)
    for _ in range(5):
        QTest.keyClick(window.worklist.table, Qt.Key.Key_Down)
    item = window.worklist.current_item
    table = window.worklist.table
    top = table.visualRect(window.worklist.selection.currentIndex()).top()
    qtbot.waitUntil(lambda: not window.service.is_busy, timeout=WAIT)
    window.worklist_model.rearrange()
    assert window.worklist.current_item == item
    rect = table.visualRect(window.worklist.selection.currentIndex())
    assert table.viewport().rect().contains(rect.center())
    bar = table.verticalScrollBar()
    assert rect.top() == top or bar.value() in (bar.minimum(), bar.maximum())


def test_switching_the_model_scores_everything_again(window, mixed_folder, open_and_score, qtbot):
    open_and_score(mixed_folder)
    chooser = window.model_chooser
    first = window.controller.model_name
    other = {"tiny-a": "tiny-b", "tiny-b": "tiny-a"}[first]
    before = {r.item.path: r.prediction for r in window.worklist_model.rows}
    with qtbot.waitSignal(window.service.finished, timeout=WAIT):
        chooser.setCurrentIndex(chooser.findData(other))
        chooser.activated.emit(chooser.currentIndex())
    for row in window.worklist_model.rows:
        assert row.prediction.model == f"{other} 1.0"
        if before[row.item.path].p_pneumonia is not None:
            assert row.prediction.p_pneumonia != before[row.item.path].p_pneumonia
    assert other in window.prediction_panel.facts.text()


def test_a_damaged_model_is_offered_disabled_with_its_reason(window, qtbot):
    # Not for the signal, which may have come already.
    qtbot.waitUntil(lambda: window.model_chooser.findData("damaged") >= 0, timeout=WAIT)
    place = window.model_chooser.findData("damaged")
    row = window.model_chooser.model().item(place)
    assert not row.isEnabled()
    assert "card" in row.toolTip()
    window.controller.choose_model("damaged")
    assert window.controller.model_name != "damaged"


def test_a_model_that_breaks_later_leaves_the_one_in_use(
    window, mixed_folder, open_and_score, opacity_home, qtbot
):
    open_and_score(mixed_folder)
    first = window.controller.model_name
    other = {"tiny-a": "tiny-b", "tiny-b": "tiny-a"}[first]
    (opacity_home / "models" / other / "model.keras").write_bytes(b"no model")
    with qtbot.waitSignal(window.service.model_failed, timeout=WAIT):
        window.controller.choose_model(other)
    assert window.notice_bar.isVisible()
    assert "model.keras" in window.notice_bar.text.text()
    assert window.controller.model_name == first
    assert window.model_chooser.currentData() == first
    assert all(row.prediction for row in window.worklist_model.rows)


def test_a_dropped_folder_is_opened(window, mixed_folder, qtbot):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(mixed_folder))])
    event = QDropEvent(
        QPointF(600, 400),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.waitSignal(window.service.finished, timeout=WAIT):
        window.dropEvent(event)
    assert len(window.worklist_model.rows) == 10


def test_a_missing_path_is_told(window, tmp_path, qtbot):
    with qtbot.waitSignal(window.service.failed, timeout=WAIT):
        window.open([str(tmp_path / "nowhere")])
    assert "does not exist" in window.notice_bar.text.text()


def many_images(folder, count, side=400):
    folder.mkdir()
    for number in range(count):
        cv2.imwrite(str(folder / f"{number:04}.png"), chest_like(side, side, seed=number))
    return folder


def test_cancel_keeps_what_is_scored_and_the_rest_can_be_resumed(window, tmp_path, qtbot):
    folder = many_images(tmp_path / "many", 200)
    with qtbot.waitSignal(window.service.scored, timeout=WAIT):
        window.open([str(folder)])
    assert window.status_line.cancel_button.isVisible()
    window.status_line.cancel_button.click()
    assert not window.service.is_busy
    assert not window.status_line.cancel_button.isVisible()
    counts = window.worklist_model.counts()
    waiting = counts[State.WAITING]
    assert 0 < waiting < 200
    qtbot.wait(300)
    assert abs(window.worklist_model.counts()[State.WAITING] - waiting) <= 1
    window.worklist_model.rearrange()
    waiting = window.worklist_model.counts()[State.WAITING]
    assert names(window)[0] == f"[Needs your eyes: {waiting} waiting]"
    with qtbot.waitSignal(window.service.finished, timeout=WAIT):
        window.commands["score-rest"].trigger()
    assert window.worklist_model.counts()[State.WAITING] == 0


def test_closing_while_scoring_takes_no_more_than_two_seconds(window, tmp_path, qtbot):
    folder = many_images(tmp_path / "many", 200)
    with qtbot.waitSignal(window.service.scored, timeout=WAIT):
        window.open([str(folder)])
    started = time.monotonic()
    window.close()
    assert time.monotonic() - started < 2.5
    assert window.service.close(0.1)


def test_opening_another_folder_drops_the_answers_to_the_first(window, tmp_path, qtbot):
    first = many_images(tmp_path / "first", 150)
    second = many_images(tmp_path / "second", 3)
    with qtbot.waitSignal(window.service.scored, timeout=WAIT):
        window.open([str(first)])
    with qtbot.waitSignal(window.service.finished, timeout=WAIT):
        window.open([str(second)])
    rows = window.worklist_model.rows
    assert [row.item.path.parent.name for row in rows] == ["second"] * 3
    assert all(row.prediction for row in rows)


def test_thumbnails_come_for_what_is_seen(window, mixed_folder, open_and_score, qtbot):
    open_and_score(mixed_folder)
    kept = window.worklist_model._thumbnails
    assert not kept
    window.commands["thumbnails"].setChecked(True)
    qtbot.waitUntil(lambda: len(kept) == 10, timeout=WAIT)
    assert [path.name for path, picture in kept.items() if picture is None] == ["broken.png"]
    window.commands["thumbnails"].setChecked(False)
    assert not window.worklist.shows_thumbnails


def test_what_is_remembered(window, mixed_folder, open_and_score, opacity_home):
    open_and_score(mixed_folder)
    window.opacity.set_percent(35)
    window.close()
    text = (opacity_home / "window.ini").read_text(encoding="utf-8")
    assert "opacity=35" in text
    assert str(mixed_folder) in text
    assert "folder=" + str(mixed_folder.parent) in text


def test_the_window_says_what_it_is_not(window):
    assert "not a medical device" in window.prediction_panel.disclaimer.text()
    window.show_about()
    window.desk.show_keys()


def test_every_command_has_its_own_keys(window):
    keys = [k for a in window.command_list for k in a.shortcut.split(", ") if k]
    assert len(keys) == len(set(keys))


def test_importing_the_window_leaves_tensorflow_out():
    code = (
        "import sys; import app.gui.main_window, app.gui.application; "
        "print([n for n in ('tensorflow', 'keras') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.data
def test_a_real_chest_radiograph_is_shown_at_its_own_resolution(
    window, shared_data, qtbot, open_and_score, tmp_path
):
    source = next((shared_data / "fullsize" / "PNEUMONIA").glob("*.jpeg"))
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / source.name).write_bytes(source.read_bytes())
    open_and_score(folder)
    view = window.image_view
    qtbot.waitUntil(lambda: view.radiograph is not None, timeout=WAIT)
    assert view.radiograph.pixels.shape == cv2.imread(str(source), cv2.IMREAD_GRAYSCALE).shape
    assert window.worklist_model.rows[0].prediction.status is Status.OK
