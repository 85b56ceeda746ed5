"""The mean heatmap of one cell of the confusion matrix, with what is measured on its maps."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.core.base.translation import tr
from app.core.image.heatmap_paint import blend
from app.core.model.results import Heatmap
from app.gui.audit.maps_text import areas_words, images_words, share_words
from app.gui.common import theme
from app.gui.common.theme import named
from app.review.audit.maps import CellMaps


class MeanPicture(QWidget):
    """The mean of the images with the mean of their maps over it; Return or a click chooses it.

    Signals
    -------
    chosen()
        The images behind it are to be shown.
    """

    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(90, 90)
        self._image: QImage | None = None
        self.marked = False

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(170, 170)

    def show_mean(self, cell: CellMaps | None, full_scale: float, title: str, name: str) -> None:
        """Show a cell's mean, None for nothing."""
        self._image = None
        if cell is not None:
            rgb = blend(cell.picture, Heatmap(cell.mean, full_scale, title), 0.7, name)
            rgb = np.ascontiguousarray(rgb)
            rows, columns = rgb.shape[:2]
            held = QImage(rgb.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888)
            self._image = held.copy()
        self.setCursor(
            Qt.CursorShape.PointingHandCursor if self._image else Qt.CursorShape.ArrowCursor
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it as a square, with a frame where it is chosen or has the focus."""
        painter = QPainter(self)
        side = min(self.width(), self.height())
        place = self.rect()
        place.setSize(QSize(side, side))
        place.moveCenter(self.rect().center())
        if self._image is None:
            painter.setPen(QPen(theme.LINE, 1, Qt.PenStyle.DashLine))
            painter.drawRect(place.adjusted(0, 0, -1, -1))
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, self._image)
        if self.marked or self.hasFocus():
            painter.setPen(QPen(theme.ACCENT if self.hasFocus() else theme.EDGE, 2))
            painter.drawRect(place.adjusted(1, 1, -1, -1))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose it."""
        self._choose()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose it with Return or Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose()
        else:
            super().keyPressEvent(event)

    def _choose(self) -> None:
        if self._image is not None:
            self.chosen.emit()


class CellCard(QWidget):
    """One cell: its name, the mean picture, the figures."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = named(QLabel(title), "heading")
        self.picture = MeanPicture()
        self.picture.setAccessibleName(tr("Mean heatmap: {cell}", cell=title))
        self.words = named(QLabel(), "muted")
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(self.title)
        layout.addWidget(self.picture, 1)
        layout.addWidget(self.words)

    def show_none(self, count: int) -> None:
        """Nothing was made yet of its images."""
        self.picture.show_mean(None, 1.0, "", "")
        self.words.setText(tr("n = {count:,}", count=count))

    def show_cell(
        self, cell: CellMaps, count: int, full_scale: float, method: str, palette: str
    ) -> None:
        """Show what was made."""
        self.picture.show_mean(cell, full_scale, method, palette)
        deletion, insertion = areas_words(cell)
        lines = (
            images_words(cell, count),
            tr("outside the lungs: {share}", share=share_words(cell.outside_lungs)),
            tr("outside the body: {share}", share=share_words(cell.outside_body)),
            tr("deletion: {areas}", areas=deletion),
            tr("insertion: {areas}", areas=insertion),
        )
        self.words.setText("\n".join(lines))
        self.picture.setAccessibleDescription(self.words.text())

    def mark(self, chosen: bool) -> None:
        """Its images are the ones below."""
        self.picture.marked = chosen
        self.picture.update()
