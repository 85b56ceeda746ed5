"""Platt's line: what it finds, how it is measured, and what it never does."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from app.core.model.calibration import Calibration, at_prevalence, logistic
from app.review.statistics import calibration, figures


def _made(n=4000, slope=2.0, intercept=-1.0, seed=0):
    """Logits whose true calibration is known."""
    random = np.random.default_rng(seed)
    logits = random.normal(0.5, 2.0, n)
    labels = (random.random(n) < logistic(slope * logits + intercept)).astype(np.int64)
    return logits, labels, [f"p{i // 2}" for i in range(n)]


def test_the_line_is_found_again():
    logits, labels, _ = _made(n=40_000)
    line = calibration.fit(logits, labels)
    assert (line.slope, line.intercept) == pytest.approx((2.0, -1.0), abs=0.1)
    assert line.prevalence == labels.mean()


def test_the_line_is_that_of_a_logistic_regression():
    logits, labels, _ = _made()
    line = calibration.fit(logits, labels)
    peer = LogisticRegression(C=1e9, tol=1e-9).fit(logits[:, None], labels)
    assert line.slope == pytest.approx(float(peer.coef_[0, 0]), rel=0.01)
    assert line.intercept == pytest.approx(float(peer.intercept_[0]), abs=0.02)


def test_far_logits_do_not_overflow():
    logits, labels, _ = _made()
    line = calibration.fit(1000 * logits, labels)
    assert line.slope == pytest.approx(0.002, rel=0.1)
    p = line.probabilities(np.array([-1e6, 0.0, 1e6]))
    assert p[0] == 0 < p[1] < 1 == p[2]


def test_classes_perfectly_apart_give_a_finite_line():
    logits = np.concatenate([np.linspace(-5, -1, 50), np.linspace(1, 5, 50)])
    line = calibration.fit(logits, np.repeat([0, 1], 50))
    assert 0 < line.slope < 100
    assert 0 < line.probabilities(np.array([1.0]))[0] < 1


@pytest.mark.parametrize("labels", [np.zeros(40), np.ones(40)])
def test_one_class_cannot_be_calibrated(labels):
    assert calibration.fit(np.linspace(-1, 1, 40), labels.astype(np.int64)) is None


def test_a_network_that_has_it_the_wrong_way_round_is_not_turned():
    logits, labels, _ = _made()
    assert calibration.fit(-logits, labels) is None


def test_the_ranking_stays():
    logits, labels, _ = _made()
    p = calibration.fit(logits, labels).probabilities(logits)
    assert figures.auc(p, labels) == figures.auc(logits, labels)


def test_cross_fitted_probabilities_hold_and_raw_ones_do_not():
    logits, labels, groups = _made(slope=0.5, intercept=1.5)
    raw = calibration.measure(logistic(logits), labels, groups)
    honest = calibration.measure(calibration.cross_fitted(logits, labels, groups), labels, groups)
    assert raw["ece"]["value"] > 0.1 > 0.03 > honest["ece"]["value"]
    assert honest["slope"]["low"] < 1 < honest["slope"]["high"]
    assert honest["intercept"]["low"] < 0 < honest["intercept"]["high"]
    assert raw["slope"]["high"] < 1
    assert honest["brier"]["value"] < raw["brier"]["value"]
    assert sum(part["images"] for part in honest["bins"]) == len(labels)
    middle = honest["middle"]
    assert middle["found"]["low"] < middle["said"] < middle["found"]["high"]


def test_each_tenth_is_judged_by_a_line_without_it():
    logits, labels, groups = _made(n=400)
    before = calibration.cross_fitted(logits, labels, groups)
    part = calibration.parts_of(groups, "calibration")
    changed = labels.copy()
    changed[part == 3] = 1 - changed[part == 3]
    after = calibration.cross_fitted(logits, changed, groups)
    assert np.array_equal(before[part == 3], after[part == 3])
    assert not np.array_equal(before[part != 3], after[part != 3])


def test_too_few_to_cross_fit():
    assert calibration.cross_fitted(np.array([0.0, 1.0]), np.array([0, 1]), ["a", "b"]) is None


@pytest.mark.parametrize(
    "values", [(0.0, 0, 0.5), (-1, 0, 0.5), (1, 0, 0.0), (1, 0, 1.0), (float("nan"), 0, 0.5)]
)
def test_a_line_that_makes_no_sense_is_refused(values):
    with pytest.raises(ValueError, match="positive slope"):
        Calibration(*values)


def test_another_prevalence_by_hand():
    # Of 1,000 at half: 500 ill. A sign with sensitivity 0.9 and specificity 0.8 gives 450 of 550.
    assert at_prevalence(450 / 550, 0.5, 0.1) == pytest.approx(90 / (90 + 180))
    assert at_prevalence(0.3, 0.2, 0.2) == pytest.approx(0.3)
    assert at_prevalence(0.0, 0.7, 0.1) == 0
    assert at_prevalence(1.0, 0.7, 0.1) == 1
