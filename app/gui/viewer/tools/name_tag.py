"""Which of two images this is, in the corner: its date, and "Prior" on the earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from app.gui.common import theme

if TYPE_CHECKING:
    from app.gui.viewer.image_view import ImageView

_SHADE = QColor(0, 0, 0, 190)
_TITLE_PIXELS, _TEXT_PIXELS = 17, 12
_MARGIN = 8.0
_SHARE = 0.42
"""The most of the view's width that it takes: the letter at the upper edge stays free."""


class NameTag:
    """A layer; see ``ports``. Nothing is painted while there is no title."""

    def __init__(self) -> None:
        self.title = ""
        self.lines: tuple[str, ...] = ()
        self.warnings: tuple[str, ...] = ()

    def show(self, title: str, lines: tuple[str, ...] = (), warnings: tuple[str, ...] = ()) -> None:
        """What stands in the corner: a title, quiet lines, and what is doubtful."""
        self.title, self.lines, self.warnings = title, lines, warnings

    def state(self) -> object:
        """What it says."""
        return self.title, self.lines, self.warnings

    def paint(self, painter: QPainter, view: ImageView) -> None:
        """Paint it in the upper left corner."""
        if not self.title:
            return
        rows = [(self.title, theme.IMAGE_TEXT, _TITLE_PIXELS)]
        rows += [(text, theme.IMAGE_TEXT, _TEXT_PIXELS) for text in self.lines]
        rows += [(f"⚠ {text}", theme.IMAGE_WARNING, _TEXT_PIXELS) for text in self.warnings]
        room = QRectF(0, 0, _SHARE * view.width(), view.height())
        placed = []
        wrap = Qt.TextFlag.TextWordWrap
        for text, colour, pixels in rows:
            font = QFont(view.font())
            font.setPixelSize(pixels)
            font.setBold(pixels == _TITLE_PIXELS)
            size = QFontMetricsF(font).boundingRect(room, wrap, text).size()
            placed.append((text, colour, font, size))
        width = max(size.width() for *_, size in placed)
        height = sum(size.height() for *_, size in placed)
        box = QRectF(_MARGIN, _MARGIN, width + 14, height + 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_SHADE)
        painter.drawRoundedRect(box, 4, 4)
        top = box.top() + 3
        for text, colour, font, size in placed:
            painter.setFont(font)
            painter.setPen(colour)
            painter.drawText(QRectF(box.left() + 7, top, width + 1, size.height()), wrap, text)
            top += size.height()
