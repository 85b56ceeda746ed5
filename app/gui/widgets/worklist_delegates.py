"""How a row and a thumbnail of the worklist are painted. Meaning is never told by colour alone."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.core.results import Call
from app.gui.models.arrangement import NEEDS_EYES, Column, Row, State
from app.gui.models.worklist_model import Role
from app.gui.pictures import icon
from app.gui.privacy import privacy
from app.gui.widgets import theme
from app.gui.wording import score_words

TILE = QSize(140, 168)
_ICON = 14
_PAD = 6
_BRACKET = 5
_PAD_RIGHT = 2
_Index = QModelIndex | QPersistentModelIndex


def colour_of(row: Row) -> QColor:
    """The colour of a row's call: normal is plain, what needs eyes is never plain."""
    if row.needs_eyes:
        return theme.MUTED if row.state is State.WAITING else theme.WARNING
    return theme.FINDING if row.call is Call.PNEUMONIA else theme.TEXT


class RowDelegate(QStyledItemDelegate):
    """Rows of the table; a heading spans them all."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw one cell."""
        painter.save()
        row = index.data(Role.ROW)
        if row is None:
            paint_heading(painter, option.rect, option.font, index)
        else:
            self._paint_cell(painter, option, index, row)
        painter.restore()

    def _paint_cell(
        self, painter: QPainter, option: QStyleOptionViewItem, index: _Index, row: Row
    ) -> None:
        rect: QRect = option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.fillRect(rect, theme.SELECTED if selected else theme.PANEL)
        column = Column(index.column())
        if column == Column.SCORE and selected:
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), theme.ACCENT)
        if column == Column.SCORE:
            _paint_study(painter, rect, index.data(Role.PLACE_IN_STUDY))
        inner = rect.adjusted(_PAD, 0, -_PAD_RIGHT, 0)
        if column == Column.SCORE:
            inner.setLeft(inner.left() + _BRACKET)
        if column == Column.STATE:
            box = QRect(inner.left(), rect.center().y() - _ICON // 2 + 1, _ICON, _ICON)
            icon(f"state-{row.state}").paint(painter, box)
            inner.setLeft(box.right() + 5)
        emphasised = column in (Column.SCORE, Column.CALL)
        painter.setPen(colour_of(row) if emphasised or row.needs_eyes else theme.TEXT)
        if column == Column.STATE and not row.needs_eyes:
            painter.setPen(theme.WARNING if row.state is State.CAUTION else theme.MUTED)
        if selected and not emphasised:
            painter.setPen(theme.STRONG)
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        words = _fitting(painter, str(index.data() or ""), inner.width(), column)
        painter.drawText(inner, align, words)


def paint_tile(painter: QPainter, rect: QRect, index: _Index, selected: bool) -> None:
    """A thumbnail: picture, name, score and call. Asks for its picture when it is drawn."""
    painter.save()
    row: Row = index.data(Role.ROW)
    tile = rect.adjusted(3, 3, -3, -3)
    font = QFont(painter.font())
    font.setPixelSize(11)
    painter.setFont(font)
    if selected:
        painter.fillRect(tile, theme.SELECTED)
        painter.setPen(QPen(theme.ACCENT, 2))
        painter.drawRect(tile.adjusted(1, 1, -1, -1))
    line = painter.fontMetrics().height()
    area = tile.adjusted(5, 5, -5, -2 * line - 9)
    painter.fillRect(area, theme.VIEW)
    picture = index.data(Role.THUMBNAIL)
    if picture is not None:
        size = picture.size().scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(area.topLeft(), size)
        place.moveCenter(area.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(place, picture)
    words = tile.adjusted(6, 0, -6, -4)
    words.setTop(area.bottom() + 3)
    painter.setPen(theme.TEXT)
    name = _fitting(painter, privacy.file_name(row.item.path), words.width(), Column.NAME)
    painter.drawText(words, Qt.AlignmentFlag.AlignTop, name)
    painter.setPen(colour_of(row))
    score = row.state.value if row.needs_eyes else f"{score_words(row.prediction)} {row.call}"
    if row.state is not State.SCORED:
        mark = QRect(words.left(), words.bottom() - line // 2 - _ICON // 2, _ICON, _ICON)
        icon(f"state-{row.state}").paint(painter, mark)
        words.setLeft(mark.right() + 4)
    painter.drawText(words, Qt.AlignmentFlag.AlignBottom, score)
    painter.restore()


def _fitting(painter: QPainter, text: str, width: int, column: Column) -> str:
    """A text short enough; a file name loses its suffix first, its middle next."""
    metrics = painter.fontMetrics()
    if column == Column.NAME and metrics.horizontalAdvance(text) > width:
        text = Path(text).stem
    # Names and numbers of one kind differ at their ends.
    ends_differ = column in (Column.NAME, Column.PATIENT_ID)
    mode = Qt.TextElideMode.ElideMiddle if ends_differ else Qt.TextElideMode.ElideRight
    return metrics.elidedText(text, mode, width)


def paint_heading(painter: QPainter, rect: QRect, usual: QFont, index: _Index) -> None:
    """A section's title and count, across the list."""
    painter.save()
    painter.fillRect(rect, theme.RAISED)
    fold = icon("unfold" if index.data(Role.FOLDED) else "fold")
    box = QRect(rect.left() + _PAD, rect.center().y() - _ICON // 2 + 1, _ICON, _ICON)
    fold.paint(painter, box, Qt.AlignmentFlag.AlignCenter, QIcon.Mode.Normal)
    font = QFont(usual)
    font.setBold(True)
    painter.setFont(font)
    section = index.data(Role.SECTION)
    painter.setPen(theme.WARNING if section == NEEDS_EYES else theme.TEXT)
    inner = rect.adjusted(_PAD + _ICON + 6, 0, -4, 0)
    words = painter.fontMetrics().elidedText(
        str(index.data()), Qt.TextElideMode.ElideRight, inner.width()
    )
    painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, words)
    painter.restore()


def _paint_study(painter: QPainter, rect: QRect, place: str | None) -> None:
    """A bracket along the rows of one study."""
    if place is None:
        return
    x = rect.left() + 5
    top = rect.center().y() - 4 if place == "first" else rect.top()
    bottom = rect.center().y() + 4 if place == "last" else rect.bottom() + 1
    painter.setPen(QPen(theme.MUTED, 1))
    painter.drawLine(x, top, x, bottom)
    if place == "first":
        painter.drawLine(x, top, x + 3, top)
    elif place == "last":
        painter.drawLine(x, bottom, x + 3, bottom)
