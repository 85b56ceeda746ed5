"""A small table of figures, as high as its rows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

_ROW_HEIGHT = 26


class FactTable(QTableWidget):
    """Names on the left, figures on the right.

    Parameters
    ----------
    name
        Its accessible name.
    parent
        Qt parent.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrap(False)
        self.horizontalHeader().setHighlightSections(False)

    def show_rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Show a heading and rows; none empties the table."""
        self.clear()
        heading = rows[0] if rows else []
        self.setColumnCount(len(heading))
        self.setRowCount(max(0, len(rows) - 1))
        for column, title in enumerate(heading):
            self.setHorizontalHeaderItem(column, _cell(title, column))
        for row, cells in enumerate(rows[1:]):
            for column, text in enumerate(cells):
                self.setItem(row, column, _cell(text, column))
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        if heading:
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        height = sum(self.rowHeight(row) for row in range(self.rowCount()))
        self.setFixedHeight(height + header.sizeHint().height() + 2 * self.frameWidth())

    def texts(self) -> list[list[str]]:
        """What the cells say."""
        return [
            [self.model().index(row, column).data() for column in range(self.columnCount())]
            for row in range(self.rowCount())
        ]


def _cell(text: str, column: int) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
    item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    item.setToolTip(text)
    return item
