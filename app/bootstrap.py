"""The set-up behind `main.py demo` and `main.py test`: from a bare machine to a running program.

Standard library only, at import and in use; app.environment makes the environment.
"""

from __future__ import annotations

import csv
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from app import environment, system_libraries
from app.core.base.errors import ReviewError
from app.environment import ROOT

# One module of each large dependency: present together or not at all.
NEEDED = ("cv2", "keras", "numpy", "pydicom", "PySide6", "tensorflow")


def handle(argv: list[str]) -> int | None:
    """Do the set-up commands, and lead the others to the environment that was set up.

    Parameters
    ----------
    argv
        The command line without the program's name.

    Returns
    -------
    int or None
        The exit code; None where the command is not one of these and this interpreter has all
        that it needs.
    """
    command = argv[0] if argv else ""
    try:
        if command == "test":
            return run_tests(argv[1:])
        if command == "demo":
            return run_demo(argv[1:])
        return _elsewhere(argv)
    except ReviewError as error:
        parts = [error.what, error.expected, error.fix]
    except OSError as error:
        parts = [
            f"The system said: {error}.",
            "Expected: the checkout and its .venv can be read, written to and run by you.",
            "To fix it: see to that (disk space, permissions), then run the same command again.",
        ]
    print(
        f"\nOpacity's set-up stopped. {parts[0]}",
        *filter(None, parts[1:]),
        sep="\n",
        file=sys.stderr,
    )
    return 1


def run_tests(arguments: list[str], root: Path = ROOT) -> int:
    """Set up, then run pytest in the checkout.

    With no argument every test runs: first those that may share the machine, several at a time,
    then one by one those that measure time or memory. ``--quick`` leaves out what is slow and
    what needs the machine to itself. All other arguments go to one pytest as they are.
    """
    python = environment.set_up("test", root, with_qt=True)
    environment.ensure_qt_once(python, root)
    variables = dict(os.environ)
    if not display_named():
        variables.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.chdir(root)
    pytest = [str(python), "-m", "pytest"]
    together = ["-n", str(_workers()), "--dist", "worksteal"]
    if arguments[:1] == ["--quick"]:
        return hand_over(
            [*pytest, *together, "-m", "not slow and not alone", *arguments[1:]], variables
        )
    if arguments:
        return hand_over([*pytest, *arguments], variables)
    first = subprocess.run([*pytest, *together, "-m", "not alone"], env=variables).returncode
    second = subprocess.run([*pytest, "-m", "alone"], env=variables).returncode
    return first or second


def _workers() -> int:
    """How many tests at a time: one a core, and 4 GB of memory for each (TensorFlow is large)."""
    memory = 4 << 30
    if hasattr(os, "sysconf"):  # not on Windows
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(os.cpu_count() or 1, memory >> 32))


def run_demo(arguments: list[str], root: Path = ROOT) -> int:
    """Set up, then open the window on the demo folder, or score it where there is no display."""
    if arguments:
        raise ReviewError(
            f"`demo` was given {' '.join(arguments)!r}.",
            "Expected: no argument; it always opens the demo folder.",
            "To fix it: leave that out, or open your own folder with: python3 main.py FOLDER",
        )
    python = environment.set_up("demo", root, with_qt=display_named())
    folder = _demo_folder(python, root)
    main = [str(python), str(root / "main.py")]
    reason = "no display is set (neither DISPLAY nor WAYLAND_DISPLAY)"
    if display_named():
        environment.ensure_qt_once(python, root)
        problem = system_libraries.qt_problem(python)
        if not problem:
            return hand_over([*main, str(folder)], dict(os.environ))
        reason = f"the display cannot be opened ({problem.splitlines()[0]})"
    print(
        f"There is no window to show: {reason}.\n"
        f"Scoring the demo folder on the command line instead: {folder}",
        flush=True,
    )
    table = folder.with_name("demo-scores.csv")
    code = subprocess.run([*main, "score", str(folder), "-o", str(table)]).returncode
    if code == 0:
        print(as_columns(table, folder))
        print(f"\nThe same table as a file: {table}")
    return code


def display_named() -> bool:
    """Tell whether there may be a display: always, except on a Linux that names none."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def hand_over(command: list[str], variables: dict[str, str]) -> int:
    """Become another program, so that its signals and its exit code are its own."""
    sys.stdout.flush()
    if os.name == "posix":
        os.execve(command[0], command, variables)  # does not return
    # On Windows exec gives the console back while the new program still runs.
    return subprocess.run(command, env=variables).returncode


def as_columns(table: Path, below: Path) -> str:
    """Lay a CSV file of scores out for a terminal: paths from a folder on, scores rounded."""
    with table.open(newline="", encoding="utf-8", errors="surrogateescape") as lines:
        rows = list(csv.reader(lines))
    rounded = [at for at, name in enumerate(rows[0]) if name == "threshold" or name[:2] == "p_"]
    for row in rows[1:]:
        row[0] = os.path.relpath(row[0], below)
        for at in rounded:
            row[at] = f"{float(row[at]):.3f}" if row[at] else ""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _demo_folder(python: Path, root: Path) -> Path:
    """Lay the demo folder out; `app.demo` needs packages, so it runs in the environment."""
    done = subprocess.run(
        [str(python), "-m", "app.demo"],
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    if done.returncode != 0:
        raise ReviewError("The demo folder could not be laid out; the reason is above.")
    return Path(done.stdout.strip())


def _elsewhere(argv: list[str]) -> int | None:
    """Run another command in `.venv` where this interpreter lacks the packages."""
    if {"-h", "--help", "--version"} & set(argv):
        return None
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if not missing:
        return None
    python = environment.python_of(ROOT)
    inside = Path(sys.prefix).resolve() == (ROOT / ".venv").resolve()
    if not inside and environment.read_stamp(ROOT) and python.exists():
        return hand_over([str(python), str(ROOT / "main.py"), *argv], dict(os.environ))
    raise ReviewError(
        f"This Python ({sys.executable}) lacks packages that Opacity needs: {', '.join(missing)}.",
        "Expected: the packages of pyproject.toml are installed.",
        "To fix it, let Opacity set itself up: python3 main.py demo",
    )
