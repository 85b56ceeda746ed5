"""What a training run says to the person: its progress, the time left, its result. No Qt."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from app.core.base import counts
from app.core.base.events import DataRead, EpochEnded, Event, RunEnded, RunStarted, StepEnded
from app.core.base.translation import mark, tr
from app.jobs.estimate_process import EstimateState

_HELD_OUT = (
    ("auc", "AUC"),
    ("accuracy", mark("Accuracy")),
    ("sensitivity", mark("Sensitivity")),
    ("specificity", mark("Specificity")),
    ("threshold", mark("Operating point")),
)

Rows = tuple[tuple[str, str], ...]
"""Names and values, in words."""


class ProgressText:
    """Turns events into a line of progress with the time left.

    Parameters
    ----------
    clock
        Seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Forget the last run."""
        self._epochs = 1
        self._first: tuple[int, float] | None = None

    def take(self, event: Event) -> tuple[str, float | None] | None:
        """The line for an event and the part done, 0 to 1 (None: unknown); None for no change."""
        match event:
            case DataRead():
                text = tr(
                    "Reading images: {done:,} of {total:,}", done=event.done, total=event.total
                )
                return text, event.done / event.total if event.total else None
            case RunStarted():
                self._epochs = event.epochs
                return tr("Preparing the first step on {device}", device=event.device), None
            case StepEnded():
                return self._step(event)
            case EpochEnded() if event.epoch >= event.epochs:
                return tr("Setting the operating point and saving"), None
        return None

    def _step(self, event: StepEnded) -> tuple[str, float]:
        total = self._epochs * event.steps_per_epoch
        done = (event.epoch - 1) * event.steps_per_epoch + event.step
        text = tr(
            "Epoch {epoch} of {epochs}, step {step} of {steps_per_epoch}",
            epoch=event.epoch,
            epochs=self._epochs,
            step=event.step,
            steps_per_epoch=event.steps_per_epoch,
        )
        now = self._clock()
        # The first step builds the graph; counting from its end keeps the estimate honest.
        if self._first is None:
            self._first = (done, now)
        steps, seconds = done - self._first[0], now - self._first[1]
        if steps >= 3 and seconds > 0:
            text += "\n" + time_left((total - done) * seconds / steps)
        return text, min(done / total, 1.0)


def estimate_words(estimate: EstimateState) -> str:
    """How long a run would take, on what, and in how much memory."""
    if estimate.seconds < 60:
        time = tr("Under a minute")
    elif estimate.seconds < 90 * 60:
        time = tr("About {number} min", number=round(estimate.seconds / 60))
    else:
        time = tr("About {number:.1f} h", number=estimate.seconds / 3600)
    gigabytes = estimate.memory_bytes / 1e9
    memory = f"{gigabytes:.1f} GB" if gigabytes >= 1 else f"{estimate.memory_bytes / 1e6:.0f} MB"
    return tr(
        "{time} on {device}, {memory} of memory", time=time, device=estimate.device, memory=memory
    )


def time_left(seconds: float) -> str:
    """A rough time left, in words: training may well end earlier."""
    if seconds < 60:
        return tr("Under a minute left")
    if seconds < 90 * 60:
        return tr("About {number} min left", number=round(seconds / 60))
    return tr("About {number:.1f} h left", number=seconds / 3600)


def result_rows(ended: RunEnded, validation_auc: float | None) -> Rows:
    """The figures of a finished run, each a name and a value in words.

    Parameters
    ----------
    ended
        Its ``metrics`` are those of the held-out patients; see ``app.training.runs.run.figures``.
    validation_auc
        Best AUC on the inner validation patients, 0 to 1.
    """
    epochs = tr("epoch") if ended.epochs_run == 1 else tr("epochs")
    rows = [
        (tr("Model"), ended.model_name),
        (
            tr("Stopped") if ended.stopped else tr("Ended"),
            tr(
                "after {epochs_run} {epochs}, epoch {best_epoch} kept",
                epochs_run=ended.epochs_run,
                epochs=epochs,
                best_epoch=ended.best_epoch,
            ),
        ),
    ]
    if validation_auc is not None:
        rows.append((tr("Validation AUC"), f"{validation_auc:.3f}"))
    figures = ended.metrics
    if "n" in figures:
        held = [counts.images(figures["n"])]
        if "patients" in figures:
            held.append(counts.patients(figures["patients"]))
        rows.append((tr("Held out"), ", ".join(held)))
    for key, name in _HELD_OUT:
        if text := _estimate(figures.get(key)):
            rows.append((tr(name), text))
    return tuple(rows)


def _estimate(value: Any) -> str:
    """A figure with its interval; a plain number goes as well."""
    if isinstance(value, Mapping):
        low, high = value.get("low"), value.get("high")
        text = _estimate(value.get("value"))
        known = isinstance(low, float) and isinstance(high, float)
        return (
            tr("{value} ({low:.3f} to {high:.3f})", value=text, low=low, high=high)
            if text and known
            else text
        )
    return f"{value:.3f}" if isinstance(value, float) and math.isfinite(value) else ""
