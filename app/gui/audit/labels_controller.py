"""What the page of suspicious labels does, without Qt: which images, decisions, undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import ReviewError
from app.core.base.translation import again, mark, tr
from app.gui.audit.text import cell_of
from app.gui.training.protocols import SignalLike
from app.review.audit import Audit, AuditRow, Cell
from app.review.audit.relabelling import LEAVE_OUT, Relabelling
from app.review.audit.suspects import TOO_FEW, Suspect, Suspects
from app.training.data.layout import DataSource


class Shown(StrEnum):
    """Which images the page lists."""

    SUSPECTS = "suspects"
    WRONG = "wrong"
    DECIDED = "decided"


SHOWN = {
    Shown.SUSPECTS: mark("Suspicious labels"),
    Shown.WRONG: mark("All wrong calls"),
    Shown.DECIDED: mark("Decided"),
}


_WRONG = ("fn", "fp")


@dataclass(frozen=True)
class LabelRow:
    """One image of the list.

    Parameters
    ----------
    row
        The image.
    index
        Its position in ``Audit.scored``.
    suspect
        Why it is suspicious; None where it is not.
    cell
        Where it lies in the confusion matrix, for the list of wrong calls.
    """

    row: AuditRow
    index: int
    suspect: Suspect | None = None
    cell: Cell | None = None


class SuspectsFinderProtocol(Protocol):
    """Looks for suspects; see ``app.jobs.suspects_finder``."""

    @property
    def found(self) -> SignalLike:
        """Emitted with the audit and its ``Suspects``."""

    @property
    def failed(self) -> SignalLike:
        """Emitted with a ``ReviewError``."""

    def request(self, audit: Audit) -> None:
        """Look for them."""

    def cancel(self) -> None:
        """Give up."""


class LabelsView(Protocol):
    """The page."""

    def show_lines(self, lines: Sequence[LabelRow], current: int) -> None:
        """List images, one of them current; -1 for none."""

    def show_current(self, current: int) -> None:
        """Move to another place in the list; the lines' decisions may be others."""

    def show_summary(self, words: str, empty: str) -> None:
        """Say what was found, and in place of an empty list what to do."""

    def show_hard(self, words: str, can_train: bool) -> None:
        """Say how many images would weigh more, and whether a training can be prepared."""

    def ask_training(self, source: DataSource) -> None:
        """Hand the relabelled set to the training panel."""

    def show_error(self, error: ReviewError | None) -> None:
        """Say what went wrong, None for nothing any more."""


class LabelsController:
    """Drives the page.

    Parameters
    ----------
    view
        The page.
    finder
        Looks for suspects.
    reader
        Who decides; asked at each decision.
    """

    def __init__(
        self, view: LabelsView, finder: SuspectsFinderProtocol, reader: Callable[[], str]
    ) -> None:
        self._view, self._finder, self._reader = view, finder, reader
        self._audit: Audit | None = None
        self._suspects: Suspects | None = None
        self._relabelling: Relabelling | None = None
        self._shown = Shown.SUSPECTS
        self._threshold = 0.5
        self._labels: NDArray[np.int64] = np.empty(0, np.int64)
        self._lines: list[LabelRow] = []
        self._current = -1
        finder.found.connect(self._on_found)
        finder.failed.connect(self._on_failed)

    # -- what there is ---------------------------------------------------------------------------

    @property
    def lines(self) -> Sequence[LabelRow]:
        """The list in view."""
        return self._lines

    @property
    def current(self) -> LabelRow | None:
        """The image that keys decide on."""
        return self._lines[self._current] if 0 <= self._current < len(self._lines) else None

    @property
    def following(self) -> LabelRow | None:
        """The image after it, likely to be next."""
        after = self._current + 1
        return self._lines[after] if 0 < after < len(self._lines) else None

    def decision(self, row: AuditRow) -> str:
        """What was decided of an image, empty for nothing."""
        return self._relabelling.of(row) if self._relabelling else ""

    # -- what the bench says ---------------------------------------------------------------------

    def show_audit(self, audit: Audit | None) -> None:
        """Take another audit: earlier decisions come back, suspects are looked for."""
        self._audit, self._suspects, self._relabelling = audit, None, None
        self._view.show_error(None)
        self._finder.cancel()
        if audit is not None:
            try:
                self._relabelling = Relabelling(audit.folder)
            except ReviewError as error:
                self._view.show_error(error)
            self._finder.request(audit)
        self._list()

    def show_threshold(self, threshold: float) -> None:
        """Follow the threshold: it says which calls are wrong."""
        self._threshold = threshold
        if self._shown is not Shown.SUSPECTS:  # the others say what is wrong at the threshold
            self._list()
        else:
            self._tell_hard()

    def choose(self, shown: Shown) -> None:
        """List other images."""
        self._shown = shown
        self._list()

    # -- what a person does ----------------------------------------------------------------------

    def move_to(self, place: int) -> None:
        """Another image was chosen in the list."""
        if 0 <= place < len(self._lines):
            self._current = place

    def step(self, by: int) -> None:
        """Go to a neighbour."""
        if self._lines:
            self._go(min(max(self._current + by, 0), len(self._lines) - 1))

    def decide(self, decision: str) -> None:
        """Keep a decision on the current image and go to the next."""
        line = self.current
        if line is None or self._relabelling is None:
            return
        try:
            self._relabelling.decide(line.row, decision, self._reader())
        except ReviewError as error:
            self._view.show_error(error)
            return
        self._view.show_error(None)
        self._tell()
        self._go(min(self._current + 1, len(self._lines) - 1))

    def undo(self) -> None:
        """Take the last decision back and go to its image."""
        if self._relabelling is None:
            return
        try:
            undone = self._relabelling.undo()
        except ReviewError as error:
            self._view.show_error(error)
            return
        self._view.show_error(None)
        self._tell()
        if undone is None:
            return
        places = (
            at
            for at, line in enumerate(self._lines)
            if line.row.content_hash == undone.content_hash
        )
        self._go(next(places, self._current))

    def train(self, weight: float) -> None:
        """Write the labels as decided, hard cases with a weight, and ask for a training."""
        audit, relabelling = self._audit, self._relabelling
        if audit is None or relabelling is None:
            return
        try:
            hard = {audit.scored[i].content_hash for i in self._hard()}
            labels = relabelling.write_csv(audit, hard, weight)
        except ReviewError as error:
            self._view.show_error(error)
            return
        self._view.show_error(None)
        self._view.ask_training(DataSource(audit.folder, labels))

    # -- inside ----------------------------------------------------------------------------------

    def _on_found(self, audit: Audit, suspects: Suspects) -> None:
        if audit is self._audit:
            self._suspects = suspects
            self._list()

    def _on_failed(self, error: ReviewError) -> None:
        self._view.show_error(error)

    def _go(self, place: int) -> None:
        self._current = place
        self._view.show_current(place)

    def _list(self) -> None:
        before = self.current
        self._lines = self._found_lines()
        places = (
            at for at, line in enumerate(self._lines) if before and line.index == before.index
        )
        self._current = next(places, 0 if self._lines else -1)
        self._view.show_lines(self._lines, self._current)
        self._tell()

    def _found_lines(self) -> list[LabelRow]:
        audit = self._audit
        if audit is None:
            return []
        found = self._suspects.found if self._suspects else ()
        by_index = {one.index: one for one in found}
        rows = audit.scored
        if self._shown is Shown.SUSPECTS:
            return [LabelRow(rows[one.index], one.index, one) for one in found]
        if self._shown is Shown.DECIDED:
            chosen = [i for i, row in enumerate(rows) if self.decision(row)]
        else:
            wrong = [i for i, row in enumerate(rows) if cell_of(row, self._threshold) in _WRONG]
            distance = np.abs(audit.p - audit.labels)
            chosen = sorted(wrong, key=lambda i: -distance[i])
        return [
            LabelRow(rows[i], i, by_index.get(i), cell_of(rows[i], self._threshold)) for i in chosen
        ]

    def _tell(self) -> None:
        self._take_decisions()
        self._view.show_summary(self._summary(), self._empty())
        self._tell_hard()

    def _tell_hard(self) -> None:
        ready = self._relabelling is not None and self._suspects is not None
        count = len(self._hard()) if ready else 0
        words = tr("{count:,} wrong calls weigh", count=count) if ready else ""
        self._view.show_hard(words, ready)

    def _hard(self) -> NDArray[np.int64]:
        """Positions of the images that are called wrongly by their label as decided.

        Suspicious labels that nobody decided on are not among them: to weigh what is likely
        wrong would teach the error.
        """
        if self._audit is None or not len(self._labels):
            return np.empty(0, np.int64)
        calls = self._audit.p >= self._threshold
        return np.flatnonzero((self._labels >= 0) & (calls != self._labels))

    def _take_decisions(self) -> None:
        """Bring the labels up to date: 0 or 1, -1 for one that is left out or doubtful."""
        audit, relabelling = self._audit, self._relabelling
        if audit is None or relabelling is None or self._suspects is None:
            self._labels = np.empty(0, np.int64)
            return
        decisions = relabelling.decisions
        self._labels = audit.labels.copy()
        for one in self._suspects.found:
            self._labels[one.index] = -1
        for i, row in enumerate(audit.scored):
            if row.content_hash in decisions:
                label = relabelling.label_of(row)
                self._labels[i] = -1 if label is None else label

    def _summary(self) -> str:
        audit, suspects = self._audit, self._suspects
        if audit is None or self._relabelling is None:
            return ""
        rows = [row for row in audit.scored if self.decision(row)]
        out = sum(self.decision(row) == LEAVE_OUT for row in rows)
        changed = sum(self._relabelling.label_of(row) == 1 - row.label for row in rows)
        words = []
        if suspects is None:
            words.append(tr("Looking for suspicious labels\N{HORIZONTAL ELLIPSIS}"))
        elif suspects.why_not:
            words.append(again(suspects.why_not, TOO_FEW))
        else:
            words.append(
                tr(
                    "Suspicious labels: {suspects:,} among {images:,}.",
                    suspects=len(suspects.found),
                    images=suspects.looked_at,
                )
            )
        if suspects is not None and suspects.left_out:
            words.append(
                tr(
                    "Left out, since the model was trained on them and there is no out-of-fold "
                    "score: {count:,}.",
                    count=suspects.left_out,
                )
            )
        words.append(
            tr(
                "Decided: {decided:,}, of these {changed:,} with another label and {out:,} left "
                "out.",
                decided=len(rows),
                changed=changed,
                out=out,
            )
        )
        return " ".join(words)

    def _empty(self) -> str:
        if self._audit is None:
            return tr("Audit a labelled folder to see which of its labels are suspicious.")
        if self._shown is Shown.DECIDED:
            return tr("No label was decided on yet: N, P and X decide.")
        if self._shown is Shown.WRONG:
            return tr("No call is wrong at this threshold.")
        if self._suspects is None:
            return ""
        if self._suspects.why_not:
            return tr(
                "Whether labels are suspicious could not be tested; why stands above. Only copies "
                "with different labels were looked for, and there are none."
            )
        if self._suspects.left_out:
            return tr(
                "No label that could be tested is suspicious. Images left out were not tested."
            )
        return tr("No label of this folder is suspicious.")
