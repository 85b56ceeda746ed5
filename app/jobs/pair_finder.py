"""Two audits side by side, worked out in a thread; see ``app.review.audit.two_models``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal

from app.core.base.translation import tr
from app.jobs.latest import Latest, Task
from app.review.audit.audit import Audit
from app.review.audit.two_models import TwoModels, side_by_side


class PairFinder(Latest):
    """Matches two audits, compares them, writes the list; see ``Latest``.

    Parameters
    ----------
    parent
        Qt parent.
    """

    matched = Signal(object)
    """The ``TwoModels``: its images are known, and those at any threshold at once."""
    compared = Signal(object, object)
    """The ``TwoModels``, and its ``Comparison``."""
    written = Signal(object)
    """The path of the list."""

    def match(self, first: Audit, second: Audit, with_seen: bool) -> None:
        """Bring two audits together."""

        def work(task: Task) -> None:
            task.tell("matched", side_by_side(first, second, with_seen=with_seen))

        self._begin(work)

    def compare(self, pair: TwoModels, first: float, second: float) -> None:
        """Work out the figures at two thresholds."""
        self._begin(lambda task: task.tell("compared", pair, pair.compared(first, second)))

    def write(self, pair: TwoModels, path: Path, first: float, second: float) -> None:
        """Write the list of images that one of the two calls wrongly."""

        def work(task: Task) -> None:
            pair.write_list(path, first, second)
            task.tell("written", path)

        self._begin(work)

    def _begin(self, work: Callable[[Task], None]) -> None:
        self.begin(
            work,
            tr("Two audits of the same folder can be compared."),
            tr("Audit the folder again."),
        )
