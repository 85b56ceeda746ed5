"""Images side by side, each with its score and label: the gallery of the audit bench.

Its tiles are painted, not widgets: only what is in sight costs time, whatever the number of images.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.base.translation import mark, tr
from app.gui.audit.audit_rows import ORDERS, Order, Picked, Positions, ordered
from app.gui.audit.gallery_grid import GalleryGrid
from app.gui.audit.pictures import GalleryPictures, HeatmapSource
from app.gui.audit.tips import tooltip
from app.gui.common.privacy import privacy
from app.gui.common.theme import named
from app.gui.verdict.reading_protocols import RowReading

if TYPE_CHECKING:
    from app.review.audit import AuditRow

__all__ = ["GalleryView", "HeatmapSource"]

NOTHING = mark("No image is here at this threshold.")


class GalleryView(QWidget):
    """A grid of images, with a line above it: what they are, their order, heatmaps or not.

    Signals
    -------
    opened(object, int)
        An image is to be seen large: the positions of all images in the rows that were given, in
        the order of the gallery, and the place of that one in them.
    current_changed(object)
        The ``AuditRow`` that keys act on is another; None for none.

    Parameters
    ----------
    parent
        Qt parent.
    """

    opened = Signal(object, int)
    current_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[AuditRow] = ()
        self._order: Positions = np.empty(0, np.int64)
        self._threshold = 0.5
        self._words = ""
        self.pictures = GalleryPictures(self)
        self.grid = GalleryGrid(self.pictures)
        self.grid.tooltip = tooltip
        self.title = named(QLabel(), "heading")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.order = QComboBox()
        self.order.setAccessibleName(tr("Order of the gallery"))
        for order, words in ORDERS.items():
            self.order.addItem(tr(words), order)
        self.heatmaps = QCheckBox(tr("Heatmaps (H)"))
        self.heatmaps.setToolTip(
            tr("Over all pictures, on one scale. The one under the mouse shows its own at once.")
        )
        self.heatmaps.hide()
        self.empty = named(QLabel(), "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.grid)
        self._stack.addWidget(self.empty)
        self._lay_out()
        self.order.currentIndexChanged.connect(self._sort)
        self.heatmaps.toggled.connect(self.grid.show_heatmaps)
        self.grid.opened.connect(lambda place: self.opened.emit(self._order, place))
        self.grid.current_changed.connect(
            lambda place: self.current_changed.emit(self.grid.row_at(place))
        )
        self._key = QShortcut(QKeySequence("H"), self, self.heatmaps.click)
        self._key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        privacy.changed.connect(self.grid.viewport().update)
        self._tell()

    # -- what is shown ---------------------------------------------------------------------------

    def show_rows(
        self,
        rows: Sequence[AuditRow],
        threshold: float,
        words: str = "",
        heatmaps: HeatmapSource | None = None,
    ) -> None:
        """Show these images; the current one stays current where it is still among them.

        Parameters
        ----------
        rows
            Any sequence; nothing is copied, and only what is in sight is looked at. A ``Picked``
            is put in order without looking at single rows.
        threshold
            Calls are made at it.
        words
            What these images are, such as "Missed pneumonias"; translated.
        heatmaps
            Where heatmaps come from; None for a gallery without.
        """
        same = words == self._words
        before = self.current_row if same else None
        self._rows, self._threshold, self._words = rows, threshold, words
        self.pictures.use_heatmaps(heatmaps)
        self.heatmaps.setVisible(heatmaps is not None)
        self._show(before)

    def show_threshold(self, threshold: float) -> None:
        """Make the calls of the same images at another threshold."""
        self._threshold = threshold
        if self.wanted_order is Order.UNSURE:
            self._sort()
        else:
            self.grid.show_threshold(threshold)

    def show_empty(self, words: str) -> None:
        """Say in place of images what to do."""
        self.show_rows((), self._threshold)
        self.empty.setText(words)

    def set_order(self, order: Order) -> None:
        """Show them in another order."""
        self.order.setCurrentIndex(list(ORDERS).index(order))

    @property
    def wanted_order(self) -> Order:
        """The order in which they are shown."""
        return Order(self.order.currentData())

    @property
    def current_row(self) -> AuditRow | None:
        """The image that keys act on."""
        return self.grid.row_at(self.grid.current)

    @property
    def count(self) -> int:
        """How many images are shown."""
        return len(self._order)

    def set_readings(self, read: Callable[[AuditRow], RowReading]) -> None:
        """Where the verdicts on an image come from; they are asked for at each drawing."""
        self.grid.read = read

    def go_to(self, row: AuditRow) -> None:
        """Make an image current, where it is in the gallery."""
        self.grid.set_current(self._place_of(row))

    def refresh(self) -> None:
        """Draw again: verdicts may be others."""
        self.grid.viewport().update()

    def shutdown(self) -> None:
        """End the thread that reads images, before the program ends."""
        self.pictures.close()

    # -- inside ----------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setContentsMargins(2, 0, 0, 0)
        line.setSpacing(10)
        line.addWidget(self.title, 1)
        line.addWidget(self.heatmaps)
        line.addWidget(self.order)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addLayout(line)
        layout.addWidget(self._stack, 1)

    def _sort(self) -> None:
        self._show(None)

    def _show(self, keep: AuditRow | None) -> None:
        self._order = ordered(self._rows, self.wanted_order, self._threshold)
        self.grid.show_rows(self._rows, self._order, self._threshold, self._place_of(keep))
        self._tell()

    def _place_of(self, row: AuditRow | None) -> int:
        """Where a row stands now; the first place for one that is gone."""
        if row is None or not len(self._order):
            return 0
        if isinstance(self._rows, Picked):
            found = np.flatnonzero(self._rows.places_of(row)[self._order])
            return int(found[0]) if len(found) else 0
        places = (place for place, at in enumerate(self._order) if self._rows[int(at)] is row)
        return next(places, 0)

    def _tell(self) -> None:
        count = len(self._order)
        self.title.setText(f"{self._words}  ·  {count:,}" if self._words else "")
        self.grid.setAccessibleName(self.title.text() or tr("Gallery"))
        self._stack.setCurrentWidget(self.grid if count else self.empty)
        self.empty.setText(tr(NOTHING) if self._words else "")
