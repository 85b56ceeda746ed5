"""Arrays as Qt images, and the program's own icons."""

from __future__ import annotations

from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

_ICON_SIDES = (16, 20, 24, 32, 48)


def grey_image(grey: NDArray[np.uint8]) -> QImage:
    """A QImage of its own memory from (rows, columns) uint8."""
    grey = np.ascontiguousarray(grey)
    rows, columns = grey.shape
    view = QImage(grey.data, columns, rows, columns, QImage.Format.Format_Grayscale8)
    return view.copy()


def rgba_image(rgba: NDArray[np.uint8]) -> QImage:
    """A QImage of its own memory from (rows, columns, 4) uint8, straight alpha."""
    rgba = np.ascontiguousarray(rgba)
    rows, columns = rgba.shape[:2]
    view = QImage(rgba.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
    return view.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def style_sheet() -> str:
    """The dark reading-room theme."""
    return (resources.files("resources") / "style.qss").read_text(encoding="utf-8")


@cache
def icon(name: str) -> QIcon:
    """An icon from resources/icons, paler when disabled."""
    source = (resources.files("resources") / "icons" / f"{name}.svg").read_bytes()
    made = QIcon()
    for side in _ICON_SIDES:
        picture = _drawn(source, side)
        made.addPixmap(picture)
        pale = QPixmap(picture.size())
        pale.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pale)
        painter.setOpacity(0.35)
        painter.drawPixmap(0, 0, picture)
        painter.end()
        made.addPixmap(pale, QIcon.Mode.Disabled)
    return made


def _drawn(source: bytes, side: int) -> QPixmap:
    picture = QPixmap(QSize(side, side))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(source)).render(painter, QRectF(0, 0, side, side))
    painter.end()
    return picture
