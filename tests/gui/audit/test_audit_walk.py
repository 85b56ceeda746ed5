"""From the bench into the reading window and back, on the real window with the real process."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from tiny_data import write_training_folder

from app.core.worklist.scan import Item
from app.gui.audit.audit_controller import Wish
from app.gui.audit.audit_rows import Order, Picked
from app.gui.audit.text import score_words
from app.gui.common.wording import probability_words
from app.review.audit import audit_folder
from app.review.verdicts.store import VerdictStore, default_path

WAIT = 300_000
EVERY = frozenset(("tp", "fn", "fp", "tn"))


@pytest.fixture
def folder(tmp_path):
    return write_training_folder(tmp_path / "labelled", per_class=4)


@pytest.fixture
def bench(window, folder, qtbot):
    """The bench with an audited folder."""
    qtbot.waitUntil(lambda: window.controller.card is not None, timeout=WAIT)
    window.reading.set_reader("Ada")
    window.commands["audit"].trigger()
    bench = window.audits.bench
    bench.controller.show(audit_folder(folder, window.controller.card.name))
    bench.gallery.set_order(Order.SCORE)
    bench.controller.choose_cells(EVERY)
    return bench


@pytest.mark.slow
def test_a_folder_is_audited_in_a_process_of_its_own(window, folder, qtbot):
    qtbot.waitUntil(lambda: window.controller.card is not None, timeout=WAIT)
    window.commands["audit"].trigger()
    bench = window.audits.bench
    done = []
    window.audits.process.progress.connect(lambda *told: done.append(told))
    bench.controller.open(Wish(folder, model=window.controller.card.name))
    assert bench.start.cancel_button.isVisible()
    qtbot.waitUntil(lambda: bench.controller.audit is not None, timeout=WAIT)
    assert bench.stack.currentWidget() is bench.bench
    assert done[-1] == (8, 8)
    counts = {cell: button.count for cell, button in bench.matrix.cells.items()}
    assert sum(counts.values()) == 8
    assert counts["tp"] + counts["fn"] == 4


def in_view(window):
    return window.controller.current.path if window.controller.current else None


def wait_for(window, qtbot, path):
    qtbot.waitUntil(lambda: in_view(window) == path, timeout=WAIT)
    qtbot.waitUntil(lambda: window.reading.controller.on_screen, timeout=WAIT)


def front(window, qtbot):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=WAIT)


@pytest.mark.slow
def test_walk_judge_and_come_back(window, bench, qtbot):
    audit = bench.controller.audit
    assert len(audit.scored) == 8
    assert audit.card.name == window.controller.card.name
    by_score = sorted(audit.scored, key=lambda row: -row.p)
    recent = window.settings.recent()

    # Heatmaps of what is in sight, by the network that was audited.
    bench.gallery.heatmaps.setChecked(True)
    pictures, grid = bench.gallery.pictures, bench.gallery.grid
    seen = [grid.row_at(place).path for place in grid.places_in_sight()]
    assert len(seen) >= 2
    qtbot.waitUntil(lambda: all(pictures.knows_heatmap(path) for path in seen), timeout=WAIT)
    assert any(pictures.heatmap(path) for path in seen)

    bench.gallery.grid.set_current(2)
    QTest.keyClick(bench.gallery.grid, Qt.Key.Key_Return)
    wait_for(window, qtbot, by_score[2].path)
    rows = [window.worklist_model.item_at(window.worklist_model.index(at, 0)) for at in range(9)]
    assert [item.path for item in rows[1:]] == [row.path for row in by_score]
    assert "3 of 8" in window.audits.bar.text.text()
    assert f"audited score {score_words(by_score[2])}" in window.audits.bar.text.text()
    assert window.settings.recent() == recent, "single files are no recent folders"

    front(window, qtbot)
    for key, at in ((Qt.Key.Key_N, 3), (Qt.Key.Key_N, 4), (Qt.Key.Key_P, 3)):
        QTest.keyClick(window.worklist.table, key)
        wait_for(window, qtbot, by_score[at].path)
    # Scores come in meanwhile; the order stays.
    qtbot.waitUntil(lambda: not window.service.is_busy, timeout=WAIT)
    window.worklist_model.rearrange()
    QTest.keyClick(window.worklist.table, Qt.Key.Key_N)
    wait_for(window, qtbot, by_score[4].path)

    QTest.keyClick(window.worklist.table, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    with qtbot.waitSignal(window.reading.service.saved, timeout=WAIT):
        QTest.keyClicks(window.reading.bar.note, "behind the heart")
        QTest.keyClick(window.reading.bar.note, Qt.Key.Key_Return)
    with qtbot.waitSignal(window.reading.service.saved, timeout=WAIT):
        QTest.keyClick(window.worklist.table, Qt.Key.Key_P, Qt.KeyboardModifier.ShiftModifier)
    wait_for(window, qtbot, by_score[5].path)
    reading = bench.gallery.grid.read(by_score[4])
    assert reading.verdict is not None
    assert reading.verdict.note == "behind the heart"

    QTest.keyClick(window.worklist.table, Qt.Key.Key_Escape)
    assert bench.gallery.current_row.path == by_score[5].path
    assert bench.isVisible()
    with VerdictStore(default_path()) as store:
        (verdict,) = store.book.readers_of(by_score[4].identity).values()
    assert verdict.note == "behind the heart"
    assert verdict.score_visible


def test_a_verdict_after_the_gallery_is_never_blind(window, bench, qtbot):
    audit = bench.controller.audit
    window.commands["blinded"].setChecked(True)
    bench.controller.walk(np.arange(8), 0, "All")
    wait_for(window, qtbot, audit.scored[0].path)
    told = window.audits.bar.text.text()
    assert "blinded" in told
    assert "label:" not in told
    front(window, qtbot)
    with qtbot.waitSignal(window.reading.service.saved, timeout=WAIT):
        QTest.keyClick(window.worklist.table, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    with VerdictStore(default_path()) as store:
        (verdict,) = store.book.readers_of(audit.scored[0].identity).values()
    assert verdict.score_visible


def test_what_the_gallery_has_drawn_is_not_judged_blind(
    window, bench, folder, qtbot, open_and_score
):
    """Nobody walked: the folder itself is opened, after a look at its scores in the bench."""
    (row, *_) = bench.controller.audit.scored
    grid = bench.gallery.grid
    qtbot.waitUntil(lambda: row in [grid.row_at(at) for at in grid.places_in_sight()])
    grid.viewport().repaint()
    window.commands["blinded"].setChecked(True)
    open_and_score(folder)
    window.worklist.choose(Item(row.path, str(row.path)))
    wait_for(window, qtbot, row.path)
    front(window, qtbot)
    with qtbot.waitSignal(window.reading.service.saved, timeout=WAIT):
        QTest.keyClick(window.worklist.table, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    with VerdictStore(default_path()) as store:
        (verdict,) = store.book.readers_of(row.identity).values()
    assert verdict.score_visible


def test_another_folder_ends_the_walk(window, bench, folder, qtbot, open_and_score):
    audit = bench.controller.audit
    window.audits.walk(Picked(audit, [3, 1]), 1, "Two of them")
    wait_for(window, qtbot, audit.scored[1].path)
    assert window.audits.walking
    assert not window.commands["cancel"].isEnabled()
    open_and_score(folder)
    assert not window.audits.walking
    assert not window.audits.bar.isVisible()
    assert window.commands["cancel"].isEnabled()
    assert "highest first" in window.worklist_model.section_words(
        window.worklist_model.section_at(0)
    )


def test_the_bar_makes_the_window_no_wider(window, bench, qtbot):
    audit = bench.controller.audit
    before = window.minimumSizeHint().width()
    window.audits.walk(Picked(audit, np.arange(8)), 0, "Everything that was ever missed " * 9)
    wait_for(window, qtbot, audit.scored[0].path)
    assert window.minimumSizeHint().width() <= max(before, 1280)
    assert window.width() == 1280


def test_the_walk_shows_the_audited_score_and_the_own_one_beside_it(window, bench, qtbot):
    audit = bench.controller.audit
    own = {row.path: row.p for row in audit.scored}
    rows = tuple(replace(row, p=1 - row.p, out_of_fold=True, seen="exact") for row in audit.rows)
    bench.controller.show(replace(audit, rows=rows))
    audit = bench.controller.audit
    bench.controller.walk(np.arange(8), 0, "All")
    first = audit.scored[0]
    wait_for(window, qtbot, first.path)
    qtbot.waitUntil(lambda: not window.service.is_busy, timeout=WAIT)
    window.worklist_model.rearrange()
    for row in audit.scored:
        listed = window.worklist_model.row_of(Item(row.path, str(row.path))).prediction
        assert listed.p_pneumonia == row.p
        assert listed.own.p_pneumonia == pytest.approx(own[row.path], abs=1e-4)
    panel = window.prediction_panel
    assert panel.score.text() == score_words(first)
    assert panel.own.isVisible()
    assert panel.own.text().endswith(probability_words(own[first.path]))
    # A file says what the model says, and another folder has the model's own scores again.
    (image,) = window.exports._scopes()[0].images
    assert image.prediction.p_pneumonia == pytest.approx(own[first.path], abs=1e-4)
    window.open([str(audit.folder)])
    assert not window.controller.audited


def test_out_of_fold_is_not_ticked_where_images_are_scored_by_the_model_itself(bench, folder):
    audit, box = bench.controller.audit, bench.source.out_of_fold
    bench.source.show_wish(Wish(folder))
    bench.controller.show(audit)
    assert box.checkState() is Qt.CheckState.Checked
    seen = tuple(replace(row, seen="exact") for row in audit.rows)
    bench.controller.show(replace(audit, rows=seen))
    assert not box.isChecked()
    assert not box.isEnabled()
    mixed = (replace(seen[0], out_of_fold=True), *seen[1:])
    bench.controller.show(replace(audit, rows=mixed))
    assert box.checkState() is Qt.CheckState.PartiallyChecked
    wishes = []
    bench.source.wished.disconnect()
    bench.source.wished.connect(wishes.append)
    box.click()
    assert [wish.out_of_fold for wish in wishes] == [False]
