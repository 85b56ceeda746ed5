"""The verdicts' side of the verdict service: lives in the one thread that owns the database.

Each request is answered by exactly one signal, in the order in which they were asked for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal, Slot

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.core.image.radiograph import Radiograph
from app.core.reading.verdicts import UNKNOWN, Verdict, VerdictEntry
from app.core.worklist.identity import identity_of, identity_of_file
from app.review.verdicts.history import VerdictHistory
from app.review.verdicts.store import VerdictStore, VerdictStoreError, moved_aside

_log = logging.getLogger(__name__)


class VerdictWorker(QObject):
    """Opens, writes, looks for what others wrote, and computes identities."""

    opened = Signal(object, bool)
    not_opened = Signal(object)
    ailing = Signal(object)
    arrived = Signal(object)
    saved = Signal(int, object)
    not_saved = Signal(int, object)
    identified = Signal(int, object)

    def __init__(self) -> None:
        super().__init__()
        self._store: VerdictStore | None = None
        self._ailing = False

    @Slot(object, bool)
    def open(self, path: Path, move_aside: bool) -> None:
        """Open a database in place of the one that is open; that one stays if it fails."""
        try:
            if move_aside:
                self._move_aside(path)
            store = VerdictStore.open(path)
        except ReviewError as error:
            self.not_opened.emit(error)
            return
        self._close()
        self._store = store
        # A copy for the window, put together here: a hundred thousand rows take half a second.
        book = VerdictHistory()
        book.take(store.book.entries())
        self.opened.emit(book, store.read_only)
        if store.unreadable is not None:
            self.ailing.emit(store.unreadable)

    @Slot()
    def look(self) -> None:
        """Tell what another program wrote since; of a database that is away only once."""
        if self._store is None:
            return
        try:
            entries = self._store.refresh()
        except ReviewError as error:
            if not self._ailing:
                self._ailing = True
                _log.warning("the verdicts cannot be read at the moment: %s", type(error).__name__)
            return
        self._ailing = False
        if entries:
            self.arrived.emit(entries)

    @Slot(int, object, int)
    def add(self, request: int, verdict: Verdict, seen: int) -> None:
        """Write a verdict."""
        self._write(request, lambda store: store.add(verdict, seen))

    @Slot(int, str, int)
    def undo(self, request: int, reader: str, number: int) -> None:
        """Take a verdict back."""
        self._write(request, lambda store: store.undo(reader, number))

    @Slot(int, str, int)
    def redo(self, request: int, reader: str, number: int) -> None:
        """Put a verdict in force again."""
        self._write(request, lambda store: store.redo(reader, number))

    @Slot(int, object)
    def identify(self, generation: int, image: Radiograph | Path) -> None:
        """The identity of a decoded image, or of a file that cannot be decoded."""
        try:
            identity = identity_of_file(image) if isinstance(image, Path) else identity_of(image)
        except MemoryError:
            identity = UNKNOWN
        self.identified.emit(generation, identity)

    @Slot()
    def stop(self) -> None:
        """Close the database and end the thread; everything asked for before is done by now."""
        self._close()
        QThread.currentThread().quit()

    def _write(self, request: int, write: Callable[[VerdictStore], VerdictEntry | None]) -> None:
        if self._store is None:
            self.not_saved.emit(request, _not_open())
            return
        before = self._store.book.newest
        try:
            entry = write(self._store)
        except ReviewError as error:
            # What another program wrote is known now, and may be the reason.
            self._tell_new(before)
            self.not_saved.emit(request, error)
        except Exception as error:  # the window waits for an answer, whatever it is
            _log.exception("a verdict could not be written")
            self.not_saved.emit(
                request,
                VerdictStoreError(
                    tr("The verdict is not saved ({kind}).", kind=type(error).__name__)
                ),
            )
        else:
            self._tell_new(before)
            self.saved.emit(request, entry)

    def _tell_new(self, before: int) -> None:
        if self._store is None:
            return
        if new := list(self._store.book.entries_after(before)):
            self.arrived.emit(new)

    def _move_aside(self, path: Path) -> None:
        mine = self._store is not None and self._store.path == path
        if mine:
            # SQLite finds its journal by its name: closed later, it would take away the new one's.
            self._close()
        try:
            moved_aside(path)
        except ReviewError:
            if mine:
                self._store = VerdictStore.open(path)
            raise

    def _close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None


def _not_open() -> VerdictStoreError:
    return VerdictStoreError(
        tr("The verdict is not saved: the database of verdicts is not open."),
        tr("Why was told when it could not be opened."),
        tr("Choose another place for the verdicts in the settings."),
    )
