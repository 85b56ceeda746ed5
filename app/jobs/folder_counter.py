"""Counts a training folder in a thread, so that a slow disk never stalls the window."""

from __future__ import annotations

from PySide6.QtCore import Signal

from app.core.base.translation import tr
from app.jobs.latest import Latest, Task
from app.training.data.layout import DataSource
from app.training.data.summary import summary_of


class FolderCounter(Latest):
    """Counts one folder at a time; see ``Latest``."""

    counted = Signal(object)
    """The ``FolderSummary`` of the newest request."""

    def request(self, source: DataSource) -> None:
        """Count the images of a folder; the answer comes as a signal."""

        def work(task: Task) -> None:
            task.tell("counted", summary_of(source.list_layout(task.stale)))

        self.begin(
            work,
            tr("The training images must stay readable while they are counted."),
            tr("Check the disk or network share, then choose the folder again."),
        )
