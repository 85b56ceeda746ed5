"""The errors a person sees: what happened, what was expected, how to fix it."""

from __future__ import annotations


class ReviewError(Exception):
    """An error with words for the person in front of the window.

    Parameters
    ----------
    what
        What happened, one sentence.
    expected
        What was expected instead.
    fix
        What the person can do about it.
    """

    def __init__(self, what: str, expected: str = "", fix: str = "") -> None:
        super().__init__(what, expected, fix)
        self.what = what
        self.expected = expected
        self.fix = fix

    def __str__(self) -> str:
        """All three parts on one line, the empty ones left out."""
        return " ".join(part for part in (self.what, self.expected, self.fix) if part)


class UnreadableImage(ReviewError):
    """The file holds no image that can be decoded."""


class ModelError(ReviewError):
    """A model or its card is damaged, unsafe, or not for this task."""


class TrainingDataError(ReviewError):
    """The chosen folder cannot train or evaluate a model."""


class OutputError(ReviewError):
    """A result could not be written where the person asked for it."""
