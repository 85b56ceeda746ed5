"""Watches the opened folders in a thread of its own: a slow share must not delay an image."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.core.worklist.scan import Item
from app.core.worklist.watch import Changes, FolderWatch
from app.jobs.python_thread import PythonThread

_SOON_S = 1.0
_QUIET_S = 2.0
_LONGEST_S = 60.0
_THOROUGH_S = 15.0
_SHARE = 20.0
"""A look may take a twentieth of the time at most, a thorough one a fiftieth: on a slow share
the pauses grow with what a look costs."""
_THOROUGH_SHARE = 50.0
_LONGEST_THOROUGH_S = 600.0
_MOST_FAILURES = 10

_log = logging.getLogger(__name__)

_Work = Callable[[], FolderWatch]


class FolderWatcher(QObject):
    """Tells what comes, changes and goes in the opened folders.

    Signals
    -------
    added(tuple[Item, ...]), changed(tuple[Item, ...]), gone(tuple[Path, ...])
        As in ``app.core.worklist.watch.Changes``; never empty.
    unreachable(tuple[str, ...])
        The opened folders that cannot be listed now; empty once they can again.
    """

    added = Signal(object)
    changed = Signal(object)
    gone = Signal(object)
    unreachable = Signal(object)
    _looked = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._generation = 0
        self._away: tuple[str, ...] = ()
        self._thread: _Loop | None = None
        self._looked.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def watching(self) -> bool:
        """Whether something is being watched."""
        return self._thread is not None

    def watch(self, paths: Sequence[str | Path], items: Sequence[Item]) -> None:
        """Watch these instead of what was watched before.

        Parameters
        ----------
        paths
            What was opened.
        items
            What the scan found there.
        """
        self.stop()
        generation, known = self._generation, tuple(items)
        self._thread = _Loop(
            lambda: FolderWatch(tuple(paths), known),
            lambda changes: self._looked.emit(generation, changes),
        )
        self._thread.start()

    def look_now(self) -> None:
        """Look thoroughly at once: something is known to have come."""
        if self._thread is not None:
            self._thread.look_now()

    def stop(self) -> None:
        """Watch nothing; no late signal comes."""
        self._generation += 1
        self._away = ()
        if self._thread is not None:
            self._thread.stop()
            _ending.append(self._thread)
            self._thread = None
        _ending[:] = [thread for thread in _ending if not thread.isFinished()]

    def close(self, seconds: float = 2.0) -> bool:
        """Stop, and wait for the threads; False when a look at a dead share still hangs."""
        self.stop()
        until = time.monotonic() + seconds
        for thread in list(_ending):
            thread.wait(max(0, round(1000 * (until - time.monotonic()))))
        return not any(thread.isRunning() for thread in _ending)

    @Slot(int, object)
    def _deliver(self, generation: int, changes: Changes) -> None:
        if generation != self._generation:
            return
        if changes.unreachable != self._away:
            self._away = changes.unreachable
            self.unreachable.emit(changes.unreachable)
        if changes.gone:
            self.gone.emit(changes.gone)
        if changes.changed:
            self.changed.emit(changes.changed)
        if changes.added:
            self.added.emit(changes.added)


class _Loop(PythonThread):
    """Looks, waits, looks again."""

    def __init__(self, begin: _Work, tell: Callable[[Changes], None]) -> None:
        super().__init__("folder watcher")
        self._begin = begin
        self._tell = tell
        self._wake = threading.Event()
        self._ended = self._thorough = False

    def look_now(self) -> None:
        self._thorough = True
        self._wake.set()

    def stop(self) -> None:
        self._ended = True
        self._wake.set()

    def run(self) -> None:
        """Called by Qt."""
        watch = self._begin()
        thorough, next_thorough = True, 0.0
        failures = 0
        while not self._ended:
            started = time.monotonic()
            try:
                changes = watch.look(thorough)
                failed = bool(changes.unreachable)
            except Exception as error:  # no image would come any more, and nobody would be told
                _log.error("a look at the opened folders failed with %s", type(error).__name__)
                changes = Changes()
                failed = True
            took = time.monotonic() - started
            if self._ended:
                return
            self._tell(changes)
            if thorough:
                pause = max(_THOROUGH_S, _THOROUGH_SHARE * took)
                next_thorough = time.monotonic() + min(pause, _LONGEST_THOROUGH_S)
            # A share may be away for days: no power of two beyond what a float holds.
            failures = min(failures + 1, _MOST_FAILURES) if failed else 0
            wait = _SOON_S if changes.busy else _QUIET_S
            self._wake.wait(min(_LONGEST_S, max(wait, _SHARE * took, wait * 2**failures / 2)))
            self._wake.clear()
            thorough = self._thorough or time.monotonic() >= next_thorough
            self._thorough = False


_ending: list[_Loop] = []
"""Threads that were told to stop: one that hangs in a dead share must not be destroyed."""
