"""The child process of a sweep: ``python -m app.training.sweep FOLDER``.

Events go to stdout, one JSON line each; logs go to stderr. The line ``stop`` on stdin, or its end,
asks for a stop that keeps what is done. Exit codes: 0 ended or stopped, 1 it failed (the last
event says why), 2 wrong arguments.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from app.core.base.errors import ReviewError
from app.core.base.events import to_line
from app.core.base.own_folder import in_own_folder
from app.core.base.translation_file import use_the_windows_language
from app.core.base.worker_io import failure, private_stdout, raw_stdin, stop_from
from app.core.settings.sweep import SweepConfig
from app.training.sweep.coordinator import run_sweep
from app.training.sweep.folders import CONFIG_NAME

log = logging.getLogger(__name__)


def main(argv: list[str] | None = None) -> int:
    """Run the sweep of a folder that ``app.training.sweep.folders.open_sweep`` made."""
    parser = argparse.ArgumentParser(prog="app.training.sweep", description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args(argv).folder
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    use_the_windows_language()
    events = private_stdout()

    def emit(event: object) -> None:
        print(to_line(event), file=events, flush=True)  # type: ignore[arg-type]

    try:
        run_sweep(SweepConfig.load(folder / CONFIG_NAME), folder, emit, stop_from(raw_stdin()))
    except Exception as error:
        if not isinstance(error, ReviewError):
            log.exception("the sweep failed")
        emit(failure(error))
        return 1
    return 0


if __name__ == "__main__":
    with in_own_folder():
        sys.exit(main())
