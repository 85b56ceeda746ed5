"""What an operating point means for 100 patients."""

from __future__ import annotations

import pytest
from tiny_model import tiny_card

from app.core.base.errors import ModelError
from app.core.model.card import BALANCED, RULE_IN, SCREENING
from app.core.model.operating_points import (
    Interval,
    OperatingPoint,
    expected_per_100,
    operating_points,
)

POINT = OperatingPoint(BALANCED, 0.3, Interval(0.95, 0.93, 0.97), Interval(0.90, 0.85, 0.96), 500)


def test_misses_and_false_alarms_by_hand():
    expected = expected_per_100(POINT, 0.2)
    assert expected is not None
    # 20 with pneumonia, of whom 3 to 7 % are missed; 80 without, of whom 4 to 15 % are called.
    assert (expected.missed.value, expected.missed.low, expected.missed.high) == pytest.approx(
        (1.0, 0.6, 1.4)
    )
    alarms = expected.false_alarms
    assert (alarms.value, alarms.low, alarms.high) == pytest.approx((8.0, 3.2, 12.0))


@pytest.mark.parametrize("prevalence", [0.0, 1.0])
def test_no_misses_among_the_healthy_and_no_alarms_among_the_ill(prevalence):
    expected = expected_per_100(POINT, prevalence)
    assert expected is not None
    assert (expected.missed.value == 0) == (prevalence == 0)
    assert (expected.false_alarms.value == 0) == (prevalence == 1)


def test_a_prevalence_that_is_none_is_refused():
    with pytest.raises(ValueError, match="prevalence"):
        expected_per_100(POINT, 20)


def _card(**measured):
    points = {SCREENING: 0.1, BALANCED: 0.3, RULE_IN: 0.8}
    return tiny_card(operating_points=points, metrics={"operating_points": measured})


def test_a_card_offers_its_points_from_low_to_high():
    figure = {"value": 0.9, "low": 0.8, "high": 0.95}
    measured = {"threshold": 0.1, "sensitivity": figure, "specificity": figure, "patients": 80}
    points = operating_points(_card(screening=measured))
    assert [point.title for point in points] == ["Screening", "Balanced", "Rule-in"]
    assert points[0].sensitivity == Interval(0.9, 0.8, 0.95)
    assert points[0].patients == 80
    assert expected_per_100(points[1], 0.1) is None


@pytest.mark.parametrize(
    "figure",
    [
        None,
        "high",
        {"value": 0.9},
        {"value": 0.9, "low": None, "high": 1.0},
        {"value": 0.9, "low": 0.95, "high": 1.0},
        {"value": float("nan"), "low": 0.1, "high": 1.0},
        {"value": 0.9, "low": 0.1, "high": 7.0},
    ],
)
def test_what_is_no_figure_is_not_measured(figure):
    measured = {"threshold": 0.3, "sensitivity": figure, "specificity": figure, "patients": 80}
    point = operating_points(_card(default=measured))[1]
    assert point.sensitivity is None
    assert expected_per_100(point, 0.5) is None


def test_figures_of_another_threshold_do_not_count():
    figure = {"value": 0.9, "low": 0.8, "high": 0.95}
    measured = {"threshold": 0.31, "sensitivity": figure, "specificity": figure}
    assert operating_points(_card(default=measured))[1].sensitivity is None


def test_a_card_can_be_used_at_another_point():
    card = _card()
    assert card.at(RULE_IN).threshold == 0.8
    assert card.at(BALANCED) == card
    with pytest.raises(ModelError, match="It has: screening, default, rule_in"):
        card.at("triage")
