"""The list of models; one that cannot be used stays in it, disabled, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QWidget

from app.core.base.translation import mark, tr
from app.inference.registry.models import ModelEntry

_WRONG_CLASSES = mark("It does not tell NORMAL from PNEUMONIA.")


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
        self.setAccessibleName(tr("Model"))
        self.setMinimumWidth(170)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setPlaceholderText(tr("no model"))
        self.activated.connect(lambda place: self.chosen.emit(str(self.itemData(place))))

    def show_models(self, models: Sequence[ModelEntry], current: str, active: str) -> None:
        """Offer these models with ``current`` picked, without telling anybody.

        The active one is marked; another one may be picked to look at what it says.
        """
        self._rows.clear()
        for entry in models:
            self._rows.appendRow(_row(entry, entry.name == active))
        self.setCurrentIndex(self.findData(current))


def _row(entry: ModelEntry, is_active: bool) -> QStandardItem:
    reason = entry.error
    if entry.card is not None and not entry.card.judges_pneumonia:
        reason = tr(_WRONG_CLASSES)
    elif entry.card is not None and "default" not in entry.card.operating_points:
        reason = tr("It has no operating point.")
    title = entry.card.title if entry.card else entry.name
    note = tr(" (not usable)") if reason else tr(" (active)") if is_active else ""
    row = QStandardItem(f"{title}{note}")
    row.setData(entry.name, Qt.ItemDataRole.UserRole)
    row.setEnabled(not reason)
    tip = reason
    if not tip and entry.card is not None:
        active = (
            tr("the active model") if is_active else tr("not the active model, for looking only")
        )
        tip = tr(
            "{active}; {origin}, threshold {threshold:.3f}",
            active=active,
            origin=entry.origin,
            threshold=entry.card.threshold,
        )
    # A tool tip is rich text by itself, and a card's text may come from anywhere.
    row.setToolTip(f"<span>{escape(tip)}</span>")
    return row
