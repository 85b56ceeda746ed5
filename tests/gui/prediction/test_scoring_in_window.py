"""Scoring in the real window: another model, a damaged one, cancelled, closed, another folder."""

import time

import pytest
from window_steps import WAIT, choose_with_heatmap, many_images, row_named, shown_in_list

from app.gui.worklist.arrangement import State
from app.inference.scoring.pipeline import Scored


def test_a_score_that_comes_after_the_heatmap_leaves_its_words(
    window, mixed_folder, open_and_score, qtbot
):
    open_and_score(mixed_folder)
    choose_with_heatmap(window, qtbot, "image3.png")
    evidence = window.prediction_panel.evidence
    window.prediction_panel.details.setChecked(True)
    assert evidence.isVisible()
    row = row_named(window, "image3.png")
    window.controller.scored([Scored(row.item, row.prediction, row.header)])
    assert evidence.isVisible()
    choose_with_heatmap(window, qtbot, "knee.dcm")
    assert not evidence.isVisible()


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


@pytest.mark.slow
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
    shown = shown_in_list(window)
    assert shown[-waiting - 1] == f"[In the queue: {waiting}]"
    assert shown[0].startswith(("[Suspicious", "[Unsure", "[Below threshold"))
    with qtbot.waitSignal(window.service.finished, timeout=WAIT):
        window.commands["score-rest"].trigger()
    assert window.worklist_model.counts()[State.WAITING] == 0


@pytest.mark.alone
@pytest.mark.slow
def test_closing_while_scoring_takes_no_more_than_two_seconds(window, tmp_path, qtbot):
    folder = many_images(tmp_path / "many", 200)
    with qtbot.waitSignal(window.service.scored, timeout=WAIT):
        window.open([str(folder)])
    started = time.monotonic()
    window.close()
    assert time.monotonic() - started < 2.5
    assert window.service.close(0.1)


@pytest.mark.slow
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
