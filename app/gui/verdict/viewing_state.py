"""What the reader has really had before the eyes: the image, and the network's score. No Qt."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from app.core.reading.verdicts import ImageIdentity

PAUSE_SECONDS = 0.7
"""Nobody reads a radiograph faster. Longer than the usual delay before a held key repeats."""


class ViewingState:
    """The image that is on the screen, and all scores that were in sight in this session.

    Attributes
    ----------
    drawn
        Whether the current image is on the screen; by what it is known follows a moment later.
    known
        Whether that is known too, so that a verdict can be written.
    unreadable
        Whether it cannot be read, so that words stand in its place.
    """

    def __init__(self) -> None:
        self.drawn = self.known = self.unreadable = False
        self._generation = 0
        self._scores: set[tuple[str, str | Path]] = set()

    def lose(self) -> None:
        """Another image is coming, or this one is read again."""
        self._generation += 1
        self.drawn = self.known = self.unreadable = False

    def draw(self, readable: bool = True) -> int:
        """An image is on the screen, or why not; the number marks the answer that says which."""
        self.lose()
        self.drawn, self.unreadable = True, not readable
        return self._generation

    def identify(self, generation: int) -> bool:
        """An answer came; False for one on an image that is no longer on the screen."""
        if generation != self._generation:
            return False
        self.drawn = self.known = True
        return True

    def see_score(self, reader: str, image: ImageIdentity) -> None:
        """What the network says of the image is in sight."""
        self._scores.add((reader, image.content_hash))

    def see_score_at(self, reader: str, path: Path) -> None:
        """As ``see_score``, of a file that nobody has read yet."""
        self._scores.add((reader, path))

    def has_seen_score(self, reader: str, image: ImageIdentity, path: Path | None = None) -> bool:
        """Whether this reader saw it once, under their name or before they gave it."""
        known = [image.content_hash, *([path] if path else [])]
        return any((who, each) in self._scores for who in (reader, "") for each in known)


_NONE = Path()


class KeyPace:
    """Tells a judgement from a key that is held or bounces, or a double click, on the next image.

    Systems mark the repeats of a held key, but not all do: over a remote display they look like
    the key pressed again and again, and a list would be agreed to in seconds.

    Parameters
    ----------
    clock
        Seconds, from any beginning.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = 0.0
        self._judged: Path | None = None

    def restart(self) -> None:
        """An image came by itself: nobody has judged it, nor can in a moment."""
        self._last, self._judged = self._clock(), _NONE

    def allows(self, image: Path) -> bool:
        """Whether a key pressed now may judge this image; asked once for each press."""
        now = self._clock()
        another = self._judged is not None and image != self._judged
        hasty = another and now - self._last < PAUSE_SECONDS
        self._last = now
        if not hasty:
            self._judged = image
        return not hasty
