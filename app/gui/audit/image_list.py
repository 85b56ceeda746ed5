"""A list of images on the left, the current one large on the right: to judge one by one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSizePolicy,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.core.base.errors import ReviewError
from app.core.image.radiograph import Radiograph
from app.gui.common.privacy import privacy
from app.gui.common.theme import named
from app.gui.viewer.image_view import ImageView
from app.jobs.image_reader import ImageReader

_TABLE = 425
_ROW = 24


class ImageList(QWidget):
    """A table and the image of its current row.

    Signals
    -------
    moved(int)
        Another row is current, -1 for none.
    stepped(int)
        A key on the image asks for a neighbour.
    opened(int)
        The image of a row is to be seen in the reading window.

    Parameters
    ----------
    model
        One row an image.
    name
        The table's accessible name.
    widths
        Of its columns, pixels.
    stretch
        The column that takes what is left.
    """

    moved = Signal(int)
    stepped = Signal(int)
    opened = Signal(int)

    def __init__(
        self, model: QAbstractItemModel, name: str, widths: dict[int, int], stretch: int
    ) -> None:
        super().__init__()
        self._path: Path | None = None
        self._model = model
        self.images = ImageReader(self)
        self.images.ready.connect(self._show_image)
        self.table = QTableView()
        self.table.setModel(model)
        self.table.setAccessibleName(name)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setFixedWidth(_TABLE)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().setDefaultSectionSize(_ROW)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)
        for column, width in widths.items():
            self.table.setColumnWidth(column, width)
        self.table.selectionModel().currentRowChanged.connect(
            lambda index: self.moved.emit(index.row())
        )
        self.table.activated.connect(lambda index: self.opened.emit(index.row()))
        self.view = ImageView()
        self.view.step_wanted.connect(self.stepped)
        self.about = named(QLabel(), "muted")
        self.about.setTextFormat(Qt.TextFormat.PlainText)
        self.foot = QHBoxLayout()
        self.foot.setSpacing(6)
        # A long file name must not make the window wider.
        self.about.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        side = QWidget()
        side.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        right = QVBoxLayout(side)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(5)
        right.addWidget(self.view, 1)
        right.addWidget(self.about)
        right.addLayout(self.foot)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.table)
        row.addWidget(side, 1)

    def go_to(self, row: int) -> None:
        """Make a row current; -1 for none."""
        index = self._model.index(row, 0) if row >= 0 else QModelIndex()
        flags = QItemSelectionModel.SelectionFlag
        self.table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        if index.isValid():
            self.table.scrollTo(index)

    def show_image(self, path: Path | None, ahead: Path | None = None) -> None:
        """Read and show an image; ``ahead`` is likely to be next."""
        self._path = path
        if path is None:
            self.images.cancel()
            self.view.set_radiograph(None)
        else:
            self.images.request(path, ahead)

    def close_threads(self) -> None:
        """Before the program ends."""
        self.images.close()

    def _show_image(self, path: Path, found: Radiograph | ReviewError) -> None:
        if path != self._path:
            return
        if isinstance(found, ReviewError):
            self.view.set_radiograph(None, privacy.sentence(found.what))
        else:
            self.view.set_radiograph(found)
