"""The folders that training runs leave behind, and the table of runs rebuilt from them.

A run folder holds ``config.json`` (what was asked), ``events.jsonl`` (what the run said, written
by the worker as it goes), ``worker.log`` and, until it has ended, its checkpoint. Nothing about a
run is kept elsewhere.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from app.core.base.errors import OutputError, ReviewError
from app.core.base.events import (
    EpochEnded,
    Event,
    RunEnded,
    RunFailed,
    RunStarted,
    StepEnded,
    from_line,
    to_line,
)
from app.core.base.home import runs_dir
from app.core.base.translation import tr
from app.core.settings.training import ACTIVE, TrainConfig
from app.inference.registry.models import active_name
from app.training.fit.checkpoint import has_checkpoint
from app.training.runs.run_lock import is_held

CONFIG_NAME = "config.json"
EVENTS_NAME = "events.jsonl"
LOG_NAME = "worker.log"
_NAME_NAME = "model_name.txt"
_STEP = f'{{"event": "{StepEnded.__name__}"'
_STAMP = "%Y%m%d-%H%M%S"


class RunState(StrEnum):
    """How a run ended, as far as its folder says."""

    FINISHED = "finished"
    STOPPED = "stopped"
    """Ended early on request, with a model."""
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    """No last word: cut off with the program or the machine."""
    RUNNING = "running"
    """A process, perhaps another one, is at work in the folder."""


@dataclass(frozen=True)
class Run:
    """One run folder, read back.

    Parameters
    ----------
    folder
        The run folder.
    started
        Local time of the start, from the folder's name; None when it was renamed.
    config
        None when ``config.json`` cannot be read.
    state
        How it ended.
    epochs_run
        Epochs that came to their end.
    best_auc
        Best AUC on the inner validation patients, 0 to 1; None before the first epoch.
    model_name
        The model it left in the registry; empty for none.
    error
        Why it failed; None unless ``state`` is failed.
    can_resume
        Whether it can go on from its last whole epoch.
    """

    folder: Path
    started: datetime | None
    config: TrainConfig | None
    state: RunState
    epochs_run: int = 0
    best_auc: float | None = None
    model_name: str = ""
    error: ReviewError | None = None
    can_resume: bool = False


def new_run(
    config: TrainConfig,
    root: Path | None = None,
    now: datetime | None = None,
    model_name: str = "",
) -> Path:
    """Make the folder of a new run and write its settings there.

    Parameters
    ----------
    config
        What the run is told; the active model is written down by its name, since another may
        be active when the run is resumed.
    root
        Where run folders lie; None for ``runs_dir()``.
    now
        Time of the start; None for the clock's.
    model_name
        What its model is to be called; empty for a name made of architecture and time.

    Returns
    -------
    Path
        The new folder, named by the time.

    Raises
    ------
    OutputError
        When the folder or file cannot be written.
    """
    stem = (now or datetime.now()).strftime(_STAMP)
    if config.start == ACTIVE:
        config = dataclasses.replace(config, start=active_name())
    try:
        base = root or runs_dir()
        base.mkdir(parents=True, exist_ok=True)
        folder = _fresh(base, stem)
        (folder / CONFIG_NAME).write_text(config.to_json(), encoding="utf-8")
        if model_name:
            (folder / _NAME_NAME).write_text(model_name, encoding="utf-8")
    except OSError as error:
        raise OutputError(
            tr(
                "The folder of the training run cannot be written: {reason}.",
                reason=error.strerror or error,
            ),
            tr("Opacity keeps each run's settings and figures on disk."),
            tr("Free some space, or set OPACITY_HOME to a folder you may write to."),
        ) from error
    return folder


def _fresh(base: Path, stem: str) -> Path:
    # Two windows may start a run within one second: only mkdir can tell who was first.
    number = 1
    while True:
        folder = base / (stem if number == 1 else f"{stem}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
        else:
            return folder


def wanted_name(folder: Path) -> str | None:
    """What a run's model is to be called; None for a name made of architecture and time."""
    try:
        return (folder / _NAME_NAME).read_text(encoding="utf-8").strip() or None
    except (OSError, ValueError):
        return None


def resumable(folder: Path) -> TrainConfig:
    """The settings of a run that can go on.

    Raises
    ------
    ReviewError
        When it is under way or has nothing to go on from.
    """
    run = read_run(folder)
    if run.state is RunState.RUNNING:
        raise ReviewError(
            tr("The run {folder} is under way.", folder=folder.name),
            tr("A run that was cut off was expected."),
            tr("Wait until it has ended."),
        )
    if run.config is None or not run.can_resume:
        raise ReviewError(
            _why_it_cannot_go_on(run),
            tr("A run that was cut off after its first epoch was expected."),
            tr("Start a new run."),
        )
    return run.config


def _why_it_cannot_go_on(run: Run) -> str:
    if run.state is RunState.FINISHED:
        return tr("The run {run} cannot go on: it is finished.", run=run.folder.name)
    if run.state is RunState.STOPPED:
        return tr("The run {run} cannot go on: it is stopped.", run=run.folder.name)
    return tr(
        "The run {run} cannot go on: it holds no epoch that was kept whole.", run=run.folder.name
    )


def append_failure(folder: Path, error: ReviewError) -> None:
    """Write down why a run ended, for a worker that died before it could say so itself.

    To be called only once that worker is gone; a file that cannot be written is let be, since
    the run then reads as interrupted, which is true as well.
    """
    line = to_line(RunFailed(error.what, error.expected, error.fix))
    with (
        contextlib.suppress(OSError),
        (folder / EVENTS_NAME).open("a", encoding="utf-8") as file,
    ):
        # The worker's last line may have been cut: start on a line of our own.
        file.write(f"\n{line}\n")


def read_events(folder: Path, steps: bool = True) -> list[Event]:
    """The events of a run, in order; lines that are cut or no events are left out.

    Where a run was started again, only what still holds is told of the starts before.

    Parameters
    ----------
    folder
        A run folder.
    steps
        Whether to read the progress within epochs too: nearly all lines of a long run.

    Returns
    -------
    list of Event
        Empty when there is no file or it cannot be read.
    """
    try:
        text = (folder / EVENTS_NAME).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    lines = (line for line in text.splitlines() if steps or not line.startswith(_STEP))
    events: list[Event] = []
    for line in lines:
        event = from_line(line)
        if isinstance(event, RunStarted):
            events = [old for old in events if _holds(old, event.resumed_after)]
        if event is not None:
            events.append(event)
    return events


def _holds(event: Event, epochs: int) -> bool:
    return isinstance(event, StepEnded | EpochEnded) and event.epoch <= epochs


def read_run(folder: Path) -> Run:
    """One run as its folder tells it.

    Parameters
    ----------
    folder
        A run folder; damaged files in it never raise.
    """
    config: TrainConfig | None = None
    damage: ReviewError | None = None
    try:
        config = TrainConfig.load(folder / CONFIG_NAME)
    except ReviewError as error:
        damage = error
    except (OSError, ValueError, TypeError) as error:
        damage = ReviewError(
            tr("The settings of this run cannot be read: {error}.", error=error),
            tr("Each run folder holds a valid {file}.", file=CONFIG_NAME),
            tr("The folder can be deleted."),
        )
    state = RunState.INTERRUPTED
    epochs_run = 0
    best: float | None = None
    model_name = ""
    failure: ReviewError | None = None
    for event in read_events(folder, steps=False):
        match event:
            case EpochEnded():
                epochs_run = event.epoch
                auc = event.metrics.get("val_auc")
                if isinstance(auc, (int, float)) and math.isfinite(auc):
                    best = max(best, float(auc)) if best is not None else float(auc)
            case RunEnded():
                state = RunState.STOPPED if event.stopped else RunState.FINISHED
                model_name, failure = event.model_name, None
            case RunFailed():
                state = RunState.FAILED
                failure = ReviewError(event.what, event.expected, event.fix)
    if damage and state is RunState.INTERRUPTED:
        state, failure = RunState.FAILED, damage
    # Right after its last word a process may still hold the folder: that word counts.
    if state not in (RunState.FINISHED, RunState.STOPPED) and is_held(folder):
        state, failure = RunState.RUNNING, None
    cut_off = state in (RunState.INTERRUPTED, RunState.FAILED)
    can_resume = cut_off and config is not None and has_checkpoint(folder)
    return Run(
        folder, _started(folder), config, state, epochs_run, best, model_name, failure, can_resume
    )


def list_runs(root: Path | None = None) -> list[Run]:
    """Every run on disk, the newest first.

    Parameters
    ----------
    root
        Where run folders lie; None for ``runs_dir()``.

    Returns
    -------
    list of Run
        Folders without ``config.json`` are no runs and are left out.
    """
    base = root or runs_dir()
    try:
        folders = [child for child in base.iterdir() if (child / CONFIG_NAME).is_file()]
    except OSError:
        return []
    runs = [read_run(folder) for folder in folders]
    oldest = datetime.min
    return sorted(runs, key=lambda run: (run.started or oldest, run.folder.name), reverse=True)


def _started(folder: Path) -> datetime | None:
    try:
        return datetime.strptime(folder.name[:15], _STAMP)
    except ValueError:
        return None
