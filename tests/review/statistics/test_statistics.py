"""Statistics against scikit-learn, published values and their own definitions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import brier_score_loss, roc_auc_score

from app.review.statistics import figures


def sample(n=400, seed=0, ties=False):
    random = np.random.default_rng(seed)
    labels = (random.random(n) < 0.6).astype(np.int64)
    scores = 1 / (1 + np.exp(-(random.normal(0, 1.5, n) + 2 * (labels - 0.5))))
    return (np.round(scores, 1) if ties else scores), labels


@pytest.mark.parametrize("ties", [False, True])
def test_auc_equals_scikit_learn(ties):
    scores, labels = sample(ties=ties)
    assert figures.auc(scores, labels) == pytest.approx(roc_auc_score(labels, scores))


def test_weighted_auc_is_that_of_repeated_images():
    scores, labels = sample(ties=True)
    weights = np.random.default_rng(1).integers(0, 4, len(labels))
    repeated = roc_auc_score(np.repeat(labels, weights), np.repeat(scores, weights))
    assert figures.auc(scores, labels, weights.astype(float)) == pytest.approx(repeated)


def test_auc_of_one_class_is_undefined():
    assert np.isnan(figures.auc(np.array([0.1, 0.2]), np.array([1, 1])))
    assert np.isnan(figures.auc(np.empty(0), np.empty(0, np.int64)))


@pytest.mark.parametrize(
    ("successes", "total", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3 (score).
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_equals_published_values(successes, total, low, high):
    estimate = figures.wilson(successes, total)
    assert estimate.low == pytest.approx(low, abs=5e-5)
    assert estimate.high == pytest.approx(high, abs=5e-5)


def test_wilson_of_nothing_is_undefined():
    assert figures.wilson(0, 0) == figures.Estimate(None)


def test_delong_equals_its_definition():
    """The variance written out by pairs (DeLong 1988, equations 4 to 6)."""
    scores, labels = sample(120, seed=3, ties=True)
    x, y = scores[labels == 1], scores[labels == 0]
    psi = (x[:, None] > y).astype(float) + 0.5 * (x[:, None] == y)
    variance = psi.mean(1).var(ddof=1) / len(x) + psi.mean(0).var(ddof=1) / len(y)
    estimate = figures.delong(scores, labels)
    assert estimate.value == pytest.approx(psi.mean())
    assert estimate.high - estimate.value == pytest.approx(norm.ppf(0.975) * variance**0.5)


def test_bootstrap_interval_covers_the_truth_about_as_often_as_it_says():
    """With five images a patient that all agree, resampling images would be far too sure."""
    random = np.random.default_rng(5)
    covered = 0
    for repeat in range(60):
        right = np.repeat(random.random(60) < 0.8, 5)
        labels = np.ones(300, dtype=np.int64)
        groups = [f"p{i // 5}" for i in range(300)]
        estimates = figures.summary(right.astype(float), right, labels, groups)
        low, high = estimates["sensitivity"].low, estimates["sensitivity"].high
        covered += low <= 0.8 <= high
        assert figures.summary(right.astype(float), right, labels, None)["sensitivity"].low > low
        assert repeat >= 0
    assert covered >= 51  # 95 % of 60 is 57; fewer than 51 has a chance of about one in 1,000


@pytest.mark.parametrize("grouped", [True, False])
@pytest.mark.parametrize("sign", [1, -1])
def test_perfect_separation_is_not_certainty(grouped, sign):
    """12 positives and 30 negatives, two images a patient: Wilson's over the smaller class."""
    labels = np.repeat([1, 0], (12, 30))
    scores = sign * labels.astype(float)
    groups = [f"p{i // 2}" for i in range(42)] if grouped else None
    estimate = figures.summary(scores, scores > 0.5, labels, groups)["auc"]
    patients = 6 if grouped else 12
    bound = figures.wilson(patients if sign > 0 else 0, patients)
    assert estimate.had_no_width
    assert (estimate.value, estimate.low, estimate.high) == (bound.value, bound.low, bound.high)
    assert set(estimate.as_dict()) == {"value", "low", "high"}


def test_an_interval_with_width_stays_as_it_is():
    scores, labels = sample()
    groups = [str(i) for i in range(len(labels))]
    for given in (None, groups):
        for estimate in figures.summary(scores, scores > 0.5, labels, given).values():
            assert not estimate.had_no_width
            assert estimate.high - estimate.low < 0.15


def test_a_class_without_images_leaves_its_figures_undefined():
    scores = np.array([0.2, 0.9])
    estimates = figures.summary(scores, scores > 0.5, np.array([1, 1]), ["a", "b"])
    assert estimates["auc"].value is None
    assert estimates["specificity"].value is None
    assert estimates["sensitivity"].value == 0.5


def test_no_images_at_all():
    nothing = np.empty(0)
    for groups in (None, []):
        estimates = figures.summary(nothing, nothing > 0, nothing.astype(np.int64), groups)
        assert all(estimate.value is None for estimate in estimates.values())
    assert figures.brier(nothing, nothing) is None
    assert figures.calibration_error(nothing, nothing) is None


def test_brier_equals_scikit_learn():
    scores, labels = sample()
    assert figures.brier(scores, labels) == pytest.approx(brier_score_loss(labels, scores))


def test_calibration_error_of_a_calibrated_and_a_boasting_score():
    random = np.random.default_rng(2)
    p = random.random(20_000)
    labels = (random.random(20_000) < p).astype(np.int64)
    assert figures.calibration_error(p, labels) < 0.015
    assert figures.calibration_error(np.full(1000, 0.9), np.zeros(1000, np.int64)) == pytest.approx(
        0.9
    )


def test_the_operating_point_reaches_its_sensitivity_and_no_higher_one_does():
    scores, labels = sample(seed=8)
    threshold = figures.threshold_at_sensitivity(scores, labels, 0.95)
    positive = scores[labels == 1]
    assert (positive >= threshold).mean() >= 0.95
    assert (positive >= np.nextafter(threshold, 1)).mean() < 0.95


def test_no_positive_image_no_operating_point():
    with pytest.raises(ValueError, match="no positive"):
        figures.threshold_at_sensitivity(np.array([0.5]), np.array([0]), 0.95)


def test_specificity_at_a_sensitivity_agrees_with_its_bootstrap():
    scores, labels = sample(seed=4)
    groups = [str(i) for i in range(len(labels))]
    estimate = figures.bootstrap_specificity(scores, labels, groups, 0.95)
    assert estimate.value == pytest.approx(figures.specificity_at(scores, labels, 0.95))
    assert estimate.low < estimate.value < estimate.high
