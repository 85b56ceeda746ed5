"""The bridge between window and verdicts: requests go in, answers come back as signals.

A thread of its own owns the database, so that a slow disk or share never makes the window wait.
This object lives in the window's thread.
"""

from __future__ import annotations

from collections import deque
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.core.base.errors import ReviewError
from app.core.image.radiograph import Radiograph
from app.core.reading.verdicts import Verdict
from app.jobs.python_thread import PythonThread
from app.jobs.verdict_worker import VerdictWorker
from app.review.verdicts.history import VerdictHistory

LOOK_MS = 1000
"""So often it is looked whether another program wrote something."""
_CLOSE_MS = 15_000


class VerdictService(QObject):
    """Keeps verdicts on disk.

    Signals
    -------
    opened(VerdictBook, bool)
        All rows of the database, and whether nothing can be written to it.
    not_opened(ReviewError)
        The database cannot be used; the one before, if any, stays open.
    ailing(ReviewError)
        Rows of the database that was just opened cannot be read; the others are used.
    arrived(list[Entry])
        Rows that were added, by this program or by another; comes before ``saved``.
    saved(int, Entry or None), not_saved(int, ReviewError)
        Answers to ``add``, ``undo`` and ``redo`` with their number; None where nothing was to do.
        What is saved is on disk.
    identified(int, ImageIdentity)
        Answers to ``identify`` with its number.
    """

    opened = Signal(object, bool)
    not_opened = Signal(object)
    ailing = Signal(object)
    arrived = Signal(object)
    saved = Signal(int, object)
    not_saved = Signal(int, object)
    identified = Signal(int, object)

    _open_wanted = Signal(object, bool)
    _look_wanted = Signal()
    _add_wanted = Signal(int, object, int)
    _undo_wanted = Signal(int, str, int)
    _redo_wanted = Signal(int, str, int)
    _identity_wanted = Signal(int, object)
    _stop_wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._request = 0
        self._asked: deque[Path] = deque()
        self.in_use: Path | None = None
        """The database that is open: not the one asked for last where that cannot be used."""
        self._thread = PythonThread("verdicts")
        self._worker = VerdictWorker()
        self._worker.moveToThread(self._thread)
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._look_wanted)
        worker = self._worker
        self._open_wanted.connect(worker.open)
        self._look_wanted.connect(worker.look)
        self._add_wanted.connect(worker.add)
        self._undo_wanted.connect(worker.undo)
        self._redo_wanted.connect(worker.redo)
        self._identity_wanted.connect(worker.identify)
        self._stop_wanted.connect(worker.stop)
        worker.opened.connect(self._on_opened)
        worker.not_opened.connect(self._on_not_opened)
        worker.ailing.connect(self.ailing)
        worker.arrived.connect(self.arrived)
        worker.saved.connect(self.saved)
        worker.not_saved.connect(self.not_saved)
        worker.identified.connect(self.identified)

    def start(self) -> None:
        """Start the thread; nothing is opened before ``open``."""
        self._thread.start()
        self._timer.start()

    def open(self, path: Path, move_aside: bool = False) -> None:
        """Use this database; if wished, a new one in place of what lies there, which is kept."""
        self._asked.append(path)
        self._open_wanted.emit(path, move_aside)

    def add(self, verdict: Verdict, seen: int) -> int:
        """Write a verdict; see ``VerdictStore.add``. The number comes back with the answer."""
        self._request += 1
        self._add_wanted.emit(self._request, verdict, seen)
        return self._request

    def undo(self, reader: str, number: int) -> int:
        """Take a verdict back; see ``VerdictStore.undo``."""
        self._request += 1
        self._undo_wanted.emit(self._request, reader, number)
        return self._request

    def redo(self, reader: str, number: int) -> int:
        """Put a verdict in force again; see ``VerdictStore.redo``."""
        self._request += 1
        self._redo_wanted.emit(self._request, reader, number)
        return self._request

    def identify(self, generation: int, image: Radiograph | Path) -> None:
        """Ask for the identity of a decoded image, or of a file that cannot be decoded."""
        self._identity_wanted.emit(generation, image)

    def close(self) -> bool:
        """Write what is still to be written, and end the thread; False when it hangs."""
        self._timer.stop()
        if self._thread.isRunning():
            self._stop_wanted.emit()
            return self._thread.wait(_CLOSE_MS)
        return True

    @Slot(object, bool)
    def _on_opened(self, book: VerdictHistory, read_only: bool) -> None:
        self.in_use = self._asked.popleft()
        self.opened.emit(book, read_only)

    @Slot(object)
    def _on_not_opened(self, error: ReviewError) -> None:
        self._asked.popleft()
        self.not_opened.emit(error)
