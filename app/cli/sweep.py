"""`python main.py sweep --data FOLDER --arch NAME --study NAME`: try many settings of a network."""

from __future__ import annotations

import argparse
import dataclasses
import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli import UsageError, new_parser
from app.cli.files import say
from app.cli.inspect import add_data_arguments, read_mapping
from app.core.durations import duration_words
from app.core.errors import ReviewError

if TYPE_CHECKING:
    from app.core.events import Event
    from app.core.sweep_config import SweepConfig
    from app.training.sweep.ledger import TrialRow

_SHOWN = 10
_NEW = ("sampler", "trials", "pruner", "metric", "inner_folds", "storage", "workers")


def parser() -> argparse.ArgumentParser:
    """Arguments of `sweep`."""
    from app.core.sweep_config import INNER_FOLDS, METRICS, PRUNERS, SAMPLERS

    parser = new_parser(
        "sweep",
        "Try many settings of a network. The same --study goes on where it was stopped or cut "
        "off; with the same --storage, several machines share its settings among them.",
    )
    add = parser.add_argument
    add("--study", required=True, metavar="NAME", help="name of the sweep")
    add("--data", metavar="FOLDER", help="one subfolder per class; known already to go on")
    add("--arch", help="dense, cnn or best (default: dense)")
    add_data_arguments(parser)
    add("--sampler", choices=SAMPLERS, help="all combinations, or draws (best: tpe, else grid)")
    add("--trials", type=int, help="how many settings (default: all of a grid; 30 draws)")
    add("--pruner", choices=PRUNERS, help="end trials early that fall behind (default: none)")
    add("--metric", choices=METRICS, help="what is chosen by (default: val_accuracy)")
    add("--inner-folds", type=int, help=f"trainings of each setting, 1 to {INNER_FOLDS}")
    add("--storage", metavar="URL", help="a database for several machines (default: a file)")
    add("--workers", type=int, help="trials at the same time (default: what suits the network)")
    add("--seed", type=int, help="start of the random numbers (default 2026)")
    add("--train-best", metavar="MODEL", help="then train the best setting as a model of that name")
    add("--csv", type=Path, metavar="OUT", help="write the ledger as a table at the end")
    add("--events", action="store_true", help="JSON lines in place of sentences")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Sweep. 0 when it ended or was stopped; Ctrl-C stops cleanly and keeps what is done."""
    from app.cli.outputs import keep_out
    from app.core.events import to_line
    from app.training.sweep.coordinator import run_sweep
    from app.training.sweep.folders import open_sweep
    from app.training.sweep.ledger import LEDGER_NAME, read_ledger, write_csv
    from app.training.sweep.winner import train_winner

    config = _config(arguments)
    if arguments.csv:
        keep_out([arguments.csv], [config.train.data])
        if not arguments.csv.absolute().parent.is_dir():
            raise UsageError(
                f"There is no folder {arguments.csv.parent}.",
                "The table needs a folder that is there.",
                "Correct --csv.",
            )
    if arguments.train_best:
        _check_free(arguments.train_best)
    folder = open_sweep(config)
    teller = _Teller(config)
    emit: Callable[[Event], None] = teller.take
    if arguments.events:

        def emit(event: Event) -> None:
            print(to_line(event), flush=True)

    asked = False

    def ask(*_: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        say("Stopping: what is done is kept.")

    before = signal.signal(signal.SIGINT, ask)
    try:
        try:
            ended = run_sweep(config, folder, emit, lambda: asked)
        finally:
            teller.close()
        rows = read_ledger(folder / LEDGER_NAME)
        if not arguments.events:
            say(*leaderboard(rows, config.metric))
            if ended.stopped:
                say("", f"Stopped. Go on with: python main.py sweep --study {config.study}")
        if arguments.train_best and not ended.stopped:
            tell = _sentences(arguments.events)
            written = train_winner(config, rows, arguments.train_best, tell, lambda: asked)
            say(f"Written to {written}.")
    finally:
        signal.signal(signal.SIGINT, before)
    if arguments.csv:
        with arguments.csv.open("w", newline="", encoding="utf-8") as file:
            write_csv(file, rows, config.metric)
    return 0


def _sentences(as_json: bool) -> Callable[[Event], None]:
    """What the training of the best setting says, as `train` tells it."""
    from app.cli.train import in_words
    from app.core.events import to_line

    def tell(event: Event) -> None:
        if as_json:
            print(to_line(event), flush=True)
        elif text := in_words(event):
            say(text)

    return tell


def _check_free(name: str) -> None:
    """Raise ``UsageError`` unless a new model may have that name."""
    from app.inference.registry import check_name, list_models

    try:
        check_name(name)
    except ReviewError as error:
        raise UsageError(error.what, error.expected, error.fix) from error
    if name in {entry.name for entry in list_models()}:
        raise UsageError(
            f"A model named {name} is already there.",
            "Each model has a name of its own, and none is overwritten.",
            "Choose another name.",
        )


def leaderboard(rows: list[TrialRow], metric: str) -> list[str]:
    """The best trials as lines of a table, and what mattered."""
    from app.training.sweep.ledger import best_low, importances, ranked, verdict

    order, low = ranked(rows, metric), best_low(rows)
    if not order:
        return ["No trial is complete."]
    lines = ["", f"{'trial':>5}  {'training':>8}  {'validation (95 %)':22}  {'AUC':>6}  verdict"]
    for row in order[:_SHOWN]:
        value = row.values
        a, b = row.intervals["val_accuracy"]
        settings = ", ".join(f"{name} {_short(v)}" for name, v in row.settings.items())
        lines += [
            f"{row.number:>5}  {value['accuracy']:>8.4f}  {value['val_accuracy']:.4f} "
            f"({a:.4f} to {b:.4f})  {value['val_auc']:>6.4f}  {verdict(row, low)}",
            f"       {settings}",
        ]
    shares = ", ".join(f"{name} {part:.0%}" for name, part in importances(rows, metric).items())
    failed = [row for row in rows if row.state == "failed"]
    if shares:
        lines += ["", f"Share of the variance that each setting explains alone: {shares}."]
    lines += [f"Trial {row.number} failed: {row.reason}" for row in failed[:_SHOWN]]
    return lines


class _Teller:
    """Sentences and a progress bar on a terminal."""

    def __init__(self, config: SweepConfig) -> None:
        self._config = config
        self._bar: Any = None
        self._best: float | None = None

    def take(self, event: Event) -> None:
        """Tell one event."""
        from app.core import events

        match event:
            case events.DataRead(done, total) if done == total:
                say(f"{total} images read.")
            case events.SweepStarted():
                self._start(event)
            case events.TrialOver(_, "complete", values):
                self._take_value(values[self._config.metric])
            case events.TrialOver(number, "failed", _, reason):
                self._write(f"Trial {number} failed: {reason}")
            case events.Notice(text):
                self._write(text)
            case events.SweepProgress() if self._bar is not None:
                self._bar.n = event.done
                seconds = event.seconds_left
                left = "" if seconds is None else f"{duration_words(seconds)} left"
                best = "" if self._best is None else f"best {self._best:.4f}"
                self._bar.set_postfix_str(", ".join(part for part in (best, left) if part))

    def close(self) -> None:
        """Leave the terminal in order."""
        if self._bar is not None:
            self._bar.close()

    def _start(self, event: Any) -> None:
        from tqdm import tqdm

        time = f", about {duration_words(event.seconds)}" if event.seconds else ""
        say(
            f"Study {event.study}: {event.total} settings of {self._config.train.arch}, "
            f"{event.done} done, on {event.device}, {event.workers} at a time{time}."
        )
        self._bar = tqdm(
            total=event.total,
            initial=event.done,
            unit="setting",
            disable=not sys.stderr.isatty(),
            bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt}{postfix}",
        )

    def _take_value(self, value: float) -> None:
        better = min if self._config.metric == "val_loss" else max
        self._best = value if self._best is None else better(self._best, value)

    def _write(self, text: str) -> None:
        if self._bar is not None:
            self._bar.write(text, file=sys.stderr)
        else:
            say(text)


def _config(arguments: argparse.Namespace) -> SweepConfig:
    """The study as it was begun, changed by what is asked for now; or a new one."""
    from app.core.config import TrainConfig
    from app.core.sweep_config import SweepConfig
    from app.training.sweep.folders import list_sweeps
    from model_zoo import architecture

    known = next((s.config for s in list_sweeps() if s.folder.name == arguments.study), None)
    if known is None and not arguments.data:
        raise UsageError(
            f"There is no study {arguments.study} here.",
            "A new study needs the folder of its images.",
            "Add --data FOLDER, or correct --study.",
        )
    given = {name: getattr(arguments, name) for name in _NEW}
    given = {name: value for name, value in given.items() if value is not None}
    shared = {
        name: getattr(arguments, name)
        for name in ("data", "arch", "labels", "patients", "seed")
        if getattr(arguments, name) is not None
    }
    if arguments.map:
        shared["mapping"] = read_mapping(arguments.map)
    try:
        if known is not None:
            return dataclasses.replace(
                known, train=dataclasses.replace(known.train, **shared), **given
            )
        arch = shared.setdefault("arch", "dense")
        train = TrainConfig(**{**architecture(arch).DEFAULTS, **shared})
        if hasattr(architecture(arch), "SPACE"):
            given = {"sampler": "tpe", "trials": 30, **given}
        elif given.get("sampler") == "tpe":
            given = {"trials": 30, **given}
        return SweepConfig(arguments.study, train, **given)
    except ReviewError as error:
        raise UsageError(error.what, error.expected, error.fix) from error


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else json.dumps(value).strip('"')
