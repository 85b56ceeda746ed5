"""Tiles in as many columns as fit; knows where each lies, and draws those in sight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from app.core.base.translation import tr
from app.gui.audit.audit_rows import Positions
from app.gui.audit.pictures import GalleryPictures
from app.gui.audit.tile import TileStyle, paint_tile, tile_size
from app.gui.common import theme
from app.gui.verdict.reading_protocols import RowReading

if TYPE_CHECKING:
    from app.review.audit import AuditRow

SIZES = (112, 160, 208, 256)
"""Sides of the pictures, pixels."""
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class GalleryGrid(QAbstractScrollArea):
    """The tiles.

    ``QListView`` asks a model for every row at each change of order, which a threshold that is
    dragged over ten thousand images does not allow; see also ``TileGrid``.

    Signals
    -------
    opened(int)
        The image at a place is to be seen large.
    current_changed(int)
        Keys or the mouse moved to another place; -1 for none.
    heatmaps_wanted(list of AuditRow)
        These are in sight, and their heatmaps are to be shown.
    resized_tiles(int)
        The pictures have another side.

    Parameters
    ----------
    pictures
        Where thumbnails and heatmaps come from.
    parent
        Qt parent.
    """

    opened = Signal(int)
    current_changed = Signal(int)
    resized_tiles = Signal(int)

    def __init__(self, pictures: GalleryPictures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._rows: Sequence[AuditRow] = ()
        self._order: Positions = np.empty(0, np.int64)
        self._threshold = 0.5
        self._current = -1
        self._hovered = -1
        self._heatmaps = False
        self._side = SIZES[1]
        self._tile = tile_size(self._side)
        self.opacity = 0.6
        self.read: Callable[[AuditRow], RowReading] = lambda _row: RowReading()
        """What the verdicts on an image come to."""
        self.tooltip: Callable[[AuditRow, float], str] = lambda _row, _threshold: ""
        self.setAccessibleName(tr("Gallery"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.viewport().setMouseTracking(True)
        pictures.changed.connect(lambda _path: self.viewport().update())

    # -- content ---------------------------------------------------------------------------------

    def show_rows(
        self, rows: Sequence[AuditRow], order: Positions, threshold: float, current: int
    ) -> None:
        """Show rows in an order, with another current place."""
        self._rows, self._order, self._threshold = rows, order, threshold
        self._hovered = -1
        self._lay_out()
        self.set_current(min(current, len(order) - 1))
        if self._current <= 0:
            self.verticalScrollBar().setValue(0)

    def show_threshold(self, threshold: float) -> None:
        """Make the calls at another threshold."""
        self._threshold = threshold
        self.viewport().update()

    def show_heatmaps(self, wanted: bool) -> None:
        """Lay heatmaps over all pictures, or none."""
        self._heatmaps = wanted
        self.viewport().update()

    def set_side(self, side: int) -> None:
        """Give the pictures another size."""
        self._side = min(SIZES, key=lambda each: abs(each - side))
        self._tile = tile_size(self._side)
        self._lay_out()
        self.scroll_to(self._current)
        self.resized_tiles.emit(self._side)

    @property
    def side(self) -> int:
        """Longer side of the pictures, pixels."""
        return self._side

    @property
    def current(self) -> int:
        """The current place, -1 for none."""
        return self._current

    def set_current(self, place: int) -> None:
        """Move to a place."""
        self._current = place
        self.scroll_to(place)
        self._describe()
        self.viewport().update()
        self.current_changed.emit(place)

    def row_at(self, place: int) -> AuditRow | None:
        """The image at a place."""
        return self._rows[int(self._order[place])] if 0 <= place < len(self._order) else None

    # -- where what lies -------------------------------------------------------------------------

    @property
    def columns(self) -> int:
        """How many tiles stand side by side."""
        return max(1, self.viewport().width() // self._tile.width())

    @property
    def _step(self) -> float:
        """From one tile to that beside it: what is left over is shared out between them."""
        return max(self._tile.width(), self.viewport().width() / self.columns)

    def rect_of(self, place: int) -> QRect:
        """Where a tile lies in the viewport."""
        line, column = divmod(place, self.columns)
        step = self._step
        top = line * self._tile.height() - self.verticalScrollBar().value()
        return QRect(QPoint(round(column * step), top), self._tile)

    def place_at(self, point: QPoint) -> int:
        """The place under a point of the viewport; -1 for none."""
        column = int(point.x() // self._step)
        line = (point.y() + self.verticalScrollBar().value()) // self._tile.height()
        place = line * self.columns + column
        inside = 0 <= column < self.columns and 0 <= place < len(self._order)
        return place if inside else -1

    def scroll_to(self, place: int) -> None:
        """Scroll as little as needed to see a tile."""
        if place < 0:
            return
        rect, bar = self.rect_of(place), self.verticalScrollBar()
        if rect.top() < 0:
            bar.setValue(bar.value() + rect.top())
        elif rect.bottom() > self.viewport().height():
            bar.setValue(bar.value() + rect.bottom() - self.viewport().height())

    def places_in_sight(self) -> range:
        """The places that are drawn now."""
        height = self._tile.height()
        first = self.verticalScrollBar().value() // height
        last = (self.verticalScrollBar().value() + self.viewport().height() - 1) // height
        columns = self.columns
        return range(first * columns, min(len(self._order), (last + 1) * columns))

    def _lay_out(self) -> None:
        lines = -(-len(self._order) // self.columns)
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, lines * self._tile.height() - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(self._tile.height() // 3)
        self.viewport().update()

    def _describe(self) -> None:
        row = self.row_at(self._current)
        told = self.tooltip(row, self._threshold).replace("\n", ", ") if row else ""
        self.setAccessibleDescription(told)

    # -- Qt overrides ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tiles in sight; ask for the heatmaps that are to be seen."""
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), theme.PANEL)
        painter.setFont(self.font())
        wanted = []
        for place in self.places_in_sight():
            row = self.row_at(place)
            assert row is not None
            mapped = self._heatmaps or place == self._hovered
            if mapped:
                wanted.append(row)
            look = TileStyle(
                self._threshold,
                mapped,
                self.opacity,
                place == self._current,
                self.hasFocus(),
            )
            paint_tile(painter, self.rect_of(place), row, self.read(row), self._pictures, look)
        painter.end()
        self._pictures.want_heatmaps(wanted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another number of columns."""
        super().resizeEvent(event)
        self._lay_out()
        self.scroll_to(self._current)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The frame of the current tile is that of the focus."""
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """It no longer is."""
        super().focusOutEvent(event)
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose."""
        place = self.place_at(event.position().toPoint())
        if place >= 0:
            self.set_current(place)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open."""
        place = self.place_at(event.position().toPoint())
        if place >= 0:
            self.opened.emit(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The heatmap of the picture under the mouse."""
        self._hover(self.place_at(event.position().toPoint()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll; with Ctrl, larger or smaller pictures."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._grow(1 if event.angleDelta().y() > 0 else -1)
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk, Enter opens, plus and minus change the size of the pictures."""
        key = Qt.Key(event.key())
        columns, count = self.columns, len(self._order)
        page = columns * max(1, self.viewport().height() // self._tile.height())
        steps = {
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Down: columns,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_End: count,
            Qt.Key.Key_Home: -count,
        }
        if key in steps and count:
            self.set_current(min(count - 1, max(0, self._current + steps[key])))
        elif key in _ENTER and self._current >= 0:
            self.opened.emit(self._current)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._grow(1)
        elif key == Qt.Key.Key_Minus:
            self._grow(-1)
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tool tips, and the end of hovering."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self.row_at(self.place_at(event.pos()))
            QToolTip.showText(
                event.globalPos(), self.tooltip(row, self._threshold) if row else "", self
            )
            return True
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().viewportEvent(event)

    def _hover(self, place: int) -> None:
        if place != self._hovered:
            self._hovered = place
            self.viewport().update()

    def _grow(self, by: int) -> None:
        at = SIZES.index(self._side) + by
        if 0 <= at < len(SIZES):
            self.set_side(SIZES[at])
