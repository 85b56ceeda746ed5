"""The environment `.venv` in the checkout: made, filled, checked, and left alone when current.

Standard library only. A stamp in `.venv` says what was installed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app import system_libraries
from app.core.base.errors import ReviewError

ROOT = Path(__file__).resolve().parent.parent
# The extra `test` installs `demo` too (pyproject.toml).
COVERED_BY = {"demo": {"demo", "test"}, "test": {"test"}}

Run = Callable[..., "subprocess.CompletedProcess[str]"]


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
    lists = isinstance(stamp, dict) and all(
        isinstance(stamp.get(key, []), list) for key in ("extras", "qt")
    )
    return stamp if lists else {}


def write_stamp(root: Path, stamp: dict[str, Any]) -> None:
    """Note what was installed."""
    (root / ".venv" / "opacity.json").write_text(json.dumps(stamp, indent=1), encoding="utf-8")


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
