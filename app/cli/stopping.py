"""Ctrl-C during long work: the first asks for a clean stop, the second ends at once."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator

from app.cli.files import say


@contextlib.contextmanager
def stop_on_interrupt(words: str) -> Iterator[Callable[[], bool]]:
    """Give a function that tells whether a stop was asked for.

    Parameters
    ----------
    words
        Said when the first Ctrl-C came.
    """
    asked = False

    def ask(*_: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        say(words)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)
