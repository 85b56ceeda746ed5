"""Finds a model's failures in a person's data, in a process.

``app.review.report.model_page.worker``.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.core.reading.verdicts import ImageIdentity
from app.jobs.request_process import RequestProcess
from app.review.report.document.blocks import Block, Heading, Paragraph, Picture, Pictures


class GalleryProcess(RequestProcess):
    """One search at a time.

    Parameters
    ----------
    parent
        Qt parent.
    command
        What is run; None for the real worker.

    Signals
    -------
    ready(tuple)
        The blocks of a document, in place of ``done``.
    found(tuple)
        Just before it, the ``ImageIdentity`` of each image in them.
    """

    ready = Signal(object)
    found = Signal(object)

    def __init__(
        self, parent: QObject | None = None, *, command: Sequence[str] | None = None
    ) -> None:
        super().__init__(
            parent, command or (sys.executable, "-m", "app.review.report.model_page.worker")
        )

    def search(self, model: Path, data: Path) -> None:
        """Look in a folder for the failures of the model in another."""
        self._start({"task": "gallery", "model": str(model), "data": str(data)})

    def _take(self, result: dict[str, Any]) -> None:
        folder = Path(result["folder"])
        try:
            blocks = tuple(_block(raw, folder) for raw in result["blocks"])
        finally:
            # They are a person's images: nothing of them stays.
            shutil.rmtree(folder, ignore_errors=True)
        self.found.emit(tuple(ImageIdentity(*each) for each in result["images"]))
        self.ready.emit(blocks)


def _block(raw: dict[str, Any], folder: Path) -> Block:
    if "heading" in raw:
        return Heading(raw["heading"], 2)
    if "words" in raw:
        return Paragraph(raw["words"], "note")
    return Pictures(
        tuple(
            Picture(
                tuple((folder / name).read_bytes() for name in each["files"]),
                tuple(each["caption"]),
                each["words"],
            )
            for each in raw["pictures"]
        )
    )
