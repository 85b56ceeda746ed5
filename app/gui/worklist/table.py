"""The worklist as a table: columns, widths, headings across them."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.gui.worklist.arrangement import WorklistColumn
from app.gui.worklist.delegates import RowDelegate, paint_heading
from app.gui.worklist.model import Role, WorklistModel
from app.gui.worklist.steps import LINES

ROW_HEIGHT = 26
# Together with the least name they fit the list's usual width, all columns in sight.
_WIDTHS = {
    WorklistColumn.SCORE: 64,
    WorklistColumn.CALL: 83,
    WorklistColumn.NAME: 150,
    WorklistColumn.PATIENT_ID: 57,
    WorklistColumn.VIEW: 35,
    WorklistColumn.AGE: 42,
    WorklistColumn.STATE: 96,
    WorklistColumn.VERDICT: 36,
    WorklistColumn.READER: 70,
    WorklistColumn.PATIENT: 110,
    WorklistColumn.STUDY_DATE: 76,
}
_LEAST_NAME = 72
ALWAYS = WorklistColumn.NAME
"""The column that cannot be hidden: it says which image a row is."""
OPTIONAL = frozenset({WorklistColumn.READER, WorklistColumn.PATIENT, WorklistColumn.STUDY_DATE})
"""Hidden until the person wants them."""
_STEPS = {**LINES, Qt.Key.Key_PageDown: 20, Qt.Key.Key_PageUp: -20}


class WorklistTable(QTableView):
    """Up and Down pass over headings; a click on a heading folds it.

    Signals
    -------
    step_wanted(int)
        So many images on, or back.
    heading_clicked(int)
        A section.
    columns_wanted(QPoint)
        The person wants to choose columns; where on the screen.
    """

    step_wanted = Signal(int)
    heading_clicked = Signal(int)
    columns_wanted = Signal(object)

    def __init__(self, model: WorklistModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Worklist")
        self.setModel(model)
        self.setItemDelegate(RowDelegate(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(ROW_HEIGHT)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(30)
        header.setSectionsMovable(True)
        for column, width in _WIDTHS.items():
            header.resizeSection(column, width)
        header.setSortIndicatorShown(True)
        header.setSectionsClickable(True)
        header.setSortIndicator(WorklistColumn.SCORE, Qt.SortOrder.DescendingOrder)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(
            lambda at: self.columns_wanted.emit(header.mapToGlobal(at))
        )
        self.unwanted: frozenset[WorklistColumn] = OPTIONAL
        """Columns that the person does not want to see, whatever they say."""
        self._used: set[WorklistColumn] = set(WorklistColumn)

    def show_columns(self, used: set[WorklistColumn] | None = None) -> None:
        """Show the columns that are wanted and say something about an image."""
        self._used = self._used if used is None else used
        for column in WorklistColumn:
            self.setColumnHidden(column, column not in self._used or column in self.unwanted)
        self.fit_names()

    def want_column(self, column: WorklistColumn, wanted: bool) -> None:
        """Show a column from now on, or hide it."""
        if column is not ALWAYS:
            self.unwanted = self.unwanted - {column} if wanted else self.unwanted | {column}
            self.show_columns()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk images, not rows."""
        if event.key() in _STEPS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.step_wanted.emit(_STEPS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Nothing: a key without a command must not lead to an image whose score begins so."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Fold, or select."""
        section = self.indexAt(event.position().toPoint()).data(Role.SECTION)
        if section is None:
            super().mousePressEvent(event)
        else:
            self.heading_clicked.emit(section)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The headings lie across all columns, in whatever order these stand."""
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        model = self.model()
        assert isinstance(model, WorklistModel)
        width = max(self.viewport().width(), self.horizontalHeader().length())
        for place in model.section_places():
            top = self.rowViewportPosition(place)
            rect = QRect(-self.horizontalOffset(), top, width, self.rowHeight(place))
            if event.rect().intersects(rect):
                paint_heading(painter, rect, self.font(), model.index(place, 0))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The names take what the other columns leave."""
        super().resizeEvent(event)
        self.fit_names()

    def fit_names(self) -> None:
        """Widen the names to fill the table; below a least width the table scrolls instead."""
        header = self.horizontalHeader()
        others = header.length() - header.sectionSize(WorklistColumn.NAME)
        width = max(_LEAST_NAME, self.viewport().width() - others)
        if width != header.sectionSize(WorklistColumn.NAME):
            header.resizeSection(WorklistColumn.NAME, width)
