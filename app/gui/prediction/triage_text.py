"""What an operating point means for 100 patients, in words. No Qt."""

from __future__ import annotations

from app.core.base.translation import tr
from app.core.gate.rules import outside_ages
from app.core.model.calibration import at_prevalence
from app.core.model.card import ModelCard
from app.core.model.operating_points import Interval, OperatingPoint, expected_per_100
from app.core.model.results import Prediction, Status
from app.gui.common.wording import probability_words


def expected_words(point: OperatingPoint, prevalence: float) -> str:
    """What to expect of 100 patients at a prevalence (a share), as ranges."""
    expected = expected_per_100(point, prevalence)
    if expected is None:
        return tr("What it misses and what it calls wrongly was not measured.")
    return tr(
        "Of 100 patients: {missed} missed, {alarms} false alarms",
        missed=range_words(expected.missed),
        alarms=range_words(expected.false_alarms),
    )


def range_words(count: Interval) -> str:
    """A count as its range with one decimal, or as one number where both ends read alike."""
    low, high = f"{count.low:.1f}", f"{count.high:.1f}"
    return low if low == high else f"{low}–{high}"


def probability_meaning(p: float, card: ModelCard, prevalence: float) -> str:
    """At what prevalence a probability holds, and what it is at another one (a share)."""
    line = card.calibrated
    if line is None:
        return tr("Not calibrated: a score to rank by, no probability.")
    return tr(
        "At your prevalence: {p} (the score holds at {holds_at:.0%})",
        holds_at=line.prevalence,
        p=probability_words(at_prevalence(p, line.prevalence, prevalence)),
    )


def measured_on_words(point: OperatingPoint, card: ModelCard) -> str:
    """On whom the ranges were measured, and for whom they say nothing."""
    if not point.patients:
        return ""
    if card.age_years is None:
        return tr("Measured on {count} patients of the training data.", count=point.patients)
    youngest, oldest = card.age_years
    return tr(
        "Measured on {count} patients of the training data, {youngest:.0f} to {oldest:.0f} years "
        "old. Other ages, adults among them: not measured.",
        count=point.patients,
        youngest=youngest,
        oldest=oldest,
    )


def not_measured_words(
    prediction: Prediction | None, age_years: float | None, card: ModelCard
) -> str:
    """Why the ranges do not hold for this image; empty where nothing is known against them."""
    if prediction is not None and prediction.status is not Status.OK:
        return tr("Not measured for an image without a score.")
    if age_years is not None and card.age_years and outside_ages(age_years, card.age_years):
        return tr("Not measured at this patient's age.")
    return ""
