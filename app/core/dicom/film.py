"""The frames of one multi-frame DICOM file, for the eye only: read when asked for, a few kept."""

from __future__ import annotations

import os
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from app.core.base.errors import UnreadableImage
from app.core.base.reasons import unreadable
from app.core.image.radiograph import Radiograph

_CHANGED = unreadable(
    "file-changed",
    "The file has changed since its image was opened.",
    "The file has changed since its image was opened.",
    "It was expected as it was.",
    "Choose the image again.",
)
FRAME_NO_MEMORY = unreadable(
    "frame-no-memory",
    "The frame needs more memory than there is.",
    "The frame needs more memory than there is.",
    "A frame must fit beside the program.",
    "Close other programs.",
)
FRAME_FAILED = unreadable(
    "frame-failed",
    "It failed: {reason}.",
    "It failed: {reason}.",
    "A whole PNG, JPEG, TIFF or DICOM file was expected.",
    "Export or copy it again from its source.",
)
FRAME_GONE = unreadable(
    "frame-gone",
    "The file cannot be read any more: {why}.",
    "The file cannot be read any more.",
    "It was expected where it was found.",
    "Check the drive or the network, and choose the image again.",
)
IMAGE_TOO_LARGE = unreadable(
    "image-does-not-fit",
    "The image does not fit into memory.",
    "The image does not fit into memory.",
    "Its pixels must fit beside the program.",
    "Close other programs, or open a smaller copy.",
)

_KEPT_BYTES = 64 << 20


class FrameReader:
    """Reads frames one by one.

    Parameters
    ----------
    path
        The file. It is opened for each frame, so that it can be moved or deleted meanwhile.

    Raises
    ------
    UnreadableImage, OSError
        When the header cannot be read.
    """

    def __init__(self, path: Path) -> None:
        from app.core.dicom.image import DicomImage

        self.path = path
        with path.open("rb") as file:
            self._stamp = _stamp_of(file)
            self._image = DicomImage(path, file)
        self._kept: OrderedDict[int, Radiograph] = OrderedDict()
        self._first: Radiograph | None = None

    @property
    def frames(self) -> int:
        """How many there are, as the header says."""
        return self._image.frames

    def read(self, frame: int) -> Radiograph:
        """A frame, counted from 0.

        Where the header has no window the one made for the frame that was read first serves all:
        one for each would flicker.

        Raises
        ------
        UnreadableImage, OSError
            When this frame is missing or damaged; others may be whole. When the file is another
            by now: its frames are not those of the image that was opened.
        """
        if frame in self._kept:
            self._kept.move_to_end(frame)
            return self._kept[frame]
        with self.path.open("rb") as file:
            if _stamp_of(file) != self._stamp:
                raise file_changed()
            radiograph = self._image.read(file, frame)
        first = self._first = self._first or radiograph
        if first.rescue or not self._image.has_windows:
            radiograph = replace(radiograph, windows=first.windows, rescue=first.rescue)
        self._kept[frame] = radiograph
        while len(self._kept) > max(2, _KEPT_BYTES // max(1, radiograph.pixels.nbytes)):
            self._kept.popitem(last=False)
        return radiograph


def file_changed() -> UnreadableImage:
    """Why a frame is not shown although it could be read: it is of another image."""
    return UnreadableImage(_CHANGED())


def _stamp_of(file: BinaryIO) -> tuple[int, int]:
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns
