"""Slice against rest: scipy's and published values, permutations counted out, and Holm."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import fisher_exact

from app.review.audit.slice_tests import (
    EXACT,
    SHUFFLED,
    auc_against_rest,
    holm,
    share_against_rest,
)
from app.review.statistics.figures import auc


def test_one_image_a_patient_is_fishers_test():
    # Fisher's tea tasting: 3 of 4 and 1 of 4; Agresti (Categorical Data Analysis) has p = 0.486.
    hit = np.array([True, True, True, False, True, False, False, False])
    inside = np.arange(8) < 4
    p, method = share_against_rest(hit, inside, np.arange(8))
    assert p == pytest.approx(0.4857, abs=5e-5)
    assert method == EXACT


def test_fisher_against_scipy():
    random = np.random.default_rng(5)
    for _ in range(25):
        hit, inside = random.random(60) < 0.8, random.random(60) < 0.3
        table = [[(hit & inside).sum(), (~hit & inside).sum()],
                 [(hit & ~inside).sum(), (~hit & ~inside).sum()]]  # fmt: skip
        p, _ = share_against_rest(hit, inside, np.arange(60))
        assert p == pytest.approx(fisher_exact(table).pvalue, rel=1e-9)


def counted_out(hit, inside, patients) -> float:
    """The same test with every way to shuffle, where no patient is split."""
    sizes = np.bincount(patients)
    excess = np.bincount(patients, ~hit) - (~hit).mean() * sizes
    members = np.unique(patients[inside])
    ways = itertools.combinations(range(len(sizes)), len(members))
    sums = np.array([excess[list(chosen)].sum() for chosen in ways])
    far = abs(excess[members].sum() - sums.mean())
    return float((np.abs(sums - sums.mean()) >= far - 1e-9).mean())


def test_shuffled_patients_against_all_ways_to_shuffle_them():
    patients = np.repeat(np.arange(12), [1, 2, 3, 1, 4, 2, 1, 1, 2, 5, 1, 2])
    wrong = np.isin(patients, [1, 4]) | (np.arange(len(patients)) % 7 == 0)
    inside = patients < 5
    p, method = share_against_rest(~wrong, inside, patients)
    assert method == SHUFFLED
    assert p == pytest.approx(counted_out(~wrong, inside, patients), abs=0.015)


def test_images_of_a_split_patient_are_shuffled_within_the_patient():
    # Ten patients, each with one image in the slice and one outside; the one inside is wrong.
    patients = np.repeat(np.arange(10), 2)
    inside = np.arange(20) % 2 == 0
    p, _ = share_against_rest(~inside, inside, patients)
    assert p == pytest.approx(2 / 2**10, abs=0.001)
    # Patients who are wrong or right as a whole say nothing of what differs within them.
    wrong = patients < 5
    assert share_against_rest(~wrong, inside, patients)[0] == 1.0


def test_a_slice_without_a_difference_is_seldom_found():
    random = np.random.default_rng(11)
    patients = np.repeat(np.arange(300), 1 + random.poisson(2, 300))
    found = 0
    for _ in range(60):
        rate = random.beta(0.1, 1.9, 300)  # some patients are always wrong
        hit = random.random(len(patients)) > rate[patients]
        found += share_against_rest(hit, patients < 15, patients)[0] < 0.05
    assert found <= 8  # 0.9998 of the binomial with 5 %


def test_auc_against_all_ways_to_shuffle():
    labels = np.repeat([1, 0], 6)
    scores = np.array([0.9, 0.8, 0.35, 0.6, 0.3, 0.7, 0.1, 0.5, 0.65, 0.2, 0.4, 0.15])
    inside = np.isin(np.arange(12), [2, 4, 3, 7, 8, 10])

    def difference(member):
        return auc(scores[member], labels[member]) - auc(scores[~member], labels[~member])

    sums = []
    for ill in itertools.combinations(range(6), 3):
        for healthy in itertools.combinations(range(6, 12), 3):
            sums.append(abs(difference(np.isin(np.arange(12), ill + healthy))))
    expected = np.mean(np.array(sums) >= abs(difference(inside)) - 1e-9)
    p, method = auc_against_rest(scores, labels, inside, np.arange(12), 4000)
    assert p == pytest.approx(expected, abs=0.02)
    assert method == SHUFFLED


def test_auc_that_is_far_off_is_found_with_patients_on_both_sides():
    random = np.random.default_rng(2)
    patients = np.repeat(np.arange(100), 3)
    labels = (patients % 2).astype(np.int64)
    inside = (np.arange(300) % 3 == 0) & (patients < 90)
    scores = labels + random.normal(0, 0.5, 300)
    assert auc_against_rest(scores, labels, inside, patients, 199)[0] > 0.05
    scores[inside] = random.normal(0.5, 0.5, inside.sum())
    assert auc_against_rest(scores, labels, inside, patients, 199)[0] == pytest.approx(1 / 200)


def test_auc_of_one_class_is_not_tested():
    labels = np.array([1, 1, 1, 0, 0])
    inside = np.array([True, True, False, False, False])
    assert auc_against_rest(np.arange(5.0), labels, inside, np.arange(5))[0] is None


def test_holm_of_published_p_values():
    # The fifteen p-values of Benjamini and Hochberg (JRSS B 1995, section 4): the Bonferroni-type
    # procedures reject three. The adjusted values are those of statsmodels 0.15, method "holm".
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
         0.5719, 0.6528, 0.7590, 1.0]  # fmt: skip
    adjusted = holm(p)
    assert sum(value <= 0.05 for value in adjusted) == 3
    assert adjusted[:9] == pytest.approx(
        [0.0015, 0.0056, 0.0247, 0.114, 0.2211, 0.278, 0.278, 0.278, 0.3213], abs=1e-12
    )
    assert adjusted[9:] == [1.0] * 6


def test_holm_keeps_the_order_in_which_it_is_asked():
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([]) == []
