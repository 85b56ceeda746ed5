"""The middle of the window: the row of tools, the image, and a prior beside it when wanted."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from app.gui.viewer.image_view import ImageView
from app.gui.viewer.tool_strip import ToolStrip

_WIDE = 1.15
"""Two images lie side by side where the room is at least so much wider than high."""


class ReadingArea(QWidget):
    """Tools above, images below; side by side, or one above the other in a narrow window."""

    def __init__(self, view: ImageView) -> None:
        super().__init__()
        self.strip = ToolStrip()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.strip)
        layout.addWidget(self.splitter, 1)

    def add_pane(self, pane: QWidget, bar: QWidget) -> None:
        """Lay another pane beside the image, and its bar below both; they start hidden."""
        pane.hide()
        bar.hide()
        self.splitter.addWidget(pane)
        layout = self.layout()
        assert layout is not None
        layout.addWidget(bar)

    def share_evenly(self) -> None:
        """Give both images the same room."""
        self._turn()
        half = max(self.splitter.width(), self.splitter.height()) // 2
        self.splitter.setSizes([half] * self.splitter.count())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Two images in a narrow window are larger one above the other."""
        super().resizeEvent(event)
        self._turn()

    def _turn(self) -> None:
        size = self.splitter.size()
        wide = size.width() >= _WIDE * size.height()
        wanted = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if wanted != self.splitter.orientation():
            self.splitter.setOrientation(wanted)
