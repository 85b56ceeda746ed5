"""A run folder belongs to one process at a time.

The lock is the system's own on a file in the folder: it ends with the process, however it ends.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from app.core.base.errors import ReviewError
from app.core.base.translation import tr

NAME = "run.lock"
_PATIENCE_S = 2.0
"""Somebody who only looks holds the lock for an instant."""

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int, alone: bool) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int, alone: bool) -> None:
        kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextlib.contextmanager
def lock_run(folder: Path) -> Iterator[None]:
    """Hold a run folder while the block runs.

    Where the folder cannot be written or its file system has no locks, nothing is held: the run
    goes on all the same.

    Raises
    ------
    ReviewError
        When another process holds it.
    """
    try:
        descriptor = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        yield
        return
    try:
        _wait_for(descriptor, folder)
        yield
    finally:
        with contextlib.suppress(OSError):
            _unlock(descriptor)
        os.close(descriptor)


def is_held(folder: Path) -> bool:
    """Whether a process, this one or another, holds a run folder."""
    try:
        descriptor = os.open(folder / NAME, os.O_RDONLY)
    except OSError:
        return False
    try:
        _lock(descriptor, alone=False)
    except OSError as error:
        return _is_taken(error)
    else:
        _unlock(descriptor)
        return False
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, folder: Path) -> None:
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            _lock(descriptor, alone=True)
        except OSError as error:
            if not _is_taken(error):
                return
            if time.monotonic() > until:
                raise ReviewError(
                    tr("The run {folder} is under way in another process.", folder=folder.name),
                    tr("A run goes on in one process at a time."),
                    tr("Wait until it has ended, or stop it there."),
                ) from error
            time.sleep(0.05)
        else:
            return


def _is_taken(error: OSError) -> bool:
    return isinstance(error, BlockingIOError | PermissionError)
