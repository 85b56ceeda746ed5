"""What the reading controller asks of the window and of the verdicts' service, by protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from app.core.base.errors import ReviewError
from app.core.image.radiograph import Radiograph
from app.core.model.results import Prediction
from app.core.reading.verdicts import ImageIdentity, Region, Verdict
from app.core.worklist.scan import Item


@dataclass(frozen=True)
class Draft:
    """What stands in the fields of the reading beside the judgement itself."""

    label: str = ""
    reason: str = ""
    note: str = ""
    key_image: bool = False
    regions: tuple[Region, ...] = ()


@dataclass(frozen=True)
class RowReading:
    """What a row of the worklist shows of the verdicts on its image.

    Parameters
    ----------
    verdict
        This reader's, in force.
    others
        Those of the other readers; none while the image is sealed.
    other_pixels
        Whether there are verdicts under the same SOPInstanceUID that were given on other pixels.
    sealed
        Whether what the network says must not be seen: blinded, and not judged yet.
    """

    verdict: Verdict | None = None
    others: tuple[Verdict, ...] = ()
    other_pixels: bool = False
    sealed: bool = False


@dataclass(frozen=True)
class ReadingState:
    """Everything that the reading panel shows.

    Parameters
    ----------
    reader
        Who reads; empty while nobody has said so.
    row
        The verdicts on the image in view.
    draft
        What stands in the fields.
    has_image
        Whether an image is current.
    unreadable
        Whether it is a file that cannot be read, and nothing can be said of.
    can_acknowledge
        Whether that can be acknowledged: not of a file that is away.
    has_score
        Whether the network has an opinion to agree with.
    blinded
        Whether the reader wants to judge first.
    saving
        Whether a verdict is on its way to the disk.
    unsaved
        Why the last verdict is not on disk; empty when all is well.
    message
        What was just done, such as an undo.
    """

    reader: str = ""
    row: RowReading = field(default_factory=RowReading)
    draft: Draft = field(default_factory=Draft)
    has_image: bool = False
    unreadable: bool = False
    can_acknowledge: bool = False
    has_score: bool = False
    blinded: bool = False
    saving: bool = False
    unsaved: str = ""
    message: str = ""


class ReadingService(Protocol):
    """What the controller asks for; ``VerdictService`` gives it."""

    def add(self, verdict: Verdict, seen: int) -> int:
        """Write a verdict."""

    def undo(self, reader: str, number: int) -> int:
        """Take a verdict back."""

    def redo(self, reader: str, number: int) -> int:
        """Put a verdict in force again."""

    def identify(self, generation: int, image: Radiograph | Path) -> None:
        """Ask by what an image is known."""


class ReadingView(Protocol):
    """What the window shows for the controller."""

    def show_reading(self, state: ReadingState) -> None:
        """Show what is known of the image in view."""

    def show_regions(self, regions: tuple[Region, ...]) -> None:
        """Draw the regions of the verdict."""

    def show_ai(self, shown: bool) -> None:
        """Show or hide what the network says of the image in view."""

    def refresh_rows(self, images: Sequence[ImageIdentity] | None) -> None:
        """Look again for the verdicts of these images; of all where None."""

    def set_identity(self, item: Item, image: ImageIdentity) -> None:
        """The worklist learns by what an image is known."""

    def identity_of(self, item: Item) -> ImageIdentity:
        """What the worklist knows already."""

    def read_again(self, item: Item) -> None:
        """The file has changed since it was scored, or shown: read and score it again."""

    def prediction_of(self, item: Item) -> Prediction | None:
        """What the network says."""

    def heatmap_in_sight(self) -> bool:
        """Whether a heatmap lies over the image now."""

    def next_unread(self) -> bool:
        """Go to the next unread image; False where there is none."""

    def highest_unread(self) -> bool:
        """Go to the unread image with the highest score; False where there is none."""

    def unread_out_of_sight(self) -> int:
        """How many unread images a filter or a folded section hides."""

    def go_to(self, item: Item) -> bool:
        """Go to an image; False where it is not in the list."""

    def ask_reader(self, known: Sequence[str]) -> None:
        """Ask who reads; the answer comes as ``set_reader``."""

    def show_error(self, error: ReviewError) -> None:
        """Say what happened."""
