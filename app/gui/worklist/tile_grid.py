"""The worklist as thumbnails. Only what is in sight costs time, whatever the number of images."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from app.gui.common import theme
from app.gui.worklist.delegates import TILE, paint_heading, paint_tile
from app.gui.worklist.model import WorklistModel

_HEADING = 28


@dataclass(frozen=True)
class _Section:
    """Rows ``first`` to ``first + count - 1`` below a heading at ``top`` (content pixels)."""

    heading: int
    first: int
    count: int
    top: int


class TileGrid(QAbstractScrollArea):
    """Tiles in as many columns as fit, the headings across them.

    ``QListView`` asks the model for every row at each change of order, a second for 10,000
    images; this view knows from the headings alone where each tile lies.

    Signals
    -------
    step_wanted(int)
        An arrow key: so many images on, or back.
    row_clicked(int), heading_clicked(int)
        A row of the model; a section.
    """

    step_wanted = Signal(int)
    row_clicked = Signal(int)
    heading_clicked = Signal(int)

    def __init__(
        self,
        model: WorklistModel,
        selection: QItemSelectionModel,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._selection = selection
        self._sections: list[_Section] = []
        self.setAccessibleName("Thumbnails")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        model.rearranged.connect(self._lay_out)
        model.modelReset.connect(self._lay_out)
        model.dataChanged.connect(self.viewport().update)
        selection.currentChanged.connect(self._follow)

    @property
    def columns(self) -> int:
        """How many tiles stand side by side."""
        return max(1, self.viewport().width() // TILE.width())

    def rect_of(self, place: int) -> QRect:
        """Where a row of the model lies in the viewport; empty for a heading."""
        for section in self._sections:
            if section.first <= place < section.first + section.count:
                line, column = divmod(place - section.first, self.columns)
                width = self.viewport().width() // self.columns
                top = section.top + _HEADING + line * TILE.height() - self._scrolled()
                return QRect(column * width, top, width, TILE.height())
        return QRect()

    def scroll_to(self, place: int) -> None:
        """Scroll as little as needed to see a row of the model."""
        rect = self.rect_of(place)
        if rect.isEmpty():
            return
        bar = self.verticalScrollBar()
        if rect.top() < 0:
            bar.setValue(bar.value() + rect.top())
        elif rect.bottom() > self.viewport().height():
            bar.setValue(bar.value() + rect.bottom() - self.viewport().height())

    def _scrolled(self) -> int:
        return self.verticalScrollBar().value()

    def _lay_out(self) -> None:
        places = self._model.section_places()
        ends = [*places[1:], self._model.rowCount()]
        self._sections = []
        top = 0
        for heading, end in zip(places, ends, strict=False):
            count = end - heading - 1
            self._sections.append(_Section(heading, heading + 1, count, top))
            top += _HEADING + -(-count // self.columns) * TILE.height()
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, top - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(TILE.height() // 3)
        self.viewport().update()

    def _follow(self) -> None:
        self.scroll_to(self._selection.currentIndex().row())
        self.viewport().update()

    def _place_at(self, point: QPoint) -> tuple[int | None, int | None]:
        """The row and the heading's row under a point of the viewport, None for neither."""
        y = point.y() + self._scrolled()
        for section in reversed(self._sections):
            if y < section.top:
                continue
            if y < section.top + _HEADING:
                return None, section.heading
            width = self.viewport().width() // self.columns
            line = (y - section.top - _HEADING) // TILE.height()
            offset = line * self.columns + min(self.columns - 1, point.x() // width)
            return (section.first + offset, None) if offset < section.count else (None, None)
        return None, None

    # Qt overrides ---------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tiles in sight."""
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), theme.PANEL)
        current = self._selection.currentIndex().row()
        height, columns = self.viewport().height(), self.columns
        for section in self._sections:
            top = section.top - self._scrolled()
            index = self._model.index(section.heading, 0)
            if -_HEADING < top < height:
                rect = QRect(0, top, self.viewport().width(), _HEADING)
                paint_heading(painter, rect, self.font(), index)
            first_line = max(0, -(top + _HEADING) // TILE.height())
            last_line = max(0, (height - top - _HEADING) // TILE.height() + 1)
            first = section.first + first_line * columns
            end = min(section.first + section.count, section.first + last_line * columns)
            for place in range(first, end):
                index = self._model.index(place, 0)
                paint_tile(painter, self.rect_of(place), index, place == current)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another number of columns."""
        super().resizeEvent(event)
        self._lay_out()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Fold, or choose."""
        place, heading = self._place_at(event.position().toPoint())
        if heading is not None:
            self.heading_clicked.emit(self._model.section_at(heading))
        elif place is not None:
            self.row_clicked.emit(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right walk the tiles, Up and Down their lines."""
        page = self.columns * max(1, self.viewport().height() // TILE.height())
        steps = {
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Down: self.columns,
            Qt.Key.Key_Up: -self.columns,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_End: self._model.rowCount(),
            Qt.Key.Key_Home: -self._model.rowCount(),
        }
        by = steps.get(Qt.Key(event.key()))
        if by:
            self.step_wanted.emit(by)
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tooltips of the tiles."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place, heading = self._place_at(event.pos())
            row = place if place is not None else heading
            role = Qt.ItemDataRole.ToolTipRole
            text = "" if row is None else self._model.index(row, 0).data(role)
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().viewportEvent(event)
