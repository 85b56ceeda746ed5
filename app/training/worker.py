"""The child process of a training run: ``python -m app.training.worker CONFIG.json RUN_DIR``.

Events go to stdout, one JSON line each, and into ``RUN_DIR/events.jsonl``; logs go to stderr.
The line ``stop`` on stdin, or its end, asks for a clean stop that keeps the best epoch so far.
Exit codes: 0 a model was written, 1 the run failed (the last event says why), 2 wrong arguments.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

from app.core.config import TrainConfig
from app.core.errors import ReviewError
from app.core.events import Event, Notice, RunFailed, to_line

log = logging.getLogger(__name__)


def main(argv: list[str] | None = None) -> int:
    """Run one training as told by a configuration file."""
    parser = argparse.ArgumentParser(prog="app.training.worker", description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("run_dir", type=Path)
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    events = _private_stdout()
    emit = teller(arguments.run_dir, lambda line: print(line, file=events, flush=True))
    try:
        config = TrainConfig.load(arguments.config)
        return run_told(config, arguments.run_dir, emit, _stop_from(sys.stdin))
    except (ReviewError, OSError, ValueError) as error:
        emit(failure(error))
        return 1


def run_told(
    config: TrainConfig,
    run_dir: Path,
    emit: Callable[[Event], None],
    stop_asked: Callable[[], bool],
    name: str | None = None,
) -> int:
    """Train, and tell a failure as an event; 0 when a model was written, else 1."""
    from app.training.run import train

    try:
        train(config, run_dir, emit, stop_asked, name)
    except Exception as error:
        if not isinstance(error, ReviewError):
            log.exception("training failed")
        emit(failure(error))
        return 1
    return 0


def failure(error: Exception) -> RunFailed:
    """Any exception as words for the person."""
    if isinstance(error, ReviewError):
        return RunFailed(error.what, error.expected, error.fix)
    # Its message may name a file, and a file's name may name a patient: the log has it, cleaned.
    said = error.strerror if isinstance(error, OSError) else type(error).__name__
    return RunFailed(
        f"The training failed: {said}.",
        "It should have ended with a model.",
        "The log in the run folder has the details.",
    )


def teller(run_dir: Path, write: Callable[[str], None]) -> Callable[[Event], None]:
    """A function that keeps each event in the run folder and passes its line on.

    A full disk costs the record of the events, never the run: that is told once.
    """
    record = run_dir / "events.jsonl"
    broken = False

    def emit(event: Event) -> None:
        nonlocal broken
        line = to_line(event)
        try:
            if not broken:
                with record.open("a", encoding="utf-8") as file:
                    file.write(line + "\n")
        except OSError as error:
            broken = True
            write(to_line(Notice(f"The events could not be kept on disk: {error.strerror}.")))
        write(line)

    return emit


def _private_stdout() -> IO[str]:
    """Stdout for events alone: whatever a library prints goes to stderr."""
    private = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return private


def _stop_from(stream: IO[str]) -> Callable[[], bool]:
    """Whether ``stop`` was read from a stream, or the stream has ended."""
    asked = threading.Event()

    def listen() -> None:
        for line in stream:
            if line.strip() == "stop":
                break
        asked.set()

    threading.Thread(target=listen, name="stop", daemon=True).start()
    return asked.is_set


if __name__ == "__main__":
    sys.exit(main())
