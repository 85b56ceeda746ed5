"""The models as a table: network, figures, operating point, origin, and which one is active."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.core.base.translation import mark, tr
from app.gui.models.text import area_words, threshold_words
from app.inference.registry.models import ModelEntry

_COLUMNS = (
    mark("Model"),
    mark("Network"),
    mark("AUC, held out (95 %)"),
    mark("Operating point"),
    mark("Origin"),
    mark("State"),
)
_ROW_HEIGHT = 28


class ModelsTable(QTableWidget):
    """One row a model, in the order of the registry.

    Signals
    -------
    chosen(str)
        The person looks at a model.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(_COLUMNS), parent)
        self.setHorizontalHeaderLabels([tr(title) for title in _COLUMNS])
        self.setAccessibleName(tr("Models"))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self.setShowGrid(False)
        self.setMinimumHeight(5 * _ROW_HEIGHT)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        # Tab leaves the table: the arrow keys walk it.
        self.setTabKeyNavigation(False)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.itemSelectionChanged.connect(self._tell)

    def show_models(self, models: Sequence[ModelEntry], active: str, chosen: str) -> None:
        """Show models with ``chosen`` selected, without telling anybody."""
        self.blockSignals(True)
        self.setRowCount(len(models))
        for row, entry in enumerate(models):
            is_active = entry.name == active
            for column, text in enumerate(_cells(entry, is_active)):
                item = QTableWidgetItem(text)
                item.setData(Qt.ItemDataRole.UserRole, entry.name)
                font = item.font()
                font.setBold(is_active)
                item.setFont(font)
                self.setItem(row, column, item)
            if entry.name == chosen:
                self.setCurrentCell(row, 0)
                self.selectRow(row)
                self.scrollTo(self.model().index(row, 0))
        self.blockSignals(False)

    def _tell(self) -> None:
        items = self.selectedItems()
        if items:
            self.chosen.emit(str(items[0].data(Qt.ItemDataRole.UserRole)))


def _cells(entry: ModelEntry, is_active: bool) -> tuple[str, ...]:
    card = entry.card
    if card is None:
        return entry.name, "", "", "", entry.origin, tr("not usable")
    state = tr("active") if is_active else "" if card.judges_pneumonia else tr("other classes")
    return (
        card.title,
        card.arch,
        area_words(card),
        threshold_words(card),
        entry.origin,
        state,
    )
