"""Keep the warnings of image libraries from the terminal while files are read in threads."""

from __future__ import annotations

import threading
import warnings


class Quiet:
    """Warnings off while at least one thread is inside.

    ``warnings.catch_warnings`` alone swaps the filters of the whole process: two threads that
    enter and leave it crosswise would leave them switched off for good.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._saved = warnings.catch_warnings()

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._saved = warnings.catch_warnings()
                self._saved.__enter__()
                warnings.simplefilter("ignore")
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._saved.__exit__(None, None, None)


quiet = Quiet()
"""The one for all readers: ``with quiet: ...``"""
