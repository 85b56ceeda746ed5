"""The command line: reads the arguments and calls what does the work.

Only the standard library is imported here: what a command needs is imported when it runs, so
that the set-up works on a bare machine and `score` never loads Qt.

Exit codes: 0 done, 1 it failed (the message says why), 2 wrong arguments, 130 interrupted.
"""

from __future__ import annotations

import argparse
import importlib
import sys

from app import __version__, bootstrap
from app.core.base.errors import ReviewError
from app.core.base.file_names import as_text

COMMANDS = {
    "score": "score images and write one row a file",
    "export": "write scores and verdicts as tables, reports and DICOM objects",
    "evaluate": "measure the model on a folder with NORMAL and PNEUMONIA subfolders",
    "audit": "write a report on how a model does on a site's labelled images",
    "inspect": "look at the images of a training folder: classes, sizes, copies, patients",
    "train": "train a model on a folder with one subfolder per class",
    "sweep": "try many settings of a network, on one machine or several",
    "listen": "receive images that other DICOM programs send, without a window",
    "models": "list, compare, promote, export and import models",
}
DEFAULT = "gui"

USAGE_ERROR = 2


class UsageError(ReviewError):
    """The arguments cannot be meant: exit code 2."""


def main(argv: list[str]) -> int:
    """Run one command.

    Parameters
    ----------
    argv
        The arguments without the program's name.

    Returns
    -------
    int
        The exit code.
    """
    code = bootstrap.handle(argv)
    if code is not None:
        return code
    name = argv[0] if argv and argv[0] in COMMANDS else DEFAULT
    # A folder may be called like a command: `python main.py ./score` opens it.
    command = importlib.import_module(f"app.cli.{name}")
    arguments = command.parser().parse_args(argv[1:] if name in COMMANDS else argv)
    from app.core.base.own_folder import in_own_folder

    try:
        with in_own_folder(starts=True):
            return int(command.run(arguments))
    except ReviewError as error:
        for part in (error.what, error.expected, error.fix):
            if part:
                print(as_text(part), file=sys.stderr)
        _say_notes(error)
        return USAGE_ERROR if isinstance(error, UsageError) else 1
    except KeyboardInterrupt as error:
        print("Interrupted.", file=sys.stderr)
        _say_notes(error)
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone (`... | head`); nothing is left to tell.
        sys.stderr.close()
        return 1


def _say_notes(error: BaseException) -> None:
    """Tell what was noted on an error on its way up, such as where finished rows are kept."""
    for note in getattr(error, "__notes__", ()):
        print(as_text(note), file=sys.stderr)


def new_parser(name: str, description: str) -> argparse.ArgumentParser:
    """A parser for one command, with the program's name in front."""
    program = "python main.py" if name == DEFAULT else f"python main.py {name}"
    parser = argparse.ArgumentParser(prog=program, description=description)
    parser.add_argument("--version", action="version", version=f"Opacity {__version__}")
    return parser


def add_operating_point(parser: argparse.ArgumentParser) -> None:
    """The argument by which a command calls at another of the model's thresholds."""
    from app.core.model.card import BALANCED, RULE_IN, SCREENING

    parser.add_argument(
        "--operating-point",
        choices=(SCREENING, BALANCED, RULE_IN),
        default=BALANCED,
        help="call at another of the model's thresholds: few misses, balanced, few false alarms",
    )
