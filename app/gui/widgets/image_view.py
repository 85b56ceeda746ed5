"""The image, at its own resolution, with the heatmap over it. Never flipped, never rotated.

Wheel: zoom at the cursor. Middle-drag, or Space and left-drag: pan. Left- or right-drag:
window (across) and level (up and down). Double click: fit.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.core.display import render
from app.core.heatmap_paint import paint
from app.core.images import Radiograph, Window
from app.core.results import Heatmap
from app.gui.pictures import grey_image, rgba_image
from app.gui.widgets import theme
from app.gui.widgets.image_notes import draw_notes
from app.gui.widgets.viewport import Viewport

_OVERLAY_SIDE = 512
_MOST_PIXELS = 16_000_000
"""More than this is thinned out before it is scaled down, which bounds the time of a repaint."""


class ImageView(QWidget):
    """Shows one radiograph.

    Signals
    -------
    step_wanted(int)
        Down or Up was pressed: +1 for the next image, -1 for the previous.
    view_changed()
        Zoom, window or inversion changed.
    """

    step_wanted = Signal(int)
    view_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(240, 240)
        self.setAccessibleName("Image")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.radiograph: Radiograph | None = None
        self.heatmap: Heatmap | None = None
        self.viewport = Viewport(QSizeF(1, 1), QSizeF(0, 0))
        self.window_in_use: Window | None = None
        self.inverted = False
        self.overlay_shown = True
        self.overlay_opacity = 0.6
        self.message = ""
        self.cursor_at: QPoint | None = None
        self._overlay: QImage | None = None
        self._drawn: tuple[tuple[object, ...], QImage] | None = None
        self._drag_from: QPointF | None = None
        self._panning = False
        self._space_down = False

    # What is shown --------------------------------------------------------------------------

    def set_radiograph(self, radiograph: Radiograph | None, message: str = "") -> None:
        """Show another image, fitted, in its default window, without a heatmap yet."""
        self.radiograph = radiograph
        self.message = message
        self._drawn = None
        self.window_in_use = None
        self.inverted = False
        self.set_heatmap(None)
        rows, columns = radiograph.pixels.shape if radiograph else (0, 0)
        self.viewport.image = QSizeF(columns, rows)
        self.viewport.fit()
        self._changed()

    def set_heatmap(self, heatmap: Heatmap | None) -> None:
        """Lay a heatmap over the image; zoom and pan stay."""
        self.heatmap = heatmap
        self._overlay = None
        if heatmap is not None and not heatmap.is_empty and self.radiograph is not None:
            rows, columns = self.radiograph.pixels.shape
            shrink = min(1.0, _OVERLAY_SIDE / max(rows, columns))
            size = max(1, round(rows * shrink)), max(1, round(columns * shrink))
            self._overlay = rgba_image(paint(heatmap, *size))
        self.update()

    def set_overlay_shown(self, shown: bool) -> None:
        """Show or hide the heatmap; zoom and pan stay."""
        self.overlay_shown = shown
        self.update()

    def set_overlay_opacity(self, opacity: float) -> None:
        """Opacity of full-scale evidence, 0 to 1."""
        self.overlay_opacity = opacity
        self.update()

    def fit(self) -> None:
        """Show the whole image."""
        self.viewport.fit()
        self._changed()

    def one_to_one(self) -> None:
        """One pixel of the image on one pixel of the screen."""
        self._zoom(1.0 / self.viewport.scale)

    def zoom_by(self, factor: float) -> None:
        """Zoom about the middle of the view."""
        self._zoom(factor)

    def toggle_inverted(self) -> None:
        """Swap black and white."""
        self.inverted = not self.inverted
        self._changed()

    def reset(self) -> None:
        """Fit, default window, not inverted."""
        self.window_in_use = None
        self.inverted = False
        self.fit()

    def value_under_cursor(self) -> float | None:
        """The modality value of the pixel under the cursor."""
        if self.radiograph is None or self.cursor_at is None:
            return None
        point = self.viewport.to_image(QPointF(self.cursor_at) * self.devicePixelRatioF())
        row, column = int(np.floor(point.y())), int(np.floor(point.x()))
        rows, columns = self.radiograph.pixels.shape
        if 0 <= row < rows and 0 <= column < columns:
            return float(self.radiograph.pixels[row, column])
        return None

    def _zoom(self, factor: float, at: QPointF | None = None) -> None:
        size = self.viewport.view
        self.viewport.zoom(factor, at or QPointF(size.width() / 2, size.height() / 2))
        self._changed()

    def _changed(self) -> None:
        self.update()
        self.view_changed.emit()

    # Painting -------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Image, heatmap, notes; the notes never cover the middle."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.VIEW)
        if self.radiograph is None:
            painter.setPen(theme.MUTED)
            painter.drawText(
                self.rect().adjusted(24, 24, -24, -24),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                self.message,
            )
        else:
            painter.save()
            ratio = self.devicePixelRatioF()
            painter.scale(1 / ratio, 1 / ratio)
            self._draw_image(painter, self.radiograph)
            if self.overlay_shown and self._overlay is not None:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.setOpacity(self.overlay_opacity)
                painter.drawImage(self.viewport.image_rect(), self._overlay)
            painter.restore()
            draw_notes(painter, self)
        if self.hasFocus():
            painter.setPen(QPen(theme.ACCENT, 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _draw_image(self, painter: QPainter, radiograph: Radiograph) -> None:
        """Render only what is in sight, on the full depth, and keep it for the next repaint."""
        rows, columns = radiograph.pixels.shape
        view = QRectF(QPointF(0, 0), self.viewport.view)
        seen = view.intersected(self.viewport.image_rect())
        if seen.isEmpty():
            return
        first = self.viewport.to_image(seen.topLeft())
        last = self.viewport.to_image(seen.bottomRight())
        left, top = max(0, int(first.x())), max(0, int(first.y()))
        right = min(columns, int(np.ceil(last.x())))
        bottom = min(rows, int(np.ceil(last.y())))
        if right <= left or bottom <= top:
            return
        target = self.viewport.to_view(QRectF(left, top, right - left, bottom - top))
        step = int(np.ceil(np.sqrt((right - left) * (bottom - top) / _MOST_PIXELS)))
        if self._drag_from is not None and not self._panning:
            # While the window is being dragged speed counts more than the finest grain.
            step = max(step, int(1 / self.viewport.scale))
        size = (max(1, round(target.width())), max(1, round(target.height())))
        key = (left, top, right, bottom, step, size, self.window_in_use, self.inverted)
        if self._drawn is None or self._drawn[0] != key:
            crop = radiograph.pixels[top:bottom:step, left:right:step]
            part = dataclasses.replace(radiograph, pixels=crop)
            image = grey_image(render(part, self.window_in_use, self.inverted))
            if self.viewport.scale * step < 1.0:
                # Qt averages areas here; its painter alone would skip pixels.
                image = image.scaled(
                    *size,
                    Qt.AspectRatioMode.IgnoreAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
            self._drawn = (key, image)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.viewport.scale != 1.0)
        painter.drawImage(target, self._drawn[1])

    # Mouse and keys -------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A fitted image stays fitted."""
        self.viewport.resize(QSizeF(self.size()) * self.devicePixelRatioF())
        super().resizeEvent(event)
        self.view_changed.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with the point under the cursor held still."""
        if self.radiograph is not None and event.angleDelta().y():
            at = event.position() * self.devicePixelRatioF()
            self._zoom(1.25 ** (event.angleDelta().y() / 120), at)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start a drag."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if self.radiograph is None or self._drag_from is not None:
            return
        self._drag_from = event.position()
        self._panning = event.button() is Qt.MouseButton.MiddleButton or self._space_down
        if self._panning:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan, or change the window; else tell the value under the cursor."""
        self.cursor_at = event.position().toPoint()
        if self._drag_from is None:
            self.update()
            return
        by = event.position() - self._drag_from
        self._drag_from = event.position()
        if self._panning:
            self.viewport.pan(by * self.devicePixelRatioF())
        else:
            self._drag_window(by)
        self._changed()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag; the image is drawn again in full quality."""
        self._drag_from = None
        self._panning = False
        self._show_hand()
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fit."""
        self.fit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The right button is for the window, not for a menu."""
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """No value without a cursor."""
        self.cursor_at = None
        self.update()

    def focusInEvent(self, event: QEvent) -> None:
        """Show the focus."""
        self.update()

    def focusOutEvent(self, event: QEvent) -> None:
        """A key released elsewhere is not held here."""
        self._space_down = False
        self._show_hand()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down walk the worklist, Space makes the left button pan."""
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.step_wanted.emit(1 if event.key() == Qt.Key.Key_Down else -1)
        elif event.key() == Qt.Key.Key_Space:
            self._space_down = True
            self._show_hand()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """The left button is for the window again."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space_down = False
            self._show_hand()
        else:
            super().keyReleaseEvent(event)

    def _show_hand(self) -> None:
        if self._space_down:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self.unsetCursor()

    def _drag_window(self, by: QPointF) -> None:
        """Across changes the width, up and down the centre: down makes the image brighter."""
        if self.radiograph is None:
            return
        window = self.window_in_use or self.radiograph.windows[0]
        usual = self.radiograph.windows[0].width
        step = usual / 400.0
        # Inverted or not, moving down brightens.
        sign = 1.0 if self.radiograph.inverted != self.inverted else -1.0
        self.window_in_use = dataclasses.replace(
            window,
            width=max(min(1.0, step), window.width + by.x() * step),
            center=window.center + sign * by.y() * step,
        )
