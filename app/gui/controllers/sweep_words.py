"""What a sweep says to the person: its progress, its states, the verdict on a trial. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.durations import duration_words
from app.core.events import SweepEnded, SweepProgress, SweepStarted
from app.core.sweep_config import SweepConfig
from app.jobs.sweep_reader import Study
from app.training.sweep.ledger import COMPLETE, FAILED, OVER, PRUNED, TrialRow, verdict

METRIC_WORDS = {
    "val_accuracy": "validation accuracy",
    "val_auc": "validation AUC",
    "val_loss": "validation loss",
}
STATE_WORDS = {COMPLETE: "complete", PRUNED: "ended early", FAILED: "failed"}


def study_state(study: Study, live: str) -> str:
    """How far a study is, in words."""
    if study.config is None:
        return "not readable"
    if study.name == live:
        return "running"
    if study.total and study.done >= study.total:
        return "finished"
    return "running elsewhere" if study.fresh else "unfinished"


def state_words(row: TrialRow, under_way: bool) -> str:
    """The state of a trial; one that nobody works on any more was cut off."""
    return STATE_WORDS.get(row.state) or ("running" if under_way else "cut off")


def settings_words(settings: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """Settings as one line."""
    return ", ".join(
        f"{labels.get(name, name)} {value_words(value)}" for name, value in settings.items()
    )


def value_words(value: Any) -> str:
    """A setting's value."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def estimate_words(value: float, ends: tuple[float, float] | None) -> str:
    """A figure with its interval where it has one."""
    if ends is None:
        return f"{value:.3f}"
    return f"{value:.3f} ({ends[0]:.3f} to {ends[1]:.3f})"


def trial_words(row: TrialRow, best_low: float, under_way: bool) -> str:
    """A sentence on a trial: what it learnt, or why it did not end.

    Parameters
    ----------
    row
        The trial.
    best_low
        See ``app.training.sweep.ledger.best_low``.
    under_way
        Whether somebody works on the study.
    """
    if row.state == FAILED:
        return f"failed: {row.reason}"
    if row.state == PRUNED:
        return f"ended early: {row.reason[:1].lower()}{row.reason[1:]}"
    if row.state != COMPLETE or "accuracy" not in row.values:
        return "under way" if under_way else "cut off: going on with the study tries it again"
    said, training = verdict(row, best_low), row.values["accuracy"]
    low, high = row.intervals.get("val_accuracy", (row.values["val_accuracy"],) * 2)
    interval = f"the validation interval {low:.3f} to {high:.3f}"
    if said == OVER:
        return f"{said}: training {training:.3f} lies above {interval}"
    if training > high:
        words = f"training {training:.3f} lies above {interval} by less than 0.01"
    elif training >= low:
        words = f"training {training:.3f} lies in {interval}"
    else:
        words = f"training {training:.3f} lies below {interval}"
    if training < best_low:
        words += f", and below {best_low:.3f}, which the best trial reaches on validation"
    return f"{said}: {words}"


def started_words(event: SweepStarted) -> str:
    """What begins, and how long it will take."""
    trials = "trial" if event.workers == 1 else "trials"
    text = f"{event.done:,} of {event.total:,} settings done, {event.workers} {trials} at a time"
    if event.device:
        text += f" on {event.device}"
    if event.seconds is not None:
        text += f"; about {duration_words(event.seconds)} for the rest"
    return text


def progress_words(event: SweepProgress) -> str:
    """How far it is."""
    text = f"{event.done:,} of {event.total:,} settings done"
    if event.failed:
        text += f", {event.failed:,} failed"
    if event.seconds_left is not None and event.done < event.total:
        text += f", about {duration_words(event.seconds_left)} left"
    return text


def ended_words(event: SweepEnded, metric: str) -> str:
    """What has come of it."""
    failed = f" ({event.failed:,} failed)" if event.failed else ""
    if event.stopped:
        text = f"Stopped. {event.done:,} of {event.total:,} settings are done{failed} and kept."
    else:
        text = f"Ended. {event.done:,} of {event.total:,} settings are done{failed}."
    if event.best:
        value = event.best["values"].get(metric)
        ends = event.best.get("intervals", {}).get(metric)
        if value is not None:
            text += (
                f" Best so far: trial {event.best['number']}, {METRIC_WORDS[metric]} "
                f"{estimate_words(value, tuple(ends) if ends else None)}."
            )
    return text


def plan_words(config: SweepConfig, total: int) -> str:
    """What Start would do."""
    settings = "setting" if total == 1 else "settings"
    text = f"{total:,} {settings}"
    if config.inner_folds > 1:
        text += f", each trained {config.inner_folds} times"
    return f"{text}. How long it takes is measured once the images are read."
