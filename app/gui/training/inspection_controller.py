"""The look at every image of a training folder, without Qt: start, cancel, findings, samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.gui.training.protocols import SignalLike
from app.training.data.findings import Inspection
from app.training.data.layout import DataSource

_SAMPLES = 16
_FEWEST_OF_CLASS = 2


class Inspector(Protocol):
    """Looks in the background; see ``app.jobs.folder_inspector.FolderInspector``."""

    @property
    def progressed(self) -> SignalLike:
        """Emitted with the images read and how many there are."""

    @property
    def inspected(self) -> SignalLike:
        """Emitted with the findings."""

    @property
    def failed(self) -> SignalLike:
        """Emitted with the error that ended a request."""

    @property
    def sampled(self) -> SignalLike:
        """Emitted with images and their greys."""

    def request(self, source: DataSource) -> None:
        """Look at all images."""

    def request_samples(self, found: Inspection, seed: int, per_class: int) -> None:
        """Read random images."""

    def cancel(self) -> None:
        """Drop the request under way."""


class InspectionView(Protocol):
    """The window; see ``app.gui.training.data_window.DataWindow``."""

    def show_source(self, source: DataSource) -> None:
        """Show which images these are."""

    def show_progress(self, text: str, fraction: float | None) -> None:
        """Show how far the look is, an empty text when it is over."""

    def show_findings(self, found: Inspection | None) -> None:
        """Show what was found, None to empty the window."""

    def show_samples(self, samples: Sequence[tuple[Any, Any]]) -> None:
        """Show images with their greys."""

    def show_error(self, error: ReviewError | None) -> None:
        """Show why there are no findings."""

    def tell_findings(self, source: DataSource, found: Inspection) -> None:
        """Tell the training panel."""


class InspectionController:
    """Drives the window.

    Parameters
    ----------
    view
        The window.
    inspector
        The service.
    new_seed
        Gives the seed of the next sample.
    """

    def __init__(
        self, view: InspectionView, inspector: Inspector, new_seed: Callable[[], int]
    ) -> None:
        self._view = view
        self._inspector = inspector
        self._new_seed = new_seed
        self._source: DataSource | None = None
        self._found: Inspection | None = None
        self._looking = False
        inspector.progressed.connect(self.on_progress)
        inspector.inspected.connect(self.on_inspected)
        inspector.failed.connect(self.on_failed)
        inspector.sampled.connect(view.show_samples)

    def look(self, source: DataSource, again: bool = False) -> None:
        """Look at these images, unless that is under way or done; ``again`` looks anew."""
        same = source == self._source and (self._looking or self._found is not None)
        if same and not again:
            return
        self._source, self._found, self._looking = source, None, True
        self._view.show_source(source)
        self._view.show_findings(None)
        self._view.show_samples(())
        self._view.show_error(None)
        self._view.show_progress(tr("Listing the images"), None)
        self._inspector.request(source)

    def look_again(self) -> None:
        """Look at the same images anew."""
        if self._source:
            self.look(self._source, again=True)

    def cancel(self) -> None:
        """End the look under way; nothing of it is kept."""
        if self._looking:
            self._looking = False
            self._inspector.cancel()
            self._view.show_progress("", None)
            self._view.show_error(
                ReviewError(tr("The look was stopped."), "", tr("Look again to go on."))
            )

    def another_sample(self) -> None:
        """Draw other random images."""
        if self._found is not None:
            classes = max(1, len(self._found.layout.classes))
            per_class = max(_FEWEST_OF_CLASS, _SAMPLES // classes)
            self._inspector.request_samples(self._found, self._new_seed(), per_class)

    def on_progress(self, done: int, total: int) -> None:
        """Show how far it is."""
        if self._looking and done < total:
            self._view.show_progress(
                tr("Reading images: {done:,} of {total:,}", done=done, total=total), done / total
            )
        elif self._looking:
            self._view.show_progress(tr("Comparing the images"), None)

    def on_inspected(self, found: Inspection) -> None:
        """Show what was found, with a first sample."""
        assert self._source is not None
        self._looking, self._found = False, found
        self._view.show_progress("", None)
        self._view.show_findings(found)
        self._view.tell_findings(self._source, found)
        self.another_sample()

    def on_failed(self, error: ReviewError) -> None:
        """Show why there is nothing."""
        self._looking = False
        self._view.show_progress("", None)
        self._view.show_error(error)
