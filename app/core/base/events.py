"""What a training run, a sweep or the receiver says: JSON lines from a child process."""

from __future__ import annotations

import dataclasses
import functools
import json
from dataclasses import dataclass, field
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from app.core.base.json_text import parse_json


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
    resumed_after: int = 0
    """Epochs that a run before this one had ended: those told of later ones are void."""


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
    those of them whom neither was trained on
    (``app.training.result.compare_with_active.against_active``).
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


@dataclass(frozen=True)
class SweepStarted:
    """The images are in memory and the workers begin; ``done`` of ``total`` settings were done."""

    folder: str
    study: str
    total: int
    done: int
    workers: int
    device: str
    seconds: float | None = None
    """How long it will take, as estimated before the start; None where nothing was measured."""


@dataclass(frozen=True)
class TrialBegun:
    """A worker begins with a setting."""

    number: int
    settings: dict[str, Any]


@dataclass(frozen=True)
class TrialEpoch:
    """Figures of one epoch of a trial, on one inner fold."""

    number: int
    fold: int
    epoch: int
    epochs: int
    metrics: dict[str, float]


@dataclass(frozen=True)
class TrialOver:
    """A trial has ended: ``complete``, ``pruned`` or ``failed``, and then why."""

    number: int
    state: str
    values: dict[str, float]
    reason: str = ""


@dataclass(frozen=True)
class SweepProgress:
    """How many settings are done, those of other machines included; the ledger is up to date."""

    done: int
    failed: int
    total: int
    seconds_left: float | None


@dataclass(frozen=True)
class SweepEnded:
    """Nothing is left to try, or somebody asked for the end."""

    done: int
    failed: int
    total: int
    stopped: bool
    best: dict[str, Any] = field(default_factory=dict)
    """Settings, values and intervals of the best trial; empty when none is complete."""


@dataclass(frozen=True)
class ReceiverReady:
    """The receiver listens for senders."""

    title: str
    address: str
    port: int


@dataclass(frozen=True)
class ImageReceived:
    """An object is safely on disk, or was there already (``twice``).

    ``same_uid`` says that another content came under this SOPInstanceUID before.
    """

    path: str
    twice: bool = False
    same_uid: bool = False


@dataclass(frozen=True)
class SenderRefused:
    """Something was not taken, and why; never of a patient, at most of a sender."""

    reason: str
    sender: str = ""


Event = (
    DataRead
    | RunStarted
    | StepEnded
    | EpochEnded
    | Notice
    | RunEnded
    | RunFailed
    | SweepStarted
    | TrialBegun
    | TrialEpoch
    | TrialOver
    | SweepProgress
    | SweepEnded
    | ReceiverReady
    | ImageReceived
    | SenderRefused
)
_KINDS: dict[str, type] = {kind.__name__: kind for kind in get_args(Event)}


def to_line(event: Event) -> str:
    """One line of JSON, without the newline."""
    return json.dumps({"event": type(event).__name__, **dataclasses.asdict(event)})


def from_line(line: str) -> Event | None:
    """Read a line back; None for a line that is no event (a library may print to stdout)."""
    try:
        raw = parse_json(line)
        kind = _KINDS[raw.pop("event")]
        event: Event = kind(**raw)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    types = _types_of(kind)
    return event if all(isinstance(value, types[name]) for name, value in raw.items()) else None


@functools.cache
def _types_of(kind: type) -> dict[str, Any]:
    """What each field may hold, as ``isinstance`` asks; a whole number is a number too."""
    found: dict[str, Any] = {}
    for name, hint in get_type_hints(kind).items():
        parts = get_args(hint) if isinstance(hint, UnionType) else (hint,)
        plain = tuple(get_origin(part) or part for part in parts)
        found[name] = (*plain, *(int for part in plain if part is float))
        found[name] += tuple(list for part in plain if part is tuple)  # JSON knows no other
    return found
