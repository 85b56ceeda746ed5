"""Reads the headers of DICOM files ahead of the scoring, for what is known by UID alone."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal

from app.core.base.translation import tr
from app.core.reading.verdicts import ImageIdentity
from app.core.worklist.identity import uid_of_file
from app.core.worklist.scan import Item
from app.jobs.latest import Latest, Task

_CHUNK_SECONDS = 0.2


class UidFinder(Latest):
    """Looks through one list of files at a time; see ``Latest``."""

    found = Signal(object)
    """A ``dict[Path, ImageIdentity]`` with SOPInstanceUIDs; comes several times."""

    def request(self, items: Sequence[Item]) -> None:
        """Look through these files."""

        def work(task: Task) -> None:
            known: dict[Path, ImageIdentity] = {}
            told = time.monotonic()
            for item in items:
                if task.stale():
                    return
                image = uid_of_file(item.path)
                if image.sop_instance_uid:
                    known[item.path] = image
                if known and time.monotonic() - told > _CHUNK_SECONDS:
                    task.tell("found", known)
                    known, told = {}, time.monotonic()
            if known:
                task.tell("found", known)

        self.begin(work, tr("The files must stay readable."), tr("Check the disk or the network."))
