"""Images per class and split as bars; the splits are told apart by their pattern."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from app.core.base.translation import tr
from app.gui.common import theme
from app.gui.common.plots import dress_axes
from app.gui.common.wording import shortened
from app.training.data.findings import Inspection
from app.training.data.findings_text import percent

_HEIGHT = 190
_LOOKS: dict[str, tuple[QColor, Qt.BrushStyle]] = {
    "": (theme.ACCENT, Qt.BrushStyle.SolidPattern),
    "train": (theme.ACCENT, Qt.BrushStyle.SolidPattern),
    "val": (theme.FINDING, Qt.BrushStyle.BDiagPattern),
    "test": (theme.GREEN, Qt.BrushStyle.Dense6Pattern),
}
_GROUP_WIDTH = 0.8
_MOST_FIGURES = 12
"""With more bars than these, the figures above them would overlap."""
_FIGURES_WIDTH = 64
_LONGEST_NAME = 14
_MOST_NAMES = 6
"""With more classes than these, their names would overlap below the bars."""


class _Sample(pg.graphicsItems.LegendItem.ItemSample):  # type: ignore[misc]
    """A piece of a bar; pyqtgraph's own draws a line through it."""

    def paint(self, painter: QPainter, *_: object) -> None:
        painter.setPen(self.item.opts["pen"])
        painter.setBrush(self.item.opts["brush"])
        painter.drawRect(3, 4, 15, 12)


class ClassPlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Bars with their figures.

    Parameters
    ----------
    parent
        Qt parent.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMenuEnabled(False)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # A wheel turn belongs to the column's scrolling, not to the plot.
        self.wheelEvent = lambda event: event.ignore()
        self._font = QFont(self.font())
        self._font.setPixelSize(11)
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setStyle(tickFont=self._font, tickLength=-3)
        self.getAxis("left").enableAutoSIPrefix(False)
        self.showGrid(x=False, y=True, alpha=0.15)
        self._legend = self.addLegend(offset=(-8, 4), labelTextColor=theme.TEXT, sampleType=_Sample)
        self._legend.setLabelTextSize("11px")
        self._found: Inspection | None = None
        self._dress()
        theme.changes.happened.connect(self._dress)

    def _dress(self) -> None:
        dress_axes(self)
        self._legend.setLabelTextColor(theme.TEXT)
        if self._found is not None:
            self.show_findings(self._found)

    def show_findings(self, found: Inspection) -> None:
        """Draw the bars."""
        self._found = found
        self.clear()
        self._legend.clear()
        classes, splits = found.layout.classes, found.layout.splits or ("",)
        width = _GROUP_WIDTH / len(splits)
        figures = len(classes) * len(splits) <= _MOST_FIGURES
        for place, split in enumerate(splits):
            offset = (place + 0.5) * width - _GROUP_WIDTH / 2
            heights = [found.images(name, split) for name in classes]
            colour, style = _LOOKS[split]
            bars = pg.BarGraphItem(
                x=[number + offset for number in range(len(classes))],
                height=heights,
                width=width * 0.92,
                brush=QBrush(colour, style),
                pen=pg.mkPen(colour),
                name=split or None,
            )
            self.addItem(bars)
            for number, height in enumerate(heights) if figures else ():
                share = percent(found.share(classes[number], split))
                label = pg.TextItem(
                    html=f"<div style='text-align: center; color: {theme.TEXT.name()}'>"
                    f"{height:,}<br>{share}</div>",
                    anchor=(0.5, 1.0),
                )
                label.setFont(self._font)
                # Only text of a set width can be centred.
                label.setTextWidth(_FIGURES_WIDTH)
                label.setPos(QPointF(number + offset, height))
                self.addItem(label)
        highest = max((found.images(n, s) for n in classes for s in splits), default=1)
        # Room for the figures above the highest bar, and for the legend beside them.
        self.setYRange(0, max(highest, 1) * (1.35 if figures else 1.1), padding=0)
        self.setXRange(-0.6, len(classes) - 0.4, padding=0)
        self._legend.setVisible(len(splits) > 1)
        named = len(classes) <= _MOST_NAMES
        ticks = [shortened(name, _LONGEST_NAME) if named else "" for name in classes]
        self.getAxis("bottom").setTicks([list(enumerate(ticks))])
        self.setLabel("bottom", "" if named else tr("Classes in the order of the table"))
        self.getAxis("bottom").showLabel(not named)
        told = ", ".join(
            f"{name}{f' {split}' if split else ''} {found.images(name, split):,}"
            for name in classes
            for split in splits
        )
        self.setAccessibleName(tr("Images per class: {told}", told=told))
