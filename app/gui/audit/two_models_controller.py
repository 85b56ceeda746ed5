"""What the page of two models does, without Qt: which two, at which thresholds, which images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import ReviewError
from app.core.base.translation import mark, tr
from app.core.model.operating_points import OperatingPoint, operating_points
from app.gui.training.protocols import SignalLike
from app.review.audit.two_models import KINDS, TwoModels
from app.review.comparison.compare import Comparison, in_words

if TYPE_CHECKING:
    from app.review.audit import Audit, AuditRow
    from app.review.audit.readers import LabelsFrom

INVITATION = mark(
    "Choose a model to see beside {model}. Both judge the same images; what one of the two has "
    "scored before is not scored again."
)
ALL_SEEN = mark(
    "All images ({images:,}) are of patients on whom one of the two models was trained, and there "
    "are no out-of-fold scores of them. Training images too shows them all the same: their scores "
    "flatter the model."
)
NO_AUDIT = mark("Audit a folder first: two models are compared on its images.")


@dataclass(frozen=True)
class Pair:
    """One image and what the two models say of it.

    Parameters
    ----------
    row
        The image, as the first model's audit has it.
    p, thresholds
        Of the first and of the second model.
    place, count
        Where it stands among how many of its kind, from 0.
    """

    row: AuditRow
    p: tuple[float, float]
    thresholds: tuple[float, float]
    place: int
    count: int


class AuditAgain(Protocol):
    """Audits a folder with another model; ``app.jobs.audit_process.AuditProcess``."""

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

    def audit(self, folder: str | Path, model: str, labels: LabelsFrom, out_of_fold: bool) -> None:
        """Begin."""

    def cancel(self) -> None:
        """Give up."""


class PairFinderProtocol(Protocol):
    """``app.jobs.pair_finder.PairFinder``."""

    @property
    def matched(self) -> SignalLike:
        """Emitted with the ``TwoModels``."""

    @property
    def compared(self) -> SignalLike:
        """Emitted with the ``TwoModels`` and its ``Comparison``."""

    @property
    def failed(self) -> SignalLike:
        """Emitted with a ``ReviewError``."""

    def match(self, first: Audit, second: Audit, with_seen: bool) -> None:
        """Bring two audits together."""

    def compare(self, pair: TwoModels, first: float, second: float) -> None:
        """Work out the figures."""

    def cancel(self) -> None:
        """Drop what was asked for."""


class TwoModelsView(Protocol):
    """``app.gui.audit.models_page.ModelsPage``."""

    def show_empty(self, words: str) -> None:
        """Say what to do, in place of a comparison."""

    def show_busy(self, busy: bool) -> None:
        """Show whether the second model scores."""

    def show_points(self, points: Sequence[OperatingPoint], threshold: float) -> None:
        """Offer the second model's operating points; that at a threshold is in use."""

    def show_flips(self, counts: Mapping[str, int], chosen: str) -> None:
        """Show how many images are of each kind."""

    def show_words(self, words: str) -> None:
        """Show the figures in words; empty while they are worked out."""

    def show_pair(self, pair: Pair | None, names: tuple[str, str]) -> None:
        """Show an image twice; None for no image of the chosen kind."""

    def show_error(self, error: ReviewError) -> None:
        """Say what went wrong."""

    def compare_soon(self) -> None:
        """Call ``compare`` once the threshold rests."""


class TwoModelsController:
    """Holds the two audits, what follows from them, and the place among the images of a kind.

    Parameters
    ----------
    view, job, finder
        By protocol.
    """

    def __init__(self, view: TwoModelsView, job: AuditAgain, finder: PairFinderProtocol) -> None:
        self._view, self._job, self._finder = view, job, finder
        self.audit: Audit | None = None
        self.second: Audit | None = None
        self.pair: TwoModels | None = None
        self.thresholds = (0.5, 0.5)
        self.kind = "newly_missed"
        self._with_seen = False
        self._flips: dict[str, NDArray[np.int64]] = {}
        self._place = 0
        self._wanted = ""
        self._compared_at = self.thresholds
        job.audited.connect(self._take_audit)
        job.failed.connect(self._fail)
        job.cancelled.connect(self._ended)
        finder.matched.connect(self._take_pair)
        finder.compared.connect(self._take_figures)
        finder.failed.connect(view.show_error)

    # -- from the window -------------------------------------------------------------------------

    def show_audit(self, audit: Audit | None) -> None:
        """Begin anew with another audit; the model beside it is to be chosen again."""
        self._wanted = ""
        self._job.cancel()
        self._finder.cancel()
        self.audit, self.second, self.pair = audit, None, None
        self._invite()

    def show_threshold(self, threshold: float) -> None:
        """Make the first model's calls at another threshold."""
        self._set_thresholds((threshold, self.thresholds[1]))

    # -- from the person -------------------------------------------------------------------------

    def put_beside(self, model: str) -> None:
        """Audit the same images with another model."""
        if self.audit is None:
            return
        self._wanted = model
        self._view.show_busy(True)
        if self._job.running:
            self._job.cancel()
        else:
            self._begin()

    def cancel(self) -> None:
        """Give up the scoring."""
        self._wanted = ""
        self._job.cancel()

    def set_with_seen(self, with_seen: bool) -> None:
        """Compare on training images too, or no longer."""
        self._with_seen = with_seen
        self._match()

    def set_point(self, threshold: float) -> None:
        """Make the second model's calls at another threshold."""
        self._set_thresholds((self.thresholds[0], threshold))

    def choose(self, kind: str) -> None:
        """Look at the images of a kind, from the first."""
        self.kind, self._place = kind, 0
        self._show_kind()

    def step(self, by: int) -> None:
        """Go to a neighbour among the images of the kind."""
        last = len(self._of_kind) - 1
        self._place = max(0, min(last, self._place + by))
        self._show_pair()

    def compare(self) -> None:
        """Ask for the figures at the thresholds in use."""
        if self.pair is not None and len(self.pair.positions):
            self._compared_at = self.thresholds
            self._finder.compare(self.pair, *self.thresholds)

    @property
    def place(self) -> int:
        """Where the image in view stands among those of its kind."""
        return self._place

    @property
    def positions(self) -> NDArray[np.int64]:
        """The images of the chosen kind, by their positions in the first audit."""
        if self.pair is None:
            return np.empty(0, np.int64)
        return self.pair.positions[self._of_kind, 0]

    def ahead(self, count: int) -> list[AuditRow]:
        """The image in view and those after it, so many in all."""
        if self.pair is None:
            return []
        at = self.positions[self._place : self._place + count]
        return [self.pair.first.scored[int(each)] for each in at]

    # -- inside ----------------------------------------------------------------------------------

    @property
    def _of_kind(self) -> NDArray[np.int64]:
        return self._flips.get(self.kind, np.empty(0, np.int64))

    def _invite(self) -> None:
        self._flips = {}
        self._view.show_busy(False)
        if self.audit is None:
            self._view.show_empty(tr(NO_AUDIT))
        else:
            self._view.show_empty(tr(INVITATION, model=self.audit.card.title))

    def _begin(self) -> None:
        if self.audit is not None and self._wanted:
            model, self._wanted = self._wanted, ""
            self._job.audit(self.audit.folder, model, self.audit.labels_from, True)

    def _take_audit(self, second: Audit) -> None:
        if self._wanted or self.audit is None or second.folder != self.audit.folder:
            self._begin()
            return
        self._view.show_busy(False)
        self.second = second
        self.thresholds = (self.thresholds[0], second.threshold)
        self._view.show_points(operating_points(second.card), second.threshold)
        self._match()

    def _fail(self, error: ReviewError) -> None:
        self._view.show_busy(False)
        self._view.show_error(error)

    def _ended(self) -> None:
        if self._wanted:
            self._begin()
        else:
            self._view.show_busy(False)

    def _match(self) -> None:
        if self.audit is not None and self.second is not None:
            self._finder.match(self.audit, self.second, self._with_seen)

    def _take_pair(self, pair: TwoModels) -> None:
        if pair.first is not self.audit:
            return
        self.pair, self._place = pair, 0
        if not len(pair.positions):
            self._flips = {}
            self._view.show_empty(tr(ALL_SEEN, images=len(pair.first.scored)))
            return
        self._find_flips()
        if not len(self._of_kind):
            self.kind = next((kind for kind in KINDS if len(self._flips[kind])), self.kind)
        self._show_kind()
        self._view.show_words("")
        self.compare()

    def _set_thresholds(self, thresholds: tuple[float, float]) -> None:
        if thresholds == self.thresholds:
            return
        self.thresholds = thresholds
        if self.pair is None or not len(self.pair.positions):
            return
        current = self.positions[self._place] if len(self._of_kind) else -1
        self._find_flips()
        # Who drags a threshold keeps the image in view as long as it is of the kind.
        found = np.flatnonzero(self.positions == current)
        self._place = int(found[0]) if len(found) else 0
        self._show_kind()
        self._view.compare_soon()

    def _find_flips(self) -> None:
        assert self.pair is not None
        self._flips = self.pair.flips(*self.thresholds)

    def _show_kind(self) -> None:
        counts = {kind: len(self._flips.get(kind, ())) for kind in KINDS}
        self._view.show_flips(counts, self.kind)
        self._show_pair()

    def _show_pair(self) -> None:
        if self.pair is None:
            return
        names = self.pair.first.card.title, self.pair.second.card.title
        if not len(self._of_kind):
            self._view.show_pair(None, names)
            return
        at = int(self._of_kind[self._place])
        row = self.pair.first.scored[int(self.pair.positions[at, 0])]
        p = float(self.pair.p[0][at]), float(self.pair.p[1][at])
        shown = Pair(row, p, self.thresholds, self._place, len(self._of_kind))
        self._view.show_pair(shown, names)

    def _take_figures(self, pair: TwoModels, figures: Comparison) -> None:
        # Figures of thresholds that were left meanwhile are not shown beside the new counts.
        if pair is not self.pair or self._compared_at != self.thresholds:
            return
        lines = in_words(figures.as_dict(pair.overlap))
        if pair.unmatched:
            lines.append(
                tr("Only one of the two has scored 1 image: left out.")
                if pair.unmatched == 1
                else tr("Only one of the two has scored {n:,} images: left out.", n=pair.unmatched)
            )
        self._view.show_words(" ".join(lines))
