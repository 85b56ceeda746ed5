"""What a reader says of an image: verdict, regions drawn by hand. Frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.core.model.results import Call


class Agreement(StrEnum):
    """How the reader's own judgement stands to the network's call."""

    AGREE = "agree"
    DISAGREE = "disagree"
    UNSURE = "unsure"


class RegionKind(StrEnum):
    """The shape of a region; each maps to one graphic type of a DICOM presentation state."""

    RECTANGLE = "rectangle"
    ELLIPSE = "ellipse"
    POLYGON = "polygon"


@dataclass(frozen=True)
class Region:
    """A part of the image that a reader marked by hand.

    Parameters
    ----------
    kind
        The shape.
    points
        (column, row) in pixels of the stored image, whatever zoom, rotation or flip it was drawn
        under; the top left corner of the first pixel is (0, 0). Rectangle and ellipse: two
        opposite corners of the box. Polygon: at least three corners, closed by itself.
    label
        In the reader's words; may be empty.
    frame
        Number of the frame, from 1.
    """

    kind: RegionKind
    points: tuple[tuple[float, float], ...]
    label: str = ""
    frame: int = 1


UNREADABLE = "path:"
"""Begins the identity of a file that cannot be decoded, which is that of this one path."""
_CONTENT = "file:"


@dataclass(frozen=True)
class ImageIdentity:
    """By what an image is known, so that renaming or moving a folder keeps its verdicts.

    Parameters
    ----------
    content_hash
        SHA-256 in hex of the decoded values, as ``app.core.worklist.identity`` computes it;
        ``path:`` and a
        SHA-256 of place and content for a file that cannot be decoded; empty while it is not
        known. Rows of before have ``file:`` and the SHA-256 of the content alone.
    sop_instance_uid
        Empty for PNG, JPEG, TIFF.
    """

    content_hash: str
    sop_instance_uid: str = ""

    @property
    def is_unreadable(self) -> bool:
        """Whether there is no image, only a file: nothing was ever seen of it."""
        return self.content_hash.startswith((UNREADABLE, _CONTENT))


UNKNOWN = ImageIdentity("")
"""The identity of an image that has not been looked at yet."""


@dataclass(frozen=True)
class Verdict:
    """One reader's verdict on one image, as it is stored; a change is a new verdict.

    Parameters
    ----------
    image
        Which image.
    reader
        Who gave it.
    agreement
        None for a reader who has so far only drawn, noted or marked a key image.
    label
        The reader's own label: ``PNEUMONIA``, ``NORMAL``, or any other word; may be empty.
    reason, note
        Optional words.
    key_image
        Whether the reader marked the image as a key image.
    regions
        Drawn by hand.
    score_visible, heatmap_visible
        Whether the network's score and heatmap were in sight when the verdict was given.
    p_pneumonia, threshold, call, model
        What the network said then; None and empty for an image without a score.
    given_at
        UTC.
    """

    image: ImageIdentity
    reader: str
    agreement: Agreement | None
    given_at: datetime
    label: str = ""
    reason: str = ""
    note: str = ""
    key_image: bool = False
    regions: tuple[Region, ...] = ()
    score_visible: bool = True
    heatmap_visible: bool = True
    p_pneumonia: float | None = None
    threshold: float | None = None
    call: Call | None = None
    model: str = ""

    @property
    def is_read(self) -> bool:
        """Whether the reader has judged the image, not just noted, drawn or marked something.

        A file that cannot be read is dealt with once it is acknowledged. What earlier versions let
        a reader say of one was said of no image, and is no reading.
        """
        if self.image.is_unreadable:
            return self.acknowledges
        return self.agreement is not None or bool(self.label)

    @property
    def acknowledges(self) -> bool:
        """Whether it says that a file cannot be read, which is no judgement of an image."""
        return self.image.content_hash.startswith(UNREADABLE)


class Act(StrEnum):
    """What a row of the history says."""

    GIVEN = "given"
    UNDONE = "undone"
    REDONE = "redone"


@dataclass(frozen=True)
class VerdictEntry:
    """One row of the history of verdicts, to which rows are only ever added.

    Parameters
    ----------
    number
        Counts up; the order in which the rows were written.
    act
        What happened.
    verdict
        The verdict that was given, or the one that was taken back or given again, with the time
        of this act.
    of
        Number of the row that was taken back or given again; None for ``GIVEN``.
    """

    number: int
    act: Act
    verdict: Verdict
    of: int | None = None
