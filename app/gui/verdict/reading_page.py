"""The image in view as its reader finds it: what is known of it, said of it, and to be seen. No Qt.

Only questions: what the reader's keys do is the controller's.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from app.core.model.results import Call
from app.core.reading.verdicts import UNKNOWN, Agreement, ImageIdentity, Verdict
from app.core.worklist.scan import Item
from app.gui.verdict import reading_rules as rules
from app.gui.verdict.reading_protocols import Draft, ReadingView, RowReading
from app.gui.verdict.reading_writer import Writer
from app.gui.verdict.viewing_state import KeyPace, ViewingState
from app.review.verdicts.history import VerdictHistory


class ReadingPage:
    """One image, one reader, all verdicts.

    Parameters
    ----------
    view
        By protocol.
    writer
        What is on its way to the disk.

    Attributes
    ----------
    book
        All verdicts.
    reader
        Who reads; empty while nobody has said so.
    blinded
        Whether the reader judges before the network is shown.
    current, image
        The image in view, and by what it is known.
    """

    def __init__(self, view: ReadingView, writer: Writer) -> None:
        self.view = view
        self.book = VerdictHistory()
        self.reader = ""
        self.blinded = False
        self.current: Item | None = None
        self.image = UNKNOWN
        self._writer = writer
        self._sight = ViewingState()
        self._pace = KeyPace()
        self._draft = Draft()

    def row_reading(self, image: ImageIdentity) -> RowReading:
        """What the worklist shows of an image's verdicts."""
        return rules.row_reading(self.book, image, self.reader, self.blinded)

    def saw_scores(self, images: Iterable[ImageIdentity]) -> None:
        """This reader has seen what the network says of images, outside the reading window."""
        for image in images:
            self._sight.see_score(self.reader, image)

    def saw_scores_at(self, paths: Iterable[Path]) -> None:
        """The same of files of which only the path is known."""
        for path in paths:
            self._sight.see_score_at(self.reader, path)

    @property
    def on_screen(self) -> bool:
        """Whether the current image is on the screen and known: a verdict can be written."""
        return self._sight.known

    @property
    def unsaved(self) -> int:
        """How many verdicts are not on disk, because it could not be written."""
        return self._writer.failed

    @property
    def saving(self) -> bool:
        """Whether something is on its way to the disk."""
        return self._writer.busy

    @property
    def _own(self) -> Verdict | None:
        return self.book.latest(self.image, self.reader)

    @property
    def _standing(self) -> Verdict | None:
        """What the reader said last, on disk or on its way there."""
        return self._writer.newest(self.image, self.reader) or self._own

    @property
    def _sealed(self) -> bool:
        return rules.is_sealed(self.book, self.image, self.reader, self.blinded)

    @property
    def _call(self) -> Call | None:
        prediction = self.view.prediction_of(self.current) if self.current else None
        return prediction.call if prediction else None

    def _made(self, agreement: Agreement | None, draft: Draft) -> Verdict:
        assert self.current is not None
        prediction = self.view.prediction_of(self.current)
        seen_before = self._sight.has_seen_score(self.reader, self.image, self.current.path)
        seen_score = seen_before or (bool(prediction and prediction.call) and not self._sealed)
        return rules.made_verdict(
            self.image,
            self.reader,
            agreement,
            draft,
            prediction,
            score_visible=seen_score,
            heatmap_visible=seen_score and self.view.heatmap_in_sight(),
        )
