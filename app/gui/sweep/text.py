"""What a sweep says to the person: its progress, its states, the verdict on a trial. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.base.durations import duration_words
from app.core.base.events import SweepEnded, SweepProgress, SweepStarted
from app.core.base.translation import mark, tr
from app.core.settings.sweep import SweepConfig
from app.jobs.sweep_reader import StudyOnDisk
from app.training.sweep.ledger import COMPLETE, FAILED, OVER, PRUNED, TrialRow, verdict

METRIC_WORDS = {
    "val_accuracy": mark("validation accuracy"),
    "val_auc": mark("validation AUC"),
    "val_loss": mark("validation loss"),
}
STATE_WORDS = {
    COMPLETE: mark("complete"),
    PRUNED: mark("ended early"),
    FAILED: mark("failed"),
}


def study_state(study: StudyOnDisk, live: str) -> str:
    """How far a study is, in words."""
    if study.config is None:
        return tr("not readable")
    if study.name == live:
        return tr("running")
    if study.total and study.done >= study.total:
        return tr("finished")
    return tr("running elsewhere") if study.fresh else tr("unfinished")


def state_words(row: TrialRow, under_way: bool) -> str:
    """The state of a trial; one that nobody works on any more was cut off."""
    if row.state in STATE_WORDS:
        return tr(STATE_WORDS[row.state])
    return tr("running") if under_way else tr("cut off")


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
    return tr("{value:.3f} ({low:.3f} to {high:.3f})", value=value, low=ends[0], high=ends[1])


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
        return tr("failed: {reason}", reason=row.reason)
    if row.state == PRUNED:
        return tr("ended early: {reason}", reason=row.reason[:1].lower() + row.reason[1:])
    if row.state != COMPLETE or "accuracy" not in row.values:
        return (
            tr("under way") if under_way else tr("cut off: going on with the study tries it again")
        )
    said, training = verdict(row, best_low), row.values["accuracy"]
    low, high = row.intervals.get("val_accuracy", (row.values["val_accuracy"],) * 2)
    interval = tr("the validation interval {low:.3f} to {high:.3f}", low=low, high=high)
    if said == OVER:
        return tr(
            "{said}: training {training:.3f} lies above {interval}",
            said=said,
            training=training,
            interval=interval,
        )
    if training > high:
        words = tr(
            "training {training:.3f} lies above {interval} by less than 0.01",
            training=training,
            interval=interval,
        )
    elif training >= low:
        words = tr(
            "training {training:.3f} lies in {interval}", training=training, interval=interval
        )
    else:
        words = tr(
            "training {training:.3f} lies below {interval}", training=training, interval=interval
        )
    if training < best_low:
        words += tr(
            ", and below {best_low:.3f}, which the best trial reaches on validation",
            best_low=best_low,
        )
    return f"{said}: {words}"


def started_words(event: SweepStarted) -> str:
    """What begins, and how long it will take."""
    trials = tr("trial") if event.workers == 1 else tr("trials")
    text = tr(
        "{done:,} of {total:,} settings done, {workers} {trials} at a time",
        done=event.done,
        total=event.total,
        workers=event.workers,
        trials=trials,
    )
    if event.device:
        text += tr(" on {device}", device=event.device)
    if event.seconds is not None:
        text += tr("; about {seconds} for the rest", seconds=duration_words(event.seconds))
    return text


def progress_words(event: SweepProgress) -> str:
    """How far it is."""
    text = tr("{done:,} of {total:,} settings done", done=event.done, total=event.total)
    if event.failed:
        text += tr(", {failed:,} failed", failed=event.failed)
    if event.seconds_left is not None and event.done < event.total:
        text += tr(", about {seconds_left} left", seconds_left=duration_words(event.seconds_left))
    return text


def ended_words(event: SweepEnded, metric: str) -> str:
    """What has come of it."""
    failed = tr(" ({failed:,} failed)", failed=event.failed) if event.failed else ""
    if event.stopped:
        text = tr(
            "Stopped. {done:,} of {total:,} settings are done{failed} and kept.",
            done=event.done,
            total=event.total,
            failed=failed,
        )
    else:
        text = tr(
            "Ended. {done:,} of {total:,} settings are done{failed}.",
            done=event.done,
            total=event.total,
            failed=failed,
        )
    if event.best:
        value = event.best["values"].get(metric)
        ends = event.best.get("intervals", {}).get(metric)
        if value is not None:
            text += tr(
                " Best so far: trial {number}, {metric} {figure}.",
                number=event.best["number"],
                metric=tr(METRIC_WORDS[metric]),
                figure=estimate_words(value, tuple(ends) if ends else None),
            )
    return text


def plan_words(config: SweepConfig, total: int) -> str:
    """What Start would do."""
    settings = tr("setting") if total == 1 else tr("settings")
    text = f"{total:,} {settings}"
    if config.inner_folds > 1:
        text += tr(", each trained {inner_folds} times", inner_folds=config.inner_folds)
    return tr("{value}. How long it takes is measured once the images are read.", value=text)
