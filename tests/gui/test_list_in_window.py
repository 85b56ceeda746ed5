"""The list in the real window: columns, filters, keys, groups, tiles."""

import cv2
import pytest
from factories import chest_like, write_dicom
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from window_steps import WAIT, choose_with_heatmap, shown_in_list, wait_for_heatmap

from app.core.results import Call
from app.gui.models.arrangement import Column, State
from app.gui.models.worklist_model import Role
from app.gui.widgets.worklist_table import OPTIONAL


def test_a_folder_is_listed_scored_and_ranked(window, mixed_folder, open_and_score):
    before = sorted(p.stat().st_mtime_ns for p in mixed_folder.rglob("*"))
    open_and_score(mixed_folder)
    shown = shown_in_list(window)
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
        shown = shown_in_list(window)
        assert {"knee.dcm", "broken.png"} <= set(shown)
        rows = {row.item.path.name: row for row in window.worklist_model.rows}
        for name in shown:
            if not name.startswith("[") and not rows[name].needs_eyes:
                assert rows[name].call is call
    worklist.search.setText("image0")
    shown = shown_in_list(window)
    assert shown[0] == "[Needs your eyes: 1 refused, 1 unreadable · 2 hidden by the filter]"
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


def test_the_first_step_goes_to_the_top_of_the_list(window, tmp_path, open_and_score, qtbot):
    for number in range(9):
        picture = chest_like(60, 60, seed=number)
        picture[: 6 * number] //= 2
        cv2.imwrite(str(tmp_path / f"{number}.png"), picture)
    open_and_score(tmp_path)
    ranked = shown_in_list(window)[1:]
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
    assert shown_in_list(window)[0].startswith("[Needs your eyes: 1")
    assert shown_in_list(window)[1].startswith("[Scored: 8")
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert len(shown_in_list(window)) == 12


@pytest.mark.parametrize("thumbnails", [False, True])
def test_groups_fold_by_key_and_the_image_in_view_stays(
    window, mixed_folder, open_and_score, qtbot, thumbnails
):
    open_and_score(mixed_folder)
    window.commands["thumbnails"].setChecked(thumbnails)
    choose_with_heatmap(window, qtbot, "knee.dcm")
    QTest.keyClick(window, Qt.Key.Key_E)
    assert shown_in_list(window)[:2] == [
        "[Needs your eyes: 1 refused, 1 unreadable]",
        "[Scored: 8, highest first]",
    ]
    assert window.controller.current.path.name == "knee.dcm"
    assert window.worklist.current_item is None
    QTest.keyClick(window, Qt.Key.Key_S)
    assert len(shown_in_list(window)) == 2
    QTest.keyClick(window, Qt.Key.Key_E)
    assert window.worklist.current_item.path.name == "knee.dcm"
    assert window.worklist.selection.selectedRows()[0].data(Role.ROW).name == "knee.dcm"
    QTest.keyClick(window, Qt.Key.Key_S)
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
    window.worklist.walk(1)
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
    assert shown_in_list(window)[1].startswith("[Scored: 8")


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
