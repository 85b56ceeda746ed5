"""The receiver's own process: ``python -m app.network.listen_worker CONFIG.json``.

Events go to stdout, one JSON line each; the line ``stop`` on stdin, or its end, ends it, so that
it never outlives the window. Exit codes: 0 it was stopped, 1 it cannot listen (the last event says
why), 2 wrong arguments.
"""

from __future__ import annotations

import argparse
import logging
import sys
import threading
import time
from pathlib import Path

from app.core.base.errors import ReviewError
from app.core.base.events import Event, RunFailed, to_line
from app.core.base.own_folder import in_own_folder
from app.core.base.translation import tr
from app.core.base.translation_file import use_the_windows_language
from app.core.base.worker_io import failure, private_stdout, raw_stdin, stop_from
from app.network.config import load
from app.network.quiet import hush

_LOOK_S = 0.1


def main(argv: list[str] | None = None) -> int:
    """Receive as a configuration file says, until told to stop."""
    parser = argparse.ArgumentParser(prog="app.network.listen_worker", description=__doc__)
    parser.add_argument("config", type=Path)
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    use_the_windows_language()
    hush()
    events, lock = private_stdout(), threading.Lock()

    def tell(event: Event) -> None:
        with lock:
            print(to_line(event), file=events, flush=True)

    stop_asked = stop_from(raw_stdin())
    try:
        from app.network.inbox_store import InboxStore
        from app.network.receiver import Receiver

        listening = load(arguments.config).listening
        listening.check()
        with InboxStore() as store, Receiver(listening, store, tell):
            while not stop_asked():
                time.sleep(_LOOK_S)
    except OSError as error:
        tell(
            RunFailed(
                tr("The inbox cannot be used: {reason}.", reason=error.strerror or tr("no reason")),
                tr("A folder that can be written is needed in Opacity's own folder."),
                tr("Check the disk and the permissions, then listen again."),
            )
        )
        return 1
    except ReviewError as error:
        tell(failure(error))
        return 1
    return 0


if __name__ == "__main__":
    with in_own_folder():
        sys.exit(main())
