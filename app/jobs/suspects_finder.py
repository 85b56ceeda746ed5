"""Looks for suspicious labels in a thread: seconds for the import and for comparing all pairs."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.core.base.translation import tr
from app.jobs.latest import Latest, Task
from app.review.audit import Audit
from app.review.audit.suspects import find_suspects


class SuspectsFinder(Latest):
    """Finds them; see ``Latest``.

    Parameters
    ----------
    parent
        Qt parent.
    """

    found = Signal(object, object)
    """The ``Audit`` and its ``Suspects``."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)

    def request(self, audit: Audit) -> None:
        """Look for them, in place of what was asked for before."""

        def work(task: Task) -> None:
            task.tell("found", audit, find_suspects(audit, task.stale))

        self.begin(
            work,
            tr("Suspicious labels can be looked for among the scores of an audit."),
            tr("Audit the folder again."),
        )
