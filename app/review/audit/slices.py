"""On whom a model does worse: a figure for each slice of the images, the worst first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.core.base.translation import mark
from app.review.audit.figures import BY_PATIENT, DELONG, WILSON, WILSON_IN_PLACE
from app.review.audit.slice_groups import Group, groups
from app.review.audit.slice_tests import AUC_SHUFFLES, auc_against_rest, holm, share_against_rest
from app.review.comparison.evaluation import FEWEST_PATIENTS
from app.review.statistics.figures import (
    Estimate,
    GroupWeights,
    Labels,
    Scores,
    auc_of,
    bootstrap,
    bootstrap_share,
    delong,
    group_weights,
    widened,
    wilson,
)

if TYPE_CHECKING:
    import pandas

    from app.review.audit.audit import Audit

SENSITIVITY, SPECIFICITY, AUC = "sensitivity", "specificity", "auc"
FIGURES = (SENSITIVITY, SPECIFICITY, AUC)

OVER_PATIENTS = mark("Wilson over patients, who are few")
SINGLE = mark("one image: no rate can be read from it")
NO_PNEUMONIA = mark("no pneumonia in this slice")
NO_NORMAL = mark("no normal image in this slice")
ONE_CLASS = mark("images of one class only: the AUC is undefined")
TOO_SMALL = mark("small: shown, not tested")
REST_TOO_SMALL = mark("too few such images outside this slice to compare with")
NOTES = (SINGLE, NO_PNEUMONIA, NO_NORMAL, ONE_CLASS, TOO_SMALL, REST_TOO_SMALL)
"""What is to be said of a slice: in English, translated where shown."""


@dataclass(frozen=True)
class Slice:
    """One slice and its figure.

    Parameters
    ----------
    column, value
        Which slice.
    positions
        Of its images among the scored ones.
    ill, healthy
        How many images of each class it holds.
    images, patients
        On how many the figure rests; for an AUC the patients of the smaller class. An image of
        nobody known is a patient of its own.
    estimate
        The figure with its 95 % interval; all None where it is undefined.
    method
        How the interval was made, one of ``app.review.audit.figures.METHODS`` or
        ``OVER_PATIENTS``; empty for none.
    small
        Whether fewer than ``app.review.comparison.evaluation.FEWEST_PATIENTS`` patients carry the
        figure.
    p, adjusted
        Of the test against all other images; the second for all tests together (Holm). None where
        it was not tested.
    test
        By which test; empty for none.
    note
        What is to be said, one of ``NOTES``, or empty.
    """

    column: str
    value: str
    positions: NDArray[np.int64] = field(repr=False)
    ill: int
    healthy: int
    images: int
    patients: int
    estimate: Estimate
    method: str = ""
    small: bool = False
    p: float | None = None
    adjusted: float | None = None
    test: str = ""
    note: str = ""


@dataclass(frozen=True)
class SliceTable:
    """The slices of an audit, the worst first.

    Parameters
    ----------
    figure
        One of ``FIGURES``.
    threshold
        At which calls were made.
    whole
        All images as one slice, without a test.
    slices
        By the figure, the lowest first; after those the small ones likewise, then the undefined.
    tests
        How many different tests the adjusted p-values account for. The two halves of a column
        with two values are one test.
    left_out
        Columns that make no slices, and why (``slice_groups.WHY_NOT``).
    """

    figure: str
    threshold: float
    whole: Slice
    slices: tuple[Slice, ...] = field(repr=False)
    tests: int
    left_out: Mapping[str, str] = field(repr=False)

    def frame(self) -> pandas.DataFrame:
        """The table, one row a slice."""
        import pandas

        return pandas.DataFrame(
            [
                {
                    "column": each.column,
                    "value": each.value,
                    "PNEUMONIA": each.ill,
                    "NORMAL": each.healthy,
                    "images": each.images,
                    "patients": each.patients,
                    self.figure: each.estimate.value,
                    "low": each.estimate.low,
                    "high": each.estimate.high,
                    "method": each.method,
                    "small": each.small,
                    "p": each.p,
                    "p_holm": each.adjusted,
                    "test": each.test,
                    "note": each.note,
                }
                for each in self.slices
            ]
        )


class Slicer:
    """The slices of scored images; what no threshold changes is worked out once.

    Parameters
    ----------
    p, labels
        Shape (n,); 1 for pneumonia.
    patients
        Patient of each image, None where nobody knows.
    columns
        Of each image, by name.
    """

    def __init__(
        self,
        p: Scores,
        labels: Labels,
        patients: Sequence[str | None],
        columns: Sequence[Mapping[str, str]],
    ) -> None:
        self._p, self._labels = p, labels
        self._known = any(patient is not None for patient in patients)
        names = [patient or f"\n{i}" for i, patient in enumerate(patients)]
        self._patients = np.zeros(0, np.int64)
        if names:
            self._patients = np.unique(np.asarray(names), return_inverse=True)[1]
        self.groups, self.left_out = groups(columns)
        self._auc: SliceTable | None = None

    @classmethod
    def of(cls, audit: Audit) -> Slicer:
        """The slices of an audit's scored images."""
        rows = audit.scored
        return cls(audit.p, audit.labels, [r.patient for r in rows], [r.columns for r in rows])

    def table(self, threshold: float, figure: str = SENSITIVITY) -> SliceTable:
        """The slices at a threshold.

        Parameters
        ----------
        threshold
            On the probability: ``p >= threshold`` is called pneumonia.
        figure
            One of ``FIGURES``. An AUC takes seconds the first time and is kept.
        """
        if figure not in FIGURES:
            raise ValueError(f"no figure of slices is called {figure!r}")
        if figure == AUC:
            self._auc = self._auc or self._made(threshold, AUC)
            return replace(self._auc, threshold=threshold)
        return self._made(threshold, figure)

    # -- inside --------------------------------------------------------------------------------

    def _made(self, threshold: float, figure: str) -> SliceTable:
        hit = (self._p >= threshold) == (self._labels == 1)
        whole = Group("", "", np.ones(len(self._p), bool))
        slices = [self._slice(group, figure, hit) for group in self.groups]
        slices, tests = self._tested(slices, figure, hit)
        return SliceTable(
            figure,
            threshold,
            self._slice(whole, figure, hit),
            tuple(sorted(slices, key=_worst_first)),
            tests,
            self.left_out,
        )

    def _slice(self, group: Group, figure: str, hit: NDArray[np.bool_]) -> Slice:
        at = np.flatnonzero(group.member)
        labels = self._labels[at]
        classes = [len(np.unique(self._patients[at[labels == y]])) for y in (0, 1)]
        concerned = at if figure == AUC else at[labels == int(figure == SENSITIVITY)]
        patients = min(classes) if figure == AUC else classes[figure == SENSITIVITY]
        made = Slice(
            group.column,
            group.value,
            at,
            int((labels == 1).sum()),
            int((labels == 0).sum()),
            len(concerned),
            patients,
            Estimate(None),
            small=patients < FEWEST_PATIENTS,
        )
        if not patients:
            missing = {SENSITIVITY: NO_PNEUMONIA, SPECIFICITY: NO_NORMAL, AUC: ONE_CLASS}
            return replace(made, note=missing[figure])
        if figure == AUC:
            estimate, method = self._area(at, patients)
        else:
            estimate, method = self._share(concerned, hit, patients)
        note = "" if not made.small else SINGLE if len(concerned) == 1 else TOO_SMALL
        return replace(made, estimate=estimate, method=method, note=note)

    def _share(
        self, at: NDArray[np.int64], hit: NDArray[np.bool_], patients: int
    ) -> tuple[Estimate, str]:
        value = float(hit[at].mean())
        if not self._known or patients < FEWEST_PATIENTS:
            # A patient's images count as one: a share of few patients is no surer than that.
            estimate = wilson(value * patients, patients)
            return estimate, OVER_PATIENTS if patients < len(at) else WILSON
        everyone = np.ones(len(at), bool)
        return _named(widened(bootstrap_share(hit[at], everyone, self._weights.of(at)), patients))

    def _area(self, at: NDArray[np.int64], patients: int) -> tuple[Estimate, str]:
        p, labels = self._p[at], self._labels[at]
        if not self._known:
            return _named(widened(delong(p, labels), patients), DELONG)
        figure = auc_of(p, labels)
        if patients < FEWEST_PATIENTS:
            return wilson(figure(np.ones(len(at))) * patients, patients), OVER_PATIENTS
        return _named(widened(bootstrap(figure, self._weights.of(at), len(at)), patients))

    @cached_property
    def _weights(self) -> GroupWeights:
        """The same resamples as those of the whole audit's figures."""
        return group_weights([f"{number:09d}" for number in self._patients])

    def _tested(
        self, slices: list[Slice], figure: str, hit: NDArray[np.bool_]
    ) -> tuple[list[Slice], int]:
        """The slices with their tests, and how many different tests those are."""
        among = np.ones(len(hit), bool)
        if figure != AUC:
            among = self._labels == int(figure == SENSITIVITY)
        keys: list[bytes | None] = []
        for at, each in enumerate(slices):
            rest = ~self.groups[at].member
            if each.small:
                keys.append(None)
            elif self._carried_by(rest, figure) < FEWEST_PATIENTS:
                slices[at] = replace(each, note=REST_TOO_SMALL)
                keys.append(None)
            else:
                keys.append(min(rest[among].tobytes(), (~rest)[among].tobytes()))
        different = {key: at for at, key in enumerate(keys) if key is not None}
        found = {key: self._against_rest(at, figure, hit, among, len(different))
                 for key, at in different.items()}  # fmt: skip
        tested = {key: p for key, (p, _) in found.items() if p is not None}
        adjusted = dict(zip(tested, holm(list(tested.values())), strict=True))
        for at, key in enumerate(keys):
            if key in tested:
                slices[at] = replace(
                    slices[at], p=tested[key], adjusted=adjusted[key], test=found[key][1]
                )
        return slices, len(tested)

    def _carried_by(self, member: NDArray[np.bool_], figure: str) -> int:
        ill, healthy = (
            len(np.unique(self._patients[member & (self._labels == y)])) for y in (1, 0)
        )
        return {SENSITIVITY: ill, SPECIFICITY: healthy, AUC: min(ill, healthy)}[figure]

    def _against_rest(
        self, at: int, figure: str, hit: NDArray[np.bool_], among: NDArray[np.bool_], tests: int
    ) -> tuple[float | None, str]:
        inside = self.groups[at].member
        if figure != AUC:
            return share_against_rest(hit[among], inside[among], self._patients[among])
        # So many shuffles that the smallest p can still be told after the correction.
        shuffles = max(AUC_SHUFFLES, 40 * tests)
        return auc_against_rest(self._p, self._labels, inside, self._patients, shuffles)


def slice_table(audit: Audit, threshold: float, figure: str = SENSITIVITY) -> SliceTable:
    """The slices of an audit by every column, the worst first; see ``Slicer.table``."""
    return Slicer.of(audit).table(threshold, figure)


def _named(estimate: Estimate, method: str = BY_PATIENT) -> tuple[Estimate, str]:
    if estimate.low is None:
        return estimate, ""
    return estimate, WILSON_IN_PLACE if estimate.had_no_width else method


def _worst_first(each: Slice) -> tuple[int, float, int]:
    value = each.estimate.value
    group = 2 if value is None else int(each.small)
    return group, 0.0 if value is None else value, -each.images
