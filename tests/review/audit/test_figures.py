"""Figures and their intervals against scikit-learn, the slow statistics and their definitions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_audit import made_audit
from sklearn import metrics

from app.core.model.results import Status
from app.review.audit import OF_SCORES, TITLES
from app.review.audit.figures import BY_IMAGE, BY_PATIENT, DELONG, WILSON, WILSON_IN_PLACE, rates
from app.review.statistics import figures as statistics


@pytest.fixture(scope="module")
def audit():
    return made_audit()


def test_the_cells_hold_what_their_names_say(audit):
    for threshold in (0.0, 0.31, float(audit.p[7]), 1.0, 1.1):
        matrix = audit.matrix(threshold)
        called, ill = audit.p >= threshold, audit.labels == 1
        for cell, wanted in (
            ("tp", called & ill),
            ("fn", ~called & ill),
            ("fp", called & ~ill),
            ("tn", ~called & ~ill),
        ):
            assert sorted(matrix.rows(cell)) == np.flatnonzero(wanted).tolist()
            assert matrix.counts[cell] == wanted.sum()
    assert len(audit.matrix(0.5).rows()) == len(audit.scored)


def test_the_most_wrong_image_comes_first(audit):
    matrix = audit.matrix(0.5)
    assert (np.diff(audit.p[matrix.fn]) >= 0).all()
    assert (np.diff(audit.p[matrix.fp]) <= 0).all()
    assert (np.diff(audit.p[matrix.tp]) <= 0).all()
    assert (np.diff(audit.p[matrix.tn]) >= 0).all()


def test_the_threshold_itself_is_called(audit):
    at = float(audit.p[audit.labels == 1][0])
    assert at in audit.p[audit.matrix(at).tp]


@pytest.mark.parametrize("threshold", [0.12, 0.5, 0.83])
def test_values_equal_those_of_scikit_learn(audit, threshold):
    figures = audit.figures(threshold, intervals=False)
    y, p, calls = audit.labels, audit.p, audit.p >= threshold
    for name, value in {
        "sensitivity": metrics.recall_score(y, calls),
        "specificity": metrics.recall_score(1 - y, ~calls),
        "accuracy": metrics.accuracy_score(y, calls),
        "balanced_accuracy": metrics.balanced_accuracy_score(y, calls),
        "ppv": metrics.precision_score(y, calls),
        "npv": metrics.precision_score(1 - y, ~calls),
        "auc": metrics.roc_auc_score(y, p),
        "average_precision": metrics.average_precision_score(y, p),
        "brier": metrics.brier_score_loss(y, p),
    }.items():
        assert figures[name].value == pytest.approx(value), name
        assert figures[name].low is None


def test_net_benefit_by_its_definition(audit):
    """Vickers and Elkin 2006: true positives less false positives at the odds of the threshold."""
    counts = audit.matrix(0.2).counts
    value = counts["tp"] / 300 - counts["fp"] / 300 * 0.2 / 0.8
    assert audit.figures(0.2)["net_benefit"].value == pytest.approx(value)
    assert rates(10, 0, 90, 0, 1.0)["net_benefit"] == pytest.approx(0.1)


@pytest.mark.slow
def test_intervals_over_patients_equal_the_slow_bootstrap(audit):
    y, p, groups = audit.labels, audit.p, list(audit.groups)
    weights = np.asarray(statistics.group_weights(groups))
    slow = statistics.summary(p, p >= 0.5, y, groups)
    slow["brier"] = statistics.bootstrap(
        lambda w: float(np.average((p - y) ** 2, weights=w)), weights, len(p)
    )
    slow["ece"] = statistics.bootstrap(
        lambda w: statistics.calibration_error(p, y, w), weights, len(p)
    )
    slow["average_precision"] = statistics.bootstrap(
        lambda w: metrics.average_precision_score(y, p, sample_weight=w), weights, len(p)
    )
    slow["specificity_at_sensitivity_0.95"] = statistics.bootstrap_specificity(p, y, groups, 0.95)
    figures = audit.figures(0.5)
    for name, estimate in slow.items():
        mine = figures[name]
        assert (mine.value, mine.low, mine.high) == pytest.approx(
            (estimate.value, estimate.low, estimate.high)
        ), name
        assert figures.methods[name] == BY_PATIENT


def test_sensitivity_at_a_specificity_by_repeating_the_images(audit):
    """A resample in which patients count twice is the images written twice."""
    from app.review.audit.resampling import Resamples

    p, y = audit.p, audit.labels
    drawn = Resamples.of(p, y, list(audit.groups), resamples=60)
    weights = np.asarray(statistics.group_weights(list(audit.groups), resamples=60)).astype(int)
    for wanted in (0.9, 0.95, 0.99):
        again = [
            statistics.sensitivity_at(np.repeat(p, w), np.repeat(y, w), wanted) for w in weights
        ]
        assert drawn.sensitivity_at(wanted) == pytest.approx(again)
    again = [statistics.specificity_at(np.repeat(p, w), np.repeat(y, w), 0.9) for w in weights]
    assert drawn.specificity_at(0.9) == pytest.approx(again)


def test_without_patients_the_intervals_are_wilsons_and_delongs():
    audit = made_audit(images_a_patient=0)
    figures = audit.figures(0.5)
    tp, fn = figures.matrix.count("tp"), figures.matrix.count("fn")
    assert figures["sensitivity"] == statistics.wilson(tp, tp + fn)
    assert figures["auc"] == statistics.delong(audit.p, audit.labels)
    assert figures.methods["sensitivity"] == WILSON
    assert figures.methods["auc"] == DELONG
    assert figures.methods["net_benefit"] == BY_IMAGE
    assert figures.intervals["why"]


def test_several_images_of_a_patient_widen_the_interval():
    """Ten copies of a patient's image say as much as one."""
    one = made_audit(150, images_a_patient=1)
    rows = tuple(replace(row, name=f"{i}{row.name}") for row in one.rows for i in range(10))
    ten = replace(one, rows=rows)
    alone, copied = one.figures(0.5)["sensitivity"], ten.figures(0.5)["sensitivity"]
    assert (copied.low, copied.high) == pytest.approx((alone.low, alone.high))


def test_perfect_scores_are_not_certain():
    audit = made_audit(120, apart=30.0)
    figures = audit.figures(0.5)
    for name in ("auc", "sensitivity", "average_precision", "sensitivity_at_specificity_0.95"):
        assert figures[name].value == 1
        assert figures[name].low < 1
        assert figures.methods[name] == WILSON_IN_PLACE


def test_one_class_only():
    audit = made_audit(90)
    ill = audit.subset(np.flatnonzero(audit.labels == 1))
    figures = ill.figures(0.5)
    assert figures["sensitivity"].value is not None
    assert figures["npv"].value == 0
    for name in ("auc", "specificity", "balanced_accuracy", *list(OF_SCORES)[4:]):
        assert figures[name].value is None
        assert name not in figures.methods
    curves = ill.curves()
    assert not len(curves.thresholds)
    assert not curves.normal.any()
    assert curves.reliability


@pytest.mark.parametrize("images_a_patient", [0, 1])
def test_a_slice_of_one(images_a_patient):
    audit = made_audit(images_a_patient=images_a_patient)
    figures = audit.subset([int(audit.matrix(0.5).tp[0])]).figures(0.5)
    assert figures["sensitivity"].value == 1
    assert figures["sensitivity"].low < 0.3
    assert figures["auc"].value is None
    assert audit.subset([0]).curves().reliability[0].images == 1


def test_nothing_scored():
    empty = made_audit().subset([])
    figures = empty.figures(0.5)
    assert all(figures[name].value is None for name in TITLES)
    assert empty.frame().empty
    assert not len(empty.curves().thresholds)


def test_scores_that_are_no_numbers_are_left_out():
    audit = made_audit(40)
    bad = (
        replace(audit.rows[0], p=float("nan")),
        replace(audit.rows[1], p=None, status=Status.REFUSED),
        replace(audit.rows[2], p=float("inf")),
    )
    mended = replace(audit, rows=(*bad, *audit.rows[3:]))
    assert len(mended.scored) == 37
    assert np.isfinite(mended.p).all()
    assert mended.figures(0.5)["auc"].value is not None
    assert mended.counts["refused"] == 1


def test_the_dictionary_is_plain_json_without_names(audit):
    import json

    text = json.dumps(audit.figures(0.5).as_dict())
    assert "images/" not in text
    assert json.loads(text)["confusion"] == audit.matrix(0.5).counts
