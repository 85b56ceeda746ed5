"""The child process that audits a folder for the window; see ``app.review.audit.worker``."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.core.base.translation import tr
from app.jobs.latest import Latest, Task
from app.jobs.request_process import SharedRequestProcess
from app.review.audit import load
from app.review.audit.readers import LabelsFrom, to_json


class AuditProcess(SharedRequestProcess):
    """One audit at a time. The network runs in a process, the answer is read in a thread.

    Parameters
    ----------
    parent
        Qt parent.
    command
        What is run; None for the real worker.

    Signals
    -------
    audited(Audit)
        In place of ``done``; else ``failed(ReviewError)`` or ``cancelled()``, one for each audit.
    """

    audited = Signal(object)

    def __init__(
        self, parent: QObject | None = None, *, command: Sequence[str] | None = None
    ) -> None:
        reader, worker = _AuditReader(), (sys.executable, "-m", "app.review.audit.worker")
        super().__init__(parent, command or worker, reader)
        self._reader = reader
        self._reader.read.connect(self._ended_well)

    def audit(
        self,
        folder: str | Path,
        model: str = "",
        labels: LabelsFrom = None,
        out_of_fold: bool = True,
    ) -> None:
        """Audit a folder; see ``app.review.audit.audit_folder``.

        Parameters
        ----------
        folder
            Never written to.
        model
            Name or folder of a model; empty for the active one.
        labels
            A CSV, readers' verdicts, or None for the names of the subfolders.
        out_of_fold
            Whether training images have their out-of-fold scores.
        """
        if self._with_helper:
            raise RuntimeError("an audit is under way")
        self._start(
            {
                "task": "audit",
                "folder": str(folder),
                "model": model or None,
                "labels": to_json(labels),
                "out_of_fold": out_of_fold,
            }
        )

    def _take(self, result: dict[str, Any]) -> None:
        file = Path(result["file"])
        if self._cancelled:  # it was done before it heard of it
            _delete(file)
            self.cancelled.emit()
            return
        self._with_helper = True
        self._reader.request(file)

    def _ended_well(self, audit: object) -> None:
        self._with_helper = False
        self.audited.emit(audit)


def _delete(file: Path) -> None:
    with contextlib.suppress(OSError):  # the next audit tries again, see the worker
        file.unlink(missing_ok=True)


class _AuditReader(Latest):
    """Reads a saved audit in a thread, and deletes it: it names images and patients."""

    read = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._file: Path | None = None

    def close(self) -> None:
        """End the thread; a file that it had not come to is deleted unread."""
        super().close()
        if self._file is not None:
            _delete(self._file)

    def request(self, file: Path) -> None:
        """Read a file, in place of what was asked for before."""
        self._file = file

        def work(task: Task) -> None:
            try:
                audit = load(file)
            finally:
                _delete(file)
            task.tell("read", audit)

        self.begin(
            work,
            tr("The audit's own file was expected to be readable."),
            tr("Free disk space and audit the folder again."),
        )
