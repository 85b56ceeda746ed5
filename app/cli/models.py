"""`python main.py models`: which models there are, which is active; compare and exchange them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli import UsageError, new_parser
from app.cli.models_card import add_card_parser, write_card

if TYPE_CHECKING:
    from app.inference.registry.models import ModelEntry


def parser() -> argparse.ArgumentParser:
    """Arguments of `models` and of what can be done with them."""
    parser = new_parser("models", "List the models (the active one has an asterisk), or:")
    parser.add_argument("--json", action="store_true", help="the list as JSON, with the folders")
    tasks = parser.add_subparsers(dest="task", metavar="TASK")
    compare = tasks.add_parser("compare", help="compare two models on the same labelled images")
    compare.add_argument("first", metavar="A", help="the model in use, or the older one")
    compare.add_argument("second", metavar="B", help="the model that may take its place")
    compare.add_argument(
        "--data", required=True, metavar="FOLDER", help="has the subfolders NORMAL and PNEUMONIA"
    )
    compare.add_argument(
        "-o", "--output", type=Path, metavar="JSON", help="all figures, and each image that flips"
    )
    promote = tasks.add_parser("promote", help="make a model the active one")
    promote.add_argument("name", metavar="NAME")
    promote.add_argument(
        "--despite-missing", action="store_true", help="even if its card lacks something"
    )
    tasks.add_parser("rollback", help="make the model before the active one active again")
    export = tasks.add_parser("export", help="write a model as one file, without anything private")
    export.add_argument("name", metavar="NAME")
    export.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="NAME.opacity"
    )
    imported = tasks.add_parser("import", help="take a model's file in among your models")
    imported.add_argument("file", type=Path, metavar="FILE")
    imported.add_argument("--name", metavar="NEW", help="another name than the one it brings")
    add_card_parser(tasks)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Do the task, or print the list. 0 when it was done."""
    if arguments.task == "compare":
        from app.cli.models_compare import compare

        return compare(arguments)
    if arguments.task == "card":
        return write_card(arguments)
    if arguments.task:
        task = {"promote": _promote, "rollback": _roll_back, "export": _export, "import": _import}
        return task[arguments.task](arguments)
    return _list(arguments)


def _list(arguments: argparse.Namespace) -> int:
    from app.inference.registry.models import active, active_name, list_models

    entries, name = list_models(), active_name()
    if arguments.json:
        print(json.dumps([_as_dict(entry, name) for entry in entries], indent=2))
        return 0
    from app.cli.files import say

    for entry in entries:
        mark = "*" if entry.name == name else " "
        if entry.card is None:
            print(f"{mark} {entry.name:28} cannot be used: {entry.error}")
            continue
        held_out = _held_out_auc(entry.card.metrics)
        area = f"AUC {held_out:.3f} held out" if held_out is not None else "not measured"
        threshold = entry.card.operating_points.get("default")
        point = "no operating point" if threshold is None else f"threshold {threshold:.3f}"
        print(f"{mark} {entry.name:28} {entry.card.arch:6} {entry.origin:12} {area:20} {point}")
    if notice := active().notice:
        say(f"Caution: {notice}")
    return 0


def _as_dict(entry: ModelEntry, active: str) -> dict[str, Any]:
    card = entry.card
    return {
        "name": entry.name,
        "title": card.title if card else None,
        "arch": card.arch if card else None,
        "classes": list(card.classes) if card else None,
        "threshold": card.operating_points.get("default") if card else None,
        "folder": str(entry.folder),
        "bundled": entry.bundled,
        "active": entry.name == active,
        "error": entry.error or None,
    }


def _held_out_auc(metrics: Any) -> float | None:
    """The figure where the card has it; other programs' cards may hold anything in its place."""
    for key in ("held_out", "auc", "value"):
        metrics = metrics.get(key) if isinstance(metrics, dict) else None
    return metrics if isinstance(metrics, int | float) else None


def _promote(arguments: argparse.Namespace) -> int:
    from app.cli.files import say
    from app.inference.registry.models import active_name, promote

    before = active_name()
    promote(arguments.name, arguments.despite_missing)
    if before == arguments.name:
        say(f"{before} is the active model already.")
    else:
        say(f"{arguments.name} is the active model now; `models rollback` goes back to {before}.")
    return 0


def _roll_back(arguments: argparse.Namespace) -> int:
    from app.cli.files import say
    from app.inference.registry.models import roll_back

    say(f"{roll_back()} is the active model again.")
    return 0


def _export(arguments: argparse.Namespace) -> int:
    from app.cli.files import say
    from app.inference.registry.archive import export_model
    from app.inference.registry.models import find_model

    export_model(find_model(arguments.name), arguments.output)
    say(f"{arguments.name} written to {arguments.output}.")
    return 0


def _import(arguments: argparse.Namespace) -> int:
    from app.cli.files import say
    from app.core.base.errors import ModelError
    from app.inference.registry.archive import import_model
    from app.inference.registry.models import check_name

    if not arguments.file.exists():
        raise UsageError(f"There is no file {arguments.file}.", "", "Correct it.")
    try:
        name = check_name(arguments.name) if arguments.name else None
    except ModelError as error:
        raise UsageError(error.what, error.expected, error.fix) from error
    folder = import_model(arguments.file, name)
    say(
        f"The model {folder.name} is among yours now. It is not active: "
        f"`models promote {folder.name}` makes it so."
    )
    return 0
