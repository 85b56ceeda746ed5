"""One setting of a sweep: trained on each inner fold, measured on the fold's patients."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import ReviewError
from app.core.base.events import EpochEnded, Event
from app.core.base.translation import tr
from app.core.settings.sweep import SweepConfig
from app.review.statistics import figures
from app.training.fit.loop import Fitted, Hooks, fit, measure, validation_logits
from app.training.sweep.data import SweepData
from app.training.sweep.space import Settings

RESAMPLES = 300


_OfFold = tuple[Fitted, NDArray[np.int64], Any]
"""The trained network of an inner fold, its validation images and their logits."""


class TrialEnded(Exception):
    """The trial is to end here: it was pruned, or somebody asked for a stop."""

    def __init__(self, pruned: bool) -> None:
        super().__init__()
        self.pruned = pruned


@dataclass(frozen=True)
class TrialResult:
    """What one setting reached.

    Parameters
    ----------
    values
        ``accuracy`` (of training, at the epoch that counts), ``val_accuracy``, ``val_auc``,
        ``val_loss``, each the mean of the inner folds.
    intervals
        Lowest and highest value at 95 % of ``val_accuracy`` and ``val_auc``: a bootstrap over
        the patients of all inner folds.
    folds
        The metrics of each epoch, fold by fold.
    """

    values: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    folds: tuple[tuple[dict[str, float], ...], ...]


def run_trial(
    config: SweepConfig,
    data: SweepData,
    settings: Settings,
    on_epoch: Callable[[int, EpochEnded], bool],
    stop_asked: Callable[[], bool],
) -> TrialResult:
    """Train and measure one setting.

    Parameters
    ----------
    config
        The sweep.
    data
        The images.
    settings
        What differs from ``config.train``.
    on_epoch
        Takes the inner fold's number and an epoch's figures; true prunes the trial.
    stop_asked
        Asked after every few steps; true ends the trial.

    Raises
    ------
    TrialEnded
        When it was pruned or stopped.
    ReviewError
        When the loss stops being a number or a fold lacks a class.
    """
    dataset = data.dataset()
    train_config = dataclasses.replace(config.train, **settings)
    inputs = data.inputs if "image_size" not in settings and len(data.inputs) else None
    fitted: list[_OfFold] = []
    for fold in range(config.inner_folds):
        watch = _Watch(functools.partial(on_epoch, fold), stop_asked)
        validation = np.flatnonzero(data.parts == fold)
        one = fit(
            dataset,
            train_config,
            Hooks(watch.tell, watch.over),
            train=np.flatnonzero(data.parts != fold),
            validation=validation,
            inputs=inputs,
        )
        if one.stopped:
            raise TrialEnded(watch.pruned)
        if one.batch_size != train_config.batch_size:
            raise ReviewError(
                tr(
                    "Out of memory with so many images a batch: {count}.",
                    count=train_config.batch_size,
                ),
                tr("A setting is measured as it is, or not at all."),
                tr("Fewer workers leave more memory to each."),
            )
        logits = validation_logits(one.model, dataset, inputs, validation)
        fitted.append((one, validation, logits))
        _forget()
    return _measured(data, fitted)


class _Watch:
    """Hears each epoch of one inner fold, and knows whether the trial is to end."""

    def __init__(
        self, on_epoch: Callable[[EpochEnded], bool], stop_asked: Callable[[], bool]
    ) -> None:
        self._on_epoch, self._stop_asked = on_epoch, stop_asked
        self.pruned = False

    def tell(self, event: Event) -> None:
        if isinstance(event, EpochEnded) and self._on_epoch(event):
            self.pruned = True

    def over(self) -> bool:
        return self.pruned or self._stop_asked()


def _measured(data: SweepData, fitted: list[_OfFold]) -> TrialResult:
    kept = [one.history[one.best_epoch - 1] for one, _, _ in fitted]
    scores = [measure(logits, data.labels[where]) for _, where, logits in fitted]
    values = {
        "accuracy": float(np.mean([metrics["accuracy"] for metrics in kept])),
        **{f"val_{name}": float(np.mean([s[name] for s in scores])) for name in scores[0]},
    }
    where = np.concatenate([positions for _, positions, _ in fitted])
    weights = _weights(data.patients[where].tobytes())
    right = np.concatenate([_right(logits, data.labels[w]) for _, w, logits in fitted])
    accuracies = weights @ right / (weights @ np.ones(len(right)))
    people = len(np.unique(data.patients[where]))
    intervals = {"val_accuracy": _interval(accuracies, people)}
    if all(logits.ndim == 1 for _, _, logits in fitted):
        starts = np.cumsum([0, *(len(w) for _, w, _ in fitted)])
        areas = [
            np.mean(
                [
                    figures.auc(logits, data.labels[w], row[a:b])
                    for (_, w, logits), a, b in zip(fitted, starts, starts[1:], strict=False)
                ]
            )
            for row in weights
        ]
        intervals["val_auc"] = _interval(np.array(areas), people)
    return TrialResult(values, intervals, tuple(one.history for one, _, _ in fitted))


@functools.lru_cache(maxsize=4)
def _weights(patients: bytes) -> figures.GroupWeights:
    """The resamples are the same for every trial: drawn once."""
    numbers = np.frombuffer(patients, dtype=np.int64)
    return figures.group_weights([str(n) for n in numbers], RESAMPLES)


def _right(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    said = (logits >= 0) if logits.ndim == 1 else logits.argmax(axis=1)
    return np.asarray(said == labels)


def _interval(values: NDArray[np.float64], patients: int) -> tuple[float, float]:
    low, high = np.nanpercentile(values, (2.5, 97.5))
    if low == high:  # nothing wrong among a few patients is no proof that nothing ever is
        bound = figures.wilson(float(low) * patients, patients)
        return float(bound.low or 0.0), float(bound.high or 1.0)
    return float(low), float(high)


def _forget() -> None:
    """Give back what Keras keeps of a network, or hundreds of trials would fill the memory."""
    import keras

    keras.backend.clear_session()
