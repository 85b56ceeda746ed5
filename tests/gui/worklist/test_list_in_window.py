"""The list in the real window: columns, filters, keys, groups, tiles."""

from dataclasses import replace

import cv2
import pytest
from factories import chest_like, write_dicom
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from window_steps import (
    WAIT,
    choose_with_heatmap,
    item_named,
    shown_in_list,
    wait_for_heatmap,
)

from app.core.model.triage import Triage
from app.gui.verdict import viewing_state
from app.gui.worklist.arrangement import SUSPICIOUS, State, WorklistColumn
from app.gui.worklist.model import Role
from app.gui.worklist.table import OPTIONAL


def test_a_folder_is_listed_scored_and_ranked(window, mixed_folder, open_and_score):
    before = sorted(p.stat().st_mtime_ns for p in mixed_folder.rglob("*"))
    open_and_score(mixed_folder)
    shown = shown_in_list(window)
    assert shown[0] == "[Could not be read: 1 refused, 1 unreadable]"
    assert set(shown[1:3]) == {"knee.dcm", "broken.png"}
    assert shown[3].startswith("[Suspicious: 8")
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
    optional = {WorklistColumn.PATIENT_ID, WorklistColumn.VIEW, WorklistColumn.AGE}
    shown = {column for column in WorklistColumn if not table.isColumnHidden(column)}
    usual = set(WorklistColumn) - OPTIONAL
    assert shown == (usual if dicom else usual - optional)
    assert table.horizontalScrollBar().maximum() == 0
    ends = [table.columnViewportPosition(c) + table.columnWidth(c) for c in shown]
    assert max(ends) <= table.viewport().width()
    assert table.columnWidth(WorklistColumn.NAME) >= 80
    # Words that must not be cut off, with the room that the delegate leaves them.
    fits = table.fontMetrics().horizontalAdvance
    assert fits("> 0.999") + 8 < table.columnWidth(WorklistColumn.SCORE)
    assert fits("Suspicious") + 8 < table.columnWidth(WorklistColumn.CALL)
    assert fits("unreadable") + 8 + 19 < table.columnWidth(WorklistColumn.STATE)
    # The image stays the main thing.
    assert window.image_view.width() >= 500


def test_no_filter_by_call_hides_what_needs_eyes(window, mixed_folder, open_and_score):
    open_and_score(mixed_folder)
    worklist = window.worklist
    for call in Triage:
        worklist.call_filter.setCurrentIndex(worklist.call_filter.findData(call.value))
        shown = shown_in_list(window)
        assert {"knee.dcm", "broken.png"} <= set(shown)
        rows = {row.item.path.name: row for row in window.worklist_model.rows}
        for name in shown:
            if not name.startswith("[") and not rows[name].needs_eyes:
                assert rows[name].triage is call
    worklist.search.setText("image0")
    shown = shown_in_list(window)
    assert shown[0] == "[Could not be read: 1 refused, 1 unreadable · 2 hidden by the filter]"
    worklist.clear_filter()
    worklist.state_filter.setCurrentIndex(worklist.state_filter.findData(State.REFUSED.value))
    assert [name for name in shown_in_list(window) if not name.startswith("[")] == ["knee.dcm"]


def test_keys_walk_the_list_from_list_and_image(window, mixed_folder, open_and_score, qtbot):
    open_and_score(mixed_folder)
    window.worklist.step(-100)
    order = [name for name in shown_in_list(window) if not name.startswith("[")]
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
    wait_for_heatmap(window, qtbot)


@pytest.fixture
def ranked_folder(tmp_path):
    """Nine images with nine scores; the first by path is not the highest."""
    for number in range(9):
        picture = chest_like(seed=number)
        picture[: 20 * number] //= 2
        cv2.imwrite(str(tmp_path / f"{number}.png"), picture)
    (tmp_path / "00-broken.png").write_bytes(b"")
    return tmp_path


def by_score(window):
    """The names of the scored images, highest first."""
    rows = [row for row in window.worklist_model.rows if not row.needs_eyes]
    rows.sort(key=lambda row: row.prediction.p_pneumonia, reverse=True)
    return [row.name for row in rows]


def test_until_the_reader_touches_anything_the_highest_unread_is_in_view(
    window, ranked_folder, open_and_score, qtbot
):
    open_and_score(ranked_folder)
    ranked = by_score(window)
    assert window.controller.current.path.name == ranked[0]
    table = window.worklist.table
    shown = table.visualRect(window.worklist.selection.currentIndex())
    assert table.viewport().rect().contains(shown.center())
    assert f"0 of 10 read, next: {score(window, ranked[0])}" in window.worklist.summary.text()
    assert window.worklist.summary.isVisible()
    # A higher one that comes now is gone to, but no more once the image was touched.
    higher = window.worklist_model.row_of(item_named(window, ranked[4]))
    higher.prediction = replace(higher.prediction, p_pneumonia=0.9999)
    window.worklist_model.rearrange()
    assert window.controller.current.path.name == ranked[4]
    press = Qt.MouseButton.LeftButton
    QTest.mouseClick(window.image_view, press, pos=window.image_view.rect().center())
    another = window.worklist_model.row_of(item_named(window, ranked[5]))
    another.prediction = replace(another.prediction, p_pneumonia=0.99995)
    window.worklist_model.rearrange()
    assert window.controller.current.path.name == ranked[4]
    wait_for_heatmap(window, qtbot)


def score(window, name):
    """As the line of the progress writes it."""
    p = window.worklist_model.row_of(item_named(window, name)).prediction.p_pneumonia
    return f"{min(max(p, 0.01), 0.99):.2f}"


@pytest.mark.slow
@pytest.mark.parametrize("key", [Qt.Key.Key_A, Qt.Key.Key_D, Qt.Key.Key_U])
def test_a_verdict_leads_to_the_highest_unread_wherever_it_was_given(
    window, ranked_folder, open_and_score, qtbot, key
):
    window.reading.set_reader("Ada")
    open_and_score(ranked_folder)
    ranked = by_score(window)
    assert window.worklist.choose(item_named(window, ranked[6]))
    for expected in (ranked[0], ranked[1]):
        qtbot.waitUntil(lambda: window.reading.controller.on_screen, timeout=WAIT)
        with qtbot.waitSignal(window.reading.service.saved, timeout=WAIT):
            QTest.keyClick(window.worklist.table, key)
        assert window.controller.current.path.name == expected
    expected = f"2 of 10 read, next: {score(window, ranked[1])}"
    summary = window.worklist.summary
    qtbot.waitUntil(lambda: summary.text().startswith(expected), timeout=WAIT)


def test_an_image_that_came_by_itself_is_not_judged_by_a_key_meant_for_the_one_before(
    window, ranked_folder, open_and_score, qtbot, monkeypatch
):
    window.reading.set_reader("Ada")
    open_and_score(ranked_folder)
    monkeypatch.setattr(viewing_state, "PAUSE_SECONDS", 600.0)
    lowest = by_score(window)[-1]
    row = window.worklist_model.row_of(item_named(window, lowest))
    row.prediction = replace(row.prediction, p_pneumonia=0.9999)
    window.worklist_model.rearrange()
    assert window.controller.current.path.name == lowest
    qtbot.waitUntil(lambda: window.reading.controller.on_screen, timeout=WAIT)
    QTest.keyClick(window.worklist.table, Qt.Key.Key_A)
    qtbot.wait(200)
    assert not row.is_read
    assert "only just come" in window.reading.bar.state.text()


def test_home_and_end_go_to_the_ends_from_list_and_image(
    window, ranked_folder, open_and_score, qtbot
):
    open_and_score(ranked_folder)
    names = [name for name in shown_in_list(window) if not name.startswith("[")]
    for target in (window.worklist.table, window.image_view):
        target.setFocus()
        QTest.keyClick(target, Qt.Key.Key_End)
        assert window.controller.current.path.name == names[-1]
        QTest.keyClick(target, Qt.Key.Key_Home)
        assert window.controller.current.path.name == names[0]
    QTest.keyClick(window.worklist.table, Qt.Key.Key_End)
    wait_for_heatmap(window, qtbot)


@pytest.mark.slow
@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Down, Qt.Key.Key_Escape])
def test_the_filter_is_left_by_key_and_the_next_letter_is_a_command(
    window, ranked_folder, open_and_score, qtbot, key
):
    open_and_score(ranked_folder)
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    search = window.worklist.search
    assert search.hasFocus()
    if key != Qt.Key.Key_Escape:
        QTest.keyClicks(search, "png")
    QTest.keyClick(search, key)
    assert window.worklist.table.hasFocus()
    before = search.text()
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_I)
    assert search.text() == before
    assert window.image_view.inverted


def test_a_click_on_a_heading_folds_its_group(window, mixed_folder, open_and_score):
    open_and_score(mixed_folder)
    table = window.worklist.table
    place = table.visualRect(window.worklist_model.index(0, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert shown_in_list(window)[0].startswith("[Could not be read: 1")
    assert shown_in_list(window)[1].startswith("[Suspicious: 8")
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert len(shown_in_list(window)) == 12


@pytest.mark.slow
@pytest.mark.parametrize("thumbnails", [False, True])
def test_groups_fold_by_key_and_the_image_in_view_stays(
    window, mixed_folder, open_and_score, qtbot, thumbnails
):
    open_and_score(mixed_folder)
    window.commands["thumbnails"].setChecked(thumbnails)
    choose_with_heatmap(window, qtbot, "knee.dcm")
    QTest.keyClick(window, Qt.Key.Key_E)
    assert shown_in_list(window)[:2] == [
        "[Could not be read: 1 refused, 1 unreadable]",
        "[Suspicious: 8, highest first]",
    ]
    assert window.controller.current.path.name == "knee.dcm"
    assert window.worklist.current_item is None
    window.worklist_model.toggle_fold(SUSPICIOUS)
    assert len(shown_in_list(window)) == 2
    QTest.keyClick(window, Qt.Key.Key_E)
    assert window.worklist.current_item.path.name == "knee.dcm"
    assert window.worklist.selection.selectedRows()[0].data(Role.ROW).name == "knee.dcm"
    window.worklist_model.toggle_fold(SUSPICIOUS)
    assert len(shown_in_list(window)) == 12


def test_a_filter_that_hides_the_image_in_view_does_not_change_it(
    window, mixed_folder, open_and_score, qtbot
):
    open_and_score(mixed_folder)
    choose_with_heatmap(window, qtbot, "image3.png")
    window.worklist.search.setText("image0")
    assert window.controller.current.path.name == "image3.png"
    window.worklist.search.setText("image")
    assert window.worklist.current_item.path.name == "image3.png"
    window.worklist.search.setText("image0")
    window.worklist.step(1)
    assert window.controller.current.path.name == "image0.png"
    wait_for_heatmap(window, qtbot)


def test_tiles_are_walked_clicked_and_folded(window, mixed_folder, open_and_score, qtbot):
    open_and_score(mixed_folder)
    window.commands["thumbnails"].setChecked(True)
    grid = window.worklist.tiles
    order = [name for name in shown_in_list(window) if not name.startswith("[")]
    spot = grid.rect_of(4).center()
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert window.controller.current.path.name == order[2]
    QTest.keyClick(grid, Qt.Key.Key_Right)
    assert window.controller.current.path.name == order[3]
    QTest.keyClick(grid, Qt.Key.Key_Down)
    assert window.controller.current.path.name == order[3 + grid.columns]
    heading = grid.rect_of(1).topLeft() + QPointF(20, -10).toPoint()
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=heading)
    assert shown_in_list(window)[1].startswith("[Suspicious: 8")


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
    table, bar = window.worklist.table, window.worklist.table.verticalScrollBar()
    places = []

    def note():
        places.append((table.visualRect(window.worklist.selection.currentIndex()), bar.value()))

    # On a slow machine the list is ranked several times: each of them is looked at by itself.
    window.worklist_model.about_to_rearrange.connect(note)
    window.worklist_model.rearranged.connect(note)
    qtbot.waitUntil(lambda: not window.service.is_busy, timeout=WAIT)
    window.worklist_model.rearrange()
    assert window.worklist.current_item == item
    assert len(places) >= 2
    for (before, _), (after, scrolled) in zip(places[::2], places[1::2], strict=True):
        assert after.top() == before.top() or scrolled in (bar.minimum(), bar.maximum())
        assert table.viewport().rect().contains(after.center())


def test_thumbnails_come_for_what_is_seen(window, mixed_folder, open_and_score, qtbot):
    open_and_score(mixed_folder)
    kept = window.worklist_model._thumbnails
    assert not kept
    window.commands["thumbnails"].setChecked(True)
    qtbot.waitUntil(lambda: len(kept) == 10, timeout=WAIT)
    assert [path.name for path, picture in kept.items() if picture is None] == ["broken.png"]
    window.commands["thumbnails"].setChecked(False)
    assert not window.worklist.shows_thumbnails
