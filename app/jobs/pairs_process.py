"""The child process that makes heatmaps of the same images by two networks."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.jobs.request_process import RequestProcess
from app.review.audit.pairs import from_json


class PairsProcess(RequestProcess):
    """One call at a time.

    Parameters
    ----------
    parent
        Qt parent.
    command
        What is run; None for the real worker.

    Signals
    -------
    made(object)
        In place of ``done``: a dictionary from path to the two ``Heatmap`` or None. Else
        ``failed(ReviewError)`` or ``cancelled()``, one for each call.
    """

    made = Signal(object)

    def __init__(
        self, parent: QObject | None = None, *, command: Sequence[str] | None = None
    ) -> None:
        super().__init__(parent, command or (sys.executable, "-m", "app.review.audit.pairs"))
        self._files: tuple[Path, ...] = ()

    def make(self, models: tuple[Path, Path], files: Sequence[Path]) -> None:
        """Make the heatmaps of these images; see ``app.review.audit.pairs.heatmaps_of``."""
        self._files = tuple(files)
        self._start(
            {
                "task": "pairs",
                "models": [str(each) for each in models],
                "files": [str(each) for each in files],
            }
        )

    def _take(self, result: dict[str, Any]) -> None:
        first, second = from_json(result)
        self.made.emit(dict(zip(self._files, zip(first, second, strict=True), strict=True)))
