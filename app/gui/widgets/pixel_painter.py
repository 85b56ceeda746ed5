"""The pixels of the image on the screen: the part in sight, at full depth, kept for a repaint.

Knows nothing of mouse, keys or notes. Turning is done here, on what is drawn: the stored pixels
stay as they are.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from app.core.display import render
from app.core.heatmap_paint import paint
from app.core.images import Radiograph, Window
from app.core.results import Heatmap
from app.gui.pictures import grey_image, rgba_image
from app.gui.widgets.viewport import Viewport

_OVERLAY_SIDE = 512
_MOST_PIXELS = 16_000_000
"""More than this is thinned out before it is scaled down, which bounds the time of a repaint."""


class PixelPainter:
    """Draws one radiograph and the heatmap over it, in device pixels."""

    def __init__(self) -> None:
        self._drawn: tuple[tuple[object, ...], QImage] | None = None
        self._overlay: QImage | None = None

    def forget(self) -> None:
        """Another image: nothing that was drawn can be used again."""
        self._drawn = None
        self._overlay = None

    def set_heatmap(self, heatmap: Heatmap | None, radiograph: Radiograph | None) -> None:
        """Make the picture of a heatmap; an empty one has none."""
        self._overlay = None
        if heatmap is not None and not heatmap.is_empty and radiograph is not None:
            rows, columns = radiograph.pixels.shape
            shrink = min(1.0, _OVERLAY_SIDE / max(rows, columns))
            size = max(1, round(rows * shrink)), max(1, round(columns * shrink))
            self._overlay = rgba_image(paint(heatmap, *size))

    def draw(
        self,
        painter: QPainter,
        viewport: Viewport,
        radiograph: Radiograph,
        window: Window | None,
        inverted: bool,
        quick: bool = False,
    ) -> None:
        """Draw the part in sight.

        Parameters
        ----------
        painter
            In device pixels.
        viewport
            Where the image lies.
        radiograph
            What is shown.
        window, inverted
            As ``app.core.display.render`` takes them.
        quick
            While the window is being dragged speed counts more than the finest grain.
        """
        left, top, right, bottom = viewport.in_sight()
        if right <= left or bottom <= top:
            return
        target = viewport.to_view(QRectF(left, top, right - left, bottom - top))
        step = int(np.ceil(np.sqrt((right - left) * (bottom - top) / _MOST_PIXELS)))
        if quick:
            step = max(step, int(1 / viewport.scale))
        size = (max(1, round(target.width())), max(1, round(target.height())))
        turned = (viewport.turns, viewport.flipped)
        key = (left, top, right, bottom, step, size, window, inverted, turned)
        if self._drawn is None or self._drawn[0] != key:
            crop = radiograph.pixels[top:bottom:step, left:right:step]
            part = dataclasses.replace(radiograph, pixels=crop)
            image = grey_image(viewport.turned(render(part, window, inverted)))
            if viewport.scale * step < 1.0:
                # Qt averages areas here; its painter alone would skip pixels.
                image = image.scaled(
                    *size,
                    Qt.AspectRatioMode.IgnoreAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
            self._drawn = (key, image)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, viewport.scale != 1.0)
        painter.drawImage(target, self._drawn[1])

    def draw_heatmap(self, painter: QPainter, viewport: Viewport, opacity: float) -> None:
        """Lay the heatmap over the whole image; nothing where there is none."""
        if self._overlay is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(opacity)
        painter.setTransform(viewport.transform(), True)
        painter.drawImage(QRectF(QPointF(0, 0), viewport.image), self._overlay)
        painter.restore()
