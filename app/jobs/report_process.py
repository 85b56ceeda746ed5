"""The child process that writes a site report for the window; see ``app.review.report.worker``."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.home import home
from app.core.translation import tr
from app.jobs.latest import Latest, Task
from app.jobs.request_process import RequestProcess
from app.review.audit import Audit, save


class ReportProcess(RequestProcess):
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
        super().__init__(parent, command or (sys.executable, "-m", "app.review.report.worker"))
        self._saver = _Saver(self)
        self._saver.saved.connect(self._begin)
        self._saver.failed.connect(self._not_saved)
        self._wanted: dict[str, object] | None = None

    @property
    def running(self) -> bool:
        """Whether a report is under way."""
        return super().running or self._wanted is not None

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
        self._saver.request(audit)

    def cancel(self) -> None:
        """Ask for an end; a ``cancelled`` comes of it."""
        if self._wanted is not None:
            self._saver.cancel()
            self._wanted = None
            self.cancelled.emit()
        else:
            super().cancel()

    def close(self) -> None:
        """End it because the window closes; no signal is emitted any more."""
        super().close()
        self.blockSignals(True)
        self._saver.close()

    def _begin(self, saved: object) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self._start({**wanted, "audit": str(saved)})

    def _not_saved(self, error: object) -> None:
        self._wanted = None
        self.failed.emit(error)


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
