"""`python main.py train --data FOLDER --arch NAME`: train a model; or the whole recipe of one."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli import UsageError, new_parser
from app.cli.files import say
from app.cli.inspect import add_data_arguments, read_mapping
from app.core.base.errors import ReviewError

if TYPE_CHECKING:
    from app.core.settings.training import TrainConfig

_NEWEST = ""


def parser() -> argparse.ArgumentParser:
    """Arguments of `train`: one for each setting of ``TrainConfig``."""
    from app.core.settings.text import ADVANCED, BASIC
    from app.core.settings.training import CHOICES, TrainConfig
    from model_zoo import architectures

    parser = new_parser("train", "Train a model on a folder with one subfolder per class.")
    add = parser.add_argument
    add("--data", metavar="FOLDER", help="one subfolder per class, perhaps below train, val, test")
    add_data_arguments(parser)
    add("--name", help="name of the model (default: architecture and time)")
    add(
        "--resume",
        nargs="?",
        const=_NEWEST,
        metavar="RUN",
        help="go on with a run that was cut off, named or given by its folder; without RUN, "
        "with the newest",
    )
    defaults = _defaults()
    settings = parser.add_argument_group(
        "settings", "What is not given is as the architecture does best with."
    )
    own = {field.name: field.default for field in dataclasses.fields(TrainConfig)}
    for setting in (*BASIC, *ADVANCED):
        name = setting.name
        words = f"{setting.help} {_default_words(name, defaults)}".replace("%", "%%")
        flag = "--" + name.replace("_", "-")
        if isinstance(own[name], bool):
            settings.add_argument(flag, action=argparse.BooleanOptionalAction, help=words)
        elif name == "arch":
            titles = " ".join(f"{title}." for title in architectures().values())
            settings.add_argument(flag, choices=tuple(defaults), help=f"{words} {titles}")
        elif name == "start":
            words = (
                f"{setting.help} pretrained, scratch, active (the active model) or a model's name "
                f"{_default_words(name, defaults)}"
            )
            settings.add_argument(flag, metavar="NAME", help=words)
        elif name in CHOICES:
            settings.add_argument(flag, choices=CHOICES[name], help=words)
        else:
            settings.add_argument(flag, type=type(own[name]), metavar="N", help=words)
    add(
        "--cross-validate",
        type=Path,
        metavar="OUT",
        help="what a recipe does: five folds by patient, model of fold 0, into OUT",
    )
    add(
        "--distil",
        type=Path,
        metavar="OUT",
        help="the recipe of the bundled best CNN: several networks, each trained without one "
        "cluster of patients, teach one, into OUT",
    )
    add("--lessons", type=int, metavar="N", help="with --distil: epochs of the one that is taught")
    add("--events", action="store_true", help="JSON lines in place of sentences")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Train. 0 when a model was written; Ctrl-C stops cleanly and keeps the best so far."""
    if arguments.resume is not None:
        return _resume(arguments)
    config = _config(arguments)
    _check(arguments, config)
    if not arguments.events and not arguments.distil:  # the estimate is of one network
        say(*_estimate(config))
    if arguments.cross_validate:
        return _cross_validate(arguments, config)
    if arguments.distil:
        return _distil(arguments, config)
    from app.training.runs.runs import new_run

    return _train(config, new_run(config, model_name=arguments.name or ""), arguments.events)


def _resume(arguments: argparse.Namespace) -> int:
    """Go on with a run that was cut off."""
    from app.core.base.home import runs_dir
    from app.training.runs.runs import list_runs, resumable

    given = [
        f"--{name.replace('_', '-')}"
        for name, value in vars(arguments).items()
        if value not in (None, False, []) and name not in ("resume", "events")
    ]
    if given:
        raise UsageError(
            f"--resume and {given[0]} cannot be given together.",
            "A run goes on with the settings it was started with.",
            "Leave one of them out.",
        )
    if arguments.resume == _NEWEST:
        cut_off = [run.folder for run in list_runs() if run.can_resume]
        if not cut_off:
            raise ReviewError(
                "There is no run that could go on.",
                "A run that was cut off after its first epoch was expected.",
                "Start a new one with --data.",
            )
        folder = cut_off[0]
    else:
        given_folder, named = Path(arguments.resume), runs_dir() / Path(arguments.resume).name
        folder = given_folder if given_folder.is_dir() else named
        if not folder.is_dir():
            raise UsageError(
                f"There is no run {arguments.resume}.",
                "The name or the folder of a run was expected.",
                "See the folder " + str(runs_dir()) + ".",
            )
    config = resumable(folder)
    if not arguments.events:
        say(f"Going on with the run {folder.name}.")
    return _train(config, folder, arguments.events)


def _train(config: TrainConfig, run_dir: Path, as_json: bool) -> int:
    from app.cli.stopping import stop_on_interrupt
    from app.cli.training_teller import training_told
    from app.core.base.events import from_line
    from app.training.runs.worker import run_told

    words = "Stopping after this step, keeping the best epoch so far."
    with stop_on_interrupt(words) as asked, training_told(as_json) as tell:

        def write(line: str) -> None:
            if event := from_line(line):
                tell(event)

        return run_told(config, run_dir, write, asked)


def _cross_validate(arguments: argparse.Namespace, config: TrainConfig) -> int:
    from app.cli.outputs import keep_out
    from app.cli.training_teller import training_told
    from research.cross_validation import cross_validate

    out = arguments.cross_validate
    keep_out([out], [config.data])
    name = arguments.name or f"{config.arch}-1"
    with training_told(arguments.events) as tell:
        folder = cross_validate(config, name, "1.0", out, tell)
    say(f"Written to {folder}.")
    return 0


def _distil(arguments: argparse.Namespace, config: TrainConfig) -> int:
    from app.cli.outputs import keep_out
    from app.cli.training_teller import training_told
    from research.recipe import LESSONS, follow_recipe

    out = arguments.distil
    keep_out([out], [config.data])
    name = arguments.name or f"{config.arch}-1"
    with training_told(arguments.events) as tell:
        folder = follow_recipe(config, arguments.lessons or LESSONS, name, "1.0", out, tell)
    say(f"Written to {folder}.")
    return 0


def _config(arguments: argparse.Namespace) -> TrainConfig:
    """The settings given, and for the others those that the architecture does best with."""
    from app.core.settings.training import TrainConfig

    if not arguments.data:
        raise UsageError("No folder was given.", "--data FOLDER was expected.", "Add it.")
    arch = arguments.arch or TrainConfig(data="").arch
    settings = {**_defaults()[arch], "arch": arch}
    names = {field.name for field in dataclasses.fields(TrainConfig)} - {"mapping"}
    settings |= {
        name: value
        for name, value in vars(arguments).items()
        if name in names and value is not None
    }
    try:
        return TrainConfig(**{**settings, "mapping": read_mapping(arguments.map)})
    except ReviewError as error:
        raise UsageError(error.what, error.expected, error.fix) from error


def _check(arguments: argparse.Namespace, config: TrainConfig) -> None:
    """Say before an hour of training what would be said after it."""
    from app.cli.files import check_new_name
    from app.training.fit.network import starting_folder

    try:
        is_folder = Path(config.data).is_dir()
    except OSError:  # a name that no file system takes, or a closed folder above it
        is_folder = False
    if not is_folder:
        raise UsageError(f"There is no folder {config.data}.", "", "Correct --data.")
    if arguments.name and not (arguments.cross_validate or arguments.distil):
        check_new_name(arguments.name)
    try:
        starting_folder(config)
    except ReviewError as error:
        raise UsageError(error.what, error.expected, error.fix) from error


def _estimate(config: TrainConfig) -> list[str]:
    """How long it will take, in words, and what is left out.

    Where nothing can be measured the training says why.
    """
    from app.core.base import counts
    from app.core.base.durations import duration_words
    from app.training.data.dataset import source_of
    from app.training.data.layout import read_layout
    from app.training.fit.estimate import estimate

    epochs = "1 epoch" if config.epochs == 1 else f"{config.epochs} epochs"
    layout = read_layout(**source_of(config))
    images = len(layout.to_train)
    found = estimate(config, images)
    memory = f"{found.memory_bytes / 1e9:.1f} GB of memory"
    if found.gpu_memory_bytes:
        memory += f", {found.gpu_memory_bytes / 1e9:.1f} GB on the GPU"
    return [
        f"About {duration_words(found.seconds)} on {found.device} for {counts.images(images)} and "
        f"{epochs} ({duration_words(found.seconds_per_epoch)} each); {memory}.",
        *layout.cautions,
    ]


def _defaults() -> dict[str, dict[str, Any]]:
    """What each architecture does best with, as far as it differs from ``TrainConfig``'s own."""
    from model_zoo import architecture, architectures

    return {name: architecture(name).DEFAULTS for name in architectures()}


def _default_words(name: str, defaults: dict[str, dict[str, Any]]) -> str:
    from app.core.settings.training import TrainConfig

    own = getattr(TrainConfig(data=""), name)
    values = {arch: settings.get(name, own) for arch, settings in defaults.items()}
    if len(set(values.values())) == 1 or name == "arch":
        return f"(default {_short(own)})"
    return f"(default {', '.join(f'{arch} {_short(value)}' for arch, value in values.items())})"


def _short(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else f"{value}"
