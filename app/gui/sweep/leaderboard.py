"""The leaderboard: the table of a sweep's trials, which stays where the reader is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.core.base.translation import tr
from app.gui.common import theme
from app.gui.sweep.leaderboard_model import NUMBER_ROLE, LeaderboardModel, LeaderboardProxy
from app.training.sweep.ledger import TrialRow

_ROW_HEIGHT = 24
_WIDEST = 240
_MARGIN = 22


class Leaderboard(QTableView):
    """Sorted by rank until the person chooses another column.

    Parameters
    ----------
    labels
        Words for settings, by their names.
    parent
        Qt parent.
    """

    chosen = Signal(object)
    """Number of the trial that is looked at, None for none."""

    def __init__(self, labels: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.board = LeaderboardModel(labels, self)
        self.proxy = LeaderboardProxy(self)
        self.proxy.setSourceModel(self.board)
        self.setModel(self.proxy)
        self.setAccessibleName(tr("Leaderboard: the trials of the sweep"))
        self.empty_text = ""
        self._filling = self._fitted = False
        self.setSortingEnabled(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        # Tab leaves the table: the arrow keys walk it.
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.selectionModel().selectionChanged.connect(self._tell)
        self.board.modelReset.connect(self._fit_columns)

    def show_rows(self, rows: Sequence[TrialRow], metric: str, under_way: bool) -> None:
        """Show the trials; the selected one and the first one in sight keep their places."""
        bar, sideways = self.verticalScrollBar(), self.horizontalScrollBar().value()
        top = self.indexAt(self.viewport().rect().topLeft())
        # Who is at the top wants to see the best ones; who has scrolled, what they look at.
        anchor = top.data(NUMBER_ROLE) if top.isValid() and bar.value() > 0 else None
        selected = self.selected
        grew = self.board.rowCount() == 0 and bool(rows)
        self._filling = True
        self.board.show_rows(rows, metric, under_way)
        if grew:
            self._fit_columns()
        if selected is not None and self.selected != selected:
            self.select(selected, scroll=False)
        if anchor is not None and (at := self._index(anchor)).isValid():
            self.scrollTo(at, QAbstractItemView.ScrollHint.PositionAtTop)
        elif anchor is None:
            bar.setValue(0)
        self.horizontalScrollBar().setValue(sideways)
        self._filling = False
        if self.selected != selected:
            self.chosen.emit(self.selected)
        self.viewport().update()

    @property
    def selected(self) -> int | None:
        """Number of the selected trial."""
        rows = self.selectionModel().selectedRows()
        return int(rows[0].data(NUMBER_ROLE)) if rows else None

    def select(self, number: int, *, scroll: bool = True) -> None:
        """Select a trial."""
        index = self._index(number)
        if index.isValid():
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(
                index, flags.ClearAndSelect | flags.Rows | flags.Current
            )
            if scroll:
                self.scrollTo(index)

    def showEvent(self, event: QShowEvent) -> None:
        """The style sheet's font is known from now on."""
        super().showEvent(event)
        if not self._fitted:
            self._fitted = True
            self._fit_columns()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Say why there is nothing to see."""
        super().paintEvent(event)
        if self.proxy.rowCount() == 0 and self.empty_text:
            painter = QPainter(self.viewport())
            painter.setPen(theme.MUTED)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            box = self.viewport().rect().adjusted(40, 20, -40, -20)
            painter.drawText(box, flags, self.empty_text)
            painter.end()

    def _index(self, number: int) -> QModelIndex:
        return self.proxy.mapFromSource(self.board.index(self.board.row_of(number), 0))

    def _tell(self, _now: QItemSelection, _before: QItemSelection) -> None:
        if not self._filling:
            self.chosen.emit(self.selected)

    def _fit_columns(self) -> None:
        """As wide as what is in them; Qt's own fitting would ask for each cell's size hint."""
        bold = QFont(self.font())
        bold.setBold(True)  # as the best one is
        metrics, header = QFontMetrics(bold), self.horizontalHeader()
        for at, column in enumerate(self.board.columns):
            texts = [column.text(self.board.row(row)) for row in range(self.board.rowCount())]
            title = header.fontMetrics().horizontalAdvance(column.title) + 16
            widest = max((metrics.horizontalAdvance(text) for text in set(texts)), default=0)
            self.setColumnWidth(at, min(_WIDEST, max(title, widest) + _MARGIN))
