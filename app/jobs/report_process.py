"""The child process that writes a site report for the window; see ``app.review.report.worker``."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.base.home import home
from app.core.base.translation import tr
from app.jobs.latest import Latest, Task
from app.jobs.request_process import SharedRequestProcess
from app.review.audit import Audit, save


class ReportProcess(SharedRequestProcess):
    """One report at a time. The audit is handed over as a file among the user's own.

    Parameters
    ----------
    parent
        Qt parent.
    command
        What is run; None for the real worker.
    """

    def __init__(
        self, parent: QObject | None = None, *, command: Sequence[str] | None = None
    ) -> None:
        saver, worker = _Saver(), (sys.executable, "-m", "app.review.report.worker")
        super().__init__(parent, command or worker, saver)
        self._saver = saver
        self._saver.saved.connect(self._begin)
        self._wanted: dict[str, object] = {}

    def write(
        self, audit: Audit, file: Path, threshold: float, names: bool, pictures: bool
    ) -> None:
        """Write a report; ``done`` brings ``{"file": ...}``.

        Parameters
        ----------
        audit
            What was measured.
        file
            Its suffix says in which form.
        threshold
            At which calls are made.
        names, pictures
            Whether patients may be named, and the worst misses shown.
        """
        if self.running:
            raise RuntimeError("a report is under way")
        self._wanted = {
            "task": "report",
            "file": str(file),
            "threshold": threshold,
            "names": names,
            "pictures": pictures,
        }
        self._with_helper = True
        self._saver.request(audit)

    def _begin(self, saved: object) -> None:
        if self._with_helper:
            self._with_helper = False
            self._start({**self._wanted, "audit": str(saved)})


class _Saver(Latest):
    """Writes ten thousand rows to a file without stalling the window."""

    saved = Signal(object)

    def request(self, audit: Audit) -> None:
        def work(task: Task) -> None:
            folder = home() / "audit"
            folder.mkdir(parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(dir=folder, prefix="audit.", suffix=".jsonl")
            os.close(number)
            file = Path(name)
            save(audit, file)
            if task.stale():
                file.unlink(missing_ok=True)
            task.tell("saved", file)

        self.begin(
            work,
            tr("The audit's own file was expected to be writable."),
            tr("Free disk space and try again."),
        )
