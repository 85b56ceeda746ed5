"""Decodes images for the eye, in a thread of its own, so that they appear while others score.

The selected image comes first, then the one likely to be next, then thumbnails, the latest
wish first.
"""

from __future__ import annotations

import logging
from collections import OrderedDict, deque
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.core.base.errors import ReviewError, UnreadableImage
from app.core.dicom.film import IMAGE_TOO_LARGE
from app.core.image.display import render
from app.core.image.radiograph import Radiograph
from app.core.image.reader import read_radiograph

THUMBNAIL_SIDE = 112
_KEPT_IMAGES = 4
_KEPT_BYTES = 64 * 2**20
_WAITING_THUMBNAILS = 96

_log = logging.getLogger(__name__)


def thumbnail_of(radiograph: Radiograph, side: int = THUMBNAIL_SIDE) -> NDArray[np.uint8]:
    """A small picture of an image, its aspect kept.

    Returns
    -------
    ndarray
        Shape (rows, columns), uint8, the longer side at most ``side``.
    """
    grey = render(radiograph)
    rows, columns = grey.shape
    scale = side / max(rows, columns)
    if scale >= 1.0:
        return grey
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


class ImageLoader(QObject):
    """Lives in the loader thread. Its slots are reached through queued signals only.

    Parameters
    ----------
    thumbnail_side
        Longer side of its thumbnails, pixels.
    """

    image_ready = Signal(int, object)
    image_failed = Signal(int, object)
    thumbnail_ready = Signal(object, object)
    thumbnail_dropped = Signal(object)
    _again = Signal()

    def __init__(self, thumbnail_side: int = THUMBNAIL_SIDE) -> None:
        super().__init__()
        self.wanted = 0
        self._side = thumbnail_side
        self._images: OrderedDict[Path, Radiograph] = OrderedDict()
        self._thumbnails: deque[Path] = deque()
        self._stepping = False
        # Queued even to itself: what was asked for meanwhile comes first.
        self._again.connect(self._step, Qt.ConnectionType.QueuedConnection)

    @Slot(int, object)
    def show(self, generation: int, path: Path) -> None:
        """Decode the selected image, unless another was selected meanwhile."""
        if generation != self.wanted:
            return
        try:
            radiograph = self._read(path)
        except ReviewError as error:
            self.image_failed.emit(generation, error)
        else:
            self.image_ready.emit(generation, radiograph)

    @Slot(int, object)
    def prefetch(self, generation: int, path: Path) -> None:
        """Decode an image that is likely to be asked for next; its errors come when it is."""
        if generation != self.wanted:
            return
        try:
            self._read(path)
        except ReviewError:
            _log.debug("an image could not be decoded ahead of its turn")

    @Slot(object)
    def thumbnail(self, path: Path) -> None:
        """Put a thumbnail on the pile; the oldest wishes, scrolled out of sight, fall off."""
        self._thumbnails.append(path)
        while len(self._thumbnails) > _WAITING_THUMBNAILS:
            self.thumbnail_dropped.emit(self._thumbnails.popleft())
        if not self._stepping:
            self._stepping = True
            self._again.emit()

    @Slot()
    def forget(self) -> None:
        """Drop what is kept and what is waiting: other images are being opened."""
        self._images.clear()
        self._thumbnails.clear()

    @Slot(object)
    def forget_paths(self, paths: Sequence[Path]) -> None:
        """Drop what is kept of files that have changed."""
        for path in paths:
            self._images.pop(path, None)

    @Slot()
    def _step(self) -> None:
        """Make one thumbnail, then let whatever else was asked for come first."""
        if not self._thumbnails:
            self._stepping = False
            return
        path = self._thumbnails.pop()
        try:
            image = self._images.get(path) or read_radiograph(path)
            self.thumbnail_ready.emit(path, thumbnail_of(image, self._side))
        except ReviewError:
            self.thumbnail_ready.emit(path, None)
        self._again.emit()

    def _read(self, path: Path) -> Radiograph:
        if path in self._images:
            self._images.move_to_end(path)
            return self._images[path]
        try:
            radiograph = read_radiograph(path)
        except MemoryError as error:
            raise UnreadableImage(IMAGE_TOO_LARGE()) from error
        if radiograph.pixels.nbytes <= _KEPT_BYTES:
            self._images[path] = radiograph
            while len(self._images) > _KEPT_IMAGES:
                self._images.popitem(last=False)
        return radiograph
