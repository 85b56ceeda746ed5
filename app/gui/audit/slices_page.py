"""On whom the model does worse: the slices as a table with a forest plot, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.core.base.translation import mark, tr
from app.gui.audit import slice_text as words
from app.gui.audit.forest import Axis, ForestDelegate, ForestHeader
from app.gui.audit.page import AuditPage
from app.gui.audit.slices_model import FOREST, IMAGES, INTERVAL, NAME, VALUE, P, SlicesModel
from app.gui.common.privacy import privacy
from app.gui.common.theme import named
from app.gui.settings.remembered import Settings
from app.jobs.slice_finder import SliceFinder
from app.review.audit.slices import FIGURES, SENSITIVITY, SPECIFICITY, SliceTable

if TYPE_CHECKING:
    from app.review.audit import Audit

_FIGURE_KEY = "audit-slice-figure"
_ROW = 25
_PAUSE_MS = 120
"""A dragged threshold rests so long before the slices follow."""
_WIDTHS = {NAME: 210, IMAGES: 88, VALUE: 84, INTERVAL: 104, P: 92}
_NOTHING = mark(
    "Nothing is known by which the images could be cut into slices. Put a CSV beside the images, "
    "or choose one as labels: each of its columns (view, sex, age, scanner, ward) makes slices."
)
_WAIT = mark("The slices are being worked out\N{HORIZONTAL ELLIPSIS}")
_NO_AUDIT = mark("Audit a folder to see its slices.")


class SlicesPage(AuditPage):
    """A row chosen by click or key shows its images in the gallery.

    Parameters
    ----------
    settings, parent
        See ``AuditPage``.
    """

    title = mark("Slices")

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(settings, parent)
        self._audit: Audit | None = None
        self._threshold = 0.5
        self.finder = SliceFinder(self)
        self.finder.ready.connect(self._take)
        self.finder.failed.connect(self.failed)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        self.model = SlicesModel(self)
        self._axis = Axis()
        self._build()
        figure = settings.text(_FIGURE_KEY)
        self.figure.setCurrentIndex(max(0, self.figure.findData(figure)))
        self.figure.currentIndexChanged.connect(self._choose_figure)
        self.column.currentIndexChanged.connect(lambda: self._show(self.model.table))
        self.table.selectionModel().currentRowChanged.connect(self._walk)
        self.table.clicked.connect(self._choose)
        self.table.activated.connect(self._open)
        privacy.changed.connect(self._tell)
        self.show_audit(None)

    def show_audit(self, audit: Audit | None) -> None:
        """Show the slices of another audit."""
        self._audit = audit
        self.finder.forget()
        self.column.blockSignals(True)
        self.column.clear()
        self.column.addItem(tr("All columns"), "")
        self.column.blockSignals(False)
        self._show(None)
        self.empty.setText(tr(_WAIT) if audit is not None else tr(_NO_AUDIT))
        if audit is not None:
            self._pause.start()

    def show_threshold(self, threshold: float) -> None:
        """Follow the threshold, once it rests."""
        if threshold == self._threshold and self.model.table is not None:
            return
        self._threshold = threshold
        if self._audit is not None:
            self._pause.start()

    def shutdown(self) -> None:
        """End the thread."""
        self._pause.stop()
        self.finder.close()

    # -- building --------------------------------------------------------------------------------

    def _build(self) -> None:
        self.figure = QComboBox()
        self.figure.setAccessibleName(tr("Figure of the slices"))
        for figure in FIGURES:
            self.figure.addItem(words.figure_title(figure), figure)
        self.column = QComboBox()
        self.column.setAccessibleName(tr("Slices by which column"))
        self.column.setMinimumContentsLength(16)
        self.summary = named(QLabel(), "muted")
        self.summary.setWordWrap(True)
        self.summary.setToolTip(tr(words.HELP))
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName(tr("Slices, the worst first"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(_ROW)
        header = ForestHeader(self._axis)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.setHorizontalHeader(header)
        self.table.setItemDelegateForColumn(FOREST, ForestDelegate(self._axis, self.table))
        for column, width in _WIDTHS.items():
            self.table.setColumnWidth(column, width)
        header.setSectionResizeMode(FOREST, QHeaderView.ResizeMode.Stretch)
        self.empty = named(QLabel(), "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.empty)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.figure)
        line.addWidget(self.column)
        line.addWidget(self.summary, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 6, 4, 2)
        layout.setSpacing(6)
        layout.addLayout(line)
        layout.addWidget(self.stack, 1)

    # -- reactions -------------------------------------------------------------------------------

    @property
    def _figure(self) -> str:
        return str(self.figure.currentData())

    def _choose_figure(self) -> None:
        self.settings.set_text(_FIGURE_KEY, self._figure)
        if self._audit is not None:
            self.summary.setText(tr(_WAIT))
            self._ask()

    def _ask(self) -> None:
        if self._audit is not None:
            self.finder.request(self._audit, self._threshold, self._figure)

    def _take(self, audit: Audit, table: SliceTable) -> None:
        if audit is not self._audit:
            return
        columns = dict.fromkeys(each.column for each in table.slices)
        if self.column.count() == 1:
            self.column.blockSignals(True)
            for column in sorted(columns):
                self.column.addItem(words.column_title(column), column)
            self.column.blockSignals(False)
        self._show(table)

    def _show(self, table: SliceTable | None) -> None:
        chosen = self.model.slice_at(self.table.currentIndex().row())
        if table is not None:
            self._axis.fit(table)
        # The row stays chosen without its images being asked for once more.
        self.table.selectionModel().blockSignals(True)
        self.model.show_table(table, str(self.column.currentData() or ""))
        if chosen is not None and (row := self.model.row_of(chosen.column, chosen.value)) >= 0:
            self.table.selectRow(row)
        self.table.selectionModel().blockSignals(False)
        self.table.horizontalHeader().viewport().update()
        self.stack.setCurrentWidget(self.table if self.model.rowCount() else self.empty)
        if table is not None:
            self.empty.setText(tr(_NOTHING))
        self._tell()

    def _tell(self) -> None:
        table = self.model.table
        if table is None:
            self.summary.setText("")
            return
        left_out = [words.column_title(column) for column in table.left_out]
        self.summary.setText(words.summary(table, left_out))

    def _walk(self, index: QModelIndex) -> None:
        # A click asks for the images itself, also on the row that is current already.
        if QApplication.mouseButtons() == Qt.MouseButton.NoButton:
            self._choose(index)

    def _choose(self, index: QModelIndex) -> None:
        positions, said = self._images_of(index.row())
        if said:
            self.gallery_asked.emit(positions, said)

    def _open(self, index: QModelIndex) -> None:
        positions, said = self._images_of(index.row())
        if said and len(positions):
            self.open_asked.emit(positions, 0)

    def _images_of(self, row: int) -> tuple[np.ndarray, str]:
        """The images on which a slice's figure rests, and what they are."""
        each, table = self.model.slice_at(row), self.model.table
        if each is None or table is None or self._audit is None:
            return np.empty(0, np.int64), ""
        positions, labels = each.positions, self._audit.labels[each.positions]
        if table.figure in (SENSITIVITY, SPECIFICITY):
            positions = positions[labels == int(table.figure == SENSITIVITY)]
        return positions, words.gallery_words(each, self.model.value_words(each), table.figure)
