"""What becomes of images that come, change or go while others are being read. No Qt.

The image in view stays in view: nothing that arrives takes the reader away from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from app.core.base.translation import tr
from app.core.worklist.scan import Item


class ArrivalsService(Protocol):
    """What reads and scores; ``InferenceService`` is it."""

    def add(self, items: Sequence[Item]) -> None:
        """Score these too."""

    def reread(self, items: Sequence[Item]) -> None:
        """Read and score these again."""


class ArrivalsView(Protocol):
    """What shows the list; ``ReviewScreen`` is it."""

    def add_items(self, items: Sequence[Item]) -> None:
        """Add images to the worklist."""

    def put_back(self, items: Sequence[Item]) -> None:
        """What was known of these images is void."""

    def mark_gone(self, paths: Sequence[Path]) -> None:
        """These files are no longer there."""

    def away_items(self) -> list[Item]:
        """Images that nothing is known of because their files could not be reached."""

    def choose_first(self) -> None:
        """Make the first image current."""

    def has_image(self) -> bool:
        """Whether an image is on the screen, and not words in its place."""

    def show_notice(self, text: str) -> None:
        """Say something worth knowing."""


class Current(Protocol):
    """What knows the image in view; ``ReviewController`` is it."""

    current: Item | None

    def show_again(self) -> None:
        """Read the image in view again."""


class ArrivalsController:
    """Adds, puts back, marks.

    Parameters
    ----------
    view, service, review
        By protocol.
    """

    def __init__(self, view: ArrivalsView, service: ArrivalsService, review: Current) -> None:
        self.view = view
        self.service = service
        self.review = review

    def added(self, items: Sequence[Item]) -> None:
        """New images: to the list, to the network, and into view only where nothing is."""
        self.view.add_items(items)
        self.service.add(items)
        if self.review.current is None:
            self.view.choose_first()

    def changed(self, items: Sequence[Item]) -> None:
        """Other content under a known name: a score of the old one must not stand beside it."""
        self.view.put_back(items)
        self.service.reread(items)
        current = self.review.current
        if current is not None and any(item.path == current.path for item in items):
            self.review.show_again()
            self.view.show_notice(
                tr("The file of this image has changed. It was read again and is scored anew.")
            )

    def back(self) -> None:
        """A folder can be reached again: what failed meanwhile is read and scored now."""
        items = self.view.away_items()
        if items:
            self.view.put_back(items)
            self.service.reread(items)
        if self.review.current is not None and not self.view.has_image():
            self.review.show_again()

    def gone(self, paths: Sequence[Path]) -> None:
        """Removed files: what is known of them stays, marked."""
        self.view.mark_gone(paths)
