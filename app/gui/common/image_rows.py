"""What item models of lists of images share: a row an image, titles above, rows numbered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.core.base.translation import tr

Index = QModelIndex | QPersistentModelIndex
T = TypeVar("T")


class ImageRows(QAbstractTableModel, Generic[T]):
    """A table of images; ``data`` is for the subclass.

    Parameters
    ----------
    titles
        Of the columns, in English.
    parent
        Qt parent.
    """

    def __init__(self, titles: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._titles = titles
        self.rows: Sequence[T] = ()

    def show_rows(self, rows: Sequence[T]) -> None:
        """Take another list."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def refresh(self) -> None:
        """What is said of the images may be other words: names are hidden, decisions made."""
        if self.rows:
            last = self.index(len(self.rows) - 1, len(self._titles) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    # -- Qt ----------------------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:
        """The number of images."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """The number of titles."""
        return 0 if parent is not None and parent.isValid() else len(self._titles)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Titles; rows are numbered."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return (
            str(section + 1)
            if orientation == Qt.Orientation.Vertical
            else tr(self._titles[section])
        )
