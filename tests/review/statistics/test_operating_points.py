"""Thresholds for three purposes, and their cross-fitted figures."""

from __future__ import annotations

import numpy as np
import pytest

from app.core.model.card import BALANCED, RULE_IN, SCREENING
from app.review.statistics import figures
from app.review.statistics.operating_points import choose, measure


def _made(patients=400, images=2, seed=0):
    """Patients with several images each, of overlapping scores."""
    random = np.random.default_rng(seed)
    labels = np.repeat(random.integers(0, 2, patients), images)
    logits = 2.5 * (2 * labels - 1) + np.repeat(random.normal(0, 1.5, patients), images)
    logits = logits + random.normal(0, 1.0, len(labels))
    groups = [f"p{i}" for i in np.repeat(np.arange(patients), images)]
    return 1 / (1 + np.exp(-logits)), labels.astype(np.int64), groups


def test_each_point_reaches_what_it_is_for_on_the_patients_it_is_set_on():
    p, labels, _ = _made()
    points = choose(p, labels)
    caught = {name: (p[labels == 1] >= t).mean() for name, t in points.items()}
    alone = {name: (p[labels == 0] < t).mean() for name, t in points.items()}
    assert caught[SCREENING] >= 0.99 > caught[BALANCED] >= 0.95
    assert alone[RULE_IN] >= 0.99
    assert points[SCREENING] < points[BALANCED] < points[RULE_IN]


def test_rule_in_is_the_lowest_threshold_that_lets_so_many_alone():
    p = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    labels = np.array([0, 0, 0, 0, 1, 1])
    assert figures.threshold_at_specificity(p, labels, 0.75) == 0.4
    assert figures.threshold_at_specificity(p, labels, 1.0) == 0.5
    # No score lies above the highest negative one: the threshold lies just above it.
    above = figures.threshold_at_specificity(p, 1 - labels, 1.0)
    assert above > 0.6
    assert above == pytest.approx(0.6)


def test_a_tie_between_classes_is_let_alone_as_a_whole():
    p = np.array([0.2, 0.5, 0.5, 0.5, 0.9])
    labels = np.array([0, 0, 0, 1, 1])
    assert figures.threshold_at_specificity(p, labels, 0.9) == 0.9


def test_rule_in_is_never_below_the_default():
    # Perfectly told apart: any threshold between lets all negatives alone.
    p = np.concatenate([np.linspace(0, 0.1, 100), np.linspace(0.6, 0.9, 100)])
    labels = np.repeat([0, 1], 100)
    points = choose(p, labels)
    assert points[RULE_IN] >= points[BALANCED]


def test_the_figures_are_of_patients_whose_threshold_others_chose():
    p, labels, groups = _made()
    measured = measure(p, labels, groups)
    assert set(measured) == {SCREENING, BALANCED, RULE_IN}
    balanced = measured[BALANCED]
    assert balanced["threshold"] == choose(p, labels)[BALANCED]
    assert (balanced["patients"], balanced["images"]) == (400, 800)
    for figure in (balanced["sensitivity"], balanced["specificity"]):
        assert figure["low"] < figure["value"] < figure["high"]


def test_a_threshold_chosen_on_noise_is_not_flattered():
    """Small samples: the cross-fitted sensitivity falls short of the 99 % that it is set at."""
    short = []
    for seed in range(30):
        p, labels, groups = _made(patients=60, images=1, seed=seed)
        short.append(measure(p, labels, groups)[SCREENING]["sensitivity"]["value"])
    naive = 1.0  # of some thirty positives 99 % is all of them
    assert np.mean(short) < naive - 0.01


def test_a_patient_is_never_split_over_two_tenths():
    """One image repeated as one patient's must not choose its own threshold."""
    p, labels, groups = _made(patients=60, images=1)
    many = measure(np.repeat(p, 5), np.repeat(labels, 5), list(np.repeat(groups, 5)))
    once = measure(p, labels, groups)
    for name in once:
        for figure in ("sensitivity", "specificity"):
            assert many[name][figure]["value"] == pytest.approx(
                once[name][figure]["value"], abs=0.05
            )


def test_nothing_is_measured_where_a_class_is_a_single_patient():
    p = np.array([0.1, 0.2, 0.3, 0.8])
    assert measure(p, np.array([0, 0, 0, 1]), ["a", "b", "c", "d"]) == {}
