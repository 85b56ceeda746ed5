"""What the audit bench does, without Qt: one audit, one threshold, one choice of images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from app.core.base.errors import ReviewError
from app.gui.audit.audit_rows import Picked, Positions
from app.gui.audit.text import cells_words
from app.gui.training.protocols import SignalLike
from app.review.audit import Audit, Cell, Figures, Readers

FOLDERS, CSV, VERDICTS, VERDICTS_ALL = "folders", "csv", "verdicts", "all verdicts"
"""Where labels come from; in place of ``CSV`` a wish has the path of the file."""


@dataclass(frozen=True)
class Wish:
    """What is to be audited.

    Parameters
    ----------
    folder
        The labelled folder.
    labels
        ``FOLDERS``, ``VERDICTS`` (only those that readers gave blind to the network),
        ``VERDICTS_ALL``, or the path of a CSV.
    model
        Name of a model; empty for the active one.
    out_of_fold
        Whether scores from cross-validation stand in for those of training images.
    """

    folder: Path
    labels: str = FOLDERS
    model: str = ""
    out_of_fold: bool = True

    @property
    def label_source(self) -> Path | Readers | None:
        """As ``app.review.audit.audit_folder`` takes it."""
        if self.labels == FOLDERS:
            return None
        if self.labels in (VERDICTS, VERDICTS_ALL):
            return Readers(blind_only=self.labels == VERDICTS)
        return Path(self.labels)


class AuditJob(Protocol):
    """Audits a folder in a process of its own."""

    @property
    def progress(self) -> SignalLike:
        """Emitted with how many images are done, and how many there are (0 while unknown)."""

    @property
    def audited(self) -> SignalLike:
        """Emitted with the ``Audit``."""

    @property
    def failed(self) -> SignalLike:
        """Emitted with a ``ReviewError``."""

    @property
    def cancelled(self) -> SignalLike:
        """Emitted once a cancelled audit has ended."""

    @property
    def running(self) -> bool:
        """Whether an audit is under way."""

    def audit(
        self,
        folder: str | Path,
        model: str = "",
        labels: Path | Readers | None = None,
        out_of_fold: bool = True,
    ) -> None:
        """Begin; see ``app.jobs.audit_process.AuditProcess``."""

    def cancel(self) -> None:
        """Give up; what is scored stays in the cache."""


class Statistician(Protocol):
    """Works out in a thread what takes too long for a dragged threshold."""

    @property
    def figures_ready(self) -> SignalLike:
        """Emitted with the ``Audit`` and its ``Figures`` with intervals, for the newest request."""

    @property
    def bands_ready(self) -> SignalLike:
        """Emitted with an ``Audit`` whose curves have their bands."""

    @property
    def failed(self) -> SignalLike:
        """Emitted with a ``ReviewError``."""

    def request(self, audit: Audit, threshold: float) -> None:
        """Ask for the figures at a threshold, in place of what was asked for before."""


class AuditView(Protocol):
    """The window; see ``app.gui.audit.audit_window.AuditWindow``."""

    def show_wish(self, wish: Wish) -> None:
        """Show what is audited, or is about to be."""

    def show_progress(self, done: int, total: int) -> None:
        """Show how far the scoring is; a total of 0 while files are looked for."""

    def show_start(self) -> None:
        """Show that there is nothing yet, and what to do."""

    def show_audit(self, audit: Audit) -> None:
        """Show another audit; threshold and gallery follow."""

    def show_threshold(self, threshold: float) -> None:
        """Show the threshold, on all that follows it."""

    def show_matrix(self, counts: Mapping[Cell, int], chosen: frozenset[Cell]) -> None:
        """Show the confusion matrix and which cells are in the gallery."""

    def show_figures(self, figures: Figures) -> None:
        """Show the figures, with or without intervals."""

    def show_bands(self, audit: Audit) -> None:
        """The bands of the curves are there."""

    def show_gallery(self, rows: Picked, words: str) -> None:
        """Show images."""

    def walk(self, rows: Picked, place: int, words: str) -> None:
        """Open images in the reading window."""

    def show_errors(self, errors: tuple[ReviewError, ...]) -> None:
        """Say what happened, or nothing any more."""


class AuditController:
    """Holds the audit, the threshold and the choice.

    Parameters
    ----------
    view, job, statistician
        By protocol.
    """

    def __init__(self, view: AuditView, job: AuditJob, statistician: Statistician) -> None:
        self.audit: Audit | None = None
        self.threshold = 0.5
        self.cells: frozenset[Cell] = frozenset({"fn"})
        self.wish: Wish | None = None
        self._view, self._job, self._statistician = view, job, statistician
        self._asked: Positions | None = None
        self._words = ""
        self._next: Wish | None = None
        self._shown: Wish | None = None
        job.progress.connect(view.show_progress)
        job.audited.connect(self._done)
        job.failed.connect(self._failed)
        job.cancelled.connect(self._cancelled)
        statistician.figures_ready.connect(self._take_figures)
        statistician.bands_ready.connect(self._take_bands)
        statistician.failed.connect(lambda error: view.show_errors((error,)))

    # -- from the person -------------------------------------------------------------------------

    def open(self, wish: Wish) -> None:
        """Audit a folder; one under way is given up."""
        self._view.show_errors(())
        self._view.show_wish(wish)
        self._next = wish
        if self._job.running:
            self._job.cancel()
        else:
            self._begin()

    def cancel(self) -> None:
        """Give up the audit under way."""
        self._next = None
        self._job.cancel()

    def set_threshold(self, threshold: float) -> None:
        """Make all calls at another threshold."""
        threshold = min(1.0, max(0.0, threshold))
        if self.audit is None or threshold == self.threshold:
            return
        self.threshold = threshold
        self._follow(self.audit)

    def choose(self, cell: Cell, add: bool = False) -> None:
        """Show the images of a cell, alone or beside those of the cells chosen before."""
        together = self.cells ^ {cell} if add and self._asked is None else frozenset({cell})
        self.choose_cells(together or frozenset({cell}))

    def choose_cells(self, cells: frozenset[Cell]) -> None:
        """Show the images of some cells."""
        self.cells, self._asked, self._words = cells, None, ""
        if self.audit is not None:
            self._show_matrix(self.audit)
            self._show_gallery(self.audit)

    def ask(self, positions: Sequence[int] | Positions, words: str) -> None:
        """Show images that a page has picked."""
        if self.audit is None:
            return
        self._asked, self._words = np.asarray(positions, np.int64), words
        self._show_matrix(self.audit)
        self._show_gallery(self.audit)

    def walk(self, positions: Sequence[int] | Positions, place: int, words: str = "") -> None:
        """Walk images in the reading window, beginning with that at a place."""
        if self.audit is not None and len(positions):
            self._view.walk(Picked(self.audit, positions), place, words or self.words)

    def walk_gallery(self, order: Positions, place: int) -> None:
        """Walk the images of the gallery, in its order."""
        if self.audit is not None:
            self.walk(self._positions(self.audit)[order], place)

    @property
    def words(self) -> str:
        """What is in the gallery."""
        return cells_words(tuple(self.cells)) if self._asked is None else self._words

    # -- from the job ----------------------------------------------------------------------------

    def _begin(self) -> None:
        wish, self._next = self._next, None
        if wish is not None:
            self.wish = wish
            self._view.show_progress(0, 0)
            self._job.audit(wish.folder, wish.model, wish.label_source, wish.out_of_fold)

    def _done(self, audit: Audit) -> None:
        if self._next is not None:
            self._begin()
            return
        self._shown = self.wish
        self.show(audit)

    def show(self, audit: Audit) -> None:
        """Take an audit up, at its model's operating point, with the missed pneumonias in view."""
        self.audit, self.threshold = audit, audit.threshold
        self.cells, self._asked = frozenset({"fn"}), None
        self._view.show_audit(audit)
        self._follow(audit)

    def _failed(self, error: ReviewError) -> None:
        self._back()
        self._view.show_errors((error,))

    def _cancelled(self) -> None:
        if self._next is not None:
            self._begin()
        else:
            self._back()

    def _back(self) -> None:
        """To the audit that was in view before, if any."""
        if self.audit is None:
            self._view.show_start()
            return
        if self._shown is not None:
            self.wish = self._shown
            self._view.show_wish(self._shown)
        self._view.show_audit(self.audit)
        self._follow(self.audit)

    # -- what follows the threshold --------------------------------------------------------------

    def _follow(self, audit: Audit) -> None:
        self._show_matrix(audit)
        self._view.show_figures(audit.figures(self.threshold, intervals=False))
        self._show_gallery(audit)
        self._view.show_threshold(self.threshold)
        self._statistician.request(audit, self.threshold)

    def _show_matrix(self, audit: Audit) -> None:
        chosen = self.cells if self._asked is None else frozenset()
        self._view.show_matrix(audit.matrix(self.threshold).counts, chosen)

    def _show_gallery(self, audit: Audit) -> None:
        self._view.show_gallery(Picked(audit, self._positions(audit)), self.words)

    def _positions(self, audit: Audit) -> Positions:
        if self._asked is not None:
            return self._asked
        return audit.matrix(self.threshold).rows(*self.cells)

    def _take_figures(self, audit: Audit, figures: Figures) -> None:
        if audit is self.audit and figures.matrix.threshold == self.threshold:
            self._view.show_figures(figures)

    def _take_bands(self, audit: Audit) -> None:
        if audit is self.audit:
            self._view.show_bands(audit)
