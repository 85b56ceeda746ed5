"""The errors a person sees: what happened, what was expected, how to fix it."""

from __future__ import annotations

from app.core.base.reasons import TOLD_UNREADABLE, Reason


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

    @property
    def what(self) -> str:
        """What happened."""
        return str(self.args[0])

    @property
    def expected(self) -> str:
        """What was expected instead."""
        return str(self.args[1])

    @property
    def fix(self) -> str:
        """What the person can do about it."""
        return str(self.args[2])

    def __str__(self) -> str:
        """All three parts on one line, the empty ones left out."""
        return " ".join(part for part in (self.what, self.expected, self.fix) if part)


class UnreadableImage(ReviewError):
    """The file holds no image that can be decoded; its words are made where they are read.

    Parameters
    ----------
    reason
        Declared by ``app.core.base.reasons.unreadable``.
    """

    def __init__(self, reason: Reason | str, expected: str = "", fix: str = "") -> None:
        if isinstance(reason, str):
            reason = TOLD_UNREADABLE(text=reason, expected=expected, fix=fix)
        Exception.__init__(self, reason)
        self.reason = reason

    @property
    def what(self) -> str:
        """What happened, in the reader's language."""
        return self.reason.what()

    @property
    def expected(self) -> str:
        """What was expected instead, in the reader's language."""
        return self.reason.expected()

    @property
    def fix(self) -> str:
        """What the person can do about it, in the reader's language."""
        return self.reason.fix()


class BrokenData(OSError):
    """Data of an image that end too early, or make no sense.

    Parameters
    ----------
    why
        A phrase of ``app.core.base.reasons``.
    """

    def __init__(self, why: Reason) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        """It in the reader's language."""
        return self.why.text()


class ModelError(ReviewError):
    """A model or its card is damaged, unsafe, or not for this task."""


class TrainingDataError(ReviewError):
    """The chosen folder cannot train or evaluate a model."""


class OutputError(ReviewError):
    """A result could not be written where the person asked for it."""
