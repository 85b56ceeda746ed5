"""How sure the network is, and which pneumonia it takes it for, beside the score."""

import dataclasses
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from tiny_model import tiny_card

from app.core.base.reasons import told
from app.core.model.results import WIDE_RANGE, Prediction, ProbabilityRange, Status
from app.core.worklist.scan import Item
from app.gui.common.wording import kind_words, range_words
from app.gui.prediction.prediction_panel import PredictionPanel
from app.gui.settings.remembered import Settings
from app.gui.verdict.reading_protocols import RowReading
from app.gui.worklist.arrangement import Row, State
from app.gui.worklist.text import tooltip

ILL = Prediction(
    Status.OK,
    p_pneumonia=0.9,
    threshold=0.5,
    model="m 1.0",
    range=ProbabilityRange(0.82, 0.94, False),
    p_bacterial=0.8,
    kind_threshold=0.6,
)


@pytest.fixture
def panel(qtbot):
    panel = PredictionPanel(Settings())
    qtbot.addWidget(panel)
    panel.resize(340, 700)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def test_the_panel_says_both_beside_a_pneumonia(panel):
    panel.show_prediction(ILL)
    assert panel.range.text() == "likely between 0.820 and 0.940"
    assert "bacterial than viral: 0.80" in panel.kind.text()
    assert "no treatment should rest on it" in panel.kind.text()
    assert panel.range.isVisible()
    assert panel.kind.isVisible()
    assert panel.scale.range == ILL.range


def test_below_the_threshold_there_is_no_kind(panel):
    panel.show_prediction(ILL.at(0.95))
    assert panel.range.isVisible()
    assert not panel.kind.isVisible()


def test_a_reader_who_judges_first_sees_neither(panel):
    panel.show_prediction(ILL)
    panel.set_sealed(True)
    assert not panel.range.isVisible()
    assert not panel.kind.isVisible()
    assert panel.range.text() == panel.kind.text() == ""


def test_a_network_that_does_not_say_them_leaves_no_gap(panel):
    panel.show_prediction(ILL)
    panel.show_prediction(
        dataclasses.replace(ILL, range=None, p_bacterial=None, kind_threshold=None)
    )
    assert not panel.range.isVisible()
    assert not panel.kind.isVisible()


def test_the_next_image_without_a_score_takes_them_away(panel):
    panel.show_prediction(ILL)
    panel.show_prediction(None)
    assert not panel.range.isVisible()
    panel.show_prediction(ILL)
    panel.show_prediction(Prediction(Status.REFUSED, (told("A CT slice."),)))
    assert not panel.range.isVisible()
    assert not panel.kind.isVisible()


def test_viral_is_said_with_its_own_probability():
    words = kind_words(dataclasses.replace(ILL, p_bacterial=0.3))
    assert "viral than bacterial: 0.70" in words
    assert range_words(None) == kind_words(None) == ""


WIDE = dataclasses.replace(
    ILL,
    reasons=(told("A lateral view."), WIDE_RANGE(low=0.31, high=0.97)),
    range=ProbabilityRange(0.31, 0.97, True),
)


def test_before_the_verdict_the_caution_of_a_wide_range_does_not_tell_the_score(panel):
    panel.show_prediction(WIDE)
    assert "0.31" in panel.reasons.text()
    panel.set_sealed(True)
    assert "A lateral view." in panel.reasons.text()
    assert "0.31" not in panel.reasons.text()
    assert "Look yourself" not in panel.reasons.text()


def test_nor_does_the_row_of_the_list():
    row = Row(Item(Path("a.png"), "a.png"))
    row.prediction = dataclasses.replace(WIDE, reasons=WIDE.reasons[1:])
    assert row.state is State.CAUTION
    assert "0.31" in tooltip(row)
    row.reading = RowReading(sealed=True)
    assert row.state is State.SCORED
    assert "0.31" not in tooltip(row)


CROSSING = Prediction(
    Status.OK,
    p_pneumonia=0.644,
    threshold=0.5,
    model="m 1.0",
    range=ProbabilityRange(0.145, 0.951, False),
)


def test_a_range_that_crosses_the_threshold_is_unsure_and_says_why(panel):
    for threshold in (0.5, 0.9):
        panel.show_prediction(CROSSING.at(threshold))
        assert panel.call.text() == "Unsure: look yourself"
        assert f"lies on both sides of the threshold ({threshold:.3f})" in panel.reasons.text()
    panel.set_sealed(True)
    assert panel.call.text() == ""
    assert "threshold" not in panel.reasons.text()


def test_a_caution_is_unsure_too_and_no_call_says_normal(panel):
    plain = dataclasses.replace(CROSSING, range=ProbabilityRange(0.6, 0.7, False))
    for prediction, headline in (
        (plain, "Suspicious"),
        (plain.at(0.9), "Below threshold"),
        (dataclasses.replace(plain, reasons=(told("Old."),)), "Unsure: look yourself"),
        (dataclasses.replace(plain, reasons=(told("Old."),)).at(0.9), "Unsure: look yourself"),
    ):
        panel.show_prediction(prediction)
        assert panel.call.text() == headline
        assert panel.call.isVisible()
        words = [label.text() for label in panel.findChildren(QLabel)]
        assert not any("NORMAL" in text for text in words)


def test_one_number_stands_there_until_a_prevalence_is_set(panel):
    card = tiny_card()
    panel.show_model(card, "CPU")
    assert panel.operating_point.point is not None
    panel.show_prediction(CROSSING)
    box = panel.operating_point
    assert not box.meaning.isVisible()
    assert not panel.facts.isVisible()
    assert not panel.evidence.isVisible()
    assert not box.isVisible()
    panel.details.setChecked(True)
    assert panel.facts.isVisible()
    assert not box.isHidden()
    assert not box.expected.isVisible()
    assert box.prevalence.text() == "not set"
    box.prevalence.setValue(20)
    assert box.expected.isVisible()
    panel.details.setChecked(False)
    assert box.meaning.isVisible()
    assert box.meaning.text().startswith("At your prevalence: ")
    box.prevalence.setValue(0)
    assert not box.meaning.isVisible()


def test_a_kind_and_its_figure_never_contradict_each_other():
    between = dataclasses.replace(ILL, p_bacterial=0.53)  # its threshold is 0.6
    assert "cannot be told: 0.53 for bacterial" in kind_words(between)
    low = dataclasses.replace(ILL, p_bacterial=0.45, kind_threshold=0.4)
    assert "cannot be told: 0.45 for bacterial" in kind_words(low)
