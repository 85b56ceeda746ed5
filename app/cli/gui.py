"""`python main.py [PATH ...]`: the window."""

from __future__ import annotations

import argparse
import os

from app.bootstrap import display_named
from app.cli import COMMANDS, DEFAULT, new_parser
from app.core.base.errors import ReviewError
from app.system_libraries import check_window


def parser() -> argparse.ArgumentParser:
    """Arguments of the window, and the list of commands in its help."""
    parser = new_parser(DEFAULT, "Review chest X-rays beside a network. Not a medical device.")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("paths", nargs="*", metavar="PATH", help="folders or files to open")
    parser.add_argument(
        "--verdicts", metavar="FILE", help="the database of verdicts, in place of the usual one"
    )
    lines = [f"  {name:10}{text}" for name, text in COMMANDS.items()]
    lines += ["  demo      set up and open the demo folder", "  test      set up and run the tests"]
    parser.epilog = "\n".join(["commands (python main.py COMMAND --help):", *lines])
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Open the window; returns when it is closed."""
    if not (display_named() or os.environ.get("QT_QPA_PLATFORM")):
        # Qt would end the process with a signal and a core dump.
        raise ReviewError(
            "There is no display to open the window on (DISPLAY and WAYLAND_DISPLAY are not set).",
            "The window was asked for: no command was named.",
            "Name a command, such as `score` (python main.py --help lists them), or start it on a "
            "desktop.",
        )
    check_window()
    from app.gui.application import run as run_window

    return int(run_window(arguments.paths, arguments.verdicts or ""))
