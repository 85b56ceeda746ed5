"""The confusion matrix as a control: each cell is a button that shows its images."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.base.translation import tr
from app.gui.audit.text import CELLS, NAMES
from app.gui.common import theme
from app.gui.common.theme import named
from app.review.audit import Cell

_PLACES: dict[Cell, tuple[int, int]] = {"tp": (1, 1), "fn": (1, 2), "fp": (2, 1), "tn": (2, 2)}
_WRONG = ("fn", "fp")
_ARROWS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class CellButton(QAbstractButton):
    """One cell: count, what it is, and its share of the images of its class.

    Signals
    -------
    chosen(bool)
        It was pressed; whether it is to be added to what is chosen.
    arrow(int, int)
        The focus is to move so many rows and columns.
    """

    chosen = Signal(bool)
    arrow = Signal(int, int)

    def __init__(self, cell: Cell) -> None:
        super().__init__()
        self._cell = cell
        self._count = self._of = 0
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(110, 70)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_count(self, count: int, of: int, chosen: bool) -> None:
        """Show how many of the images of a class lie here."""
        self._count, self._of = count, of
        self.setChecked(chosen)
        words = tr("{cell} ({name}): {count:,} of {of:,}", cell=tr(CELLS[self._cell]),
                   name=tr(NAMES[self._cell]), count=count, of=of)  # fmt: skip
        self.setAccessibleName(words)
        self.setToolTip(words + "\n" + tr("Click shows them, Ctrl+click adds them."))
        self.update()

    @property
    def count(self) -> int:
        """How many images lie here."""
        return self._count

    def nextCheckState(self) -> None:
        """What is chosen is for the window to say."""

    def sizeHint(self) -> QSize:
        """As wide as its words."""
        return QSize(150, 74)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click, with Ctrl or without."""
        super().mouseReleaseEvent(event)
        if self.rect().contains(event.position().toPoint()):
            self.chosen.emit(bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space and Enter choose, arrows move."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        elif key in _ARROWS:
            self.arrow.emit(*_ARROWS[key])
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Count above, words below; what is wrong has a bar at its left."""
        painter = QPainter(self)
        chosen = self.isChecked()
        ground = theme.SELECTED if chosen else theme.HOVER if self.underMouse() else theme.PANEL
        painter.fillRect(self.rect(), ground)
        frame = self.rect().adjusted(0, 0, -1, -1)
        wide = 2 if self.hasFocus() or chosen else 1
        colour = theme.ACCENT if wide == 2 else theme.LINE
        painter.setPen(QPen(colour, wide, Qt.PenStyle.DotLine if self.hasFocus() and not chosen
                            else Qt.PenStyle.SolidLine))  # fmt: skip
        painter.drawRect(frame.adjusted(wide - 1, wide - 1, 1 - wide, 1 - wide))
        if self._cell in _WRONG:
            painter.fillRect(QRect(2, 2, 4, self.height() - 4), theme.WARNING)
        inner = self.rect().adjusted(13, 7, -8, -8)
        font = QFont(self.font())
        font.setPixelSize(22)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(theme.STRONG if chosen else theme.TEXT)
        top, bottom = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignBottom
        painter.drawText(inner, top | Qt.AlignmentFlag.AlignLeft, f"{self._count:,}")
        font.setBold(False)
        font.setPixelSize(12)
        painter.setFont(font)
        if self._of:
            share = f"{100 * self._count / self._of:.1f} %"
            painter.drawText(inner, top | Qt.AlignmentFlag.AlignRight, share)
        flags = bottom | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
        painter.drawText(inner, flags, tr(CELLS[self._cell]))
        painter.end()


class MatrixView(QWidget):
    """Two by two cells, and short ways to the wrong ones and to all.

    Signals
    -------
    chosen(str, bool)
        A cell, and whether it is to be added.
    many_chosen(object)
        A frozenset of cells.

    Parameters
    ----------
    parent
        Qt parent.
    """

    chosen = Signal(str, bool)
    many_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cells: dict[Cell, CellButton] = {}
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        for column, words in ((1, tr("called pneumonia")), (2, tr("called normal"))):
            label = named(QLabel(words), "caption")
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            grid.addWidget(label, 0, column)
            grid.setColumnStretch(column, 1)
        self._classes = (named(QLabel(), "caption"), named(QLabel(), "caption"))
        for row, label in enumerate(self._classes):
            grid.addWidget(label, 2 * row + 1, 1, 1, 2)
        for cell, place in _PLACES.items():
            button = self.cells[cell] = CellButton(cell)
            button.chosen.connect(lambda add, cell=cell: self.chosen.emit(cell, add))
            button.arrow.connect(lambda down, right, cell=cell: self._move(cell, down, right))
            grid.addWidget(button, 2 * place[0], place[1])
        self.wrong_button = named(QPushButton(tr("All wrong calls")), "link")
        self.all_button = named(QPushButton(tr("All images")), "link")
        every = frozenset(_PLACES)
        self.wrong_button.clicked.connect(lambda: self.many_chosen.emit(frozenset(_WRONG)))
        self.all_button.clicked.connect(lambda: self.many_chosen.emit(every))
        line = QHBoxLayout()
        line.setSpacing(2)
        line.addStretch(1)
        for short_way in (self.wrong_button, self.all_button):
            short_way.setAutoDefault(False)
            line.addWidget(short_way)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(grid)
        layout.addLayout(line)

    def show_counts(self, counts: Mapping[Cell, int], chosen: frozenset[Cell]) -> None:
        """Show how many images each cell holds, and which are in the gallery."""
        ill, healthy = counts["tp"] + counts["fn"], counts["fp"] + counts["tn"]
        of_ill, of_healthy = self._classes
        of_ill.setText(tr("Labelled pneumonia: {n:,}", n=ill))
        of_healthy.setText(tr("Labelled normal: {n:,}", n=healthy))
        for cell, button in self.cells.items():
            of = ill if cell in ("tp", "fn") else healthy
            button.show_count(counts[cell], of, cell in chosen)

    def focus_chosen(self) -> None:
        """Put the focus on the cell that is shown."""
        chosen = [button for button in self.cells.values() if button.isChecked()]
        (chosen or [self.cells["fn"]])[0].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _move(self, cell: Cell, down: int, right: int) -> None:
        row, column = _PLACES[cell]
        wanted = (row + down, column + right)
        for other, place in _PLACES.items():
            if place == wanted:
                self.cells[other].setFocus(Qt.FocusReason.TabFocusReason)
