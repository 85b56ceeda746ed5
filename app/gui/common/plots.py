"""A plot in the reading-room theme: what every plot of the sweep window shares."""

from __future__ import annotations

from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QFrame, QSizePolicy

from app.core.base.translation import tr
from app.gui.common import theme


@dataclass(frozen=True)
class PlotStyle:
    """How points or a curve are drawn: style and symbol tell them apart, colour only helps."""

    name: str
    colour: QColor
    style: Qt.PenStyle
    symbol: str

    @property
    def pen(self) -> object:
        """Its line."""
        return pg.mkPen(self.colour, width=2, style=self.style)


class Plot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Axes with words, a grid of horizontal lines, nothing that moves by accident.

    Parameters
    ----------
    name
        For people who do not see it.
    x, y
        Words at the axes.
    axes
        Axis items in place of the plain ones.
    """

    def __init__(
        self,
        name: str,
        x: str = "",
        y: str = "",
        axes: dict[str, pg.AxisItem] | None = None,
    ) -> None:
        super().__init__(background=None, axisItems=axes or {})
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(120)
        self.setAccessibleName(name)
        self.setMenuEnabled(False)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.showGrid(x=False, y=True, alpha=0.15)
        font = QFont(self.font())
        font.setPixelSize(11)
        for side, words in (("bottom", x), ("left", y)):
            axis = self.getAxis(side)
            axis.setStyle(tickFont=font, tickLength=-3)
            axis.enableAutoSIPrefix(False)
            if words:
                axis.setLabel(words, **{"font-size": "11px"})
        self._dress()
        theme.changes.happened.connect(self._dress)

    def _dress(self) -> None:
        dress_axes(self)

    def wheelEvent(self, event: QEvent) -> None:
        """A wheel turn moves nothing here."""
        event.ignore()


def dress_axes(plot: pg.PlotWidget) -> None:
    """Give the axes of a plot the theme's colours, their words kept."""
    if plot.plotItem is None:
        return  # pyqtgraph takes a plot apart when it is closed
    for side in ("bottom", "left"):
        axis = plot.getAxis(side)
        axis.setPen(pg.mkPen(theme.LINE))
        axis.setTextPen(pg.mkPen(theme.MUTED))
        if axis.labelText:
            axis.setLabel(axis.labelText, **axis.labelStyle | {"color": theme.MUTED.name()})


def legend(looks: tuple[PlotStyle, ...], more: str = "") -> str:
    """Rich text that names each look by its symbol in words a plot can stand beside."""
    marks = {"o": "\N{BLACK CIRCLE}", "t1": "\N{BLACK UP-POINTING TRIANGLE}",
             "t": "\N{BLACK DOWN-POINTING TRIANGLE}", "s": "\N{BLACK SQUARE}",
             "d": "\N{BLACK DIAMOND}", "": "\N{HORIZONTAL BAR}"}  # fmt: skip
    parts = [
        f"<span style='color:{look.colour.name()}'>{marks[look.symbol]}</span> {tr(look.name)}"
        for look in looks
    ]
    return "&nbsp;&nbsp; ".join([*parts, *([more] if more else [])])
