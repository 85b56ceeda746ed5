"""How an image of a gallery is painted: picture, score, what the call made of it, its label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen

from app.core.base.translation import tr
from app.gui.audit import text as words
from app.gui.audit.pictures import GalleryPictures
from app.gui.common import theme
from app.gui.common.qt_images import icon
from app.gui.verdict.reading_protocols import RowReading

if TYPE_CHECKING:
    from app.review.audit import AuditRow

_MARGIN = 3
_PAD = 5
_ICON = 14
_WORDS = 12
"""Size of the words, pixels."""


@dataclass(frozen=True)
class TileStyle:
    """What a tile is painted with.

    Parameters
    ----------
    threshold
        Calls are made at it.
    heatmap
        Whether the heatmap lies over the picture.
    opacity
        Of the heatmap, 0 to 1.
    current, focused
        Whether it is the one that keys move, and whether they do now.
    """

    threshold: float
    heatmap: bool = False
    opacity: float = 0.6
    current: bool = False
    focused: bool = False


def tile_size(picture: int) -> QSize:
    """The size of a tile whose picture is so wide and high."""
    font = QFont()
    font.setPixelSize(_WORDS)
    lines = 2 * QFontMetrics(font).height()
    around = 2 * (_MARGIN + _PAD)
    return QSize(picture + around, picture + around + lines + 3)


def paint_tile(
    painter: QPainter,
    rect: QRect,
    row: AuditRow,
    reading: RowReading,
    pictures: GalleryPictures,
    look: TileStyle,
) -> None:
    """Draw one image; asks for its thumbnail when there is none yet."""
    painter.save()
    font = QFont(painter.font())
    font.setPixelSize(_WORDS)
    painter.setFont(font)
    tile = rect.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
    if look.current:
        painter.fillRect(tile, theme.SELECTED)
        painter.setPen(QPen(theme.ACCENT if look.focused else theme.EDGE, 2))
        painter.drawRect(tile.adjusted(1, 1, -1, -1))
    line = painter.fontMetrics().height()
    area = tile.adjusted(_PAD, _PAD, -_PAD, -2 * line - 3 - _PAD)
    painter.fillRect(area, theme.VIEW)
    _paint_picture(painter, area, row, pictures, look)
    _paint_verdict(painter, area, reading)
    _paint_words(painter, tile, area, row, look)
    painter.restore()


def _paint_picture(
    painter: QPainter, area: QRect, row: AuditRow, pictures: GalleryPictures, look: TileStyle
) -> None:
    picture = pictures.thumbnail(row.path)
    if picture is None:
        if pictures.is_unreadable(row.path):
            _say(painter, area, tr("cannot be read"), theme.IMAGE_WARNING)
        return
    size = picture.size().scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
    place = QRect(QPoint(), size)
    place.moveCenter(area.center())
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawPixmap(place, picture)
    if not look.heatmap:
        return
    overlay = pictures.overlay(row.path)
    if overlay is not None:
        painter.setOpacity(look.opacity)
        painter.drawPixmap(place, overlay)
        painter.setOpacity(1.0)
    elif pictures.knows_heatmap(row.path):
        # A plain picture would look like one whose heatmap is still to come.
        _say(painter, area, tr("no evidence for pneumonia"), theme.IMAGE_MUTED)
    elif pictures.has_heatmaps:
        _say(painter, area, tr("heatmap\N{HORIZONTAL ELLIPSIS}"), theme.IMAGE_MUTED)


def _say(painter: QPainter, area: QRect, text: str, colour: QColor) -> None:
    """A line at the foot of the picture, readable on any ground."""
    foot = QRect(area.left(), area.bottom() - 18, area.width(), 19)
    ground = QColor(theme.VIEW)
    ground.setAlpha(190)
    painter.fillRect(foot, ground)
    painter.setPen(colour)
    fitting = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, foot.width() - 6)
    painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, fitting)


def _paint_words(
    painter: QPainter, tile: QRect, area: QRect, row: AuditRow, look: TileStyle
) -> None:
    line = painter.fontMetrics().height()
    first = QRect(area.left() + 1, area.bottom() + 4, area.width() - 2, line)
    second = first.translated(0, line)
    cell = words.cell_of(row, look.threshold)
    wrong = cell in ("fn", "fp")
    left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
    bold = QFont(painter.font())
    bold.setBold(wrong)
    painter.setFont(bold)
    painter.setPen(theme.WARNING if wrong else theme.TEXT)
    if cell is not None:
        painter.drawText(first, left, tr(words.SHORT[cell]))
    painter.drawText(first, right, words.score_words(row))
    bold.setBold(False)
    painter.setFont(bold)
    painter.setPen(theme.STRONG if look.current else theme.MUTED)
    painter.drawText(second, left, tr("label: {label}", label=words.label_words(row)))
    source = tr("out of fold") if row.out_of_fold else tr("trained on") if row.seen else ""
    metrics = painter.fontMetrics()
    taken = metrics.horizontalAdvance(tr("label: {label}", label=words.label_words(row)))
    if source and taken + metrics.horizontalAdvance(source) + 8 <= second.width():
        painter.drawText(second, right, source)


def _paint_verdict(painter: QPainter, area: QRect, reading: RowReading) -> None:
    """What this reader has said, on a plate in the upper right corner."""
    verdict = reading.verdict
    names = []
    if verdict is not None and verdict.agreement:
        names.append(f"verdict-{verdict.agreement}")
    elif verdict is not None and verdict.label:
        names.append("verdict-label")
    if verdict is not None and verdict.note:
        names.append("note")
    if verdict is not None and verdict.key_image:
        names.append("key-image")
    if not names:
        return
    width = len(names) * (_ICON + 3) + 5
    plate = QRect(area.right() - width + 1, area.top(), width, _ICON + 6)
    painter.fillRect(plate, theme.PANEL)
    for at, name in enumerate(names):
        icon(name).paint(painter, QRect(plate.left() + 4 + at * (_ICON + 3), plate.top() + 3,
                                        _ICON, _ICON))  # fmt: skip
