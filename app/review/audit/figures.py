"""What a model comes to on labelled images at a threshold, each figure with its 95 % interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.core.base.translation import mark
from app.review.audit.resampling import Resamples, interval
from app.review.audit.thresholds import Matrix, SortedScores
from app.review.statistics import figures
from app.review.statistics.figures import Estimate, Labels, Scores

AT_THRESHOLD = {
    "sensitivity": mark("Sensitivity"),
    "specificity": mark("Specificity"),
    "accuracy": mark("Accuracy"),
    "balanced_accuracy": mark("Balanced accuracy"),
    "ppv": mark("Positive predictive value"),
    "npv": mark("Negative predictive value"),
    "net_benefit": mark("Net benefit"),
}
"""Figures that follow the threshold, by name."""

OF_SCORES = {
    "auc": mark("AUC (ROC)"),
    "average_precision": mark("Average precision"),
    "brier": mark("Brier score"),
    "ece": mark("Expected calibration error"),
    "sensitivity_at_specificity_0.90": mark("Sensitivity at 90 % specificity"),
    "sensitivity_at_specificity_0.95": mark("Sensitivity at 95 % specificity"),
    "sensitivity_at_specificity_0.99": mark("Sensitivity at 99 % specificity"),
    "specificity_at_sensitivity_0.90": mark("Specificity at 90 % sensitivity"),
    "specificity_at_sensitivity_0.95": mark("Specificity at 95 % sensitivity"),
    "specificity_at_sensitivity_0.99": mark("Specificity at 99 % sensitivity"),
}
"""Figures that do not."""

TITLES = {**AT_THRESHOLD, **OF_SCORES}

BY_PATIENT = mark("bootstrap over patients")
BY_IMAGE = mark("bootstrap over images")
WILSON = mark("Wilson")
DELONG = mark("DeLong")
WILSON_IN_PLACE = mark("Wilson over patients: the bootstrap's interval has no width")
METHODS = (BY_PATIENT, BY_IMAGE, WILSON, DELONG, WILSON_IN_PLACE)
"""How an interval was made: in English with the figures, translated where shown."""

_SHARES = ("sensitivity", "specificity", "accuracy", "ppv", "npv")
_NO_SHARES = ("net_benefit", "brier", "ece")


@dataclass(frozen=True)
class Figures:
    """The figures at one threshold.

    Parameters
    ----------
    matrix
        At this threshold.
    estimates
        By name (``TITLES``); an undefined figure has the value None.
    methods
        By name, how the interval was made, one of ``METHODS``; not there where there is none.
    intervals
        As ``app.review.comparison.evaluation.groups_to_resample`` says it: ``method``, ``why``
        patients were
        not resampled (None where they were), ``patients``, ``images_without_patient``.
    """

    matrix: Matrix
    estimates: Mapping[str, Estimate] = field(repr=False)
    methods: Mapping[str, str] = field(repr=False)
    intervals: Mapping[str, Any] = field(repr=False)

    def __getitem__(self, name: str) -> Estimate:
        return self.estimates[name]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON, without a word on any single image."""
        return {
            "threshold": self.matrix.threshold,
            "confusion": dict(self.matrix.counts),
            **{
                name: {**estimate.as_dict(), "method": self.methods.get(name)}
                for name, estimate in self.estimates.items()
            },
            "intervals": dict(self.intervals),
        }


@dataclass(frozen=True)
class ScoredSample:
    """Scored images as figures need them.

    Parameters
    ----------
    p, labels
        Shape (n,).
    scores
        The same, sorted.
    resamples
        None for values without intervals.
    by_patient
        Whether patients were resampled; else images.
    patients
        Shape (n,), a number for each image's patient.
    """

    p: Scores
    labels: Labels
    scores: SortedScores
    resamples: Resamples | None
    by_patient: bool
    patients: np.ndarray

    def of_patients(self, name: str) -> int:
        """On how many patients a share rests; one of both classes on those of the smaller."""
        ill, healthy = (len(np.unique(self.patients[self.labels == y])) for y in (1, 0))
        if name in ("auc", "average_precision", "balanced_accuracy"):
            return min(ill, healthy)
        kind = name.partition("_")[0]
        return {"sensitivity": ill, "specificity": healthy}.get(kind, len(np.unique(self.patients)))


def at_threshold(
    sample: ScoredSample, matrix: Matrix
) -> tuple[dict[str, Estimate], dict[str, str]]:
    """The figures of ``AT_THRESHOLD``, and how each interval was made."""
    tp, fn, tn, fp = (float(matrix.count(cell)) for cell in ("tp", "fn", "tn", "fp"))
    values = rates(tp, fn, tn, fp, matrix.threshold)
    if sample.resamples is None:
        return {name: Estimate(_number(values[name])) for name in AT_THRESHOLD}, {}
    found: dict[str, Estimate] = {}
    methods: dict[str, str] = {}
    if not sample.by_patient:
        parts = {
            "sensitivity": (tp, tp + fn),
            "specificity": (tn, tn + fp),
            "accuracy": (tp + tn, tp + fn + tn + fp),
            "ppv": (tp, tp + fp),
            "npv": (tn, tn + fn),
        }
        found = {name: figures.wilson(*parts[name]) for name in _SHARES}
        methods = dict.fromkeys(_SHARES, WILSON)
    drawn = sample.resamples
    missed, alone = drawn.missed(matrix.threshold), drawn.let_alone(matrix.threshold)
    again = rates(
        drawn.all_ill - missed, missed, alone, drawn.all_healthy - alone, matrix.threshold
    )
    for name in AT_THRESHOLD:
        if name not in found:
            found[name] = interval(_number(values[name]), again[name])
            methods[name] = BY_PATIENT if sample.by_patient else BY_IMAGE
    return _in_order(AT_THRESHOLD, *_honest(sample, found, methods, _called(sample, matrix)))


def of_scores(sample: ScoredSample) -> tuple[dict[str, Estimate], dict[str, str]]:
    """The figures of ``OF_SCORES``, and how each interval was made."""
    p, labels = sample.p, sample.labels
    both = bool((labels == 1).any() and (labels == 0).any())
    values: dict[str, float | None] = {
        "auc": _number(figures.auc(p, labels)),
        "average_precision": figures.average_precision(p, labels) if both else None,
        "brier": figures.brier(p, labels),
        "ece": figures.calibration_error(p, labels),
    }
    for name in OF_SCORES:
        if name not in values:
            kind, share = name.rsplit("_", 1)
            reached = figures.sensitivity_at if kind[:4] == "sens" else figures.specificity_at
            values[name] = reached(p, labels, float(share)) if both else None
    drawn = sample.resamples
    if drawn is None:
        return {name: Estimate(value) for name, value in values.items()}, {}
    again = {
        "auc": drawn.auc,
        "average_precision": drawn.average_precision,
        "brier": drawn.brier,
        "ece": drawn.calibration_error,
    }
    found: dict[str, Estimate] = {}
    methods: dict[str, str] = {}
    for name, value in values.items():
        methods[name] = BY_PATIENT if sample.by_patient else BY_IMAGE
        if name == "auc" and not sample.by_patient:
            found[name], methods[name] = figures.delong(p, labels), DELONG
        elif value is None:
            found[name] = Estimate(None)
        elif name in again:
            found[name] = interval(value, again[name]())
        else:
            kind, share = name.rsplit("_", 1)
            reached_in = drawn.sensitivity_at if kind[:4] == "sens" else drawn.specificity_at
            found[name] = interval(value, reached_in(float(share)))
    return _in_order(OF_SCORES, *_honest(sample, found, methods, {}))


def rates(tp: Any, fn: Any, tn: Any, fp: Any, threshold: float) -> dict[str, Any]:
    """Figures of a confusion matrix, or of many at once; NaN where one is undefined.

    Parameters
    ----------
    tp, fn, tn, fp
        Numbers, or arrays of one shape.
    threshold
        The probability at which a treatment is thought worth it, for the net benefit (Vickers and
        Elkin, Medical Decision Making 2006): true positives less false positives weighed with the
        odds of the threshold, per image.
    """
    tp, fn, tn, fp = (np.asarray(each, dtype=np.float64) for each in (tp, fn, tn, fp))
    with np.errstate(divide="ignore", invalid="ignore"):
        sensitivity, specificity = tp / (tp + fn), tn / (tn + fp)
        odds = np.float64(threshold) / (1 - np.float64(threshold))
        # Nobody is called: no harm is done, whatever its weight.
        harm = np.where(fp > 0, fp * odds, 0.0)
        everyone = tp + fn + tn + fp
        return {
            "sensitivity": sensitivity,
            "specificity": specificity,
            "accuracy": (tp + tn) / everyone,
            "balanced_accuracy": (sensitivity + specificity) / 2,
            "ppv": tp / (tp + fp),
            "npv": tn / (tn + fn),
            "net_benefit": (tp - harm) / everyone,
        }


def _called(sample: ScoredSample, matrix: Matrix) -> dict[str, int]:
    """On how many patients the predictive values rest: those called, and those not called."""
    return {
        "ppv": len(np.unique(sample.patients[matrix.rows("tp", "fp")])),
        "npv": len(np.unique(sample.patients[matrix.rows("tn", "fn")])),
    }


def _honest(
    sample: ScoredSample,
    found: dict[str, Estimate],
    methods: dict[str, str],
    patients: Mapping[str, int],
) -> tuple[dict[str, Estimate], dict[str, str]]:
    """Nothing wrong among n patients is no proof: no share's interval stays without width."""
    for name in found:
        if name not in _NO_SHARES:
            rests_on = patients.get(name) or sample.of_patients(name)
            found[name] = figures.widened(found[name], rests_on)
            if found[name].had_no_width:
                methods[name] = WILSON_IN_PLACE
    for name in [name for name in methods if found[name].low is None]:
        del methods[name]
    return found, methods


def _in_order(
    names: Mapping[str, str], found: dict[str, Estimate], methods: dict[str, str]
) -> tuple[dict[str, Estimate], dict[str, str]]:
    return {name: found[name] for name in names}, methods


def _number(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
