"""Figures with intervals and curves with bands, worked out in a thread while a person goes on."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.core.base.translation import tr
from app.jobs.latest import Latest, Task
from app.review.audit import Audit


class AuditFigures(Latest):
    """Works out what a dragged threshold cannot wait for; see ``Latest``.

    The first figures of an audit take seconds; those after it, and its curves once they are
    there, a few milliseconds.

    Parameters
    ----------
    parent
        Qt parent.
    """

    figures_ready = Signal(object, object)
    """The ``Audit`` and its ``Figures``."""
    bands_ready = Signal(object)
    """The ``Audit``: ``curves()`` is worked out."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._told: Audit | None = None

    def request(self, audit: Audit, threshold: float) -> None:
        """Ask for the figures at a threshold, in place of what was asked for before."""

        def work(task: Task) -> None:
            if not len(audit.p):
                return
            task.tell("figures_ready", audit, audit.figures(threshold))
            if self._told is not audit and not task.stale():
                audit.curves()
                task.tell("bands_ready", audit)
                if not task.stale():
                    self._told = audit

        self.begin(
            work,
            tr("The figures of an audit can be worked out from its scores."),
            tr("Audit the folder again."),
        )
