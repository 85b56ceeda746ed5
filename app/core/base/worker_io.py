"""How a child process talks with its parent: events on stdout, a wish to stop on stdin."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import IO

from app.core.base.errors import ReviewError
from app.core.base.events import RunFailed
from app.core.base.translation import tr


def private_stdout() -> IO[str]:
    """Stdout for events alone: whatever a library prints goes to stderr."""
    private = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return private


def raw_stdin() -> IO[bytes]:
    """Stdin without a buffer.

    A buffer's lock would still be held, at the program's end, by the thread that waits for a stop,
    and Python aborts over that.
    """
    return open(0, "rb", buffering=0, closefd=False)


def stop_from(stream: IO[bytes]) -> Callable[[], bool]:
    """Whether the line ``stop`` was read from a stream, or the stream has ended."""
    asked = threading.Event()

    def listen() -> None:
        for line in iter(stream.readline, b""):
            if line.strip() == b"stop":
                break
        asked.set()

    threading.Thread(target=listen, name="stop", daemon=True).start()
    return asked.is_set


def failure(error: Exception) -> RunFailed:
    """Any exception as words for the person."""
    if isinstance(error, ReviewError):
        return RunFailed(error.what, error.expected, error.fix)
    # Its message may name a file, and a file's name may name a patient: the log has it, cleaned.
    said = error.strerror if isinstance(error, OSError) else type(error).__name__
    return RunFailed(
        tr("It failed unexpectedly: {said}.", said=said),
        tr("A training or a sweep runs to its end, or says what is wrong."),
        tr("The log has the details."),
    )
