"""Working on one's own folder: closed to others, and cleared of what killed runs left there."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from app.core.base.home import close_to_others, home, is_nobodys

if sys.platform != "win32":
    import fcntl

_USUAL = "OPACITY_UMASK"
"""Tells the processes that are started from here which rights the person's files usually get."""
_PRIVATE = 0o077
_FORGOTTEN_S = 24 * 3600.0
"""Where no lock can tell whose it is: nobody writes on a temporary file for that long."""

_TEMPORARY = (
    *("active.*.partial", "deidentify.salt*.partial", "network.json.part", "speeds.json.[0-9]*"),
    *("window.ini.??????", "models/*.partial", "serving/*.partial", "relabelled/*.partial"),
    *("audit/audit.*", "audit/gallery.*", "runs/*/*.new", "sweeps/*/*.new"),
    *("inbox/.incoming/*", "inbox/*/.*.part"),
)
"""Below the own folder, by those who write them. A table's finished rows are none."""


@contextlib.contextmanager
def in_own_folder(starts: bool = False) -> Iterator[None]:
    """Whatever a process writes in the block is the person's alone; around all that it does.

    The processes that it starts inherit that. The folder is held while the block runs, so that
    nobody takes this process's temporary files for those of a killed one.

    Parameters
    ----------
    starts
        Whether the person starts something: what lay open is closed, and what is left is swept.
    """
    before = os.umask(_PRIVATE)
    known = os.environ.get(_USUAL)
    if known is None or before != _PRIVATE:
        os.environ[_USUAL] = f"{before:o}"
    held = -1
    try:
        with contextlib.suppress(OSError):
            make_usual_folder(home().parent)
            home().mkdir(exist_ok=True)
        if starts:
            close_to_others()
        held = _hold(starts)
        yield
    finally:
        if held >= 0:
            os.close(held)  # the system's own lock ends with its descriptor
        os.umask(before)
        if known is None:
            os.environ.pop(_USUAL, None)
        else:
            os.environ[_USUAL] = known


def give_usual_rights(path: Path) -> None:
    """Give what was just made outside the own folder the rights that the person's umask gives."""
    usual = os.environ.get(_USUAL)
    if usual is None or path.resolve().is_relative_to(home().resolve()):
        return
    with contextlib.suppress(OSError):
        mode = path.stat().st_mode
        if not mode & _PRIVATE:  # else the folder has rules of its own (ACLs), which stay
            rights = 0o777 if path.is_dir() else 0o666
            path.chmod(mode & 0o7000 | rights & ~int(usual, 8))


def make_usual_folder(folder: Path) -> None:
    """Make a folder with those above it, each with the rights that it usually gets."""
    if folder.is_dir():
        return
    if folder.parent != folder:
        make_usual_folder(folder.parent)
    try:
        folder.mkdir()
    except FileExistsError:
        if not folder.is_dir():
            raise
    else:
        give_usual_rights(folder)


def _hold(sweeps: bool) -> int:
    """Hold the folder along with others; whoever finds it held by nobody may clear it up first."""
    if sys.platform == "win32":
        if sweeps:
            _sweep(_FORGOTTEN_S)
        return -1
    try:
        held = os.open(home(), os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return -1
    try:
        if sweeps:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _sweep(0.0)
        fcntl.flock(held, fcntl.LOCK_SH)
    except OSError:  # a file system without locks
        if sweeps:
            _sweep(_FORGOTTEN_S)
    return held


def _sweep(older_than: float) -> None:
    top = home()
    with contextlib.suppress(OSError):
        if is_nobodys(top):
            return
        for path in [each for kind in _TEMPORARY for each in top.glob(kind)]:
            with contextlib.suppress(OSError):
                status = path.lstat()
                if not _is_below(path, top) or time.time() - status.st_mtime < older_than:
                    continue
                if hasattr(os, "getuid") and status.st_uid != os.getuid():
                    continue
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink()


def _is_below(path: Path, top: Path) -> bool:
    """Whether no link leads out of the folder on the way there; the last part may be one."""
    return path.parent.resolve().is_relative_to(top.resolve())
