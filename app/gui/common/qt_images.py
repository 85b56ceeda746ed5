"""Arrays as Qt images, and the program's own icons."""

from __future__ import annotations

from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.gui.common import theme


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
    """The look of the window, its colours still to be filled in."""
    return (resources.files("resources") / "style.qss").read_text(encoding="utf-8")


@cache
def icon(name: str) -> QIcon:
    """An icon from resources/icons, in the theme's colours, paler when disabled."""
    return QIcon(_SvgEngine(name))


class _SvgEngine(QIconEngine):
    """Draws an icon anew at every size: sharp at any pixel ratio, and it follows the theme."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def clone(self) -> _SvgEngine:
        """Another of the same icon."""
        return _SvgEngine(self._name)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Draw it at a size in device pixels; Qt's own leaves what is clear unfilled."""
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, QRect(QPoint(), size), mode, state)
        painter.end()
        return picture

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw it."""
        if mode is QIcon.Mode.Disabled:
            painter.setOpacity(0.35)
        _drawing(self._name, theme.is_light()).render(painter, QRectF(rect))
        painter.setOpacity(1.0)


@cache
def _drawing(name: str, light: bool) -> QSvgRenderer:
    svg = (resources.files("resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(theme.recoloured(svg).encode()))
