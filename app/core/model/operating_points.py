"""The operating points that a card offers, and what each means for 100 patients."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from app.core.base.translation import mark
from app.core.model.card import BALANCED, RULE_IN, SCREENING, ModelCard

TITLES = {SCREENING: mark("Screening"), BALANCED: mark("Balanced"), RULE_IN: mark("Rule-in")}
"""In the order in which they are offered: from the lowest threshold to the highest."""

HELP = {
    SCREENING: mark("Few pneumonias are missed, at the price of more false alarms."),
    BALANCED: mark("The model's default: what score and evaluate use."),
    RULE_IN: mark("Few false alarms, at the price of more missed pneumonias."),
}


@dataclass(frozen=True)
class Interval:
    """A figure with the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    def times(self, factor: float) -> Interval:
        """The figure in another unit."""
        return Interval(self.value * factor, self.low * factor, self.high * factor)

    @property
    def complement(self) -> Interval:
        """One minus it: the ends change places."""
        return Interval(1 - self.value, 1 - self.high, 1 - self.low)


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold and what was measured at it.

    Parameters
    ----------
    name
        ``screening``, ``default`` (shown as Balanced) or ``rule_in``.
    threshold
        On the probability, in [0, 1].
    sensitivity, specificity
        None where they were not measured with an interval.
    patients
        On whom they were measured.
    """

    name: str
    threshold: float
    sensitivity: Interval | None = None
    specificity: Interval | None = None
    patients: int = 0

    @property
    def title(self) -> str:
        """As shown to a person."""
        return TITLES.get(self.name, self.name)


@dataclass(frozen=True)
class Expected:
    """What to expect among 100 patients: counts, with ranges from the intervals."""

    missed: Interval
    false_alarms: Interval


def expected_per_100(point: OperatingPoint, prevalence: float) -> Expected | None:
    """Missed pneumonias and false alarms among 100 patients.

    Parameters
    ----------
    point
        Where the calls are made.
    prevalence
        Share of patients with pneumonia, in [0, 1].

    Returns
    -------
    Expected or None
        None where the point was not measured. The ranges are those of the measured figures: they
        hold for patients like the ones measured, and do not say how another site differs.

    Raises
    ------
    ValueError
        For a prevalence that is no share.
    """
    if not 0.0 <= prevalence <= 1.0:
        raise ValueError(f"a prevalence of {prevalence} is no share")
    if point.sensitivity is None or point.specificity is None:
        return None
    return Expected(
        point.sensitivity.complement.times(100 * prevalence),
        point.specificity.complement.times(100 * (1 - prevalence)),
    )


def operating_points(card: ModelCard) -> tuple[OperatingPoint, ...]:
    """What a card offers, from the lowest threshold to the highest; empty for a card without."""
    measured = card.metrics.get("operating_points")
    measured = measured if isinstance(measured, dict) else {}
    points = [
        _point(name, card.operating_points[name], measured.get(name))
        for name in TITLES
        if name in card.operating_points
    ]
    return tuple(points)


def _point(name: str, threshold: float, measured: Any) -> OperatingPoint:
    # Anybody may write a card: what is no figure counts as not measured.
    if not isinstance(measured, dict) or measured.get("threshold") != threshold:
        return OperatingPoint(name, threshold)
    patients = measured.get("patients")
    return OperatingPoint(
        name,
        threshold,
        _range(measured.get("sensitivity")),
        _range(measured.get("specificity")),
        patients if isinstance(patients, int) else 0,
    )


def _range(raw: Any) -> Interval | None:
    values = [raw.get(key) for key in ("value", "low", "high")] if isinstance(raw, dict) else []
    if not values or not all(isinstance(v, int | float) and math.isfinite(v) for v in values):
        return None
    value, low, high = (float(v or 0.0) for v in values)
    return Interval(value, low, high) if 0 <= low <= value <= high <= 1 else None
