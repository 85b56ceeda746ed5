"""Heatmaps for a gallery by the network that judges in the window, one image after the other."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import CancelledError
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.core.image.reader import read_radiograph
from app.jobs.inference_service import InferenceService
from app.jobs.latest import Latest, Task
from app.review.audit import AuditRow

_PATIENCE_S = 60.0
"""The network may be in the midst of a batch, or may never come to it: the program ends."""


class GalleryHeatmaps(Latest):
    """Explains audited images beside those of the reading window; see ``Latest``.

    Their scale is the model's own (``ModelCard.cam_full_scale``), the same for all images.

    Parameters
    ----------
    service
        Whose network explains.
    model
        Title of the audited model: the map of another one would be shown beside its scores.
    parent
        Qt parent.
    """

    ready = Signal(object, object)
    """The path of an image and its ``Heatmap``; None where it has none."""

    def __init__(
        self, service: InferenceService, model: str, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._model = model

    def request(self, rows: Sequence[AuditRow]) -> None:
        """Ask for the heatmaps of these rows, in place of those asked for before."""
        paths = [row.path for row in rows]

        def work(task: Task) -> None:
            for path in paths:
                if task.stale():
                    return
                self._explain(task, path)

        self.begin(
            work,
            tr("The images of the audit must stay readable."),
            tr("Check the disk or network share, then try again."),
        )

    def _explain(self, task: Task, path: Path) -> None:
        try:
            explained = self._service.explain(read_radiograph(path))
            prediction, heatmap = explained.result(_PATIENCE_S)
        except (ReviewError, TimeoutError, CancelledError):
            task.tell("ready", path, None)
            return
        if prediction is not None and prediction.model == self._model:
            task.tell("ready", path, heatmap)
