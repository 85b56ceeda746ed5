"""How much memory a file may take, and the words for one that would take more."""

from __future__ import annotations

from pathlib import Path

from app.core.base.errors import UnreadableImage
from app.core.base.reasons import unreadable

MOST_BYTES = 256 << 20
"""Of a picture's values, and of a file that is held whole. What is made of them on the way to the
screen takes three times as much, which is the 1 GB that the person is told."""

_TOO_MUCH_MEMORY = unreadable(
    "too-much-memory",
    "{path} needs more than 1 GB of memory.",
    "The file needs more than 1 GB of memory.",
    "At most 1 GB is taken for one file.",
    "Export it at a lower resolution, or check that it is the right file.",
)


class TooMuch(Exception):
    """A file would take more memory than one file may."""


def too_much(path: Path) -> UnreadableImage:
    """The words for ``TooMuch``."""
    return UnreadableImage(_TOO_MUCH_MEMORY(path=str(path)))
