"""What a training run says: one JSON line an event, from the child process to whoever listens."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class DataRead:
    """The training images are being read; ``done`` equals ``total`` when they all are."""

    done: int
    total: int


@dataclass(frozen=True)
class RunStarted:
    """The data are in memory and the first epoch begins."""

    run_dir: str
    arch: str
    epochs: int
    steps_per_epoch: int
    train_counts: dict[str, int]
    validation_counts: dict[str, int]
    calibration_counts: dict[str, int]
    device: str
    skipped: int = 0


@dataclass(frozen=True)
class StepEnded:
    """Progress within an epoch (``epoch`` counts from 1)."""

    epoch: int
    step: int
    steps_per_epoch: int
    loss: float


@dataclass(frozen=True)
class EpochEnded:
    """Figures of one epoch; ``metrics`` has loss, accuracy, learning_rate and, of
    the inner validation patients, val_loss, val_accuracy, val_auc."""

    epoch: int
    epochs: int
    seconds: float
    metrics: dict[str, float]
    best: bool


@dataclass(frozen=True)
class Notice:
    """Something the person should know, such as a smaller batch after running out of memory."""

    text: str


@dataclass(frozen=True)
class RunEnded:
    """The run is over and its model is on disk.

    ``metrics`` are those of the held-out patients; ``comparison`` is with the active model on
    those of them whom neither was trained on (``app.training.rivalry.against_active``).
    """

    model_dir: str
    model_name: str
    epochs_run: int
    best_epoch: int
    stopped: bool
    metrics: dict[str, Any] = field(default_factory=dict)
    comparison: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RunFailed:
    """The run ended without a model, and why."""

    what: str
    expected: str = ""
    fix: str = ""


Event = DataRead | RunStarted | StepEnded | EpochEnded | Notice | RunEnded | RunFailed
_KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (DataRead, RunStarted, StepEnded, EpochEnded, Notice, RunEnded, RunFailed)
}


def to_line(event: Event) -> str:
    """One line of JSON, without the newline."""
    return json.dumps({"event": type(event).__name__, **dataclasses.asdict(event)})


def from_line(line: str) -> Event | None:
    """Read a line back; None for a line that is no event (a library may print to stdout)."""
    try:
        raw = json.loads(line)
        kind = _KINDS[raw.pop("event")]
        event: Event = kind(**raw)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return event
