"""The child process that makes heatmaps for the audit bench, and what it found as a source."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.core.model.results import Heatmap
from app.jobs.request_process import RequestProcess
from app.review.audit import AuditRow, Cell
from app.review.audit.maps import AuditMaps
from app.review.audit.maps_worker import from_json


class MapsProcess(RequestProcess):
    """One call at a time.

    Parameters
    ----------
    parent
        Qt parent.
    command
        What is run; None for the real worker.

    Signals
    -------
    made(AuditMaps)
        In place of ``done``; else ``failed(ReviewError)`` or ``cancelled()``, one for each call.
    """

    made = Signal(object)

    def __init__(
        self, parent: QObject | None = None, *, command: Sequence[str] | None = None
    ) -> None:
        super().__init__(parent, command or (sys.executable, "-m", "app.review.audit.maps_worker"))

    def make(
        self, model: Path, method: str, files: Mapping[Cell, Sequence[tuple[int, Path]]]
    ) -> None:
        """Make maps; see ``app.review.audit.maps.maps_of_files``."""
        told = {cell: [[at, str(path)] for at, path in each] for cell, each in files.items()}
        self._start({"task": "maps", "model": str(model), "method": method, "files": told})

    def _take(self, result: dict[str, Any]) -> None:
        self.made.emit(from_json(result))


class MadeMaps(QObject):
    """Maps that are there already, for a gallery (its ``HeatmapSource``).

    Parameters
    ----------
    maps
        What a ``MapsProcess`` made.
    rows
        ``Audit.scored`` of the same audit.
    title
        Of the method.
    """

    ready = Signal(object, object)

    def __init__(
        self, maps: AuditMaps, rows: Sequence[AuditRow], title: str, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._heatmaps = {
            rows[at].path: Heatmap(values, maps.full_scale, title)
            for cell in maps.cells.values()
            for at, values in zip(cell.positions, cell.maps, strict=True)
        }

    def request(self, rows: Sequence[AuditRow]) -> None:
        """Tell those of these rows, at once."""
        for row in rows:
            self.ready.emit(row.path, self._heatmaps.get(row.path))
