"""Another operating point, on the real window: calls, worklist and words follow."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtCore import Qt
from tiny_model import save_tiny, tiny_card

from app.core.base.reasons import told
from app.core.model.card import BALANCED, RULE_IN, SCREENING
from app.core.model.operating_points import Interval, OperatingPoint
from app.core.model.results import Call, Prediction, Status
from app.gui.prediction.triage_text import (
    expected_words,
    measured_on_words,
    not_measured_words,
    probability_meaning,
    range_words,
)

WAIT = 30_000


def _figures(value, low, high):
    return {"value": value, "low": low, "high": high}


def _measured(threshold, sensitivity, specificity):
    return {
        "threshold": threshold,
        "sensitivity": _figures(*sensitivity),
        "specificity": _figures(*specificity),
        "patients": 80,
        "images": 100,
    }


@pytest.fixture
def tiny_models(tmp_path):
    """A model with three points so far apart that they part the images of the folder."""
    folder = tmp_path / "three-points"
    points = {SCREENING: 0.0, BALANCED: 0.5, RULE_IN: 1.0}
    measured = {
        SCREENING: _measured(0.0, (0.99, 0.98, 1.0), (0.8, 0.7, 0.9)),
        BALANCED: _measured(0.5, (0.95, 0.93, 0.97), (0.9, 0.85, 0.96)),
        RULE_IN: _measured(1.0, (0.8, 0.7, 0.9), (0.99, 0.98, 1.0)),
    }
    save_tiny(
        folder,
        "tiny-a",
        seed=1,
        operating_points=points,
        metrics={"operating_points": measured},
        age_years=(1.0, 5.0),
    )
    save_tiny(folder, "tiny-b", seed=5)
    return folder


def _choose(window, name):
    box = window.prediction_panel.operating_point
    place = [point.name for point in box._points].index(name)
    box.choice.setCurrentIndex(place)
    box.choice.activated.emit(place)
    return box


def _calls(window):
    window.worklist_model.rearrange()
    rows = [row for row in window.worklist_model.rows if not row.needs_eyes]
    return {row.name: row.prediction.call for row in rows}


def test_all_calls_follow_the_chosen_point(window, open_and_score, mixed_folder):
    window.controller.choose_model("tiny-a")
    open_and_score(mixed_folder)
    scores = {r.name: r.prediction.p_pneumonia for r in window.worklist_model.rows if r.prediction}
    _choose(window, SCREENING)
    assert set(_calls(window).values()) == {Call.PNEUMONIA}
    _choose(window, RULE_IN)
    assert set(_calls(window).values()) == {Call.NORMAL}
    after = {r.name: r.prediction.p_pneumonia for r in window.worklist_model.rows if r.prediction}
    assert after == scores  # the scores themselves do not move
    assert window.prediction_panel.scale.threshold in (1.0, None)


@pytest.mark.slow
def test_scores_that_come_later_are_called_at_the_chosen_point(
    window, open_and_score, mixed_folder
):
    window.controller.choose_model("tiny-a")
    open_and_score(mixed_folder)
    _choose(window, RULE_IN)
    open_and_score(mixed_folder)
    assert set(_calls(window).values()) == {Call.NORMAL}


@pytest.mark.slow
def test_the_panel_says_what_to_expect_at_the_persons_prevalence(
    window, open_and_score, mixed_folder
):
    window.controller.choose_model("tiny-a")
    open_and_score(mixed_folder)
    box = _choose(window, BALANCED)
    box.prevalence.setValue(20)
    assert box.expected.text() == "Of 100 patients: 0.6–1.4 missed, 3.2–12.0 false alarms"
    box.prevalence.setValue(50)
    assert box.expected.text() == "Of 100 patients: 1.5–3.5 missed, 2.0–7.5 false alarms"
    assert "80 patients" in box.expected.toolTip()
    assert "adults among them: not measured" in box.expected.toolTip()


@pytest.mark.slow
def test_the_probability_is_told_at_the_persons_prevalence(window, open_and_score, mixed_folder):
    window.controller.choose_model("tiny-a")
    open_and_score(mixed_folder)
    box = window.prediction_panel.operating_point
    window.prediction_panel.show_prediction(Prediction(Status.OK, (), 0.6, 0.5, "tiny-a 1.0"))
    box.prevalence.setValue(10)
    # Calibrated at one half: odds of 1.5 become 1.5 / 9.
    assert box.meaning.text() == "At your prevalence: 0.143 (the score holds at 50%)"
    box.prevalence.setValue(50)
    assert box.meaning.text().startswith("At your prevalence: 0.600 ")
    window.prediction_panel.set_sealed(True)
    assert box.meaning.isHidden()
    window.prediction_panel.set_sealed(False)
    window.prediction_panel.show_prediction(Prediction(Status.REFUSED, (told("a knee"),)))
    assert box.meaning.isHidden()


def test_a_network_without_calibration_gives_no_probability():
    card = tiny_card(calibration={})
    assert "no probability" in probability_meaning(0.6, card, 0.1)


def test_point_and_prevalence_are_kept(window, open_and_score, mixed_folder, qtbot):
    window.controller.choose_model("tiny-a")
    open_and_score(mixed_folder)
    box = _choose(window, SCREENING)
    box.prevalence.setValue(12.5)
    from app.gui.prediction.operating_point_box import OperatingPointBox

    again = OperatingPointBox(window.settings)
    qtbot.addWidget(again)
    again.show_card(window.controller._card)
    assert again.prevalence.value() == 12.5
    assert again.point.name == SCREENING


@pytest.mark.slow
def test_a_model_without_the_point_is_used_at_its_default(window, open_and_score, mixed_folder):
    window.controller.choose_model("tiny-a")
    open_and_score(mixed_folder)
    box = _choose(window, RULE_IN)
    scores = {r.name for r in window.worklist_model.rows if r.prediction}
    window.controller.choose_model("tiny-b")
    _wait_for_model(window, "tiny-b", len(scores))
    assert [point.name for point in box._points] == [BALANCED]
    box.prevalence.setValue(10)
    assert "not measured" in box.expected.text()
    thresholds = {r.prediction.threshold for r in window.worklist_model.rows if not r.needs_eyes}
    assert thresholds == {0.5}


def _wait_for_model(window, name, count):
    from PySide6.QtTest import QTest

    for _ in range(WAIT // 50):
        QTest.qWait(50)
        done = [r for r in window.worklist_model.rows if r.prediction]
        if window.controller.model_name == name and len(done) == count:
            return
    raise AssertionError(f"{name} did not score everything")


@pytest.mark.slow
def test_the_box_is_reached_by_key(window, open_and_score, mixed_folder, qtbot):
    window.controller.choose_model("tiny-a")
    open_and_score(mixed_folder)
    qtbot.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    box = window.prediction_panel.operating_point
    assert box.choice.view().isVisible()
    box.choice.hidePopup()


def test_refused_images_and_adults_are_told_not_to_be_measured():
    card = tiny_card(age_years=(1.0, 5.0))
    scored = Prediction(Status.OK, (), 0.7, 0.5, "tiny 1.0", "CPU")
    refused = Prediction(Status.REFUSED, (told("a knee"),))
    assert "Not measured at this patient's age" in not_measured_words(scored, 40.0, card)
    assert "without a score" in not_measured_words(refused, 3.0, card)
    assert not_measured_words(scored, 3.0, card) == ""
    assert not_measured_words(scored, 5.9, card) == ""
    assert not_measured_words(scored, None, card) == ""


def test_what_was_not_measured_is_said():
    card = tiny_card(age_years=None)
    point = OperatingPoint(BALANCED, 0.5)
    assert "not measured" in expected_words(point, 0.1)
    assert measured_on_words(point, card) == ""
    some = dataclasses.replace(point, patients=12)
    assert measured_on_words(some, card) == "Measured on 12 patients of the training data."


def test_a_range_without_width_is_one_number():
    assert range_words(Interval(1.0, 0.96, 1.04)) == "1.0"
    assert range_words(Interval(1.0, 0.5, 2.0)) == "0.5–2.0"
