"""The worklist as a Qt model: rows in ranked order, re-ranked now and then, never per row."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QPixmap

from app.core.images import Header
from app.core.translation import tr
from app.core.verdicts import UNKNOWN, ImageIdentity
from app.core.worklist import Item
from app.gui.controllers.reading_ports import RowReading
from app.gui.models import worklist_words as words
from app.gui.models.arrangement import (
    Arrangement,
    Column,
    Filter,
    Row,
    State,
    arrange,
)
from app.gui.pictures import grey_image
from app.gui.privacy import identity_words, privacy
from app.inference.scoring import Scored

REARRANGE_MS = 250
_KEPT_THUMBNAILS = 600
_Index = QModelIndex | QPersistentModelIndex


class Role(IntEnum):
    """What the delegates ask for beside the text."""

    ROW = Qt.ItemDataRole.UserRole
    SECTION = Qt.ItemDataRole.UserRole + 1
    PLACE_IN_STUDY = Qt.ItemDataRole.UserRole + 2
    THUMBNAIL = Qt.ItemDataRole.UserRole + 3
    FOLDED = Qt.ItemDataRole.UserRole + 4


class WorklistModel(QAbstractTableModel):
    """Section headings and images, in the order of an ``Arrangement``.

    Signals
    -------
    thumbnail_wanted(Item)
        A view is about to draw this item and has no picture of it.
    about_to_rearrange(), rearranged()
        The order or the counts change.
    """

    thumbnail_wanted = Signal(object)
    about_to_rearrange = Signal()
    rearranged = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []
        self._number_of: dict[Path, int] = {}
        self._unshown: list[Scored] = []
        self._filter = Filter()
        self._column, self._descending = Column.SCORE, True
        self._folded: frozenset[int] = frozenset()
        self._arrangement = Arrangement([], {}, {}, {})
        self._entries: list[int] = []
        self._place_of: dict[int, int] = {}
        self._thumbnails: OrderedDict[Path, QPixmap | None] = OrderedDict()
        self.read: Callable[[ImageIdentity], RowReading] = lambda _image: RowReading()
        """What the verdicts on an image come to, for the reader of now."""
        self.blinded = False
        self._stopped = False
        self._timer = QTimer(self, singleShot=True, interval=REARRANGE_MS)
        self._timer.timeout.connect(self.rearrange)
        privacy.changed.connect(self.rearrange)

    # Content --------------------------------------------------------------------------------

    def clear(self) -> None:
        """Empty the list."""
        self._timer.stop()
        self.beginResetModel()
        self.rows, self._number_of = [], {}
        self._unshown.clear()
        self._arrangement = Arrangement([], {}, {}, {})
        self._entries, self._place_of = [], {}
        self._folded = frozenset()
        self._thumbnails.clear()
        self.endResetModel()
        self.rearranged.emit()

    def add(self, items: Iterable[Item]) -> None:
        """Add images, not yet scored; a path that is already there is not added twice."""
        for item in items:
            if item.path not in self._number_of:
                self._number_of[item.path] = len(self.rows)
                self.rows.append(Row(item, reading=self.read(UNKNOWN)))
        if self._entries:
            self._soon()
        else:
            self.rearrange()

    def take_scores(self, scored: Iterable[Scored]) -> None:
        """Keep scores; they show within ``REARRANGE_MS``, together with the new order.

        Shown before, a normal call would stand for a moment among what needs eyes.
        """
        self._unshown.extend(scored)
        self._soon()

    def settle(self) -> None:
        """Show now what ``take_scores`` took."""
        if self._unshown:
            self.rearrange()

    def forget_scores(self) -> None:
        """Put every image back in the queue: another model is to judge them."""
        self._unshown.clear()
        for row in self.rows:
            row.take(None, None)
        self.rearrange()

    def call_at(self, model: str, threshold: float) -> None:
        """Make the calls of one model's scores at another threshold."""
        self.settle()
        for row in self.rows:
            if row.prediction is not None and row.prediction.model == model:
                row.prediction = row.prediction.at(threshold)
        self.rearrange()

    def put_back(self, paths: Iterable[Path]) -> None:
        """Files have changed: what was known of them is void."""
        changed = set(paths)
        for path in changed & self._number_of.keys():
            row = self.rows[self._number_of[path]]
            row.gone = False
            row.take(None, Header())
            row.image, row.reading = UNKNOWN, self.read(UNKNOWN)
            self._thumbnails.pop(path, None)
        self._unshown = [each for each in self._unshown if each.item.path not in changed]
        self.rearrange()

    def mark_gone(self, paths: Iterable[Path]) -> None:
        """Files are no longer there; their rows stay, with what is known."""
        for path in paths:
            number = self._number_of.get(path)
            if number is not None:
                self.rows[number].gone = True
        self.rearrange()

    def know(self, images: Mapping[Path, ImageIdentity]) -> None:
        """By what some images are known; a UID alone never replaces what was decoded."""
        for path, image in images.items():
            number = self._number_of.get(path)
            if number is None:
                continue
            row = self.rows[number]
            if image.content_hash or not row.image.content_hash:
                row.image = image
                row.reading = self.read(image)
                self._touch(path)
        self._soon()

    def read_again(self, images: Iterable[ImageIdentity] | None) -> None:
        """The verdicts on these images are others now; on all of them where None."""
        if images is None:
            for row in self.rows:
                row.reading = self.read(row.image)
            self.rearrange()
            return
        wanted = list(images)
        hashes = {image.content_hash for image in wanted}
        uids = {image.sop_instance_uid for image in wanted} - {""}
        for row in self.rows:
            if row.image.content_hash in hashes or row.image.sop_instance_uid in uids:
                row.reading = self.read(row.image)
                self._touch(row.item.path)
        self._soon()

    def stop(self) -> None:
        """Rank no more: the window is closing."""
        self._stopped = True
        self._timer.stop()

    def set_filter(self, wanted: Filter) -> None:
        """Show what a filter lets through."""
        self._filter = wanted
        self.rearrange()

    def toggle_fold(self, section: int) -> None:
        """Fold or unfold a section; its heading with the count stays."""
        if self._arrangement.totals.get(section):
            self._folded = self._folded ^ {section}
            self.rearrange()

    def take_thumbnail(self, path: Path, grey: np.ndarray | None) -> None:
        """Keep a thumbnail (uint8, rows x columns), None where the image cannot be read."""
        picture = None if grey is None else QPixmap.fromImage(grey_image(grey))
        self._thumbnails[path] = picture
        while len(self._thumbnails) > _KEPT_THUMBNAILS:
            self._thumbnails.popitem(last=False)
        place = self._place_of.get(self._number_of.get(path, -1))
        if place is not None:
            index = self.index(place, Column.NAME)
            self.dataChanged.emit(index, index, [Role.THUMBNAIL])

    # Questions ------------------------------------------------------------------------------

    def row_of(self, item: Item) -> Row | None:
        """The row of an image."""
        number = self._number_of.get(item.path)
        return None if number is None else self.rows[number]

    def image_of(self, item: Item) -> ImageIdentity:
        """By what an image is known so far."""
        row = self.row_of(item)
        return row.image if row else UNKNOWN

    def index_of(self, item: Item) -> QModelIndex:
        """Where an image stands now; invalid when it is not seen."""
        place = self._place_of.get(self._number_of.get(item.path, -1))
        return QModelIndex() if place is None else self.index(place, 0)

    def item_at(self, index: _Index) -> Item | None:
        """The image at an index; None for a heading."""
        row = self._row_at(index)
        return row.item if row else None

    def number_of(self, path: Path) -> int | None:
        """The place of an image in the scan, from 1; None for one that is not in the list."""
        number = self._number_of.get(path)
        return None if number is None else number + 1

    def identity_words(self) -> Iterator[str]:
        """All that names a patient or a file in the list."""
        for row in self.rows:
            yield from identity_words(row.item.path, row.item.shown, row.header)

    def counts(self) -> Counter[State]:
        """How many rows there are of each state, filter or no filter."""
        return Counter(row.state for row in self.rows)

    def columns_with_values(self) -> set[Column]:
        """The columns that say something about at least one image."""
        used = {Column.SCORE, Column.CALL, Column.NAME, Column.STATE, Column.VERDICT}
        for row in self.rows:
            header = row.header
            if len(used) == len(Column):
                break
            for column, says in (
                (Column.PATIENT_ID, header.patient_id),
                (Column.VIEW, header.view),
                (Column.AGE, header.age_years is not None),
                (Column.PATIENT, header.patient_name),
                (Column.STUDY_DATE, header.study_date),
                (Column.READER, row.reading.verdict or row.reading.others),
            ):
                if says:
                    used.add(column)
        return used

    def section_places(self) -> list[int]:
        """Where the headings stand."""
        return [place for place, entry in enumerate(self._entries) if entry < 0]

    def section_at(self, place: int) -> int:
        """The section whose heading stands at a place."""
        return self._entries[place]

    def section_words(self, section: int) -> str:
        """A heading with its counts, which no filter changes."""
        ranked_by_score = self._column == Column.SCORE and self._descending and not self.blinded
        return words.heading(self._arrangement, section, ranked_by_score)

    # Order ----------------------------------------------------------------------------------

    def _soon(self) -> None:
        if not self._timer.isActive() and not self._stopped:
            self._timer.start()

    def rearrange(self) -> None:
        """Rank again. Views keep selection, current row and scroll position."""
        self._timer.stop()
        self.about_to_rearrange.emit()
        for result in self._unshown:
            number = self._number_of.get(result.item.path)
            if number is not None:
                row = self.rows[number]
                row.take(result.prediction, result.header)
                if result.identity.content_hash:
                    row.image = result.identity
                    row.reading = self.read(row.image)
        self._unshown.clear()
        self._arrangement = arrange(
            self.rows, self._filter, self._column, self._descending, self._folded, self.blinded
        )
        wanted = self._arrangement.entries
        old, new = set(self._entries), set(wanted)
        kept = [entry for entry in self._entries if entry in new]
        gone = [entry for entry in self._entries if entry not in new]
        come = [entry for entry in wanted if entry not in old]
        # Rows leave and come at the end, and are moved by a change of layout: three signals
        # whatever the number of rows, and persistent indexes stay with their images.
        if gone:
            self._reorder(kept + gone)
            self.beginRemoveRows(QModelIndex(), len(kept), len(self._entries) - 1)
            self._set_entries(kept)
            self.endRemoveRows()
        if come:
            self.beginInsertRows(QModelIndex(), len(kept), len(kept) + len(come) - 1)
            self._set_entries(kept + come)
            self.endInsertRows()
        if self._entries != wanted:
            self._reorder(wanted)
        elif self._entries:
            self.dataChanged.emit(
                self.index(0, 0), self.index(len(self._entries) - 1, len(Column) - 1)
            )
        self.rearranged.emit()

    def _touch(self, path: Path) -> None:
        """Draw a row again."""
        place = self._place_of.get(self._number_of.get(path, -1))
        if place is not None:
            self.dataChanged.emit(self.index(place, 0), self.index(place, len(Column) - 1))

    def _set_entries(self, entries: list[int]) -> None:
        self._entries = entries
        self._place_of = {entry: place for place, entry in enumerate(entries)}

    def _reorder(self, entries: list[int]) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        numbers = [self._entries[index.row()] for index in before]
        self._set_entries(entries)
        after = [
            self.index(self._place_of[number], index.column())
            for number, index in zip(numbers, before, strict=True)
        ]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    # Qt overrides ---------------------------------------------------------------------------

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Headings and images that are seen."""
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """The columns of ``Column``."""
        return 0 if parent.isValid() else len(Column)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Headings cannot be selected."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren
        return flags | Qt.ItemFlag.ItemIsSelectable if self._row_at(index) else flags

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Rank by a column."""
        self._column, self._descending = Column(column), order == Qt.SortOrder.DescendingOrder
        self.rearrange()

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Titles of the columns."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return tr(words.TITLES[Column(section)])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        entry = self._entries[index.row()] if index.isValid() else None
        if entry is None:
            return None
        if entry < 0:
            return self._section_data(entry, role)
        row = self.rows[entry]
        if role == Qt.ItemDataRole.DisplayRole:
            return words.cell(row, Column(index.column()))
        if role == Qt.ItemDataRole.ToolTipRole:
            return words.tooltip(row)
        if role == Role.ROW:
            return row
        if role == Role.PLACE_IN_STUDY:
            return self._arrangement.place_in_study.get(entry)
        if role == Role.THUMBNAIL:
            return self._thumbnail(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(filter(None, (words.cell(row, column) for column in Column)))
        return None

    def _section_data(self, section: int, role: int) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.section_words(section)
        if role == Role.SECTION:
            return section
        if role == Role.FOLDED:
            return section in self._folded
        if role == Qt.ItemDataRole.ToolTipRole:
            return words.heading_tooltip(section, self.section_words(section))
        return None

    def _thumbnail(self, row: Row) -> QPixmap | None:
        path = row.item.path
        if path not in self._thumbnails:
            self.thumbnail_wanted.emit(row.item)
            return None
        return self._thumbnails[path]

    def _row_at(self, index: _Index) -> Row | None:
        if not index.isValid() or index.row() >= len(self._entries):
            return None
        entry = self._entries[index.row()]
        return self.rows[entry] if entry >= 0 else None
