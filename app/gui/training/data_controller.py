"""Which images a training uses, without Qt: folder, CSVs, class mapping, what is known of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from app.core.base.errors import ReviewError
from app.gui.training.protocols import SignalLike
from app.training.data.findings import Inspection
from app.training.data.layout import DataSource
from app.training.data.summary import FolderSummary

REVIEWED = frozenset({"NORMAL", "PNEUMONIA"})
"""The classes of a model that can be used for review."""


class Counter(Protocol):
    """Counts a folder in the background; see ``app.jobs.folder_counter.FolderCounter``."""

    @property
    def counted(self) -> SignalLike:
        """Emitted with the summary of the newest request."""

    @property
    def failed(self) -> SignalLike:
        """Emitted with the error that kept it from being counted."""

    def request(self, source: DataSource) -> None:
        """Count the images of a folder."""


class Memory(Protocol):
    """Where the last choice is kept."""

    def load(self) -> DataSource | None:
        """The choice of last time, None for none."""

    def save(self, source: DataSource) -> None:
        """Keep a choice."""


class DataView(Protocol):
    """The section; see ``app.gui.training.data_section.DataSection``."""

    def show_source(self, source: DataSource | None) -> None:
        """Show folder and CSVs."""

    def show_summary(self, summary: FolderSummary | None) -> None:
        """Show the class balance, None while it is being counted."""

    def show_mapping(self, found: tuple[str, ...], mapping: Mapping[str, str]) -> None:
        """Ask which class each class of the data is; none hides the question."""

    def show_cautions(self, cautions: tuple[str, ...]) -> None:
        """Show what should be known before a training."""

    def show_error(self, errors: tuple[ReviewError, ...]) -> None:
        """Show what stands in the way, none to hide it."""


class DataController:
    """Holds the choice of images and what is known of them.

    Parameters
    ----------
    view
        The section.
    counter, memory
        The services.
    locked
        Whether the choice must stay as it is, since a run is under way.
    """

    def __init__(
        self, view: DataView, counter: Counter, memory: Memory, locked: Callable[[], bool]
    ) -> None:
        self.source: DataSource | None = None
        self.summary: FolderSummary | None = None
        self.counting = False
        self._view = view
        self._counter = counter
        self._memory = memory
        self._locked = locked
        self._listeners: list[Callable[[], None]] = []
        counter.counted.connect(self.on_counted)
        counter.failed.connect(self.on_count_failed)

    @property
    def ready(self) -> bool:
        """Whether a training can start on these images."""
        return self.summary is not None and self.summary.trainable

    @property
    def reviewable(self) -> bool:
        """Whether a model of these classes can be used for review."""
        classes = self.summary.classes if self.summary else ()
        return {count.name.upper() for count in classes} == REVIEWED

    def listen(self, listener: Callable[[], None]) -> None:
        """Have ``listener`` called whenever what is known of the images changes."""
        self._listeners.append(listener)

    def open(self) -> None:
        """Take up the choice of last time."""
        if remembered := self._memory.load():
            self._take(remembered)

    def choose_folder(self, folder: str) -> None:
        """Take a folder, with its own classes and patients, and count it in the background."""
        self._take(DataSource(Path(folder)))

    def choose(self, source: DataSource) -> None:
        """Take a whole choice that was made elsewhere, and count it in the background."""
        self._take(source)

    def choose_labels(self, table: str) -> None:
        """Take the classes from a CSV, or with an empty name from the subfolders again."""
        if self.source:
            labels = Path(table) if table else None
            self._take(replace(self.source, labels=labels, mapping={}))

    def choose_patients(self, table: str) -> None:
        """Take the patients from a CSV, or with an empty name from headers and names again."""
        if self.source:
            self._take(replace(self.source, patients=Path(table) if table else None))

    def choose_mapping(self, mapping: Mapping[str, str]) -> None:
        """Rename classes, or leave out those that are mapped to nothing."""
        if self.source and dict(mapping) != dict(self.source.mapping):
            self._take(replace(self.source, mapping=dict(mapping)), same_classes=True)

    def on_counted(self, summary: FolderSummary) -> None:
        """Show the balance, or what stands in the way."""
        assert self.source is not None
        self.counting, self.summary = False, summary
        self._memory.save(self.source)
        self._view.show_summary(summary)
        self._view.show_cautions(summary.cautions)
        self._view.show_error(summary.problems)
        asked = {name.upper() for name in summary.found} != REVIEWED and len(summary.found) > 1
        self._view.show_mapping(summary.found if asked else (), self.source.mapping)
        self._tell()

    def on_count_failed(self, error: ReviewError) -> None:
        """Show why the images cannot be counted."""
        if self.source and self.source.mapping:
            # The classes have changed since the mapping was made: it is asked for anew.
            self._take(replace(self.source, mapping={}))
            return
        self.counting = False
        self._view.show_error((error,))
        self._tell()

    def take_findings(self, source: DataSource, found: Inspection) -> None:
        """Show what a look at every image found, unless other images were chosen meanwhile."""
        if source == self.source:
            self._view.show_cautions(found.warnings)
            self._view.show_error(found.problems)

    def _take(self, source: DataSource, same_classes: bool = False) -> None:
        if self._locked():
            return
        self.source, self.summary, self.counting = source, None, True
        self._view.show_source(source)
        self._view.show_error(())
        self._view.show_cautions(())
        if not same_classes:
            self._view.show_summary(None)
            self._view.show_mapping((), {})
        self._tell()
        self._counter.request(source)

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
