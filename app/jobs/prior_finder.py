"""Finds the priors of an image among those of the worklist, and reads one, in a thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Signal

from app.core.base.translation import tr
from app.core.image.radiograph import Header
from app.core.image.reader import read_radiograph
from app.core.worklist.priors import find_priors, read_header
from app.core.worklist.scan import Item
from app.jobs.latest import Latest, Task

_TELL_EVERY = 50


class PriorFinder(Latest):
    """One search or one reading at a time; see ``Latest``.

    Headers that were read are kept, so that the next image of the list is quick.
    """

    progressed = Signal(int, int)
    """Headers read so far, and how many there are."""
    found = Signal(object)
    """A list of ``Prior``, the most recent first."""
    image_ready = Signal(object)
    """The ``Radiograph`` that was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._headers: dict[Path, Header | None] = {}

    def forget(self) -> None:
        """Another folder was opened."""
        self.cancel()
        self._headers = {}

    def find(self, current: Header, known: Sequence[tuple[Item, Header | None]]) -> None:
        """Look for the priors of an image.

        Parameters
        ----------
        current
            Its header.
        known
            The other images of the list, with the header where the list has it.
        """
        headers = self._headers

        def work(task: Task) -> None:
            others = []
            for place, (item, header) in enumerate(known):
                if task.stale():
                    return
                if header is None:
                    if item.path not in headers:
                        headers[item.path] = read_header(item.path)
                    header = headers[item.path]
                if header is not None:
                    others.append((item, header))
                if place % _TELL_EVERY == _TELL_EVERY - 1:
                    task.tell("progressed", place + 1, len(known))
            task.tell("found", find_priors(current, others))

        self._begin(work)

    def read(self, path: Path) -> None:
        """Decode a prior."""
        self._begin(lambda task: task.tell("image_ready", read_radiograph(path)))

    def _begin(self, work: Callable[[Task], None]) -> None:
        expected = tr("The images must stay readable.")
        self.begin(work, expected, tr("Check the disk or network share."))
