"""The classes of a training folder as a table, each share as a bar with its percentage."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.core.base.translation import mark, tr
from app.gui.common import theme
from app.training.data.summary import FolderSummary

_COLUMNS = (mark("Class"), mark("Images"), mark("Patients"), mark("Share"))
_SHARE = 3
ROW_HEIGHT = 24
_SHARE_PART = 0.29
_PERCENT_WIDTH = 48
_CELL_MARGIN = 14


class BalanceTable(QTableWidget):
    """Classes, images, patients and shares; as high as its rows.

    Parameters
    ----------
    parent
        Qt parent.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(_COLUMNS), parent)
        self.setAccessibleName(tr("Class balance"))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(32)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, title in enumerate(map(tr, _COLUMNS)):
            side = Qt.AlignmentFlag.AlignRight if column in (1, 2) else Qt.AlignmentFlag.AlignLeft
            heading = QTableWidgetItem(title)
            heading.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            self.setHorizontalHeaderItem(column, heading)
        # The view does not own its delegate: without a reference it would be collected.
        self._delegate = _ShareDelegate(self)
        self.setItemDelegateForColumn(_SHARE, self._delegate)

    def show_summary(self, summary: FolderSummary) -> None:
        """Show the classes of a folder."""
        self.setRowCount(len(summary.classes))
        for row, count in enumerate(summary.classes):
            # Without a patient in the file name nobody knows how many there are.
            patients = "?" if not count.patients else f"{count.patients:,}"
            patients += "+" if count.patients and count.unnamed else ""
            name = QTableWidgetItem(count.name)
            name.setToolTip(count.name)
            share = QTableWidgetItem(f"{summary.share(count):.1%}".replace("%", " %"))
            share.setData(Qt.ItemDataRole.UserRole, summary.share(count))
            self.setItem(row, 0, name)
            self.setItem(row, 1, _number(f"{count.images:,}"))
            self.setItem(row, 2, _number(patients))
            self.setItem(row, _SHARE, share)
        self._fit_columns()
        self._fit_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the bars their part; the class names take what is left."""
        super().resizeEvent(event)
        width = round(_SHARE_PART * self.viewport().width())
        self.horizontalHeader().resizeSection(_SHARE, width)

    def _fit_columns(self) -> None:
        # Qt's own fitting keeps room for a sort mark that is never shown.
        figures = self.fontMetrics()
        for column in (1, 2):
            texts = [str(self.model().index(row, column).data()) for row in range(self.rowCount())]
            widths = map(figures.horizontalAdvance, [tr(_COLUMNS[column]), *texts])
            self.horizontalHeader().resizeSection(column, max(widths) + _CELL_MARGIN)

    def _fit_height(self) -> None:
        rows = sum(self.rowHeight(row) for row in range(self.rowCount()))
        header = self.horizontalHeader().sizeHint().height()
        self.setFixedHeight(rows + header + 2 * self.frameWidth())


class _ShareDelegate(QStyledItemDelegate):
    """A bar with the percentage to its right."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        share = index.data(Qt.ItemDataRole.UserRole) or 0.0
        cell: QRect = option.rect
        palette: QPalette = option.palette
        bar = cell.adjusted(4, 0, -_PERCENT_WIDTH - 6, 0)
        bar.setTop(cell.center().y() - 4)
        bar.setHeight(9)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.LINE)
        painter.drawRoundedRect(bar, 3, 3)
        painter.setBrush(theme.ACCENT)
        painter.drawRoundedRect(
            QRect(bar.topLeft(), bar.size()).adjusted(0, 0, -round(bar.width() * (1 - share)), 0),
            3,
            3,
        )
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        text = cell.adjusted(cell.width() - _PERCENT_WIDTH, 0, -4, 0)
        painter.drawText(
            text,
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            index.data(Qt.ItemDataRole.DisplayRole),
        )
        painter.restore()


def _number(text: str) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return item
