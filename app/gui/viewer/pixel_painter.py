"""The pixels of the image on the screen, at full depth, and what is laid over them.

Two stages, so that dragging the window is quick and still exact: the part in sight is brought to
the resolution of the screen as stored values (averaged over areas, in the depth they have) and
kept; window and level then act on these few values only. Knows nothing of mouse, keys or notes.
Turning is done here, on what is drawn: the stored pixels stay as they are.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from app.core.image.display import render
from app.core.image.heatmap_paint import DEFAULT_PALETTE, draws_nothing, paint, paint_contours
from app.core.image.radiograph import Overlay, Radiograph, Shutter, Voi
from app.core.model.results import Heatmap
from app.gui.common.qt_images import grey_image, rgba_image
from app.gui.viewer.viewport import Viewport

Fill = Callable[[QPainter], None]

_HEATMAP_SIDE = 512
_CONTOUR_SIDE = 1024
_MOST_PIXELS = 16_000_000
"""More than this is thinned out before it is scaled down, which bounds the time of a repaint."""

_GRAPHICS = QColor("#7be08a")
"""Overlays of the file: far from the greys of the image and from every heatmap's palette."""


class PixelPainter:
    """Draws one radiograph, the heatmap and the file's own overlays, in device pixels."""

    def __init__(self) -> None:
        self._values: tuple[object, NDArray, NDArray] | None = None
        """Their place, the pixels that they come from, the values at the screen's resolution."""
        self._grey: tuple[object, QImage] | None = None
        self._heatmap: Heatmap | None = None
        self._colours: QImage | None = None
        self._palette, self._contours = DEFAULT_PALETTE, False
        self._mask: tuple[object, NDArray[np.uint8]] | None = None
        self._laid: dict[str, tuple[object, QImage]] = {}

    def forget(self) -> None:
        """Another image: nothing that was drawn can be used again."""
        self._values = self._grey = self._mask = None
        self._heatmap = self._colours = None
        self._laid.clear()

    def set_heatmap(self, heatmap: Heatmap | None, radiograph: Radiograph | None) -> None:
        """Make the picture of a heatmap; an empty one has none."""
        self._heatmap, self._colours = heatmap, None
        self._laid.pop("heatmap", None)
        if heatmap is not None and not draws_nothing(heatmap) and radiograph is not None:
            rows, columns = radiograph.pixels.shape
            # Lines are drawn at one size, whatever that of the image.
            side = _CONTOUR_SIDE if self._contours else _HEATMAP_SIDE
            shrink = side / max(rows, columns)
            shrink = shrink if self._contours else min(1.0, shrink)
            size = max(1, round(rows * shrink)), max(1, round(columns * shrink))
            draw = paint_contours if self._contours else paint
            self._colours = rgba_image(draw(heatmap, *size, self._palette))

    def set_contours(self, wanted: bool, radiograph: Radiograph | None) -> None:
        """Draw the heatmap as lines, or as colours."""
        self._contours = wanted
        self.set_heatmap(self._heatmap, radiograph)

    def set_palette(self, palette: str, radiograph: Radiograph | None) -> None:
        """Draw the heatmap in other colours (``heatmap_paint.PALETTES``)."""
        self._palette = palette
        self.set_heatmap(self._heatmap, radiograph)

    def draw(
        self,
        painter: QPainter,
        viewport: Viewport,
        radiograph: Radiograph,
        voi: Voi | None,
        inverted: bool,
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
        voi, inverted
            As ``app.core.image.display.render`` takes them.
        """
        part = _in_sight(viewport)
        if part is None:
            return
        source, target = part
        place = (source, target, viewport.turns, viewport.flipped)
        # The pixels too: the frames of a film have one place.
        pixels, kept = radiograph.pixels, self._values
        if kept is None or kept[0] != place or kept[1] is not pixels:
            values = viewport.turned(_resized(_cut(pixels, source), viewport, target))
            kept = self._values = place, pixels, np.ascontiguousarray(values)
            self._grey = None
        look = (voi, inverted)
        if self._grey is None or self._grey[0] != look:
            shown = dataclasses.replace(radiograph, pixels=kept[2], shutter=None)
            self._grey = look, grey_image(render(shown, voi, inverted))
        painter.drawImage(target.topLeft(), self._grey[1])

    def draw_heatmap(self, painter: QPainter, viewport: Viewport, opacity: float) -> None:
        """Lay the heatmap over the whole image; nothing where there is none."""
        colours = self._colours
        if colours is None:
            return

        def fill(onto: QPainter) -> None:
            onto.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            onto.setOpacity(opacity)
            onto.setTransform(viewport.transform(), True)
            onto.drawImage(QRectF(QPointF(0, 0), viewport.image), colours)

        self._lay(painter, viewport, "heatmap", opacity, fill)

    def draw_shutter(self, painter: QPainter, viewport: Viewport, shutter: Shutter | None) -> None:
        """Cover what the file's display shutter hides; nothing where there is none."""
        part = _in_sight(viewport)
        if shutter is None or part is None:
            return
        source, target = part

        def fill(onto: QPainter) -> None:
            mask = shutter.mask[source[1] : source[3], source[0] : source[2]]
            hidden = mask.astype(np.uint8) * np.uint8(255)
            alpha = viewport.turned(_resized(hidden, viewport, target))
            rgba = np.full((*alpha.shape, 4), shutter.grey, np.uint8)
            rgba[..., 3] = alpha
            onto.drawImage(target.topLeft(), rgba_image(rgba))

        self._lay(painter, viewport, "shutter", shutter, fill)

    def draw_overlays(
        self, painter: QPainter, viewport: Viewport, overlays: Sequence[Overlay]
    ) -> None:
        """Lay the file's own graphics over the image; a line of one pixel stays visible."""
        part = _in_sight(viewport)
        if not overlays or part is None:
            return
        source, target = part

        def fill(onto: QPainter) -> None:
            mask = self._union(overlays)[source[1] : source[3], source[0] : source[2]]
            drawn = viewport.turned(_resized(mask, viewport, target)).astype(np.float32)
            # Made smaller, a line one pixel wide would fade to the share that it covers.
            alpha = np.clip(drawn / max(1e-3, min(1.0, viewport.scale)), 0, 255).astype(np.uint8)
            rgba = np.empty((*alpha.shape, 4), np.uint8)
            rgba[..., :3] = _GRAPHICS.red(), _GRAPHICS.green(), _GRAPHICS.blue()
            rgba[..., 3] = alpha
            onto.drawImage(target.topLeft(), rgba_image(rgba))

        self._lay(painter, viewport, "overlays", tuple(overlays), fill)

    def _union(self, overlays: Sequence[Overlay]) -> NDArray[np.uint8]:
        if self._mask is None or self._mask[0] != tuple(overlays):
            union = np.logical_or.reduce([overlay.mask for overlay in overlays])
            self._mask = tuple(overlays), union.astype(np.uint8) * np.uint8(255)
        return self._mask[1]

    def _lay(
        self, painter: QPainter, viewport: Viewport, name: str, what: object, fill: Fill
    ) -> None:
        """Draw something over the image through a picture of the view, made anew on a change."""
        size = viewport.view.toSize()
        transform = viewport.transform()
        key = (what, size.width(), size.height(), transform)
        if name not in self._laid or self._laid[name][0] != key:
            picture = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
            picture.fill(Qt.GlobalColor.transparent)
            onto = QPainter(picture)
            fill(onto)
            onto.end()
            self._laid[name] = key, picture
        # Only the image's own part: blending what is empty takes time too.
        part = viewport.image_rect().toAlignedRect().intersected(QRect(QPoint(0, 0), size))
        painter.drawImage(part.topLeft(), self._laid[name][1], part)


def _in_sight(viewport: Viewport) -> tuple[tuple[int, int, int, int], QRect] | None:
    """The part of the image that is seen, and its place in the view, to whole device pixels."""
    left, top, right, bottom = viewport.in_sight()
    if right <= left or bottom <= top:
        return None
    exact = viewport.to_view(QRectF(left, top, right - left, bottom - top))
    first = QPoint(round(exact.left()), round(exact.top()))
    width = max(1, round(exact.right()) - first.x())
    height = max(1, round(exact.bottom()) - first.y())
    return (left, top, right, bottom), QRect(first.x(), first.y(), width, height)


def _cut(pixels: NDArray, source: tuple[int, int, int, int]) -> NDArray:
    left, top, right, bottom = source
    step = int(np.ceil(np.sqrt((right - left) * (bottom - top) / _MOST_PIXELS)))
    return pixels[top:bottom:step, left:right:step]


def _resized(values: NDArray, viewport: Viewport, target: QRect) -> NDArray:
    """Values at the resolution of the screen, not yet turned, in the dtype they have."""
    size = (target.width(), target.height())
    if viewport.turns % 2:
        size = size[::-1]
    if size == values.shape[::-1]:
        return values
    if values.dtype == np.int32:
        # OpenCV averages no 32-bit integers; float32 keeps 24 bits of them.
        values = values.astype(np.float32)
    shrinks = size[0] < values.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(np.ascontiguousarray(values), size, interpolation=how))
