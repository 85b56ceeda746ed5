"""The child process of a training run: ``python -m app.training.runs.worker CONFIG.json RUN_DIR``.

Events go to stdout, one JSON line each, and into ``RUN_DIR/events.jsonl``; logs go to stderr.
The line ``stop`` on stdin, or its end, asks for a clean stop that keeps the best epoch so far.
Exit codes: 0 a model was written, 1 the run failed (the last event says why), 2 wrong arguments.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable
from pathlib import Path

from app.core.base.errors import ReviewError
from app.core.base.events import Event, Notice, to_line
from app.core.base.own_folder import in_own_folder
from app.core.base.translation import tr
from app.core.base.translation_file import use_the_windows_language
from app.core.base.worker_io import failure, private_stdout, raw_stdin, stop_from
from app.core.settings.training import TrainConfig
from app.training.runs.run_lock import lock_run
from app.training.runs.runs import wanted_name

log = logging.getLogger(__name__)


def main(argv: list[str] | None = None) -> int:
    """Run one training as told by a configuration file."""
    parser = argparse.ArgumentParser(prog="app.training.runs.worker", description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("run_dir", type=Path)
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    use_the_windows_language()
    events = private_stdout()

    def write(line: str) -> None:
        print(line, file=events, flush=True)

    try:
        config = TrainConfig.load(arguments.config)
    except (ReviewError, OSError, ValueError) as error:
        teller(arguments.run_dir, write)(failure(error))
        return 1
    return run_told(config, arguments.run_dir, write, stop_from(raw_stdin()))


def run_told(
    config: TrainConfig,
    run_dir: Path,
    write: Callable[[str], None],
    stop_asked: Callable[[], bool],
) -> int:
    """Train, and tell a failure as an event; 0 when a model was written, else 1.

    Parameters
    ----------
    config
        The settings.
    run_dir
        The run folder; no other process may be at work there.
    write
        Takes each event's line.
    stop_asked
        Whether the run is to end early.
    """
    from app.training.runs.run import train

    try:
        with lock_run(run_dir):
            emit = teller(run_dir, write)
            try:
                train(config, run_dir, emit, stop_asked, wanted_name(run_dir))
            except Exception as error:
                if not isinstance(error, ReviewError):
                    log.exception("training failed")
                emit(failure(error))
                return 1
    except ReviewError as error:  # another process is at work there: its record stays its own
        write(to_line(failure(error)))
        return 1
    return 0


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
            write(
                to_line(
                    Notice(
                        tr("The events could not be kept on disk: {reason}.", reason=error.strerror)
                    )
                )
            )
        write(line)

    return emit


if __name__ == "__main__":
    with in_own_folder():
        sys.exit(main())
