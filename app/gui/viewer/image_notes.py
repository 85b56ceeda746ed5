"""Small notes in the corners of the image: zoom, window, value, and the colour bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from app.core.base.translation import tr
from app.core.image.heatmap_paint import draws_nothing, empty_words, palette_of
from app.core.model.results import INPUT_GRADIENT, Call, Heatmap
from app.gui.common import theme
from app.gui.common.qt_images import rgba_image
from app.gui.viewer.window_level import value_words, window_words

if TYPE_CHECKING:
    from app.gui.viewer.image_view import ImageView

_MARGIN = 10
_BAR_WIDTH = 180
_BAR_HEIGHT = 10
_SHADE = QColor(0, 0, 0, 150)


def draw_notes(painter: QPainter, view: ImageView) -> None:
    """Draw them over the image, in logical pixels."""
    font = QFont(view.font())
    font.setPixelSize(12)
    painter.setFont(font)
    area = view.rect().adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
    _note(painter, area, "\n".join(_figures(view)), Qt.AlignmentFlag.AlignBottom)
    if view.heatmap is not None and view.overlay_shown:
        if draws_nothing(view.heatmap):
            right = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignRight
            # What is not the usual Grad-CAM is named on the image itself.
            named = f"\n{tr(INPUT_GRADIENT)}" if view.heatmap.method == INPUT_GRADIENT else ""
            _note(painter, area, empty_words(view.heatmap) + named, right)
        else:
            _draw_colour_bar(painter, view, area)


def _figures(view: ImageView) -> list[str]:
    radiograph = view.radiograph
    assert radiograph is not None
    lines = []
    value = view.value_under_cursor()
    if value is not None:
        lines.append(value_words(value, radiograph))
    lines.append(window_words(view.levels) + ("  " + tr("inverted") if view.inverted else ""))
    if radiograph.header.frames > 1:
        number, count = radiograph.frame + 1, radiograph.header.frames
        lines.append(tr("Frame {number}/{count}", number=number, count=count))
    rows, columns = radiograph.pixels.shape
    lines.append(
        tr(
            "{percent:.0f} %  of {columns} × {rows}",
            percent=100 * view.viewport.scale,
            columns=columns,
            rows=rows,
        )
    )
    return lines


def _draw_colour_bar(painter: QPainter, view: ImageView, area: QRect) -> None:
    width = min(_BAR_WIDTH, area.width() // 2)
    metrics = painter.fontMetrics()
    assert view.heatmap is not None
    normal = view.heatmap.toward is Call.NORMAL
    title = tr("Evidence toward normal") if normal else tr("Evidence for pneumonia")
    if view.heatmap.method == INPUT_GRADIENT:
        title = tr("{method}, not Grad-CAM", method=tr(INPUT_GRADIENT)) + f"\n{title}"
    lines = 1 + title.count("\n")
    height = (1 + lines) * metrics.height() + _BAR_HEIGHT + 8
    box = QRect(area.right() - width - 12, area.bottom() - height - 4, width + 16, height + 8)
    painter.fillRect(box, _SHADE)
    inner = box.adjusted(8, 4, -8, -4)
    painter.setPen(theme.IMAGE_TEXT)
    painter.drawText(inner, Qt.AlignmentFlag.AlignTop, title)
    bar = QRect(
        inner.left(), inner.top() + lines * metrics.height() + 3, inner.width(), _BAR_HEIGHT
    )
    painter.drawImage(bar, _bar_image(view.heatmap, view.palette_name))
    painter.setPen(theme.IMAGE_LINE.lighter(160))
    painter.drawRect(bar.adjusted(0, 0, -1, -1))
    painter.setPen(theme.IMAGE_TEXT)
    below = QRect(inner.left(), bar.bottom() + 3, inner.width(), metrics.height())
    painter.drawText(below, Qt.AlignmentFlag.AlignLeft, tr("none"))
    painter.drawText(below, Qt.AlignmentFlag.AlignRight, tr("full scale"))


def _bar_image(heatmap: Heatmap, name: str) -> QImage:
    return rgba_image(palette_of(heatmap, name)[None, :, :].copy())


def _note(painter: QPainter, area: QRect, text: str, where: Qt.AlignmentFlag) -> None:
    """Text on a shade, so that it reads on bright bone as on black."""
    where |= Qt.AlignmentFlag(Qt.TextFlag.TextWordWrap.value)
    box = painter.boundingRect(area, where, text)
    painter.fillRect(box.adjusted(-5, -2, 5, 2), _SHADE)
    painter.setPen(theme.IMAGE_TEXT)
    painter.drawText(area, where, text)
