"""Counts a training folder in a thread, so that a slow disk never stalls the window."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal

from app.core.errors import ReviewError
from app.training.layout import DataSource
from app.training.summary import FolderSummary, summary_of


class FolderCounter(QObject):
    """Counts one folder at a time; a newer request drops the older one.

    Parameters
    ----------
    parent
        Qt parent.
    """

    counted = Signal(object)
    """The ``FolderSummary`` of the newest request."""
    failed = Signal(object)
    """The ``ReviewError`` that kept the newest request from being counted."""
    _answered = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._generation = 0
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._answered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def request(self, source: DataSource) -> None:
        """Count the images of a folder; the answer comes as a signal."""
        self._generation += 1
        self._pool.start(_Count(self, self._generation, source))

    def cancel(self) -> None:
        """Drop the request under way; no signal comes of it."""
        self._generation += 1

    def close(self) -> None:
        """Drop the request and wait for its thread, before the program ends."""
        self.cancel()
        self._pool.waitForDone()

    def is_current(self, generation: int) -> bool:
        """Whether an answer of that generation is still wanted."""
        return generation == self._generation

    def answer(self, generation: int, result: FolderSummary | ReviewError) -> None:
        """Hand over a result; called from the counting thread."""
        self._answered.emit(generation, result)

    def _deliver(self, generation: int, result: FolderSummary | ReviewError) -> None:
        if not self.is_current(generation):
            return
        if isinstance(result, ReviewError):
            self.failed.emit(result)
        else:
            self.counted.emit(result)


class _Count(QRunnable):
    def __init__(self, owner: FolderCounter, generation: int, source: DataSource) -> None:
        super().__init__()
        self._owner = owner
        self._generation = generation
        self._source = source

    def run(self) -> None:
        owner, generation = self._owner, self._generation
        result: FolderSummary | ReviewError
        try:
            result = summary_of(self._source.list_layout(lambda: not owner.is_current(generation)))
        except ReviewError as error:
            result = error
        except OSError as error:
            result = ReviewError(
                f"The folder cannot be read: {error.strerror or error}.",
                "The training images must stay readable while they are counted.",
                "Check the disk or network share, then choose the folder again.",
            )
        if owner.is_current(generation):
            owner.answer(generation, result)
