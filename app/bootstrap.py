"""The set-up behind `main.py demo` and `main.py test`: from a bare machine to a running program.

Standard library only, at import and in use. What it makes is `.venv` in the checkout, and
nothing else there. Done twice, the second time costs a moment: a stamp in `.venv` says what was
installed.
"""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app import system_libraries
from app.core.errors import ReviewError

ROOT = Path(__file__).resolve().parent.parent
# One module of each large dependency: present together or not at all.
NEEDED = ("cv2", "keras", "numpy", "pydicom", "PySide6", "tensorflow")
# The extra `test` installs `demo` too (pyproject.toml).
COVERED_BY = {"demo": {"demo", "test"}, "test": {"test"}}

Run = Callable[..., "subprocess.CompletedProcess[str]"]


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
    """Set up, then run pytest in the checkout with these further arguments."""
    python = set_up("test", root, with_qt=True)
    ensure_qt_once(python, root)
    environment = dict(os.environ)
    if not display_named():
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.chdir(root)
    return hand_over([str(python), "-m", "pytest", *arguments], environment)


def run_demo(arguments: list[str], root: Path = ROOT) -> int:
    """Set up, then open the window on the demo folder, or score it where there is no display."""
    if arguments:
        raise ReviewError(
            f"`demo` was given {' '.join(arguments)!r}.",
            "Expected: no argument; it always opens the demo folder.",
            "To fix it: leave that out, or open your own folder with: python3 main.py FOLDER",
        )
    python = set_up("demo", root, with_qt=display_named())
    folder = _demo_folder(python, root)
    main = [str(python), str(root / "main.py")]
    reason = "no display is set (neither DISPLAY nor WAYLAND_DISPLAY)"
    if display_named():
        ensure_qt_once(python, root)
        problem = system_libraries.qt_problem(python)
        if not problem:
            return hand_over([*main, str(folder)], dict(os.environ))
        reason = f"the display cannot be opened ({problem})"
    print(
        f"There is no window to show: {reason}.\n"
        f"Scoring the demo folder on the command line instead: {folder}",
        flush=True,
    )
    table = folder.with_name("demo-scores.csv")
    code = subprocess.run([*main, "score", str(folder), "-o", str(table)]).returncode
    if code == 0:
        print(as_columns(table))
        print(f"\nThe same table as a file: {table}")
    return code


def set_up(extra: str, root: Path = ROOT, run: Run = subprocess.run, with_qt: bool = False) -> Path:
    """Make `.venv` in the checkout and install the project there, editable, with an extra.

    Parameters
    ----------
    extra
        "demo" or "test", an extra of pyproject.toml.
    root
        The checkout.
    with_qt
        Ask for Qt's system libraries in the same breath as for what the environment needs.

    Returns
    -------
    Path
        The environment's interpreter.

    Raises
    ------
    ReviewError
        What stopped it, and how to fix it.
    """
    python = python_of(root)
    state = {
        "checkout": str(root),
        "pyproject": hashlib.sha256((root / "pyproject.toml").read_bytes()).hexdigest(),
    }
    stamp = read_stamp(root)
    healthy = _healthy(python, run)
    fresh = healthy and all(stamp.get(key) == value for key, value in state.items())
    extras = set(stamp.get("extras", ())) if healthy else set()
    if fresh and extras & COVERED_BY[extra]:
        return python
    _prepare_system(not healthy, with_qt, run)
    if not healthy:
        _create(root, run)
    extras.add(extra)
    wanted = f".[{','.join(sorted(extras))}]"
    print(f"Installing Opacity and what it needs into {root / '.venv'} (about 3 GB, minutes) ...")
    sys.stdout.flush()
    # A `user = true` in someone's pip configuration cannot work inside an environment.
    environment = dict(os.environ, PIP_USER="0")
    quiet = [] if sys.stdout.isatty() else ["--quiet"]
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", *quiet]
    done = run([*command, "-e", wanted], cwd=root, env=environment)
    if done.returncode != 0:
        raise ReviewError(
            f"pip could not install the packages (exit code {done.returncode}); "
            "its message is above.",
            "Expected: pip reaches its package index, and about 3 GB of disk are free.",
            "To fix it: check the network and, behind a proxy or mirror, pip's settings "
            "(python3 -m pip config list); then run the same command again: it goes on from here.",
        )
    write_stamp(root, {**state, "extras": sorted(extras)})
    return python


def ensure_qt_once(python: Path, root: Path = ROOT) -> None:
    """Check Qt's system libraries, once for each state of the environment and kind of display."""
    stamp = read_stamp(root)
    platforms = system_libraries.platforms()
    if not set(platforms) <= set(stamp.get("qt", ())):
        system_libraries.ensure_qt(python)
        write_stamp(root, {**stamp, "qt": platforms})


def python_of(root: Path) -> Path:
    """Return where the environment's interpreter is, or would be."""
    return root / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def read_stamp(root: Path) -> dict[str, Any]:
    """Read what was installed; empty where that is not known."""
    try:
        stamp = json.loads((root / ".venv" / "opacity.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(root: Path, stamp: dict[str, Any]) -> None:
    """Note what was installed."""
    (root / ".venv" / "opacity.json").write_text(json.dumps(stamp, indent=1), encoding="utf-8")


def display_named() -> bool:
    """Tell whether there may be a display: always, except on a Linux that names none."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def hand_over(command: list[str], environment: dict[str, str]) -> int:
    """Become another program, so that its signals and its exit code are its own."""
    sys.stdout.flush()
    if os.name == "posix":
        os.execve(command[0], command, environment)  # does not return
    # On Windows exec gives the console back while the new program still runs.
    return subprocess.run(command, env=environment).returncode


def as_columns(table: Path) -> str:
    """Lay a CSV file out in columns for a terminal, file names instead of whole paths."""
    with table.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.reader(lines))
    for row in rows[1:]:
        row[0] = Path(row[0]).name
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _healthy(python: Path, run: Run) -> bool:
    """Tell whether the environment's interpreter still starts and has pip."""
    try:
        if not python.exists():  # also a link whose target an upgrade of the system took away
            return False
    except PermissionError as error:
        raise ReviewError(
            f"You may not run {python}: it belongs to another user's Python.",
            "Expected: the environment is yours.",
            "To fix it: clone the project for yourself and run the same command there.",
        ) from error
    check = "import pip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"
    return run([str(python), "-c", check], capture_output=True).returncode == 0


def _prepare_system(with_venv: bool, with_qt: bool, run: Run) -> None:
    """Get all of the system's packages at once: nobody should be asked twice, minutes apart."""
    packages, reasons = [], []
    check = [sys.executable, "-c", "import venv, ensurepip"]
    if with_venv and run(check, capture_output=True).returncode != 0:
        # Debian keeps ensurepip in a package of its own.
        packages.append(f"python{sys.version_info[0]}.{sys.version_info[1]}-venv")
        reasons.append(
            f"This Python ({sys.executable}) lacks the module ensurepip, which makes environments."
        )
    if with_qt:
        for_qt, why = system_libraries.missing_for_qt()
        packages += for_qt
        reasons += [why] if for_qt else []
    if packages:
        system_libraries.install_packages(packages, "\n".join(reasons), run=run)


def _create(root: Path, run: Run) -> None:
    """Make an empty environment."""
    folder = root / ".venv"
    marker = folder / "opacity.json"
    if folder.exists() and not marker.exists():
        raise ReviewError(
            f"There is an environment without pip in {folder}, which Opacity did not make.",
            "Expected: none, or one that Opacity made, or one with pip.",
            "To fix it: rename or remove that folder, then run the same command again.",
        )
    print(f"Making the environment {folder} ...", flush=True)
    try:
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir()
        # First of all, so that an environment that stays half made is known as ours.
        marker.write_text("{}", encoding="utf-8")
        done = run(
            [sys.executable, "-m", "venv", str(folder)],
            capture_output=True,
            text=True,
            errors="replace",
        )
        problem = (done.stderr or done.stdout).strip()[-600:] if done.returncode else ""
    except OSError as error:
        problem = str(error)
    if problem:
        raise ReviewError(
            f"The environment {folder} could not be made: {problem}",
            "Expected: the checkout can be written to and has disk space.",
            "To fix it: make the folder writable for you, or clone the project to a place that "
            "is, then run the same command again.",
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
    python = python_of(ROOT)
    inside = Path(sys.prefix).resolve() == (ROOT / ".venv").resolve()
    if not inside and read_stamp(ROOT) and python.exists():
        return hand_over([str(python), str(ROOT / "main.py"), *argv], dict(os.environ))
    raise ReviewError(
        f"This Python ({sys.executable}) lacks packages that Opacity needs: {', '.join(missing)}.",
        "Expected: the packages of pyproject.toml are installed.",
        "To fix it, let Opacity set itself up: python3 main.py demo",
    )
