"""The images of the worklist and what is known of each, in the order of the scan. No Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from app.core.image.radiograph import Header
from app.core.reading.verdicts import UNKNOWN, ImageIdentity
from app.core.worklist.scan import Item
from app.gui.common.privacy import identity_words
from app.gui.verdict.reading_protocols import RowReading
from app.gui.worklist.arrangement import Row, State, WorklistColumn
from app.inference.scoring.pipeline import Scored


class WorklistRows:
    """Rows by path.

    Attributes
    ----------
    rows
        In the order of the scan.
    read
        What the verdicts on an image come to, for the reader of now.
    """

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.read: Callable[[ImageIdentity], RowReading] = lambda _image: RowReading()
        self._numbers: dict[Path, int] = {}

    def clear(self) -> None:
        """Forget all images."""
        self.rows, self._numbers = [], {}

    def add(self, items: Iterable[Item]) -> None:
        """Add images; a path that is already there is not added twice."""
        for item in items:
            if item.path not in self._numbers:
                self._numbers[item.path] = len(self.rows)
                self.rows.append(Row(item, reading=self.read(UNKNOWN)))

    def number(self, path: Path) -> int | None:
        """The number of a row, from 0; None for a path that is not there."""
        return self._numbers.get(path)

    def row(self, path: Path) -> Row | None:
        """The row of a path."""
        number = self._numbers.get(path)
        return None if number is None else self.rows[number]

    def take_scores(self, scored: Iterable[Scored]) -> None:
        """Keep outcomes."""
        for result in scored:
            row = self.row(result.item.path)
            if row is None:
                continue
            row.take(result.prediction, result.header)
            if result.identity.content_hash:
                row.image = result.identity
                row.reading = self.read(row.image)

    def put_back(self, paths: Iterable[Path]) -> None:
        """Files have changed: what was known of them is void."""
        for row in filter(None, map(self.row, paths)):
            row.gone = False
            row.take(None, Header())
            row.image, row.reading = UNKNOWN, self.read(UNKNOWN)

    def know(self, images: Mapping[Path, ImageIdentity]) -> list[Path]:
        """By what some images are known; a UID alone never replaces what was decoded.

        Returns
        -------
        list of Path
            The rows that learnt something.
        """
        learnt = []
        for path, image in images.items():
            row = self.row(path)
            if row is not None and (image.content_hash or not row.image.content_hash):
                row.image = image
                row.reading = self.read(image)
                learnt.append(path)
        return learnt

    def read_again(self, images: Iterable[ImageIdentity] | None) -> list[Path]:
        """The verdicts on these images are others now, on all where None; gives their rows."""
        rows = self.rows
        if images is not None:
            wanted = list(images)
            hashes = {image.content_hash for image in wanted}
            uids = {image.sop_instance_uid for image in wanted} - {""}
            rows = [
                row
                for row in rows
                if row.image.content_hash in hashes or row.image.sop_instance_uid in uids
            ]
        for row in rows:
            row.reading = self.read(row.image)
        return [row.item.path for row in rows]

    def counts(self) -> Counter[State]:
        """How many rows there are of each state."""
        return Counter(row.state for row in self.rows)

    def identity_words(self) -> Iterator[str]:
        """All that names a patient or a file."""
        for row in self.rows:
            yield from identity_words(row.item.path, row.item.shown, row.header)

    def columns_with_values(self) -> set[WorklistColumn]:
        """The columns that say something about at least one image."""
        used = {
            WorklistColumn.SCORE,
            WorklistColumn.CALL,
            WorklistColumn.NAME,
            WorklistColumn.STATE,
            WorklistColumn.VERDICT,
        }
        for row in self.rows:
            if len(used) == len(WorklistColumn):
                break
            header = row.header
            for column, says in (
                (WorklistColumn.PATIENT_ID, header.patient_id),
                (WorklistColumn.VIEW, header.view),
                (WorklistColumn.AGE, header.age_years is not None),
                (WorklistColumn.PATIENT, header.patient_name),
                (WorklistColumn.STUDY_DATE, header.study_date),
                (WorklistColumn.READER, row.reading.verdict or row.reading.others),
            ):
                if says:
                    used.add(column)
        return used
