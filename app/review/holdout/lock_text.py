"""What is said of a locked test set: in reports, and to those who would train on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.core.base.errors import TrainingDataError
from app.core.base.file_names import as_text
from app.core.base.translation import tr
from app.review.holdout.lock_store import GuardedSet

_MOST_NAMES = 3
"""So many images are named for each way in which they are known."""


def in_words(found: GuardedSet, name: str = "") -> str:
    """What a report says of a set: since when it is locked, how often it was looked at.

    Parameters
    ----------
    found
        The set.
    name
        What it is called; empty for the name of its folder.
    """
    words = tr(
        "Test set {name} (images: {images:,}), locked on {day}.",
        name=name or found.name,
        images=found.images,
        day=found.locked_at[:10],
    )
    words += " " + (
        tr("Its figures were looked at once since.")
        if found.looks == 1
        else tr("Its figures were looked at {looks:,} times since.", looks=found.looks)
    )
    for one in found.unlockings:
        words += " " + tr("Unlocked on {day}: {reason}", day=one.at[:10], reason=one.note)
    return words


@dataclass(frozen=True)
class Held:
    """The names of images that a locked set has, by what they are known.

    Parameters
    ----------
    same
        With the very pixels of one of the set.
    near
        Resized or re-compressed copies.
    kin
        Others of the set's patients.
    """

    same: list[str] = field(default_factory=list)
    near: list[str] = field(default_factory=list)
    kin: list[str] = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return bool(self.same or self.near or self.kin)

    def in_numbers(self) -> str:
        """For the history, which names no image and stays English."""
        return (
            f"the same pixels: {len(self.same)}, copies: {len(self.near)}, "
            f"others of its patients: {len(self.kin)}"
        )

    def in_words(self) -> str:
        """A sentence for each way, with the first names."""
        said = []
        if self.same:
            said.append(_counted(tr("The same pixels"), self.same))
        if self.near:
            said.append(_counted(tr("Resized or re-compressed copies"), self.near))
        if self.kin:
            said.append(_counted(tr("Other images of its patients"), self.kin))
        return " ".join(said)


def _counted(what: str, names: Sequence[str]) -> str:
    known = [as_text(name) for name in names[:_MOST_NAMES] if name]
    if not known:
        return f"{what}: {len(names):,}."
    more = ", \N{HORIZONTAL ELLIPSIS}" if len(names) > len(known) else ""
    return f"{what}: {len(names):,} ({', '.join(known)}{more})."


def refusal(found: GuardedSet, held: Held, images: int) -> TrainingDataError:
    """Why images are not trained on, with the first names of each kind."""
    return TrainingDataError(
        tr(
            "Some of these images ({images:,} in all) belong to the locked test set {name}. "
            "{which}",
            images=images,
            name=found.name,
            which=held.in_words(),
        ),
        tr("A model must not be trained on images or patients that it is tested on."),
        tr(
            "Leave them out (a CSV names the images to train on), or unlock the test set in the "
            "audit bench; that is recorded and stated in its reports."
        ),
    )
