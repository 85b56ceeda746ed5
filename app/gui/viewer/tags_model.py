"""The elements of a header as a Qt model: a tree, searched in all columns, identity hidden."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel
from PySide6.QtGui import QStandardItem, QStandardItemModel

from app.core.base.translation import tr
from app.gui.common.privacy import privacy

if TYPE_CHECKING:
    from app.core.dicom.tags import Element

_Index = QModelIndex | QPersistentModelIndex


class TagColumn(IntEnum):
    """The columns, in their order."""

    TAG = 0
    NAME = 1
    VR = 2
    VALUE = 3


class TagsModel(QStandardItemModel):
    """One row an element; the items of a sequence are its children."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._elements: Sequence[Element] = ()
        self.setHorizontalHeaderLabels([tr("Tag"), tr("Name"), tr("VR"), tr("Value")])

    def show_elements(self, elements: Sequence[Element]) -> None:
        """Show another header."""
        self._elements = elements
        self.removeRows(0, self.rowCount())
        _fill(self.invisibleRootItem(), elements)

    def show_again(self) -> None:
        """Identity is hidden now, or no longer."""
        self.show_elements(self._elements)


class TagsSearch(QSortFilterProxyModel):
    """Rows that have the words in what is shown of them, with all that they lie in.

    What is hidden is not found: a search must not tell what the screen does not.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words = ""
        self.setRecursiveFilteringEnabled(True)
        self.setAutoAcceptChildRows(True)

    def search(self, words: str) -> None:
        """Show only what has these words; ``00100010`` finds ``(0010,0010)`` too."""
        self._words = words.strip().casefold()
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: _Index) -> bool:
        """Whether a row has the words itself."""
        if not self._words:
            return True
        source = self.sourceModel()
        texts = [
            str(source.index(row, column, parent).data() or "").casefold() for column in TagColumn
        ]
        bare = texts[TagColumn.TAG].strip("()").replace(",", "")
        return any(self._words in text for text in texts) or self._words.replace(",", "") in bare


def _fill(parent: QStandardItem, elements: Sequence[Element]) -> None:
    for element in elements:
        value = element.value
        if not element.children:
            value = privacy.tag(element.keyword, element.vr, value)
        row = [
            QStandardItem(text)
            for text in (element.tag, element.keyword or element.name, element.vr, value)
        ]
        for item in row:
            item.setEditable(False)
        row[TagColumn.NAME].setToolTip(element.name)
        row[TagColumn.VALUE].setToolTip(value)
        _fill(row[0], element.children)
        parent.appendRow(row)


def row_text(index: QModelIndex) -> str:
    """A row as text, its columns parted by tabs, as it is shown."""
    return "\t".join(str(index.siblingAtColumn(column).data() or "") for column in TagColumn)
