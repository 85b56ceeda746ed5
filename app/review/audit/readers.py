"""Labels from readers' verdicts: by default only from those given blind to the network.

A reader who saw the score or the heatmap may have followed it, and a model audited against such
labels is audited against itself.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.core.base.translation import tr
from app.core.model.results import Call
from app.core.reading.verdicts import Agreement, ImageIdentity, Verdict
from app.review.comparison.evaluation import CLASSES
from app.review.verdicts.history import VerdictHistory
from app.review.verdicts.store import VerdictStore, default_path


@dataclass(frozen=True)
class Readers:
    """Which verdicts label the images.

    Parameters
    ----------
    store
        The database of verdicts; None for the user's own.
    blind_only
        Only verdicts given while neither score nor heatmap was in sight.
    reader
        One reader's alone; empty for those of all.
    """

    store: Path | None = None
    blind_only: bool = True
    reader: str = ""

    def book(self) -> VerdictHistory:
        """The verdicts as they are now.

        Raises
        ------
        VerdictStoreError
            When the database cannot be read.
        """
        path = self.store or default_path()
        if not path.exists():
            return VerdictHistory()
        with VerdictStore(path) as store:
            return store.book

    def in_words(self) -> str:
        """Where the labels come from."""
        if self.blind_only:
            return tr("readers' verdicts given blind to the network")
        return tr("readers' verdicts, those who saw the network's score among them")

    def opinions(self, book: VerdictHistory, image: ImageIdentity) -> dict[str, int]:
        """The class that each reader gives an image; one who is unsure gives none.

        A reader's newest verdict counts; where only blind ones do, the newest of these, even if
        the reader changed it after seeing the score.
        """
        found: dict[str, int] = {}
        for entry in book.history(image):
            verdict = entry.verdict
            if not book.in_force(entry) or self.reader not in ("", verdict.reader):
                continue
            if self.blind_only and (verdict.score_visible or verdict.heatmap_visible):
                continue
            if not verdict.is_read:
                continue
            found.pop(verdict.reader, None)
            if (label := class_of(verdict)) is not None:
                found[verdict.reader] = label
        return found


LabelsFrom = Path | Readers | None
"""A CSV, readers' verdicts, or the names of the subfolders."""


def to_json(labels: LabelsFrom) -> str | dict[str, Any] | None:
    """Where labels come from, as plain JSON."""
    if isinstance(labels, Readers):
        return asdict(labels) | {"store": str(labels.store) if labels.store else None}
    return None if labels is None else str(labels)


def from_json(said: str | dict[str, Any] | None) -> LabelsFrom:
    """What ``to_json`` gave."""
    if isinstance(said, dict):
        store = said["store"]
        return Readers(**{**said, "store": Path(store) if store else None})
    return None if said is None else Path(said)


def class_of(verdict: Verdict) -> int | None:
    """The class that a verdict means: its label, else what it says of the network's call.

    None for an unsure verdict, and for a label that is neither class.
    """
    if verdict.label:
        label = verdict.label.upper()
        return CLASSES.index(label) if label in CLASSES else None
    if verdict.call is None or verdict.agreement in (None, Agreement.UNSURE):
        return None
    ill = (verdict.call is Call.PNEUMONIA) == (verdict.agreement is Agreement.AGREE)
    return int(ill)
