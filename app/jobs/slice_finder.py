"""Slices of an audit, worked out in a thread while a person goes on; see ``app.review.audit``."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.core.base.translation import tr
from app.jobs.latest import Latest, Task
from app.review.audit.audit import Audit
from app.review.audit.slices import Slicer


class SliceFinder(Latest):
    """Keeps what no threshold changes; see ``Latest``.

    Parameters
    ----------
    parent
        Qt parent.
    """

    ready = Signal(object, object)
    """The ``Audit`` and its ``SliceTable``."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: tuple[Audit, Slicer] | None = None

    def request(self, audit: Audit, threshold: float, figure: str) -> None:
        """Ask for the slices at a threshold, in place of what was asked for before."""

        def work(task: Task) -> None:
            # One thread alone comes here.
            if self._kept is None or self._kept[0] is not audit:
                self._kept = audit, Slicer.of(audit)
            table = self._kept[1].table(threshold, figure)
            task.tell("ready", audit, table)

        self.begin(
            work,
            tr("The slices of an audit can be worked out from its scores."),
            tr("Audit the folder again."),
        )

    def forget(self) -> None:
        """Another audit comes: let go of the one before, and of what was asked about it."""
        self.cancel()
        self.begin(self._let_go, "", "")

    def _let_go(self, _task: Task) -> None:
        self._kept = None
