"""Reads the header of one file in a thread, for the tag viewer."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal

from app.core.base.translation import tr
from app.jobs.latest import Latest, Task


class TagReader(Latest):
    """One header at a time; see ``Latest``."""

    read = Signal(object, object)
    """The path of the newest request and its elements, a tuple of ``Element``."""

    def request(self, path: Path) -> None:
        """Read a header; the answer comes as a signal."""

        def work(task: Task) -> None:
            from app.core.dicom.tags import read_elements

            task.tell("read", path, read_elements(path))

        self.begin(work, tr("The file must stay readable."), tr("Check the disk or network share."))
