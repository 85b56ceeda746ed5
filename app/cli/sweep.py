"""`python main.py sweep --data FOLDER --arch NAME --study NAME`: try many settings of a network."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli import UsageError, new_parser
from app.cli.files import say
from app.cli.inspect import add_data_arguments, read_mapping
from app.core.base.errors import ReviewError

if TYPE_CHECKING:
    from app.core.base.events import Event
    from app.core.settings.sweep import SweepConfig

_NEW = ("sampler", "trials", "pruner", "metric", "inner_folds", "storage", "workers")


def parser() -> argparse.ArgumentParser:
    """Arguments of `sweep`."""
    from app.cli.sweep_board import SORTS
    from app.core.settings.sweep import INNER_FOLDS, METRICS, PRUNERS, SAMPLERS

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
    add("--sort", choices=SORTS, help="order of the leaderboard (default: the metric)")
    add("--csv", type=Path, metavar="OUT", help="write the ledger as a table at the end")
    add("--events", action="store_true", help="JSON lines in place of sentences")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Sweep. 0 when it ended or was stopped; Ctrl-C stops cleanly and keeps what is done."""
    from app.cli.files import check_new_name
    from app.cli.outputs import keep_out
    from app.cli.stopping import stop_on_interrupt
    from app.cli.sweep_board import SweepBoard
    from app.cli.training_teller import training_told
    from app.core.base.events import to_line
    from app.core.base.outputs import check_place, written
    from app.training.sweep.coordinator import run_sweep
    from app.training.sweep.folders import open_sweep
    from app.training.sweep.ledger import LEDGER_NAME, read_ledger, write_csv
    from app.training.sweep.winner import train_winner

    config = _config(arguments)
    if arguments.csv:
        keep_out([arguments.csv], [config.train.data])
        check_place(arguments.csv)
    if arguments.train_best:
        check_new_name(arguments.train_best)
    folder = open_sweep(config)
    board = SweepBoard(config, folder, arguments.sort or config.metric)
    emit: Callable[[Event], None] = board.take
    if arguments.events:

        def emit(event: Event) -> None:
            print(to_line(event), flush=True)

    with stop_on_interrupt("Stopping: what is done is kept.") as asked:
        try:
            ended = run_sweep(config, folder, emit, asked)
        finally:
            board.close()
        rows = read_ledger(folder / LEDGER_NAME)
        if not arguments.events:
            board.show_end()
            if ended.stopped:
                say("", f"Stopped. Go on with: python main.py sweep --study {config.study}")
        if arguments.train_best and not ended.stopped:
            with training_told(arguments.events) as tell:
                made = train_winner(config, rows, arguments.train_best, tell, asked)
            say(f"Written to {made}.")
    if arguments.csv:
        with written(arguments.csv) as file:
            write_csv(file, rows, config.metric)
    return 0


def _config(arguments: argparse.Namespace) -> SweepConfig:
    """The study as it was begun, changed by what is asked for now; or a new one."""
    from app.core.settings.sweep import SweepConfig
    from app.core.settings.training import TrainConfig
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
