"""The worklist on the screen: filter, table or thumbnails, and one current image."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.base.translation import tr
from app.core.model.triage import Triage
from app.core.worklist.scan import Item
from app.gui.common.search_field import SearchField
from app.gui.common.theme import named
from app.gui.worklist.arrangement import Filter, State, VerdictState, WorklistColumn
from app.gui.worklist.model import Role, WorklistModel
from app.gui.worklist.table import WorklistTable
from app.gui.worklist.text import STATES, VERDICT_STATES, triage_words
from app.gui.worklist.tile_grid import TileGrid

_SELECT = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows


class WorklistView(QWidget):
    """Shows a ``WorklistModel``.

    Signals
    -------
    item_chosen(Item)
        Another image is current.

    Attributes
    ----------
    leading
        Whether the list is moving by itself, to the highest unread image.
    """

    item_chosen = Signal(object)

    def __init__(self, model: WorklistModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self._moved_by_person = self.leading = False
        self._place: int | None = None
        self._shown: Item | None = None
        self._rearranging = False
        self.search = SearchField(placeholderText=tr("Filter by name or patient ID"))
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName(tr("Filter by text"))
        self.call_filter = self._combo(
            tr("Call"), {call.value: triage_words(call) for call in Triage}
        )
        self.state_filter = self._combo(
            tr("State"), {state.value: tr(STATES[state]) for state in State}
        )
        self.verdict_filter = self._combo(
            tr("Verdict"), {state.value: tr(VERDICT_STATES[state]) for state in VerdictState}
        )
        self.summary = named(QLabel(), "summary")
        self.summary.setAccessibleName(tr("Counts"))
        # Its words take a second line, and never make the list wide.
        self.summary.setWordWrap(True)
        self.table = WorklistTable(model)
        self.tiles = TileGrid(model, self.selection)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.tiles)
        self._lay_out()
        self.search.textChanged.connect(self._apply_filter)
        self.call_filter.currentIndexChanged.connect(self._apply_filter)
        self.state_filter.currentIndexChanged.connect(self._apply_filter)
        self.verdict_filter.currentIndexChanged.connect(self._apply_filter)
        self.table.heading_clicked.connect(model.toggle_fold)
        self.tiles.heading_clicked.connect(model.toggle_fold)
        self.table.step_wanted.connect(self.step)
        self.tiles.step_wanted.connect(self.step)
        self.tiles.row_clicked.connect(self._choose_place)
        self.table.clicked.connect(self.stay)
        self.table.horizontalHeader().sectionClicked.connect(self.stay)
        self.search.left.connect(self._leave_search)
        self.table.horizontalHeader().sortIndicatorChanged.connect(model.sort)
        self.selection.currentChanged.connect(self._on_current_changed)
        model.about_to_rearrange.connect(self._remember_place)
        model.rearranged.connect(self._on_rearranged)
        model.modelReset.connect(self._start_over)

    @property
    def selection(self) -> QItemSelectionModel:
        """What is selected, shared by table and thumbnails."""
        return self.table.selectionModel()

    @property
    def current_item(self) -> Item | None:
        """The image that is current, None for none."""
        return self.model.item_at(self.selection.currentIndex())

    def choose(self, item: Item) -> bool:
        """Make an image current; False when the filter hides it."""
        index = self.model.index_of(item)
        if not index.isValid():
            return False
        self._go_to(index)
        return True

    def stay(self) -> None:
        """The person has touched something: from now on the image in view is theirs to leave."""
        self._moved_by_person = True

    def lead(self) -> None:
        """Until the person has touched anything, the highest unread image is the current one."""
        if self._moved_by_person or self.leading:
            return
        index, current = self.model.highest_unread(), self.selection.currentIndex()
        row = index.data(Role.ROW)
        if row is None or (current.isValid() and (row.needs_eyes or index.row() == current.row())):
            return
        self.leading = True
        try:
            self.selection.setCurrentIndex(index, _SELECT)
            self._scroll_to_current()
        finally:
            self.leading = False

    def step(self, by: int) -> None:
        """Go ``by`` images on (or back), over headings, and stop at either end."""
        self.stay()
        current = self.selection.currentIndex()
        last = self.model.rowCount() - 1
        place = current.row() if current.isValid() else (-1 if by > 0 else last + 1)
        target: QModelIndex | None = None
        direction, left = (1, by) if by > 0 else (-1, -by)
        while left and 0 <= place + direction <= last:
            place += direction
            index = self.model.index(place, 0)
            if self.model.item_at(index) is not None:
                target, left = index, left - 1
        if target is not None:
            self._go_to(target)

    def neighbour(self, by: int) -> Item | None:
        """The image after (1) or before (-1) the current one."""
        place = self.selection.currentIndex().row() + by
        while 0 <= place < self.model.rowCount():
            item = self.model.item_at(self.model.index(place, 0))
            if item is not None:
                return item
            place += by
        return None

    def next_unread(self) -> bool:
        """Go to the next image that this reader has not judged, from the top after the end."""
        count, start = self.model.rowCount(), self.selection.currentIndex().row()
        for step in range(1, count + 1):
            index = self.model.index((start + step) % count, 0)
            row = index.data(Role.ROW)
            if row is not None and not row.is_read and row.item != self._shown:
                self._go_to(index)
                return True
        return False

    def go_to_highest_unread(self) -> bool:
        """Go to the unread image with the highest score; where the order is given, to the next."""
        if self.model.kept_order:
            return self.next_unread()
        index = self.model.highest_unread(self._shown)
        if index.isValid():
            self._go_to(index)
        return index.isValid()

    def show_thumbnails(self, wanted: bool) -> None:
        """Switch between table and thumbnails; the current image stays."""
        self.stack.setCurrentWidget(self.tiles if wanted else self.table)
        self._scroll_to_current()
        (self.tiles if wanted else self.table).setFocus()

    @property
    def shows_thumbnails(self) -> bool:
        """Which of the two is seen."""
        return self.stack.currentWidget() is self.tiles

    def clear_filter(self) -> None:
        """Let everything through."""
        self.search.clear()
        self.call_filter.setCurrentIndex(0)
        self.state_filter.setCurrentIndex(0)
        self.verdict_filter.setCurrentIndex(0)

    def restore_header(self) -> None:
        """After a saved header was restored: its order is the list's."""
        header = self.table.horizontalHeader()
        column = header.sortIndicatorSection()
        if not 0 <= column < len(WorklistColumn):
            column = WorklistColumn.SCORE
            header.setSortIndicator(column, Qt.SortOrder.DescendingOrder)
        self.model.sort(column, header.sortIndicatorOrder())

    # Building -------------------------------------------------------------------------------

    def _combo(self, title: str, words: Mapping[str, str]) -> QComboBox:
        combo = QComboBox()
        # Long words of another language must not make the list wide.
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(6)
        combo.addItem(tr("{title}: all", title=title), "")
        for value, word in words.items():
            combo.addItem(word, value)
        combo.setAccessibleName(tr("Filter: {title}", title=title))
        return combo

    def _lay_out(self) -> None:
        filters = QHBoxLayout()
        filters.setSpacing(6)
        filters.addWidget(self.call_filter, 1)
        filters.addWidget(self.state_filter, 1)
        filters.addWidget(self.verdict_filter, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 4)
        layout.setSpacing(6)
        layout.addWidget(self.search)
        layout.addLayout(filters)
        layout.addWidget(self.stack, 1)
        layout.addWidget(self.summary)

    # Reactions ------------------------------------------------------------------------------

    def _apply_filter(self) -> None:
        self.stay()
        self.model.set_filter(
            Filter(
                self.search.text().strip().casefold(),
                self.call_filter.currentData(),
                self.state_filter.currentData(),
                self.verdict_filter.currentData(),
            )
        )
        self._scroll_to_current()

    def _go_to(self, index: QModelIndex) -> None:
        self.stay()
        self.selection.setCurrentIndex(index, _SELECT)
        self._scroll_to_current()

    def _scroll_to_current(self) -> None:
        index = self.selection.currentIndex()
        if self.shows_thumbnails:
            self.tiles.scroll_to(index.row())
        elif index.isValid():
            self.table.scrollTo(index)

    def _choose_place(self, place: int) -> None:
        self._go_to(self.model.index(place, 0))

    def _leave_search(self) -> None:
        """To the list, where the keys judge: Enter, Down or a second Esc in the filter."""
        if not self.selection.currentIndex().isValid():
            self.step(1)
        (self.tiles if self.shows_thumbnails else self.table).setFocus()

    def _on_current_changed(
        self, current: QModelIndex | QPersistentModelIndex, before: QModelIndex
    ) -> None:
        if self._rearranging:
            return  # Qt moves on from a row that goes; the person did not
        item = self.model.item_at(current)
        if item is not None:
            if not self.leading:
                self.stay()
            self._shown = item
            self.item_chosen.emit(item)

    def _start_over(self) -> None:
        self._moved_by_person = False
        self._place = self._shown = None

    def _remember_place(self) -> None:
        """Where the current row stands on the screen, if it is in sight and was walked to."""
        self._rearranging = True
        index = self.selection.currentIndex()
        rect = self.table.visualRect(index)
        seen = self._moved_by_person and self.table.viewport().rect().intersects(rect)
        self._place = rect.top() if index.isValid() and seen else None

    def _keep_place(self) -> None:
        """The row that the person reads does not move under the eyes when others move."""
        index = self.selection.currentIndex()
        if self._place is not None and index.isValid():
            bar = self.table.verticalScrollBar()
            bar.setValue(bar.value() + self.table.visualRect(index).top() - self._place)

    def _restore_current(self) -> None:
        """The image in view stays current; while it is folded or filtered away, none is."""
        index = QModelIndex() if self._shown is None else self.model.index_of(self._shown)
        if not index.isValid():
            self.selection.clear()
        elif index.row() != self.selection.currentIndex().row():
            self.selection.setCurrentIndex(index, _SELECT)
        self._rearranging = False

    def _on_rearranged(self) -> None:
        self.table.show_columns(self.model.known.columns_with_values())
        self._restore_current()
        self._keep_place()
        self.lead()
        counts = self.model.counts()
        words = [self.model.progress_words()]
        words += [f"{counts[state]:,} {tr(STATES[state])}" for state in State if counts[state]]
        self.summary.setText("  ·  ".join(words) if counts.total() else "")
