"""Looks at every image of a training folder in a thread, and reads random samples of them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal

from app.core.base.errors import UnreadableImage
from app.core.base.translation import tr
from app.jobs.latest import Latest, Task
from app.training.data.findings import Inspection, draw_samples
from app.training.data.inspection import inspect_layout, read_thumbnail
from app.training.data.layout import DataSource

THUMBNAIL = 128
"""Longer side of a sample, pixels."""


class FolderInspector(Latest):
    """One look at a time; see ``Latest``."""

    progressed = Signal(int, int)
    """Images read, and how many there are."""
    inspected = Signal(object)
    """The ``Inspection`` of the newest request."""
    sampled = Signal(object)
    """A list of (``Entry``, greys of shape (rows, columns)), drawn at random."""

    def request(self, source: DataSource) -> None:
        """Look at all images; the answer comes as a signal."""

        def work(task: Task) -> None:
            def progress(done: int, total: int) -> None:
                task.tell("progressed", done, total)

            found = inspect_layout(source.list_layout(task.stale), progress, task.stale)
            task.tell("inspected", found)

        self._look(work)

    def request_samples(self, found: Inspection, seed: int, per_class: int) -> None:
        """Read random images of each class; what can no longer be read is left out."""

        def work(task: Task) -> None:
            read = []
            for entry in draw_samples(found, seed, per_class):
                if task.stale():
                    return
                try:
                    read.append((entry, read_thumbnail(entry.path, THUMBNAIL)))
                except UnreadableImage:
                    continue
            task.tell("sampled", read)

        self._look(work)

    def _look(self, work: Callable[[Task], None]) -> None:
        self.begin(
            work,
            tr("The training images must stay readable while they are looked at."),
            tr("Check the disk or network share, and try again."),
        )
