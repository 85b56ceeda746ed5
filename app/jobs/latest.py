"""Work in a thread of which only the newest request counts: the base of several jobs."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal

from app.core.base.errors import ReviewError
from app.core.base.translation import tr

log = logging.getLogger(__name__)


class Latest(QObject):
    """One request at a time; a newer one drops the older, and no late answer arrives.

    A class of this kind has a signal ``failed``, which takes a ``ReviewError``, and signals of its
    own for its answers.

    Parameters
    ----------
    parent
        Qt parent.
    """

    failed = Signal(object)
    """The ``ReviewError`` that ended the newest request."""
    _answered = Signal(int, str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._generation = 0
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._answered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def cancel(self) -> None:
        """Drop the request under way; no signal comes of it."""
        self._generation += 1

    def close(self) -> None:
        """Drop the request and wait for its thread, before the program ends."""
        self.cancel()
        self._pool.waitForDone()

    def begin(self, work: Callable[[Task], None], expected: str, fix: str) -> None:
        """Do some work in the thread, in place of what was asked for before.

        Parameters
        ----------
        work
            Called in the thread; gives its answers through the task.
        expected, fix
            What to say when the folder cannot be read.
        """
        self.cancel()
        self._pool.start(_Job(Task(self, self._generation), work, expected, fix))

    def is_current(self, generation: int) -> bool:
        """Whether an answer of that generation is still wanted."""
        return generation == self._generation

    def answer(self, generation: int, name: str, values: tuple[object, ...]) -> None:
        """Have the signal of that name emitted in the window's thread."""
        self._answered.emit(generation, name, values)

    def _deliver(self, generation: int, name: str, values: tuple[object, ...]) -> None:
        if self.is_current(generation):
            getattr(self, name).emit(*values)


class Task:
    """One request, as the work in the thread sees it."""

    def __init__(self, owner: Latest, generation: int) -> None:
        self._owner, self._generation = owner, generation

    def stale(self) -> bool:
        """Whether nobody waits for an answer any more."""
        return not self._owner.is_current(self._generation)

    def tell(self, name: str, *values: object) -> None:
        """Answer with the signal of that name, unless nobody waits for it."""
        if not self.stale():
            self._owner.answer(self._generation, name, values)


class _Job(QRunnable):
    def __init__(self, task: Task, work: Callable[[Task], None], expected: str, fix: str) -> None:
        super().__init__()
        self._task, self._work = task, work
        self._expected, self._fix = expected, fix

    def run(self) -> None:
        if self._task.stale():
            return
        try:
            self._work(self._task)
        except ReviewError as error:
            self._task.tell("failed", error)
        except OSError as error:
            what = tr("The folder cannot be read: {value}.", value=error.strerror or error)
            self._task.tell("failed", ReviewError(what, self._expected, self._fix))
        except Exception as error:  # the window waits for an answer, whatever it is
            # Its words may quote a header.
            log.error("a request failed with %s", type(error).__name__)
            what = tr("It failed: {reason}.", reason=type(error).__name__)
            self._task.tell("failed", ReviewError(what, self._expected, self._fix))
