"""How a row and a thumbnail of the worklist are painted. Meaning is never told by colour alone."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.core.base.translation import tr
from app.core.model.triage import Triage
from app.gui.common import theme
from app.gui.common.privacy import privacy
from app.gui.common.qt_images import icon
from app.gui.common.wording import score_words
from app.gui.worklist.arrangement import (
    NO_SCORE,
    QUEUE,
    READ,
    SUSPICIOUS,
    UNSURE,
    Row,
    State,
    WorklistColumn,
)
from app.gui.worklist.model import Role
from app.gui.worklist.text import STATES, triage_words

TILE = QSize(140, 168)
_ICON = 14
_PAD = 5
_BRACKET = 4
_LEAST_WORDS = 30
_PAD_RIGHT = 2
_Index = QModelIndex | QPersistentModelIndex


def colour_of(row: Row) -> QColor:
    """The colour of a row's call: below the threshold is plain, what needs eyes never is."""
    if row.state is State.WAITING:
        return theme.MUTED
    if row.needs_eyes or row.triage is Triage.UNSURE:
        return theme.WARNING
    return theme.FINDING if row.triage is Triage.SUSPICIOUS else theme.TEXT


class RowDelegate(QStyledItemDelegate):
    """Rows of the table; the table itself draws the headings."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw one cell."""
        painter.save()
        row = index.data(Role.ROW)
        if row is None:
            painter.fillRect(option.rect, theme.RAISED)  # its words go across all columns
        else:
            self._paint_cell(painter, option, index, row)
        painter.restore()

    def _paint_cell(
        self, painter: QPainter, option: QStyleOptionViewItem, index: _Index, row: Row
    ) -> None:
        rect: QRect = option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.fillRect(rect, theme.SELECTED if selected else theme.PANEL)
        column = WorklistColumn(index.column())
        if column == WorklistColumn.SCORE and selected:
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), theme.ACCENT)
        if column == WorklistColumn.SCORE:
            _paint_study(painter, rect, index.data(Role.PLACE_IN_STUDY))
        inner = rect.adjusted(_PAD, 0, -_PAD_RIGHT, 0)
        if column == WorklistColumn.SCORE:
            inner.setLeft(inner.left() + _BRACKET)
        if column == WorklistColumn.STATE:
            box = QRect(inner.left(), rect.center().y() - _ICON // 2 + 1, _ICON, _ICON)
            icon(f"state-{row.state}").paint(painter, box)
            inner.setLeft(box.right() + 5)
        if column == WorklistColumn.VERDICT:
            inner = _paint_verdict(painter, inner, row)
            if inner.width() < _LEAST_WORDS:
                return
        emphasised = column in (WorklistColumn.SCORE, WorklistColumn.CALL)
        painter.setPen(colour_of(row) if emphasised or row.needs_eyes else theme.TEXT)
        if column == WorklistColumn.STATE and not row.needs_eyes:
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
    name = _fitting(painter, privacy.file_name(row.item.path), words.width(), WorklistColumn.NAME)
    painter.drawText(words, Qt.AlignmentFlag.AlignTop, name)
    _paint_tile_verdict(painter, area, row)
    painter.setPen(colour_of(row))
    score = (
        tr(STATES[row.state])
        if row.needs_eyes
        else f"{score_words(row.prediction)} {triage_words(row.triage)}"
    )
    if row.sealed:
        score = tr("hidden")
    if row.state is not State.SCORED:
        mark = QRect(words.left(), words.bottom() - line // 2 - _ICON // 2, _ICON, _ICON)
        icon(f"state-{row.state}").paint(painter, mark)
        words.setLeft(mark.right() + 4)
    painter.drawText(words, Qt.AlignmentFlag.AlignBottom, score)
    painter.restore()


def verdict_icons(row: Row) -> list[str]:
    """The marks of a row's verdicts: what this reader said, key image, others."""
    verdict = row.reading.verdict
    names = []
    if verdict and verdict.agreement:
        names.append(f"verdict-{verdict.agreement}")
    elif verdict and verdict.label:
        names.append("verdict-label")
    if verdict and verdict.key_image:
        names.append("key-image")
    if any(other.is_read for other in row.reading.others):
        names.append("verdict-other")
    if row.reading.other_pixels:
        names.append("state-caution")
    return names


def _paint_verdict(painter: QPainter, inner: QRect, row: Row) -> QRect:
    """Marks first; gives back the room that is left for words."""
    for name in verdict_icons(row):
        box = QRect(inner.left(), inner.center().y() - _ICON // 2 + 1, _ICON, _ICON)
        icon(name).paint(painter, box)
        inner.setLeft(box.right() + 3)
    return inner


def _paint_tile_verdict(painter: QPainter, area: QRect, row: Row) -> None:
    """The marks on a plate in the picture's upper right corner: it may be bright there."""
    names = verdict_icons(row)
    if not names:
        return
    width = len(names) * (_ICON + 3) + 5
    plate = QRect(area.right() - width + 1, area.top(), width, _ICON + 6)
    painter.fillRect(plate, theme.PANEL)
    _paint_verdict(painter, plate.adjusted(4, 0, 0, -1), row)


def _fitting(painter: QPainter, text: str, width: int, column: WorklistColumn) -> str:
    """A text short enough; a file name loses its suffix first, its middle next."""
    metrics = painter.fontMetrics()
    if column == WorklistColumn.NAME and metrics.horizontalAdvance(text) > width:
        text = Path(text).stem
    # Names and numbers of one kind differ at their ends.
    ends_differ = column in (WorklistColumn.NAME, WorklistColumn.PATIENT_ID)
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
    painter.setPen(_heading_colour(section))
    inner = rect.adjusted(_PAD + _ICON + 6, 0, -4, 0)
    words = painter.fontMetrics().elidedText(
        str(index.data()), Qt.TextElideMode.ElideRight, inner.width()
    )
    painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, words)
    painter.restore()


def _heading_colour(section: int) -> QColor:
    if section in (NO_SCORE, UNSURE):
        return theme.WARNING
    if section in (READ, QUEUE):
        return theme.MUTED
    return theme.FINDING if section == SUSPICIOUS else theme.TEXT


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
