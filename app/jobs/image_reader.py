"""Decodes one image at a time for the eye, in a thread, and the likely next one after it."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.base.errors import UnreadableImage
from app.core.base.translation import tr
from app.core.image.radiograph import Radiograph
from app.core.image.reader import read_radiograph
from app.jobs.latest import Latest, Task

_KEPT = 3


class ImageReader(Latest):
    """Only the newest image asked for arrives; see ``Latest``.

    Parameters
    ----------
    parent
        Qt parent.
    """

    ready = Signal(object, object)
    """The path, and its ``Radiograph`` or the ``ReviewError`` that says why there is none."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._images: OrderedDict[Path, Radiograph] = OrderedDict()

    def request(self, path: Path, ahead: Path | None = None) -> None:
        """Ask for an image.

        Parameters
        ----------
        path
            Its file.
        ahead
            One that is likely to be asked for next; read when this one has been told.
        """

        def work(task: Task) -> None:
            try:
                task.tell("ready", path, self._read(path))
            except UnreadableImage as error:
                task.tell("ready", path, error)
            if ahead is not None and not task.stale():
                try:
                    self._read(ahead)
                except UnreadableImage:
                    return  # its turn will tell

        self.begin(work, tr("A readable image was expected."), tr("Choose another image."))

    def _read(self, path: Path) -> Radiograph:
        # One thread alone comes here.
        if path not in self._images:
            self._images[path] = read_radiograph(path)
            while len(self._images) > _KEPT:
                self._images.popitem(last=False)
        self._images.move_to_end(path)
        return self._images[path]
