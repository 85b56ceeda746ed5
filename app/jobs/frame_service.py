"""Reads the frames of a multi-frame file in a thread, the following one ahead of its turn."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.base.errors import ReviewError, UnreadableImage
from app.core.dicom.film import FRAME_FAILED, FRAME_GONE, FRAME_NO_MEMORY, FrameReader
from app.core.image.reader import DRIVE_FAILED
from app.jobs.latest import Latest, Task


class FrameService(Latest):
    """One frame at a time; a newer wish drops the older.

    Signals
    -------
    ready(int, Radiograph)
        A frame, counted from 0.
    damaged(int, ReviewError)
        Why there is none.
    """

    ready = Signal(int, object)
    damaged = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader: FrameReader | None = None
        """Only the thread touches it."""
        self._film = self._read_film = 0

    def forget(self) -> None:
        """Another image is in view, be it under the same path: its header is read anew."""
        self.cancel()
        self._film += 1

    def show(self, path: Path, frame: int, following: int) -> None:
        """Read a frame, then the one that is likely to be wanted next."""
        film = self._film
        self.begin(lambda task: self._read(task, film, path, frame, following), "", "")

    def _read(self, task: Task, film: int, path: Path, frame: int, following: int) -> None:
        try:
            if self._reader is None or self._reader.path != path or self._read_film != film:
                self._reader, self._read_film = FrameReader(path), film
            task.tell("ready", frame, self._reader.read(frame))
        except Exception as error:  # the film waits for an answer, whatever it is
            task.tell("damaged", frame, _in_words(error))
            return
        if task.stale():
            return
        try:
            self._reader.read(following)
        except Exception:
            return  # told when it is wanted


def _in_words(error: Exception) -> ReviewError:
    if isinstance(error, ReviewError):
        return error
    if isinstance(error, MemoryError):
        return UnreadableImage(FRAME_NO_MEMORY())
    if not isinstance(error, OSError):
        # Its words may quote the header.
        return UnreadableImage(FRAME_FAILED(reason=type(error).__name__))
    return UnreadableImage(FRAME_GONE(why=error.strerror or DRIVE_FAILED()))
