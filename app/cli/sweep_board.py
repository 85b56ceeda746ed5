"""What a sweep shows in the terminal: a bar, the time left, and the leaderboard as it grows."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from app.core.base import counts, events
from app.core.base.durations import duration_words
from app.core.settings.sweep import SweepConfig
from app.training.sweep.ledger import (
    FAILED,
    LEDGER_NAME,
    TrialRow,
    best_low,
    importances,
    ranked,
    read_ledger,
    verdict,
)

SORTS: dict[str, tuple[Callable[[TrialRow], float], bool]] = {
    "val_accuracy": (lambda row: row.values["val_accuracy"], True),
    "val_auc": (lambda row: row.values["val_auc"], True),
    "val_loss": (lambda row: row.values["val_loss"], False),
    "accuracy": (lambda row: row.values["accuracy"], True),
    "gap": (lambda row: row.gap or 0.0, False),
    "seconds": (lambda row: row.seconds or 0.0, False),
}
"""By what the leaderboard can be sorted: the figure, and whether the highest comes first."""

_LIVE_ROWS, _END_ROWS = 5, 10
_LEAST_WIDTH = 110
"""Of a table that goes into a file or through a pipe."""


class SweepBoard:
    """Tells a sweep on stderr; on a terminal the board stands still and its figures change.

    Parameters
    ----------
    config
        The sweep.
    folder
        Where its ledger lies.
    sort
        A key of ``SORTS``.
    console
        Where to tell it; None for stderr.
    """

    def __init__(
        self, config: SweepConfig, folder: Path, sort: str, console: Console | None = None
    ) -> None:
        self._config, self._ledger, self._sort = config, folder / LEDGER_NAME, sort
        self._console = console or Console(stderr=True)
        if not self._console.is_terminal:
            self._console.width = max(self._console.width, _LEAST_WIDTH)
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
            TextColumn("{task.fields[left]}"), console=self._console,
        )  # fmt: skip
        self._task: Any = None
        self._live: Live | None = None
        self._best: int | None = None

    def take(self, event: events.Event) -> None:
        """Tell one event."""
        match event:
            case events.DataRead(done, total) if done == total:
                self._say(f"{counts.images(total)} read.")
            case events.SweepStarted():
                self._start(event)
            case events.TrialOver(number, "failed", _, reason):
                self._say(f"Trial {number} failed: {reason}")
            case events.Notice(text):
                self._say(text)
            case events.SweepProgress():
                self._follow(event)

    def close(self) -> None:
        """Leave the terminal in order."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def show_end(self) -> None:
        """The whole board, what mattered and what failed."""
        rows = read_ledger(self._ledger)
        if not ranked(rows, self._config.metric):
            self._say("No trial is complete.")
        else:
            self._console.print(self._table(rows, _END_ROWS), highlight=False)
        shares = importances(rows, self._config.metric)
        if shares:
            parts = ", ".join(f"{name} {part:.0%}" for name, part in shares.items())
            self._say(f"Share of the variance that each setting explains alone: {parts}.")
        for row in [row for row in rows if row.state == FAILED][:_END_ROWS]:
            self._say(f"Trial {row.number} failed: {row.reason}")

    def _say(self, text: str) -> None:
        self._console.print(text, soft_wrap=True, highlight=False, markup=False, emoji=False)

    def _start(self, event: events.SweepStarted) -> None:
        time = f", about {duration_words(event.seconds)}" if event.seconds else ""
        self._say(
            f"Study {event.study}: {counts.settings(event.total)} of {self._config.train.arch}, "
            f"{event.done} done, on {event.device}, {event.workers} at a time{time}."
        )
        self._task = self._progress.add_task(
            "Settings", total=event.total, completed=event.done, left=""
        )
        if self._console.is_terminal:
            self._live = Live(self._view(), console=self._console, refresh_per_second=4)
            self._live.start()

    def _follow(self, event: events.SweepProgress) -> None:
        if self._task is None:
            return
        seconds = event.seconds_left
        left = "" if seconds is None else f"{duration_words(seconds)} left"
        self._progress.update(self._task, completed=event.done, total=event.total, left=left)
        if self._live is not None:
            self._live.update(self._view())
            return
        best = next(iter(ranked(read_ledger(self._ledger), self._config.metric)), None)
        if best is not None and best.number != self._best:
            self._best = best.number
            self._say(
                f"{event.done} of {event.total}: best so far is trial {best.number}, "
                f"{self._config.metric} {best.values[self._config.metric]:.4f}, "
                f"{_settings(best)}."
            )

    def _view(self) -> Group:
        return Group(self._table(read_ledger(self._ledger), _LIVE_ROWS), self._progress)

    def _table(self, rows: Sequence[TrialRow], count: int) -> Table:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title_justify="left")
        for title in ("trial", "training", "validation (95 %)", "AUC (95 %)", "loss", "gap"):
            table.add_column(title, justify="right", no_wrap=True)
        table.add_column("verdict", no_wrap=True)
        table.add_column("settings", overflow="fold")
        low = best_low(rows)
        for row in board(rows, self._config.metric, self._sort)[:count]:
            table.add_row(
                str(row.number),
                f"{row.values['accuracy']:.4f}",
                _with_interval(row, "val_accuracy"),
                _with_interval(row, "val_auc"),
                f"{row.values['val_loss']:.4f}",
                f"{row.gap:+.4f}",
                verdict(row, low),
                _settings(row),
            )
        return table


def board(rows: Sequence[TrialRow], metric: str, sort: str) -> list[TrialRow]:
    """The complete trials in the order of one figure; equal ones as the sweep ranks them."""
    figure, highest_first = SORTS[sort]
    return sorted(ranked(rows, metric), key=figure, reverse=highest_first)


def _with_interval(row: TrialRow, name: str) -> str:
    value = f"{row.values[name]:.4f}"
    ends = row.intervals.get(name)
    return f"{value} ({ends[0]:.4f} to {ends[1]:.4f})" if ends else value


def _settings(row: TrialRow) -> str:
    return ", ".join(f"{name} {_short(value)}" for name, value in row.settings.items())


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else json.dumps(value).strip('"')
