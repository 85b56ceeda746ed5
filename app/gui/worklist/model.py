"""The worklist as a Qt model: rows in ranked order, re-ranked now and then, never per row."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
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

from app.core.base.translation import tr
from app.core.reading.verdicts import UNKNOWN, ImageIdentity
from app.core.worklist.scan import Item
from app.gui.common.privacy import privacy
from app.gui.common.qt_images import grey_image
from app.gui.worklist import text as words
from app.gui.worklist.arrangement import (
    Arrangement,
    Filter,
    Row,
    State,
    WorklistColumn,
    arrange,
)
from app.gui.worklist.rows import WorklistRows
from app.inference.scoring.pipeline import Scored

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
        self.known = WorklistRows()
        self._unshown: list[Scored] = []
        self._filter = Filter()
        self._column, self._descending = WorklistColumn.SCORE, True
        self._folded: frozenset[int] = frozenset()
        self._arrangement = Arrangement([], {}, {}, {})
        self._entries: list[int] = []
        self._place_of: dict[int, int] = {}
        self._thumbnails: OrderedDict[Path, QPixmap | None] = OrderedDict()
        self.blinded = False
        self.kept_order = ""
        """See ``arrange``; until another folder is opened."""
        self._stopped = False
        self._timer = QTimer(self, singleShot=True, interval=REARRANGE_MS)
        self._timer.timeout.connect(self.rearrange)
        privacy.changed.connect(self.rearrange)

    @property
    def rows(self) -> list[Row]:
        """The images in the order of the scan."""
        return self.known.rows

    # Content --------------------------------------------------------------------------------

    def clear(self) -> None:
        """Empty the list."""
        self._timer.stop()
        self.beginResetModel()
        self.known.clear()
        self._unshown.clear()
        self._arrangement = Arrangement([], {}, {}, {})
        self._entries, self._place_of = [], {}
        self._folded, self.kept_order = frozenset(), ""
        self._thumbnails.clear()
        self.endResetModel()
        self.rearranged.emit()

    def add(self, items: Iterable[Item]) -> None:
        """Add images, not yet scored; a path that is already there is not added twice."""
        self.known.add(items)
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
        self.known.put_back(changed)
        for path in changed:
            self._thumbnails.pop(path, None)
        self._unshown = [each for each in self._unshown if each.item.path not in changed]
        self.rearrange()

    def mark_gone(self, paths: Iterable[Path]) -> None:
        """Files are no longer there; their rows stay, with what is known."""
        for path in paths:
            if row := self.known.row(path):
                row.gone = True
        self.rearrange()

    def know(self, images: Mapping[Path, ImageIdentity]) -> None:
        """By what some images are known; see ``WorklistRows.know``."""
        self._touch(self.known.know(images))

    def read_again(self, images: Iterable[ImageIdentity] | None) -> None:
        """The verdicts on these images are others now, on all of them where None."""
        changed = self.known.read_again(images)
        if images is None:
            self.rearrange()
        else:
            self._touch(changed)

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

    def unfold(self) -> None:
        """Unfold all sections, and rank again."""
        self._folded = frozenset()
        self.rearrange()

    def take_thumbnail(self, path: Path, grey: np.ndarray | None) -> None:
        """Keep a thumbnail (uint8, rows x columns), None where the image cannot be read."""
        picture = None if grey is None else QPixmap.fromImage(grey_image(grey))
        self._thumbnails[path] = picture
        while len(self._thumbnails) > _KEPT_THUMBNAILS:
            self._thumbnails.popitem(last=False)
        place = self._place(path)
        if place is not None:
            index = self.index(place, WorklistColumn.NAME)
            self.dataChanged.emit(index, index, [Role.THUMBNAIL])

    # Questions ------------------------------------------------------------------------------

    def row_of(self, item: Item) -> Row | None:
        """The row of an image."""
        return self.known.row(item.path)

    def image_of(self, item: Item) -> ImageIdentity:
        """By what an image is known so far."""
        row = self.row_of(item)
        return row.image if row else UNKNOWN

    def index_of(self, item: Item) -> QModelIndex:
        """Where an image stands now; invalid when it is not seen."""
        place = self._place(item.path)
        return QModelIndex() if place is None else self.index(place, 0)

    def item_at(self, index: _Index) -> Item | None:
        """The image at an index; None for a heading."""
        row = self._row_at(index)
        return row.item if row else None

    def number_of(self, path: Path) -> int | None:
        """The place of an image in the scan, from 1; None for one that is not in the list."""
        number = self.known.number(path)
        return None if number is None else number + 1

    def highest_unread(self, but: Item | None = None) -> QModelIndex:
        """The unread image that is to be read first, of those in sight; invalid for none.

        The one with the highest score. In an order that tells nothing of the scores, or was chosen
        by the person, the first; what has no score comes after all that have one.
        """
        ranked, rows = self._ranked_by_score, self.rows
        best, highest = None, -2.0
        for place, entry in enumerate(self._entries):
            if entry < 0 or rows[entry].is_read or rows[entry].item == but:
                continue
            if not ranked:
                return self.index(place, 0)
            prediction = rows[entry].prediction
            p = prediction.p_pneumonia if prediction else None
            if (score := -1.0 if p is None else p) > highest:
                best, highest = place, score
        return QModelIndex() if best is None else self.index(best, 0)

    @property
    def _ranked_by_score(self) -> bool:
        by_score = self._column == WorklistColumn.SCORE and self._descending
        return by_score and not self.blinded and not self.kept_order

    def progress_words(self) -> str:
        """How much is read, and what the next image is."""
        row = self._row_at(self.highest_unread())
        return words.progress(self.rows, row, self._ranked_by_score)

    def counts(self) -> Counter[State]:
        """How many rows there are of each state, filter or no filter."""
        return self.known.counts()

    def section_places(self) -> list[int]:
        """Where the headings stand."""
        return [place for place, entry in enumerate(self._entries) if entry < 0]

    def section_at(self, place: int) -> int:
        """The section whose heading stands at a place."""
        return self._entries[place]

    def section_words(self, section: int) -> str:
        """A heading with its counts, which no filter changes."""
        return words.heading(self._arrangement, section, self._ranked_by_score)

    # Order ----------------------------------------------------------------------------------

    def _soon(self) -> None:
        if not self._timer.isActive() and not self._stopped:
            self._timer.start()

    def rearrange(self) -> None:
        """Rank again. Views keep selection, current row and scroll position."""
        self._timer.stop()
        self.about_to_rearrange.emit()
        self.known.take_scores(self._unshown)
        self._unshown.clear()
        self._arrangement = arrange(
            self.rows, self._filter, self._column, self._descending, self._folded, self.blinded,
            self.kept_order,
        )  # fmt: skip
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
                self.index(0, 0), self.index(len(self._entries) - 1, len(WorklistColumn) - 1)
            )
        self.rearranged.emit()

    def _place(self, path: Path) -> int | None:
        number = self.known.number(path)
        return None if number is None else self._place_of.get(number)

    def _touch(self, paths: Iterable[Path]) -> None:
        """Draw some rows again at once; their order follows."""
        for path in paths:
            place = self._place(path)
            if place is not None:
                self.dataChanged.emit(
                    self.index(place, 0), self.index(place, len(WorklistColumn) - 1)
                )
        self._soon()

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
        """The columns of ``WorklistColumn``."""
        return 0 if parent.isValid() else len(WorklistColumn)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Headings cannot be selected."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren
        return flags | Qt.ItemFlag.ItemIsSelectable if self._row_at(index) else flags

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Rank by a column."""
        self._column, self._descending = (
            WorklistColumn(column),
            order == Qt.SortOrder.DescendingOrder,
        )
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
            return tr(words.TITLES[WorklistColumn(section)])
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
            return words.cell(row, WorklistColumn(index.column()))
        if role == Qt.ItemDataRole.ToolTipRole:
            return words.tooltip(row)
        if role == Role.ROW:
            return row
        if role == Role.PLACE_IN_STUDY:
            return self._arrangement.place_in_study.get(entry)
        if role == Role.THUMBNAIL:
            return self._thumbnail(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(filter(None, (words.cell(row, column) for column in WorklistColumn)))
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
