"""DeLong's paired difference and McNemar's tests against published and recomputed values."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import chi2

from app.review.statistics.paired import (
    bootstrap_difference,
    delong_difference,
    durkalski,
    mcnemar,
)


def answers(*cells: tuple[int, int, int, int]) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """First and second right or wrong, from (both, only first, only second, none) a patient."""
    first, second, groups = [], [], []
    for patient, (both, b, c, none) in enumerate(cells):
        first += [True] * (both + b) + [False] * (c + none)
        second += [True] * both + [False] * b + [True] * c + [False] * none
        groups += [f"patient{patient}"] * (both + b + c + none)
    return np.array(first, bool), np.array(second, bool), groups


def test_mid_p_of_a_published_table():
    # Fagerland, Lydersen, Laake 2013, airway hyper-responsiveness (Bentur 2009): 1 against 7.
    first, second, _ = answers((1, 1, 7, 12))
    test = mcnemar(first, second, None)
    assert (test.only_first, test.only_second) == (1, 7)
    assert test.p == pytest.approx(0.039, abs=5e-4)
    assert "mid-p" in test.method


def test_clustered_form_of_a_published_example():
    # The "obfuscation" data of the R package clust.bin.pair, 63 clusters; its documentation
    # prints chi-square = 10.125, p-value = 0.001463 for method "durkalski".
    cells = (
        [(2, 0, 0, 0)] * 33
        + [(1, 0, 1, 0)] * 13
        + [(1, 0, 0, 0)] * 9
        + [(1, 1, 0, 0)] * 3
        + [(0, 0, 1, 0)] * 3
        + [(0, 0, 2, 0), (0, 1, 1, 0)]
    )
    test = mcnemar(*answers(*cells))
    assert test.p == pytest.approx(0.001463, abs=5e-7)
    assert test.method.endswith("chi-squared")
    differences = np.array([b - c for _, b, c, _ in cells]) / [sum(cell) for cell in cells]
    assert durkalski(differences) == pytest.approx(10.125)


def test_clustered_form_is_mcnemars_for_one_image_a_patient():
    differences = np.array([1.0] * 10 + [-1.0] * 25)
    assert durkalski(differences) == pytest.approx(15**2 / 35)


def test_few_patients_with_flips_are_counted_out():
    # Three patients gain an image each among two, one loses both of its two.
    cells = [(1, 0, 1, 0)] * 3 + [(0, 2, 0, 0)] + [(2, 0, 0, 0)] * 4
    test = mcnemar(*answers(*cells))
    assert "exact by patient" in test.method
    values = [-0.5, -0.5, -0.5, 1.0]
    sums = [
        abs(sum(s * v for s, v in zip(signs, values, strict=True)))
        for signs in itertools.product((1, -1), repeat=4)
    ]
    more = sum(s > 0.5 + 1e-9 for s in sums)
    same = sum(abs(s - 0.5) < 1e-9 for s in sums)
    assert test.p == pytest.approx((more + same / 2) / 16)


def test_exact_and_chi_squared_agree_where_both_can_be_had(monkeypatch):
    cells = [(1, 0, 1, 0)] * 12 + [(1, 1, 0, 0)] * 4 + [(2, 0, 0, 0)] * 9
    exact = mcnemar(*answers(*cells)).p
    monkeypatch.setattr("app.review.statistics.paired.EXACT_PATIENTS", 0)
    rough = mcnemar(*answers(*cells)).p
    assert rough == pytest.approx(chi2.sf(64 / 16, 1))
    assert exact == pytest.approx(rough, abs=0.02)


def test_no_flip_and_no_image():
    first, second, groups = answers((3, 0, 0, 1), (2, 0, 0, 0))
    assert mcnemar(first, second, groups).p == 1.0
    assert mcnemar(first, second, None).p == 1.0
    empty = np.empty(0, bool)
    assert mcnemar(empty, empty, None).p is None


def scored(seed: int = 3, n: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    labels = (random.random(n) < 0.6).astype(np.int64)
    base = labels + random.normal(0, 0.8, n)
    # Rounded, so that there are ties.
    return np.round(base, 1), np.round(base + labels + random.normal(0, 0.6, n), 1), labels


def test_delong_against_the_definition():
    first, second, labels = scored()
    positive, negative = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)

    def kernel(scores):
        up, down = scores[positive][:, None], scores[negative][None]
        return (up > down) + 0.5 * (up == down)

    delta = kernel(second) - kernel(first)
    variance = delta.mean(1).var(ddof=1) / len(positive) + delta.mean(0).var(ddof=1) / len(negative)
    estimate = delong_difference(first, second, labels)
    assert estimate.value == pytest.approx(delta.mean())
    assert estimate.high - estimate.low == pytest.approx(2 * 1.959964 * np.sqrt(variance))


def test_bootstrap_and_delong_agree_for_one_image_a_patient():
    first, second, labels = scored(n=400)
    groups = [f"p{i}" for i in range(400)]
    one, other = (
        delong_difference(first, second, labels),
        bootstrap_difference(first, second, labels, groups),
    )
    assert one.value == other.value
    assert one.low == pytest.approx(other.low, abs=0.01)
    assert one.high == pytest.approx(other.high, abs=0.01)


def test_swapping_the_models_swaps_the_sign():
    first, second, labels = scored()
    there = delong_difference(first, second, labels)
    back = delong_difference(second, first, labels)
    assert there.value == pytest.approx(-back.value)
    assert there.low == pytest.approx(-back.high)


def test_an_interval_of_no_width_is_only_given_to_equal_rankings():
    labels = np.array([0, 0, 0, 1, 1, 1])
    first = np.array([0.1, 0.2, 0.3, 0.7, 0.8, 0.9])
    same = delong_difference(first, first / 2, labels)
    assert (same.value, same.low, same.high) == (0, 0, 0)
    other = delong_difference(first, first[[1, 0, 2, 4, 3, 5]], labels)
    assert (other.value, other.low, other.high) == (0, None, None)


def test_one_class_has_no_difference():
    first, second, _ = scored()
    assert delong_difference(first, second, np.ones(60, int)).value is None
    groups = [str(i) for i in range(60)]
    assert bootstrap_difference(first, second, np.ones(60, int), groups).value is None
