"""What has come of each setting of a sweep: one row a trial, as JSON lines and as CSV.

The database is the truth; the coordinator writes ``ledger.jsonl`` beside it after each trial, so
that the window and other programs can read it without a database.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.core.base.csv_rows import CsvWriter
from app.core.base.json_text import parse_json
from app.training.sweep.space import Settings

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

LEDGER_NAME = "ledger.jsonl"

UNDER, FINE, OVER = "under-fitting", "fine", "over-fitting"
_GAP = 0.01
"""Training above the validation interval by more than this is over-fitting."""

_LARGEST = 1e100
"""No figure comes near it, and its square is still a number."""
COMPLETE, PRUNED, FAILED, RUNNING = "complete", "pruned", "failed", "running"


@dataclass(frozen=True)
class TrialRow:
    """One trial.

    Parameters
    ----------
    number
        Of the trial in the study, from 0.
    state
        ``complete``, ``pruned``, ``failed`` or ``running``.
    settings
        What was tried.
    values
        Mean figures of the inner folds: ``accuracy`` of training, ``val_accuracy``, ``val_auc``,
        ``val_loss``; empty until it is complete.
    intervals
        Lowest and highest value at 95 % of some of them.
    folds
        The metrics of each epoch, fold by fold.
    seconds
        How long it took.
    reason
        Why it failed; of a pruned trial, after which epoch it was ended.
    worker
        Machine and process that ran it.
    started
        ISO 8601, UTC.
    """

    number: int
    state: str
    settings: Settings
    values: Mapping[str, float] = field(default_factory=dict)
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    folds: tuple[tuple[Mapping[str, float], ...], ...] = field(default=(), repr=False)
    seconds: float | None = None
    reason: str = ""
    worker: str = ""
    started: str = ""

    @property
    def gap(self) -> float | None:
        """Training accuracy less validation accuracy."""
        if not {"accuracy", "val_accuracy"} <= set(self.values):
            return None
        return self.values["accuracy"] - self.values["val_accuracy"]


def verdict(row: TrialRow, best_low: float) -> str:
    """Whether a trial learnt too little, too much by heart, or neither; empty if not complete.

    Parameters
    ----------
    row
        The trial.
    best_low
        Lower end of the interval of the best trial's validation accuracy.

    Returns
    -------
    str
        ``over-fitting`` when training accuracy lies above the interval of validation accuracy by
        more than 0.01; ``under-fitting`` when it does not even reach what the best trial reaches
        on validation; else ``fine``.
    """
    if not {"accuracy", "val_accuracy"} <= set(row.values):
        return ""
    training = row.values["accuracy"]
    high = row.intervals.get("val_accuracy", (0.0, row.values["val_accuracy"]))[1]
    if training > high + _GAP:
        return OVER
    return UNDER if training < best_low else FINE


def best_low(rows: Iterable[TrialRow]) -> float:
    """Lower end of the interval of the best validation accuracy; 0 with no complete trial."""
    complete = [row for row in rows if "val_accuracy" in row.values]
    if not complete:
        return 0.0
    best = max(complete, key=lambda row: row.values["val_accuracy"])
    return best.intervals.get("val_accuracy", (best.values["val_accuracy"],))[0]


def ranked(rows: Iterable[TrialRow], metric: str) -> list[TrialRow]:
    """The complete trials, the best first; equal ones by loss, then by number."""
    sign = 1.0 if metric == "val_loss" else -1.0
    complete = [row for row in rows if row.state == COMPLETE and metric in row.values]
    return sorted(
        complete,
        key=lambda row: (
            sign * row.values[metric],
            row.values.get("val_loss", math.inf),
            row.number,
        ),
    )


def rows_of(study: Any) -> list[TrialRow]:
    """The trials of an Optuna study, without those that a dead worker left for another.

    Parameters
    ----------
    study
        ``app.training.sweep.study.Study.optuna``.
    """
    from optuna.trial import TrialState

    states = {
        TrialState.COMPLETE: COMPLETE,
        TrialState.PRUNED: PRUNED,
        TrialState.FAIL: FAILED,
        TrialState.RUNNING: RUNNING,
    }
    rows = []
    for trial in study.get_trials(deepcopy=False):
        said = trial.user_attrs.get("row")
        if trial.state in states and said is not None:
            row = _row({**parse_json(said), "number": trial.number, "state": states[trial.state]})
            if row.state != FAILED or row.reason:  # without a reason its worker has left it
                rows.append(row)
    return rows


def importances(rows: Iterable[TrialRow], metric: str) -> dict[str, float]:
    """How much of the metric's variance each setting explains alone, the largest first.

    The first-order share of a functional analysis of variance (Hutter, Hoos and Leyton-Brown,
    ICML 2014), exact for a full grid: variance of the means over each value, by total variance.
    What is missing to 1 is in the interplay of settings and in chance.
    """
    complete = ranked(rows, metric)
    if len(complete) < 2:
        return {}
    values = [row.values[metric] for row in complete]
    mean = sum(values) / len(values)
    total = sum((value - mean) ** 2 for value in values)
    shares = {}
    # Rows that somebody else wrote may lack a setting.
    for name in (n for n in complete[0].settings if all(n in row.settings for row in complete)):
        of_value: dict[Any, list[float]] = {}
        tried = _bins([row.settings[name] for row in complete])
        for part, value in zip(tried, values, strict=True):
            of_value.setdefault(part, []).append(value)
        between = sum(len(v) * (sum(v) / len(v) - mean) ** 2 for v in of_value.values())
        shares[name] = between / total if total else 0.0
    return dict(sorted(shares.items(), key=lambda item: -item[1]))


def _bins(tried: list[Any]) -> list[Any]:
    """Drawn numbers as four equal parts of those tried; choices as they are."""
    if not all(isinstance(each, float) for each in tried) or len(set(tried)) <= 6:
        return tried
    parts = [0] * len(tried)
    for rank, at in enumerate(sorted(range(len(tried)), key=tried.__getitem__)):
        parts[at] = 4 * rank // len(tried)
    return parts


def write_ledger(path: Path, rows: Iterable[TrialRow]) -> None:
    """Write the rows as JSON lines; the file is replaced whole."""
    # Two processes may write it at once, each the whole.
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    with fresh.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(dataclasses.asdict(row)) + "\n")
    fresh.replace(path)


def read_ledger(path: Path) -> list[TrialRow]:
    """The rows that ``write_ledger`` wrote, damaged ones left out; none without a file."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    rows = []
    for line in lines:
        with contextlib.suppress(ValueError, TypeError, AttributeError):  # a damaged line
            rows.append(_row(parse_json(line)))
    return rows


def write_csv(file: SupportsWrite[str], rows: Iterable[TrialRow], metric: str) -> None:
    """A table for a person: the complete trials ranked, then the others by number."""
    all_rows = list(rows)
    order = ranked(all_rows, metric)
    listed = {row.number for row in order}
    order += sorted((row for row in all_rows if row.number not in listed), key=lambda r: r.number)
    names = list(dict.fromkeys(name for row in order for name in row.settings))
    low = best_low(all_rows)
    writer = CsvWriter(file)
    writer.writerow(["trial", "state", *names, *_FIGURES, "gap", "verdict", "seconds", "reason"])
    for row in order:
        writer.writerow(
            [
                row.number,
                row.state,
                *(row.settings.get(name, "") for name in names),
                *(_number(value) for value in _figures(row)),
                _number(row.gap),
                verdict(row, low),
                "" if row.seconds is None else f"{row.seconds:.1f}",
                row.reason,
            ]
        )


_FIGURES = (
    "accuracy",
    "val_accuracy",
    "val_accuracy_low",
    "val_accuracy_high",
    "val_auc",
    "val_auc_low",
    "val_auc_high",
    "val_loss",
)


def _figures(row: TrialRow) -> list[float | None]:
    def of(name: str) -> float | None:
        for end, at in (("_low", 0), ("_high", 1)):
            if name.endswith(end):
                ends = row.intervals.get(name.removesuffix(end))
                return ends[at] if ends else None
        return row.values.get(name)

    return [of(name) for name in _FIGURES]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _row(raw: dict[str, Any]) -> TrialRow:
    """Raises ``ValueError``, ``TypeError`` or ``AttributeError`` for what is no row of ours."""
    raw["intervals"] = {name: tuple(ends) for name, ends in raw.get("intervals", {}).items()}
    raw["folds"] = tuple(tuple(fold) for fold in raw.get("folds", ()))
    row = TrialRow(**raw)
    epochs = [epoch for fold in row.folds for epoch in fold]
    figures = [*row.values.values(), *(each for epoch in epochs for each in epoch.values())]
    ends = list(row.intervals.values())
    if any(len(pair) != 2 for pair in ends):
        raise ValueError
    numbers = [*figures, *(end for pair in ends for end in pair), row.number]
    if not all(map(_is_number, numbers)) or not _is_number(row.seconds or 0):
        raise TypeError
    if not all(isinstance(text, str) for text in (row.state, row.reason, row.worker, row.started)):
        raise TypeError
    if not isinstance(row.number, int) or not all(
        isinstance(value, str | int | float | None) for value in row.settings.values()
    ):
        raise TypeError
    return row


def _is_number(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return not math.isfinite(value) or abs(value) < _LARGEST
