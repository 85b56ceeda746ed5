"""Whether a slice of the images fares otherwise than the rest, and Holm's care for many slices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.core.base.translation import mark
from app.review.statistics.figures import Labels, Scores, auc_of

SHUFFLES = 9999
"""So often are patients shuffled: the smallest p is one in ten thousand."""

AUC_SHUFFLES = 999
"""Fewer, since each takes two AUCs."""

ENOUGH = 20

EXACT = mark("Fisher's exact test")
SHUFFLED = mark("permutation of patients")
"""Names of the tests: in English with the figures, translated where shown."""


def share_against_rest(
    hit: NDArray[np.bool_], inside: NDArray[np.bool_], patients: NDArray[np.int64], seed: int = 0
) -> tuple[float, str]:
    """Compare a share (sensitivity, specificity) inside a slice with that of the rest.

    With one image a patient it is Fisher's exact test. Else whole patients are shuffled between
    the slice and the rest, and within a patient who has images in both, the images; a
    chi-squared approximation is far too ready to see differences where few are wrong.

    Parameters
    ----------
    hit
        Shape (n,), the images of one class: whether each was called rightly.
    inside
        Shape (n,), whether each is in the slice; some are, and some are not.
    patients
        Shape (n,), a number for each patient.
    seed
        Of the shuffling.

    Returns
    -------
    p, method : float, str
        Two-sided.
    """
    _, patients = np.unique(patients, return_inverse=True)
    sizes = np.bincount(patients)
    if sizes.max() == 1:
        return _fisher(hit, inside), EXACT
    wrong = np.bincount(patients[~hit], minlength=len(sizes))
    in_slice = np.bincount(patients[inside], minlength=len(sizes))
    split = (in_slice > 0) & (in_slice < sizes)
    random = np.random.default_rng(seed)
    # What a patient adds to the slice's excess of wrong calls over the common rate.
    excess = wrong - (~hit).mean() * sizes
    drawn = _whole_patients(excess[~split], int((in_slice[~split] > 0).sum()), random)
    observed = float(excess[(in_slice > 0) & ~split].sum())
    mixed = split & (wrong > 0) & (wrong < sizes)
    drawn += _split_patients(np.stack([wrong, sizes, in_slice], axis=1)[mixed], random)
    observed += float((~hit & inside & mixed[patients]).sum())
    middle = _expected(excess, wrong, in_slice, sizes, split)
    far = np.abs(drawn - middle) >= abs(observed - middle) - 1e-9
    return float((1 + far.sum()) / (1 + SHUFFLES)), SHUFFLED


def _fisher(hit: NDArray[np.bool_], inside: NDArray[np.bool_]) -> float:
    """Fisher's two-sided p: all tables that are no likelier than this one."""
    from scipy.stats import hypergeom

    table = hypergeom(len(hit), int(hit.sum()), int(inside.sum()))
    likely = table.pmf(np.arange(len(hit) + 1))
    observed = likely[int((hit & inside).sum())]
    return float(min(1.0, likely[likely <= observed * (1 + 1e-7)].sum()))


def _whole_patients(
    excess: NDArray[np.float64], chosen: int, random: np.random.Generator
) -> NDArray[np.float64]:
    """Sum over so many patients drawn without replacement, shape (SHUFFLES,)."""
    if not len(excess) or chosen in (0, len(excess)):
        return np.full(SHUFFLES, float(excess.sum()) if chosen else 0.0)
    # Patients who add the same are alike, so that their numbers are drawn and not they.
    values, counts = np.unique(excess.round(9), return_counts=True)
    drawn = random.multivariate_hypergeometric(counts, chosen, SHUFFLES, method="marginals")
    return np.asarray(drawn @ values, dtype=np.float64)


def _split_patients(parts: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.float64]:
    """Wrong images that split patients add to the slice, shape (SHUFFLES,).

    A split patient adds as many images to the slice in each shuffle, so that only the number of
    wrong ones among them differs. Patients with as many wrong, images and images in the slice
    are alike: how many of them add how many wrong ones is drawn.
    """
    from scipy.stats import hypergeom

    drawn = np.zeros(SHUFFLES)
    kinds, counts = np.unique(parts, axis=0, return_counts=True)
    for (wrong, size, in_slice), count in zip(kinds.tolist(), counts.tolist(), strict=True):
        outcomes = np.arange(min(wrong, in_slice) + 1)
        likely = hypergeom(size, wrong, in_slice).pmf(outcomes)
        drawn += random.multinomial(count, likely / likely.sum(), SHUFFLES) @ outcomes
    return drawn


def _expected(
    excess: NDArray[np.float64],
    wrong: NDArray[np.int64],
    in_slice: NDArray[np.int64],
    sizes: NDArray[np.int64],
    split: NDArray[np.bool_],
) -> float:
    whole = ~split
    middle = float(excess[whole].mean() * (in_slice[whole] > 0).sum()) if whole.any() else 0.0
    mixed = split & (wrong > 0) & (wrong < sizes)
    return middle + float((in_slice[mixed] * wrong[mixed] / sizes[mixed]).sum())


def auc_against_rest(
    scores: Scores,
    labels: Labels,
    inside: NDArray[np.bool_],
    patients: NDArray[np.int64],
    shuffles: int = AUC_SHUFFLES,
) -> tuple[float | None, str]:
    """Compare the AUC within a slice with the AUC within the rest.

    Patients are shuffled between the slice and the rest as for shares, those with pneumonia among
    themselves and those without among themselves. DeLong's test of independent AUCs, also in its
    form for clustered data (Obuchowski, Biometrics 1997), rejects five times too often where a
    slice has ten patients of each class and the AUC is high.

    Parameters
    ----------
    scores, labels
        Shape (n,); label 1 for the positive class.
    inside
        Shape (n,), whether each image is in the slice.
    patients
        Shape (n,), a number for each patient.
    shuffles
        At most so many: the smallest p is one in as many and one. Once ``ENOUGH`` of them differ
        as much as the slice does, p is known well enough (Besag and Clifford, Biometrika 1991).

    Returns
    -------
    p, method : float or None, str
        Two-sided; None where one of the AUCs is undefined.
    """
    figure = auc_of(scores, labels)

    def difference(member: NDArray[np.bool_]) -> float:
        return figure(member.astype(np.float64)) - figure((~member).astype(np.float64))

    observed = difference(inside)
    if np.isnan(observed):
        return None, SHUFFLED
    unit, member, stratum = _units(labels, inside, patients)
    random = np.random.default_rng(0)
    in_order = member[np.argsort(stratum, kind="stable")]
    shuffled, as_far = np.empty_like(member), 0
    for done in range(1, shuffles + 1):
        # Sorted by stratum and by chance within it: each stratum keeps its share of the slice.
        shuffled[np.argsort(stratum + random.random(len(stratum)))] = in_order
        as_far += bool(abs(difference(shuffled[unit])) >= abs(observed) - 1e-12)
        if as_far == ENOUGH:
            return as_far / done, SHUFFLED
    return (1 + as_far) / (1 + shuffles), SHUFFLED


def _units(
    labels: Labels, inside: NDArray[np.bool_], patients: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64]]:
    """What is shuffled: each image's unit, each unit's membership, and among which it moves."""
    _, patients = np.unique(patients, return_inverse=True)
    in_slice, sizes = np.bincount(patients, inside), np.bincount(patients)
    split = (in_slice > 0) & (in_slice < sizes)
    ill = np.bincount(patients, labels == 1)
    # Whole patients move among those who have the same classes, a split one's images of a class
    # among themselves.
    kind = np.where(ill == 0, 0, np.where(ill == sizes, 1, 2))
    of_image = np.where(split[patients], 3 + 2 * patients + (labels == 1), kind[patients])
    own = np.where(split[patients], len(sizes) + np.arange(len(labels)), patients)
    _, first, unit = np.unique(own, return_index=True, return_inverse=True)
    return unit, inside[first], of_image[first]


def holm(p: Sequence[float]) -> list[float]:
    """P-values adjusted so that all of them together err with 5 % (Holm, Scand J Stat 1979).

    It holds however the tests depend on each other, as slices of the same images do.

    Parameters
    ----------
    p
        One for each test, each in [0, 1].
    """
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    factors = len(values) - np.arange(len(values))
    grown = np.minimum(1.0, np.maximum.accumulate(values[order] * factors))
    adjusted = np.empty(len(values))
    adjusted[order] = grown
    return [float(value) for value in adjusted]
