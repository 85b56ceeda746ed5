"""The image, at its own resolution: what is shown, and what mouse and keys do to it.

The pixels are drawn by ``pixel_painter``; what lies over them, and what takes mouse and keys
before the view does, is in ``view_tools``.

Wheel: zoom at the cursor; with Ctrl the window, with Shift the level. Middle-drag, or Space and
left-drag: pan. Left- or right-drag: window (across) and level (up and down). Double click: fit.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.core.image.heatmap_paint import DEFAULT_PALETTE
from app.core.image.radiograph import Radiograph, Voi
from app.core.model.results import Heatmap
from app.core.reading.verdicts import Region
from app.gui.common import theme
from app.gui.common.privacy import privacy
from app.gui.viewer.image_notes import draw_notes
from app.gui.viewer.pixel_painter import PixelPainter
from app.gui.viewer.tools.drawing import Drawing
from app.gui.viewer.tools.host import ToolHost
from app.gui.viewer.tools.kept import CachedLayer
from app.gui.viewer.tools.static_overlays import Furniture
from app.gui.viewer.viewport import Viewport
from app.gui.viewer.window_level import WindowLevel
from app.gui.worklist.steps import LINES


class ImageView(ToolHost):
    """Shows one radiograph.

    Signals
    -------
    step_wanted(int)
        So many images on, or back: Down, Up, Home or End was pressed.
    touched()
        The person zoomed, dragged or clicked.
    image_shown()
        Another image, or none; not another frame of the same.
    view_changed()
        Zoom, turn, window or inversion changed.
    regions_changed(tuple[Region, ...])
        The reader drew, changed or removed a region.
    """

    step_wanted = Signal(int)
    touched = Signal()
    image_shown = Signal()
    view_changed = Signal()
    regions_changed = Signal(object)

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
        self.levels = WindowLevel(self._changed)
        self.inverted = False
        self.overlay_shown = True
        self.overlay_seen = False
        """Whether a heatmap has lain over the image in view, if only for a peek."""
        self.overlay_opacity = 0.6
        self.graphics_shown = True
        self.shutter_shown = True
        self.palette_name = DEFAULT_PALETTE
        self.message = ""
        self.cursor_at: QPoint | None = None
        self.furniture = Furniture()
        self.layers.append(CachedLayer(self.furniture))
        self.drawing = Drawing(self)
        self.drawing.regions_changed.connect(self.regions_changed)
        privacy.changed.connect(self._changed)
        self._pixels = PixelPainter()
        self._drag_from: QPointF | None = None
        self._panning = False
        self._space_down = False

    # What is shown --------------------------------------------------------------------------

    def set_radiograph(self, radiograph: Radiograph | None, message: str = "") -> None:
        """Show another image, fitted, in its default window, without a heatmap yet."""
        self.radiograph = radiograph
        self.message = message
        self._pixels.forget()
        self.levels.show_image(radiograph)
        self.inverted = self.overlay_seen = False
        self.set_heatmap(None)
        self.viewport.stand_upright()
        rows, columns = radiograph.pixels.shape if radiograph else (0, 0)
        self.viewport.image = QSizeF(columns, rows)
        self.viewport.fit()
        self.drawing.show_image()
        self.image_shown.emit()
        self._changed()

    @property
    def regions(self) -> tuple[Region, ...]:
        """What the reader drew on the image in view, in stored pixels."""
        return self.drawing.regions

    def set_regions(self, regions: Iterable[Region]) -> None:
        """Show the regions of a stored verdict; ``regions_changed`` does not follow."""
        self.drawing.set_regions(regions)

    def set_heatmap(self, heatmap: Heatmap | None) -> None:
        """Lay a heatmap over the image; zoom and pan stay."""
        self.heatmap = heatmap
        self._pixels.set_heatmap(heatmap, self.radiograph)
        self._note_overlay()

    def set_overlay_shown(self, shown: bool) -> None:
        """Show or hide the heatmap; zoom and pan stay."""
        self.overlay_shown = shown
        self._note_overlay()

    def set_contours(self, wanted: bool) -> None:
        """Draw the heatmap as contour lines, which leave the anatomy free, or as colours."""
        self._pixels.set_contours(wanted, self.radiograph)
        self.update()

    def _note_overlay(self) -> None:
        in_sight = self.overlay_shown and self.overlay_opacity > 0
        self.overlay_seen = self.overlay_seen or (self.heatmap is not None and in_sight)
        self.update()

    def set_overlay_opacity(self, opacity: float) -> None:
        """Opacity of full-scale evidence, 0 to 1."""
        self.overlay_opacity = opacity
        self._note_overlay()

    def show_frame(self, radiograph: Radiograph | None, message: str = "") -> None:
        """Another frame of the film in view, or why there is none: zoom and window stay."""
        self.radiograph, self.message = radiograph, message
        if radiograph is not None:
            self.levels.show_frame(radiograph)
            self.drawing.desk.set_frame(radiograph.frame + 1)
        self._changed()

    @property
    def window_in_use(self) -> Voi | None:
        """The window or VOI LUT that was chosen; None for the image's default."""
        return self.levels.voi

    def set_graphics_shown(self, shown: bool) -> None:
        """Show or hide the overlays that came with the file."""
        self.graphics_shown = shown
        self._changed()

    def set_shutter_shown(self, shown: bool) -> None:
        """Apply the display shutter of the file, or show what it hides."""
        self.shutter_shown = shown
        self._changed()

    def set_palette(self, palette: str) -> None:
        """The colours of the heatmap (``heatmap_paint.PALETTES``)."""
        self.palette_name = palette
        self._pixels.set_palette(palette, self.radiograph)
        self.update()

    def fit(self) -> None:
        """Show the whole image."""
        self.viewport.fit()
        self._changed()

    def one_to_one(self) -> None:
        """One pixel of the image on one pixel of the screen."""
        self.zoom_by(1.0 / self.viewport.scale)

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom about a point of the view in device pixels, by default its middle."""
        size = self.viewport.view
        self.viewport.zoom(factor, at or QPointF(size.width() / 2, size.height() / 2))
        self._changed()

    def toggle_inverted(self) -> None:
        """Swap black and white."""
        self.inverted = not self.inverted
        self._changed()

    def rotate(self, quarters: int) -> None:
        """Turn the picture clockwise by quarters; the pixels stay as they are."""
        if self.radiograph is not None:
            self.viewport.rotate(quarters)
            self._changed()

    def flip(self) -> None:
        """Swap left and right of the picture; the pixels stay as they are."""
        if self.radiograph is not None:
            self.viewport.flip()
            self._changed()

    def reset(self) -> None:
        """Fit, upright, default window, not inverted."""
        self.viewport.stand_upright()
        self.levels.reset()
        self.inverted = False
        self.fit()

    def value_under_cursor(self) -> float | None:
        """The modality value of the pixel under the cursor."""
        if self.radiograph is None or self.cursor_at is None:
            return None
        point = self.to_image(QPointF(self.cursor_at))
        row, column = int(np.floor(point.y())), int(np.floor(point.x()))
        rows, columns = self.radiograph.pixels.shape
        if 0 <= row < rows and 0 <= column < columns:
            return float(self.radiograph.pixels[row, column])
        return None

    def to_image(self, point: QPointF) -> QPointF:
        """The image point at a point of the view in logical pixels, such as an event's."""
        return self.viewport.to_image(point * self.devicePixelRatioF())

    def to_view(self, point: QPointF) -> QPointF:
        """Where an image point lies in the view, in logical pixels."""
        return self.viewport.transform().map(point) / self.devicePixelRatioF()

    def _changed(self) -> None:
        self.update()
        self.view_changed.emit()

    # Painting -------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Image, heatmap, notes; the notes never cover the middle."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.VIEW)
        if self.radiograph is None:
            painter.setPen(theme.IMAGE_MUTED)
            painter.drawText(
                self.rect().adjusted(24, 24, -24, -24),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                privacy.sentence(self.message),
            )
        else:
            painter.save()
            ratio = self.devicePixelRatioF()
            painter.scale(1 / ratio, 1 / ratio)
            self._pixels.draw(
                painter, self.viewport, self.radiograph, self.window_in_use, self.inverted
            )
            if self.shutter_shown:
                self._pixels.draw_shutter(painter, self.viewport, self.radiograph.shutter)
            if self.overlay_shown:
                self._pixels.draw_heatmap(painter, self.viewport, self.overlay_opacity)
            # It may be the patient's name.
            if self.graphics_shown and not privacy.hidden:
                self._pixels.draw_overlays(painter, self.viewport, self.radiograph.overlays)
            painter.restore()
            draw_notes(painter, self)
            self.paint_layers(painter)
        if self.hasFocus():
            painter.setPen(QPen(theme.IMAGE_ACCENT, 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    # Mouse and keys -------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A fitted image stays fitted."""
        self.viewport.resize(QSizeF(self.size()) * self.devicePixelRatioF())
        super().resizeEvent(event)
        self.view_changed.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with the point under the cursor held still; with Ctrl or Shift window and level."""
        self.touched.emit()
        # With a modifier some systems turn the wheel sideways.
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120
        taken = self.levels.turn(notches, event.modifiers(), self.inverted)
        if self.radiograph is not None and not taken:
            self.zoom_by(1.25**notches, event.position() * self.devicePixelRatioF())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start a drag."""
        self.touched.emit()
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if self.radiograph is None or self._drag_from is not None or self.in_gesture:
            return
        left = event.button() is Qt.MouseButton.LeftButton
        if left and not self._space_down and self.take_press(event):
            return
        self._drag_from = event.position()
        self._panning = event.button() is Qt.MouseButton.MiddleButton or self._space_down
        if self._panning:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan, or change the window; else tell the value under the cursor."""
        self.cursor_at = event.position().toPoint()
        if self._drag_from is None:
            self.take_move(event)
            self.update()
            return
        by = event.position() - self._drag_from
        self._drag_from = event.position()
        if self._panning:
            self.viewport.pan(by * self.devicePixelRatioF())
        else:
            self.levels.drag(by.x(), by.y(), self.inverted)
        self._changed()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag; the image is drawn again in full quality."""
        if self.take_release(event):
            return
        self._drag_from = None
        self._panning = False
        self._show_hand()
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fit, unless a tool has a use for it."""
        if not self.take_double_click(event):
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
        self.drawing.desk.tell()
        self._space_down = False
        self._show_hand()
        self.update()

    def before_key(self, event: QKeyEvent) -> None:
        """What arrow keys moved is told before another key does anything."""
        self.drawing.before_key(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up, Down, Home and End walk the worklist, Space makes the left button pan."""
        if self.take_key(event):
            return
        if event.key() in LINES:
            self.step_wanted.emit(LINES[Qt.Key(event.key())])
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
        hand = Qt.CursorShape.OpenHandCursor
        self.setCursor(hand if self._space_down else self._resting_cursor)
