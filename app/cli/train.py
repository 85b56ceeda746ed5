"""`python main.py train --data FOLDER --arch NAME`: train a model; or the whole recipe of one."""

from __future__ import annotations

import argparse
import dataclasses
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli import UsageError, new_parser
from app.cli.inspect import add_data_arguments, read_mapping

if TYPE_CHECKING:
    from app.core.events import Event

LONGEST_NAME = 100
_DATA = ("data", "labels", "patients", "mapping")
"""Settings that are told by arguments of their own; see ``add_data_arguments``."""


def parser() -> argparse.ArgumentParser:
    """Arguments of `train`: one for each setting of ``TrainConfig``."""
    from app.core.config import TrainConfig

    parser = new_parser("train", "Train a model on a folder with one subfolder per class.")
    parser.add_argument("--data", required=True, metavar="FOLDER", help="one subfolder per class")
    add_data_arguments(parser)
    parser.add_argument("--name", help="name of the model (default: architecture and time)")
    for field in dataclasses.fields(TrainConfig):
        flag = "--" + field.name.replace("_", "-")
        if field.name in _DATA:
            continue
        if isinstance(field.default, bool):
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=field.default)
        else:
            kind = type(field.default)
            parser.add_argument(
                flag, type=kind, default=field.default, help=f"default {field.default}"
            )
    parser.add_argument(
        "--cross-validate",
        type=Path,
        metavar="OUT",
        help="the recipe of a bundled model: five folds by patient, model of fold 0, into OUT",
    )
    parser.add_argument("--events", action="store_true", help="JSON lines in place of sentences")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Train. 0 when a model was written; Ctrl-C stops cleanly and keeps the best so far."""
    from app.cli.outputs import keep_out
    from app.core.config import TrainConfig
    from app.core.errors import ReviewError
    from app.inference.registry import list_models
    from app.training.runs import new_run
    from app.training.worker import run_told, teller
    from model_zoo import architecture

    settings = {
        f.name: getattr(arguments, f.name)
        for f in dataclasses.fields(TrainConfig)
        if f.name not in _DATA
    }
    settings |= {
        "data": arguments.data,
        "labels": arguments.labels or "",
        "patients": arguments.patients or "",
        "mapping": read_mapping(arguments.map),
    }
    try:
        config = TrainConfig(**settings)
    except ReviewError as error:
        raise UsageError(error.what, error.expected, error.fix) from error
    try:
        is_folder = Path(config.data).is_dir()
    except OSError:  # a name that no file system takes, or a closed folder above it
        is_folder = False
    if not is_folder:
        raise UsageError(f"There is no folder {config.data}.", "", "Correct --data.")
    plain = (arguments.name or "x").replace("-", "").replace("_", "").isalnum()
    if arguments.name and not (plain and len(os.fsencode(arguments.name)) <= LONGEST_NAME):
        raise UsageError(
            f"{arguments.name!r} cannot name a model.",
            f"Letters, digits, - and _ were expected, at most {LONGEST_NAME}.",
            "Choose another name.",
        )
    try:
        architecture(config.arch)
    except ReviewError as error:
        raise UsageError(error.what, error.expected, error.fix) from error
    taken = {entry.name for entry in list_models()}
    if arguments.name in taken and not arguments.cross_validate:
        raise UsageError(
            f"A model named {arguments.name} is already there.",
            "Each model has a name of its own, and none is overwritten.",
            "Choose another name.",
        )
    write = print if arguments.events else _sentences()
    if arguments.cross_validate:
        from app.core.events import to_line
        from app.training.cross_validation import cross_validate

        keep_out([arguments.cross_validate], [config.data])
        name = arguments.name or f"{config.arch}-1"
        out = arguments.cross_validate
        folder = cross_validate(config, name, "1.0", out, lambda e: write(to_line(e)))
        print(f"Written to {folder}.", file=sys.stderr)
        return 0
    asked = False

    def ask(*_: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        print("Stopping after this step, keeping the best epoch so far.", file=sys.stderr)

    run_dir = new_run(config)
    before = signal.signal(signal.SIGINT, ask)
    try:
        return run_told(config, run_dir, teller(run_dir, write), lambda: asked, arguments.name)
    finally:
        signal.signal(signal.SIGINT, before)


def _sentences() -> Callable[[str], None]:
    """A writer that turns event lines into what a person reads on a terminal."""
    from app.core.events import from_line

    def write(line: str) -> None:
        event = from_line(line)
        if event and (text := in_words(event)):
            print(text, file=sys.stderr, flush=True)

    return write


def in_words(event: Event) -> str:
    """An event as a line for the terminal; empty for what is only a step."""
    from app.core import events

    match event:
        case events.DataRead(done, total) if done == total:
            return f"{total} images read."
        case events.RunStarted():
            counts = ", ".join(f"{n} {name}" for name, n in event.train_counts.items())
            return f"Training {event.arch} on {event.device}: {counts}."
        case events.EpochEnded():
            figures = ", ".join(f"{name} {value:.4f}" for name, value in event.metrics.items())
            mark = "  best so far" if event.best else ""
            return f"Epoch {event.epoch}/{event.epochs} ({event.seconds:.0f} s): {figures}{mark}"
        case events.Notice(text):
            return text
        case events.RunEnded():
            return f"Model {event.model_name} written to {event.model_dir}."
        case events.RunFailed():
            return " ".join(part for part in (event.what, event.expected, event.fix) if part)
    return ""
