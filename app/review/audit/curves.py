"""The curves of an audit as plain arrays: ROC, precision-recall, histograms, reliability, decision.

Nothing here is drawn; see ``app.gui.audit``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.review.audit.figures import ScoredSample, rates
from app.review.audit.resampling import Resamples
from app.review.statistics.figures import Estimate, Scores, wilson

HISTOGRAM_BINS = 40
RELIABILITY_BINS = 10
DECISION_THRESHOLDS = np.round(np.linspace(0.01, 0.99, 99), 2)
"""Threshold probabilities of the decision curve."""
BAND_RATES = np.linspace(0.0, 1.0, 101)
"""False positive rates at which the ROC curve's band is given."""


@dataclass(frozen=True)
class Reliability:
    """One bin of the reliability diagram.

    Parameters
    ----------
    said
        Mean probability of its images.
    found
        Share of pneumonia among them, with Wilson's interval: over as many cases as there are
        patients where they are known, else over the images.
    images
        How many.
    """

    said: float
    found: Estimate
    images: int


@dataclass(frozen=True)
class Curves:
    """Everything that is drawn of a set of scores.

    Arrays are float64. ``band`` says whether there are the shapes that need resamples.

    Parameters
    ----------
    thresholds
        Shape (k,): descending; the first is infinite, then every distinct score. Empty, like all
        that depends on two classes, where a class is missing.
    sensitivity, false_positive_rate, precision
        Shape (k,), at ``thresholds``, where ``p >= threshold`` is called. The first precision,
        where nobody is called, is 1.
    roc_low, roc_high
        Shape (101,), 95 % band of the sensitivity at ``BAND_RATES``, pointwise; or empty.
    edges
        Shape (bins + 1,), of the histograms.
    normal, pneumonia
        Shape (bins,), int64, images of each class.
    reliability
        Bins of equal mass, the lowest first.
    decision_thresholds
        Shape (99,), threshold probabilities.
    net_benefit, treat_all
        Shape (99,): of the model and of treating everybody; of treating nobody it is 0.
    net_benefit_low, net_benefit_high
        Shape (99,), 95 % band, pointwise; or empty.
    """

    thresholds: Scores = field(repr=False)
    sensitivity: Scores = field(repr=False)
    false_positive_rate: Scores = field(repr=False)
    precision: Scores = field(repr=False)
    roc_low: Scores = field(repr=False)
    roc_high: Scores = field(repr=False)
    edges: Scores = field(repr=False)
    normal: NDArray[np.int64] = field(repr=False)
    pneumonia: NDArray[np.int64] = field(repr=False)
    reliability: tuple[Reliability, ...] = field(repr=False)
    decision_thresholds: Scores = field(repr=False)
    net_benefit: Scores = field(repr=False)
    treat_all: Scores = field(repr=False)
    net_benefit_low: Scores = field(repr=False)
    net_benefit_high: Scores = field(repr=False)

    @property
    def recall(self) -> Scores:
        """The sensitivity, by its name in the precision-recall curve."""
        return self.sensitivity


def curves_of(sample: ScoredSample) -> Curves:
    """The curves of a sample; the bands are empty where it has no resamples."""
    none = np.empty(0)
    scores = sample.scores
    m, n = len(scores.positive), len(scores.negative)
    thresholds = sensitivity = false_positives = precision = low = high = none
    drawn = sample.resamples
    if m and n:
        distinct = np.unique(sample.p)[::-1]
        thresholds = np.concatenate([[np.inf], distinct])
        tp = m - np.searchsorted(scores.positive, thresholds)
        fp = n - np.searchsorted(scores.negative, thresholds)
        sensitivity, false_positives = tp / m, fp / n
        precision = np.divide(tp, tp + fp, out=np.ones(len(tp)), where=tp + fp > 0)
        if drawn is not None:
            low, high = _roc_band(drawn)
    edges = np.linspace(0.0, 1.0, HISTOGRAM_BINS + 1)
    at = DECISION_THRESHOLDS
    caught = m - np.searchsorted(scores.positive, at)
    alarms = n - np.searchsorted(scores.negative, at)
    odds = at / (1 - at)
    everyone = max(1, m + n)
    benefit_low, benefit_high = _decision_band(drawn) if drawn is not None else (none, none)
    return Curves(
        thresholds,
        sensitivity,
        false_positives,
        precision,
        low,
        high,
        edges,
        np.histogram(scores.negative, edges)[0].astype(np.int64),
        np.histogram(scores.positive, edges)[0].astype(np.int64),
        _reliability(sample),
        at,
        (caught - alarms * odds) / everyone,
        (m - n * odds) / everyone,
        benefit_low,
        benefit_high,
    )


def _roc_band(drawn: Resamples) -> tuple[Scores, Scores]:
    """The sensitivity of each resample at each false positive rate, in 95 of 100 of them."""
    return _ends(drawn.sensitivities_at(1 - BAND_RATES))


def _decision_band(drawn: Resamples) -> tuple[Scores, Scores]:
    benefit = np.empty((len(drawn.ill), len(DECISION_THRESHOLDS)))
    for at, threshold in enumerate(DECISION_THRESHOLDS):
        missed, alone = drawn.missed(threshold), drawn.let_alone(threshold)
        benefit[:, at] = rates(
            drawn.all_ill - missed, missed, alone, drawn.all_healthy - alone, threshold
        )["net_benefit"]
    return _ends(benefit)


def _ends(values: Scores) -> tuple[Scores, Scores]:
    defined = values[~np.isnan(values).any(axis=1)]
    if len(defined) < len(values) // 2:
        return np.empty(0), np.empty(0)
    low, high = np.percentile(defined, (2.5, 97.5), axis=0)
    return low, high


def _reliability(sample: ScoredSample) -> tuple[Reliability, ...]:
    order = np.argsort(sample.p, kind="stable")
    parts = np.array_split(order, min(RELIABILITY_BINS, max(1, len(order) // 5)))
    return tuple(_bin(sample, part) for part in parts if len(part))


def _bin(sample: ScoredSample, at: NDArray[np.int64]) -> Reliability:
    ill = float(sample.labels[at].sum())
    found = wilson(ill, len(at))
    if sample.by_patient:
        # As many as there are patients: several images of one say little more than one image.
        patients = len(np.unique(sample.patients[at]))
        found = wilson(found.value * patients, patients) if found.value is not None else found
    return Reliability(float(sample.p[at].mean()), found, len(at))
