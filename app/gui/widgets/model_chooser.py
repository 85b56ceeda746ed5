"""The list of models; one that cannot be used stays in it, disabled, with the reason."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QWidget

from app.inference.registry import ModelEntry

_WRONG_CLASSES = "It does not tell NORMAL from PNEUMONIA."


class ModelChooser(QComboBox):
    """A combo box over the registry.

    Signals
    -------
    chosen(str)
        The person picked a model.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = QStandardItemModel(self)
        self.setModel(self._rows)
        self.setAccessibleName("Model")
        self.setMinimumWidth(170)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setPlaceholderText("no model")
        self.activated.connect(lambda place: self.chosen.emit(str(self.itemData(place))))

    def show_models(self, models: Sequence[ModelEntry], current: str) -> None:
        """Offer these models with ``current`` picked, without telling anybody."""
        self._rows.clear()
        for entry in models:
            self._rows.appendRow(_row(entry))
        self.setCurrentIndex(self.findData(current))


def _row(entry: ModelEntry) -> QStandardItem:
    reason = entry.error
    if entry.card is not None and not entry.card.judges_pneumonia:
        reason = _WRONG_CLASSES
    title = entry.card.title if entry.card else entry.name
    row = QStandardItem(f"{title} (not usable)" if reason else title)
    row.setData(entry.name, Qt.ItemDataRole.UserRole)
    row.setEnabled(not reason)
    origin = "Comes with Opacity" if entry.bundled else "Trained here"
    row.setToolTip(reason or f"{origin}, threshold {entry.card.threshold:.3f}")  # type: ignore[union-attr]
    return row
