"""Which thresholds would suit a site, how sure that is, and how many more cases would make it so.

A threshold that is chosen on a site's images is uncertain as any figure is: its interval is a
bootstrap that chooses anew in each resample of the patients, and what it does to sensitivity and
specificity is cross-fitted (``app.review.statistics.operating_points``), so that no image is
judged at a
threshold that it helped to choose.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.core.base.translation import mark, tr
from app.core.model.operating_points import TITLES
from app.review.statistics import figures, operating_points
from app.review.statistics.figures import Estimate, Labels, Scores

RESAMPLES = 400
FEWEST_PATIENTS = 20
"""Of each class: with fewer, the choice says more of the draw than of the site."""

THRESHOLD_WIDTH = 0.10
"""The stated width of a threshold's interval."""
RATE_WIDTH = 0.05
"""The stated width of the interval of the sensitivity or specificity that was aimed at."""

AIMS = {
    "screening": ("sensitivity", operating_points.SCREENING_SENSITIVITY),
    "default": ("sensitivity", operating_points.SENSITIVITY),
    "rule_in": ("specificity", operating_points.RULE_IN_SPECIFICITY),
}
"""What each operating point aims at."""

ONE_CLASS = mark("All images are of one class, so no threshold can be chosen here.")
TOO_FEW = mark(
    "The class {name} has only {patients} different patients; at least {least} of each class are "
    "needed before a threshold of this site's own is worth more than the model's."
)


@dataclass(frozen=True)
class SitePoint:
    """A threshold that this site's images would choose.

    Parameters
    ----------
    name
        ``screening``, ``default`` or ``rule_in``.
    aim, target
        ``sensitivity`` or ``specificity``, and the share it is to reach.
    threshold
        With the interval over resampled patients.
    sensitivity, specificity
        Cross-fitted; undefined where a tenth of the patients left too few.
    limiting
        The class whose patients decide: PNEUMONIA for a sensitivity.
    patients
        Of that class.
    more_for_threshold, more_for_rate
        So many more patients of that class narrow the threshold's interval to
        ``THRESHOLD_WIDTH``, and that of the aimed share to ``RATE_WIDTH``; 0 where it is as
        narrow already, None where there is no interval.
    """

    name: str
    aim: str
    target: float
    threshold: Estimate
    sensitivity: Estimate
    specificity: Estimate
    limiting: str
    patients: int
    more_for_threshold: int | None
    more_for_rate: int | None

    @property
    def title(self) -> str:
        """As shown to a person, in English."""
        return TITLES[self.name]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "aim": self.aim,
            "target": self.target,
            "threshold": self.threshold.as_dict(),
            "sensitivity": self.sensitivity.as_dict(),
            "specificity": self.specificity.as_dict(),
            "limiting_class": self.limiting,
            "patients_of_that_class": self.patients,
            "more_patients_for_threshold_width": {str(THRESHOLD_WIDTH): self.more_for_threshold},
            "more_patients_for_rate_width": {str(RATE_WIDTH): self.more_for_rate},
        }


@dataclass(frozen=True)
class Advice:
    """The points, or in words why there are none."""

    points: tuple[SitePoint, ...] = ()
    why_none: str = ""
    by_patient: bool = field(default=False)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "points": {point.name: point.as_dict() for point in self.points},
            "why_none": self.why_none or None,
            "intervals": "bootstrap over " + ("patients" if self.by_patient else "images"),
        }


def advise(p: Scores, labels: Labels, groups: Sequence[str] | None) -> Advice:
    """Choose a site's thresholds and say how far to trust them.

    Parameters
    ----------
    p
        Shape (n,), probabilities of pneumonia.
    labels
        Shape (n,), 1 for pneumonia.
    groups
        Patient of each image; None where each image counts as a patient of its own.
    """
    by_patient = groups is not None
    groups = [str(i) for i in range(len(p))] if groups is None else list(groups)
    number = np.unique(np.asarray(groups), return_inverse=True)[1] if len(p) else np.array([])
    patients = [len(np.unique(number[labels == label])) for label in (0, 1)]
    if not all(patients):
        return Advice(why_none=tr(ONE_CLASS))
    if min(patients) < FEWEST_PATIENTS:
        least = int(np.argmin(patients))
        name = ("NORMAL", "PNEUMONIA")[least]
        words = tr(TOO_FEW, name=name, patients=patients[least], least=FEWEST_PATIENTS)
        return Advice(why_none=words)
    chosen = operating_points.choose(p, labels)
    ends = _resampled(p, labels, groups)
    measured = operating_points.measure(p, labels, groups)
    points = []
    for name, (aim, target) in AIMS.items():
        threshold = Estimate(chosen[name], *ends[name])
        rates = {kind: _estimate(measured.get(name, {}).get(kind)) for kind in _RATES}
        of_class = patients[1] if aim == "sensitivity" else patients[0]
        points.append(
            SitePoint(
                name,
                aim,
                target,
                threshold,
                rates["sensitivity"],
                rates["specificity"],
                "PNEUMONIA" if aim == "sensitivity" else "NORMAL",
                of_class,
                more_cases(threshold, of_class, THRESHOLD_WIDTH),
                more_cases(rates[aim], of_class, RATE_WIDTH),
            )
        )
    return Advice(tuple(points), by_patient=by_patient)


_RATES = ("sensitivity", "specificity")


def more_cases(estimate: Estimate, cases: int, width: float) -> int | None:
    """How many more cases like these narrow an interval to a width.

    The width of an interval falls as the root of the number of independent cases, so that
    ``cases * (now / wanted) ** 2`` are needed in all.

    Parameters
    ----------
    estimate
        A figure that rests on ``cases`` independent cases.
    cases
        Patients, or images where no patient is known.
    width
        The wanted distance from the lower end to the upper one.

    Returns
    -------
    int or None
        0 where it is as narrow already; None where there is no interval.
    """
    if estimate.low is None or estimate.high is None:
        return None
    now = estimate.high - estimate.low
    return max(0, math.ceil(cases * (now / width) ** 2 - cases - 1e-9))


def _resampled(p: Scores, labels: Labels, groups: Sequence[str]) -> dict[str, tuple[float, float]]:
    """The ends of each threshold's 95 % interval: chosen anew in each resample."""
    found: dict[str, list[float]] = {name: [] for name in AIMS}
    for weights in figures.group_weights(groups, RESAMPLES):
        drawn = np.repeat(np.arange(len(p)), weights.astype(np.int64))
        if not 0 < labels[drawn].sum() < len(drawn):
            continue
        for name, threshold in operating_points.choose(p[drawn], labels[drawn]).items():
            found[name].append(threshold)
    ends = {name: np.percentile(values, (2.5, 97.5)) for name, values in found.items()}
    return {name: (float(low), float(high)) for name, (low, high) in ends.items()}


def _estimate(raw: Any) -> Estimate:
    return Estimate(raw["value"], raw["low"], raw["high"]) if raw else Estimate(None)
