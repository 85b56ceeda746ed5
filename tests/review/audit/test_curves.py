"""Curves against scikit-learn and their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from made_audit import made_audit
from sklearn import metrics

from app.review.audit import BAND_RATES


@pytest.fixture(scope="module")
def audit():
    return made_audit()


@pytest.fixture(scope="module")
def curves(audit):
    return audit.curves()


def test_roc(audit, curves):
    rate, sensitivity, thresholds = metrics.roc_curve(
        audit.labels, audit.p, drop_intermediate=False
    )
    assert curves.false_positive_rate == pytest.approx(rate)
    assert curves.sensitivity == pytest.approx(sensitivity)
    assert curves.thresholds[1:] == pytest.approx(thresholds[1:])


def test_precision_and_recall(audit, curves):
    precision, recall, _ = metrics.precision_recall_curve(audit.labels, audit.p)
    assert curves.precision[::-1] == pytest.approx(precision)
    assert curves.recall[::-1] == pytest.approx(recall)


def test_histograms_hold_every_image(audit, curves):
    assert curves.normal.sum() == (audit.labels == 0).sum()
    assert curves.pneumonia.sum() == (audit.labels == 1).sum()


def test_reliability(audit, curves):
    assert sum(each.images for each in curves.reliability) == len(audit.p)
    total = sum(each.found.value * each.images for each in curves.reliability)
    assert total == pytest.approx(audit.labels.sum())
    for each in curves.reliability:
        assert each.found.low < each.found.value < each.found.high or each.found.value in (0, 1)


def test_decision_curve(audit, curves):
    for at in (0, 19, 60, 98):
        threshold = curves.decision_thresholds[at]
        benefit = audit.figures(float(threshold))["net_benefit"]
        assert curves.net_benefit[at] == pytest.approx(benefit.value)
        assert curves.net_benefit_low[at] == pytest.approx(benefit.low)
        assert curves.net_benefit_high[at] == pytest.approx(benefit.high)
    prevalence = audit.labels.mean()
    # To treat everybody is worth nothing where the threshold is the prevalence.
    assert np.interp(prevalence, curves.decision_thresholds, curves.treat_all) == pytest.approx(
        0, abs=1e-3
    )


def test_the_bands_lie_around_the_curves(audit, curves):
    step = np.array(
        [curves.sensitivity[curves.false_positive_rate <= rate + 1e-9].max() for rate in BAND_RATES]
    )
    inside = (curves.roc_low <= step + 1e-9) & (step <= curves.roc_high + 1e-9)
    assert inside.mean() > 0.95
    assert curves.roc_low.mean() < step.mean() < curves.roc_high.mean()
    without = audit.curves(bands=False)
    assert not len(without.roc_low)
    assert without.sensitivity == pytest.approx(curves.sensitivity)
