"""The child process that compares, exports and imports for the window; see ``model_worker``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from PySide6.QtCore import QObject

from app.jobs.request_process import RequestProcess


class ModelProcess(RequestProcess):
    """What the Models window asks for.

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
        super().__init__(parent, command or (sys.executable, "-m", "app.review.comparison.worker"))

    def compare(self, first: str, second: str, folder: str) -> None:
        """Compare two models on a labelled folder; ``done`` brings the figures."""
        self._start({"task": "compare", "first": first, "second": second, "folder": folder})

    def export(self, model: str, file: str) -> None:
        """Write a model's file; ``done`` brings ``{"model": ..., "file": ...}``."""
        self._start({"task": "export", "model": model, "file": file})

    def import_file(self, file: str, name: str = "") -> None:
        """Import a model's file; ``done`` brings ``{"name": ...}``, or ``{"taken": name}``."""
        self._start({"task": "import", "file": file, "name": name or None})
