"""Thumbnails for a gallery, decoded in a thread of their own: the latest wish first."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.jobs.image_loader import ImageLoader
from app.jobs.python_thread import PythonThread


class ThumbnailService(QObject):
    """Makes thumbnails; the thread begins with the first wish.

    Signals
    -------
    ready(Path, array or None)
        Shape (rows, columns), uint8; None when the image cannot be read.
    dropped(Path)
        So many were asked for since that this one is not made; it may be asked for again.

    Parameters
    ----------
    side
        Longer side, pixels.
    parent
        Qt parent.
    """

    ready = Signal(object, object)
    dropped = Signal(object)
    _wanted = Signal(object)
    _forget = Signal()

    def __init__(self, side: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: set[Path] = set()
        self._thread = PythonThread("thumbnails")
        self._loader = ImageLoader(side)
        self._loader.moveToThread(self._thread)
        self._wanted.connect(self._loader.thumbnail)
        self._forget.connect(self._loader.forget)
        self._loader.thumbnail_ready.connect(self._on_ready)
        self._loader.thumbnail_dropped.connect(self._on_dropped)

    def request(self, path: Path) -> None:
        """Ask for a thumbnail, once."""
        if path in self._waiting:
            return
        self._waiting.add(path)
        if not self._thread.isRunning():
            self._thread.start()
        self._wanted.emit(path)

    def forget(self) -> None:
        """What was asked for is not wanted any more."""
        self._waiting.clear()
        self._forget.emit()

    def close(self) -> None:
        """End the thread, after the image that it is reading."""
        self.forget()
        self._thread.quit()
        self._thread.wait()

    def _on_ready(self, path: Path, grey: object) -> None:
        if path in self._waiting:
            self._waiting.discard(path)
            self.ready.emit(path, grey)

    def _on_dropped(self, path: Path) -> None:
        self._waiting.discard(path)
        self.dropped.emit(path)
