"""Walks the opened folders chunk by chunk, in the loader's thread, so the list fills at once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.core.base.errors import ReviewError
from app.core.worklist.scan import Item, scan

_CHUNK = 500
_CHUNK_SECONDS = 0.1


class Scanner(QObject):
    """Its signals carry the generation of the request; ``wanted`` is the one still of interest."""

    items_found = Signal(int, object)
    finished = Signal(int, int)
    failed = Signal(int, object)
    _again = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.wanted = 0
        self._steps: Iterator[None] = iter(())
        # Queued even to itself: what was asked for meanwhile comes first.
        self._again.connect(self._step, Qt.ConnectionType.QueuedConnection)

    @Slot(int, object)
    def scan(self, generation: int, paths: Sequence[str | Path]) -> None:
        """Start over with these paths."""
        self._steps = self._walk(generation, paths)
        self._again.emit(generation)

    @Slot(int)
    def _step(self, generation: int) -> None:
        """One chunk; other requests of this thread get their turn before the next."""
        if generation == self.wanted and next(self._steps, self) is None:
            self._again.emit(generation)

    def _walk(self, generation: int, paths: Sequence[str | Path]) -> Iterator[None]:
        chunk: list[Item] = []
        count = 0
        started = time.monotonic()
        try:
            for item in scan(paths, lambda: generation != self.wanted):
                chunk.append(item)
                count += 1
                if len(chunk) >= _CHUNK or time.monotonic() - started >= _CHUNK_SECONDS:
                    self.items_found.emit(generation, chunk)
                    chunk, started = [], time.monotonic()
                    yield
        except ReviewError as error:
            self.failed.emit(generation, error)
        if chunk:
            self.items_found.emit(generation, chunk)
        self.finished.emit(generation, count)
