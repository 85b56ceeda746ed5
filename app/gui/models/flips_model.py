"""Images whose call a new model changes, as an item model: change, label, both scores."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.core.translation import tr
from app.gui.controllers.flips_words import KINDS, label_words
from app.gui.privacy import privacy
from app.gui.wording import probability_words
from app.training.flips import Flip

_Index = QModelIndex | QPersistentModelIndex
KIND, LABEL, OLD, NEW = range(4)


class FlipsModel(QAbstractTableModel):
    """One row an image.

    Parameters
    ----------
    parent
        Qt parent.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._flips: Sequence[Flip] = ()
        self._folder = Path()

    def show_flips(self, flips: Sequence[Flip], folder: Path) -> None:
        """Take other images, below this folder."""
        self.beginResetModel()
        self._flips, self._folder = flips, folder
        self.endResetModel()

    def refresh(self) -> None:
        """Names are hidden, or no longer."""
        if self._flips:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._flips) - 1, NEW))

    # -- Qt ----------------------------------------------------------------------------------

    def rowCount(self, parent: _Index | None = None) -> int:
        """The number of images."""
        return 0 if parent is not None and parent.isValid() else len(self._flips)

    def columnCount(self, parent: _Index | None = None) -> int:
        """Four."""
        return 0 if parent is not None and parent.isValid() else NEW + 1

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, and the file's name as a tool tip."""
        if not index.isValid():
            return None
        flip = self._flips[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return privacy.file_name(self._folder / flip.name)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        texts = (
            tr(KINDS[flip.kind]),
            label_words(flip),
            probability_words(flip.p_active),
            probability_words(flip.p_new),
        )
        return texts[index.column()]

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Titles; rows are numbered."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Vertical:
            return str(section + 1)
        return (tr("Change"), tr("Label"), tr("Old"), tr("New"))[section]
