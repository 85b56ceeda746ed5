"""Steps and plays through the frames of a film, without Qt: it takes a view and a service."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from app.core.base.errors import ReviewError
from app.core.dicom.film import file_changed
from app.core.image.radiograph import Radiograph

DEFAULT_RATE = 15.0
"""Frames a second where the header says nothing."""
_SLOWEST, _FASTEST = 0.2, 60.0


class FrameSource(Protocol):
    """Reads frames; ``FrameService`` is one."""

    def show(self, path: Path, frame: int, following: int) -> None:
        """Read a frame and the one likely to follow."""

    def cancel(self) -> None:
        """No answer is wanted any more."""


class FilmView(Protocol):
    """Shows frames."""

    def show_frame(self, radiograph: Radiograph) -> None:
        """Show a frame."""

    def show_damage(self, frame: int, frames: int, error: ReviewError) -> None:
        """Say, in place of this frame only, why there is none."""

    def show_playing(self, rate: float) -> None:
        """Call ``tick`` so often a second; 0 for not at all."""

    def show_film(self, frames: int) -> None:
        """There are so many frames to step through; 1 for none."""


class CineController:
    """Where in the film the reader is, and whether it plays.

    Parameters
    ----------
    view, source
        By protocol.
    """

    def __init__(self, view: FilmView, source: FrameSource) -> None:
        self._view, self._source = view, source
        self._path = Path()
        self._uid = ""
        self._rate = DEFAULT_RATE
        self._waiting = False
        self.frames = 1
        self.frame = 0
        self.playing = False

    def show_image(self, radiograph: Radiograph | None) -> None:
        """Another image: nothing plays."""
        self._source.cancel()
        self._stop()
        self._waiting = False
        self.frames, self.frame = 1, 0
        if radiograph is not None:
            self._path, self._uid = radiograph.path, radiograph.header.sop_instance_uid
            self.frames, self.frame = max(1, radiograph.header.frames), radiograph.frame
            self._rate = min(_FASTEST, max(_SLOWEST, radiograph.frame_rate or DEFAULT_RATE))
        self._view.show_film(self.frames)

    def step(self, by: int) -> None:
        """The next or the previous frame; the film goes round. Stops the playing."""
        self._stop()
        self._go((self.frame + by) % self.frames)

    def toggle(self) -> None:
        """Play, or stop."""
        if self.playing:
            self._stop()
        elif self.frames > 1:
            self.playing = True
            self._view.show_playing(self._rate)

    def tick(self) -> None:
        """It is time for the next frame; where reading is slower than that it is not skipped."""
        if self.playing and not self._waiting:
            self._go((self.frame + 1) % self.frames)

    def ready(self, frame: int, radiograph: Radiograph) -> None:
        """A frame has been read."""
        if frame != self.frame:
            return
        if radiograph.header.sop_instance_uid != self._uid:
            # The file was replaced after its image was opened: perhaps by another patient's.
            self.damaged(frame, file_changed())
            return
        self._waiting = False
        self._view.show_frame(radiograph)

    def damaged(self, frame: int, error: ReviewError) -> None:
        """A frame cannot be read; the others can be."""
        if frame == self.frame:
            self._waiting = False
            self._view.show_damage(frame, self.frames, error)

    def _go(self, frame: int) -> None:
        if self.frames > 1:
            self.frame, self._waiting = frame, True
            self._source.show(self._path, frame, (frame + 1) % self.frames)

    def _stop(self) -> None:
        if self.playing:
            self.playing = False
            self._view.show_playing(0.0)
