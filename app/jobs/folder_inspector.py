"""Looks at every image of a training folder in a thread, and reads random samples of them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal

from app.core.errors import ReviewError, UnreadableImage
from app.training.findings import Inspection, draw_samples
from app.training.inspection import inspect_layout, read_thumbnail
from app.training.layout import DataSource

THUMBNAIL = 128
"""Longer side of a sample, pixels."""


class FolderInspector(QObject):
    """One look at a time; a newer request drops the older one.

    Parameters
    ----------
    parent
        Qt parent.
    """

    progressed = Signal(int, int)
    """Images read, and how many there are."""
    inspected = Signal(object)
    """The ``Inspection`` of the newest request."""
    failed = Signal(object)
    """The ``ReviewError`` that ended the newest request."""
    sampled = Signal(object)
    """A list of (``Entry``, greys of shape (rows, columns)), drawn at random."""
    _answered = Signal(int, str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._generation = 0
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._answered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def request(self, source: DataSource) -> None:
        """Look at all images; the answer comes as a signal."""
        generation = self._next()

        def progress(done: int, total: int) -> None:
            self._answered.emit(generation, "progressed", (done, total))

        def work() -> None:
            def stopped() -> bool:
                return generation != self._generation

            found = inspect_layout(source.list_layout(stopped), progress, stopped)
            self._answered.emit(generation, "inspected", (found,))

        self._start(generation, work)

    def request_samples(self, found: Inspection, seed: int, per_class: int) -> None:
        """Read random images of each class; what can no longer be read is left out."""
        generation = self._next()

        def work() -> None:
            read = []
            for entry in draw_samples(found, seed, per_class):
                if generation != self._generation:
                    return
                try:
                    read.append((entry, read_thumbnail(entry.path, THUMBNAIL)))
                except UnreadableImage:
                    continue
            self._answered.emit(generation, "sampled", (read,))

        self._start(generation, work)

    def cancel(self) -> None:
        """Drop the request under way; no signal comes of it."""
        self._generation += 1

    def close(self) -> None:
        """Drop the request and wait for its thread, before the program ends."""
        self.cancel()
        self._pool.waitForDone()

    def _next(self) -> int:
        self._generation += 1
        return self._generation

    def _start(self, generation: int, work: Callable[[], None]) -> None:
        def tell(error: ReviewError) -> None:
            self._answered.emit(generation, "failed", (error,))

        self._pool.start(_Job(work, tell))

    def _deliver(self, generation: int, name: str, values: tuple[object, ...]) -> None:
        if generation == self._generation:
            getattr(self, name).emit(*values)


class _Job(QRunnable):
    def __init__(self, work: Callable[[], None], tell: Callable[[ReviewError], None]) -> None:
        super().__init__()
        self._work = work
        self._tell = tell

    def run(self) -> None:
        try:
            self._work()
        except ReviewError as error:
            self._tell(error)
        except OSError as error:
            self._tell(
                ReviewError(
                    f"The folder cannot be read: {error.strerror or error}.",
                    "The training images must stay readable while they are looked at.",
                    "Check the disk or network share, and try again.",
                )
            )
