"""A layer kept as a picture: while the window is dragged only the pixels below change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPixmap

from app.core.image.radiograph import Radiograph
from app.gui.common.privacy import privacy
from app.gui.viewer.tools.protocols import Layer

if TYPE_CHECKING:
    from app.gui.viewer.image_view import ImageView


class StatefulLayer(Layer, Protocol):
    """A layer whose look hangs on nothing but the image, where it lies, and its own state."""

    def state(self) -> object:
        """Something that differs whenever the layer would look different; compared with ==."""


class CachedLayer:
    """A layer that paints another one again only when it would look different."""

    def __init__(self, layer: StatefulLayer) -> None:
        self._layer = layer
        self._key: object = None
        self._image: Radiograph | None = None
        self._picture = QPixmap()

    def paint(self, painter: QPainter, view: ImageView) -> None:
        """Paint it, or its picture."""
        port, ratio = view.viewport, view.devicePixelRatioF()
        place = (port.scale, port.centre.x(), port.centre.y(), port.turns, port.flipped)
        room = (view.width(), view.height(), ratio, view.font().key())
        key = (place, room, privacy.hidden, self._layer.state())
        # The image itself and not its number: another one may get the number of one that is gone.
        if key != self._key or view.radiograph is not self._image:
            self._picture = QPixmap(view.size() * ratio)
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(Qt.GlobalColor.transparent)
            inner = QPainter(self._picture)
            self._layer.paint(inner, view)
            inner.end()
            self._key, self._image = key, view.radiograph
        painter.drawPixmap(0, 0, self._picture)
