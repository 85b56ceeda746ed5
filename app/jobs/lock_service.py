"""Reads and changes the locked test sets in a thread: the database may have to wait for a disk."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.jobs.latest import Latest, Task
from app.review.audit import Audit
from app.review.holdout import locks
from app.review.holdout.locks import LockedImage, patient_key


class LockService(Latest):
    """Every answer is the whole state; see ``Latest``.

    Parameters
    ----------
    parent
        Qt parent.
    """

    ready = Signal(object, object)
    """All sets that were ever locked (tuple of ``GuardedSet``), and the ids of those that hold
    images of the audit asked about."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._acts: deque[Callable[[], object]] = deque()

    def request(self, audit: Audit | None) -> None:
        """Ask for the state."""
        self._do(audit)

    def lock(self, audit: Audit) -> None:
        """Lock an audited folder as a test set."""
        images = [
            LockedImage(row.content_hash, patient_key(row.name, row.patient), row.perceptual_hash)
            for row in audit.rows
            if row.content_hash
        ]
        self._do(audit, lambda: locks.lock(audit.folder, images))

    def unlock(self, audit: Audit | None, set_id: str, reason: str) -> None:
        """Unlock a set, with a reason that stays on record."""
        self._do(audit, lambda: locks.unlock(set_id, reason))

    def close(self) -> None:
        """End the thread; what was asked to be locked or unlocked is done before that."""
        super().close()
        with contextlib.suppress(ReviewError):
            self._act()

    def _act(self) -> None:
        while self._acts:
            self._acts.popleft()()

    def _do(self, audit: Audit | None, *acts: Callable[[], object]) -> None:
        # A newer request drops the older one's answer, and must not drop what it was to do.
        self._acts.extend(acts)

        def work(task: Task) -> None:
            self._act()
            hashes = [row.content_hash for row in audit.rows] if audit is not None else []
            held = {one.id for one in locks.touched(hashes)}
            task.tell("ready", locks.guarded_sets(), held)

        self.begin(
            work,
            tr("The locked test sets were expected among your own files."),
            tr("Try again."),
        )
