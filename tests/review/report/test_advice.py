"""Threshold advice: checked against what more cases really bring, and against bad input."""

from __future__ import annotations

import numpy as np
import pytest

from app.review.report.advice import (
    FEWEST_PATIENTS,
    RATE_WIDTH,
    advise,
    more_cases,
)
from app.review.statistics import operating_points
from app.review.statistics.figures import Estimate, wilson


def drawn(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    logits = random.normal(np.where(labels == 1, 1.2, -1.2), 1.3)
    return 1 / (1 + np.exp(-logits)), labels


def test_the_thresholds_are_those_that_a_training_would_choose() -> None:
    p, labels = drawn(600)
    found = advise(p, labels, None)
    assert {each.name: each.threshold.value for each in found.points} == operating_points.choose(
        p, labels
    )
    assert not found.by_patient
    for point in found.points:
        assert point.threshold.low <= point.threshold.value <= point.threshold.high


def test_so_many_more_cases_do_narrow_the_interval_to_the_stated_width() -> None:
    # Wilson's width at 80 % is near enough to the normal one for the root to hold.
    for cases, hit in ((100, 80), (400, 320)):
        more = more_cases(wilson(hit, cases), cases, RATE_WIDTH)
        grown = cases + more
        estimate = wilson(round(0.8 * grown), grown)
        assert estimate.high - estimate.low == pytest.approx(RATE_WIDTH, rel=0.03)


def test_four_times_the_cases_halve_the_thresholds_interval_as_foretold() -> None:
    def widths(n: int) -> list[float]:
        ends = [advise(*drawn(n, seed), None).points[1].threshold for seed in range(5)]
        return [each.high - each.low for each in ends]

    before = float(np.mean(widths(200)))
    # A single draw's width is itself uncertain; five of each are near enough.
    assert np.mean(widths(800)) / before == pytest.approx(0.5, abs=0.13)
    assert more_cases(Estimate(0.5, 0.4, 0.4 + before), 100, before / 2) == 300


def test_images_of_one_patient_widen_the_interval() -> None:
    p, labels = drawn(300)
    many = np.repeat(p, 6), np.repeat(labels, 6)
    alone = advise(*many, None).points[1].threshold
    together = advise(*many, [str(i) for i in np.repeat(np.arange(300), 6)])
    held = together.points[1].threshold
    assert together.by_patient
    assert held.high - held.low > 1.5 * (alone.high - alone.low)
    assert together.points[1].patients == 150


def test_one_class_or_too_few_patients_give_words_and_no_threshold() -> None:
    p, labels = drawn(100)
    assert "one class" in advise(p, np.ones(100, dtype=np.int64), None).why_none
    assert advise(np.array([]), np.array([], dtype=np.int64), None).why_none
    few = advise(p, labels, [f"{label}-{i % 5}" for i, label in enumerate(labels)])
    assert not few.points
    assert f"at least {FEWEST_PATIENTS}" in few.why_none


def test_an_interval_that_is_narrow_enough_needs_nobody_and_none_says_nothing() -> None:
    assert more_cases(Estimate(0.9, 0.89, 0.91), 50, 0.05) == 0
    assert more_cases(Estimate(None), 50, 0.05) is None
