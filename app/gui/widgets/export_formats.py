"""The formats of an export as check boxes, each with its reason where it cannot be chosen."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QWidget

from app.core.translation import tr
from app.gui.controllers.export_words import (
    DICOM_ORDER,
    OTHER_ORDER,
    Scope,
    availability,
    format_title,
)
from app.gui.widgets.theme import named
from app.review.exports.reviewed import Format

_REASON_INDENT = 24


class ExportFormats(QWidget):
    """What is to be written.

    Signals
    -------
    changed()
        The person ticked or unticked one.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes: dict[Format, QCheckBox] = {}
        self.reasons: dict[Format, QLabel] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(28)
        grid.setVerticalSpacing(2)
        columns = ((tr("DICOM, in the same study"), DICOM_ORDER), (tr("Files"), OTHER_ORDER))
        for column, (title, formats) in enumerate(columns):
            grid.addWidget(named(QLabel(title), "caption"), 0, column)
            for row, wanted in enumerate(formats):
                grid.addWidget(self._box(wanted), 2 * row + 1, column)
                grid.addWidget(self._reason(wanted), 2 * row + 2, column)
            grid.setColumnStretch(column, 1)

    def _box(self, wanted: Format) -> QCheckBox:
        box = QCheckBox(format_title(wanted))
        box.setObjectName(f"format-{wanted}")
        box.clicked.connect(lambda _checked: self.changed.emit())
        self.boxes[wanted] = box
        return box

    def _reason(self, wanted: Format) -> QLabel:
        label = named(QLabel(), "muted")
        label.setWordWrap(True)
        label.setContentsMargins(_REASON_INDENT, 0, 0, 4)
        label.hide()
        self.reasons[wanted] = label
        return label

    def chosen(self) -> frozenset[Format]:
        """Those that are ticked and can be written."""
        return frozenset(
            wanted for wanted, box in self.boxes.items() if box.isChecked() and box.isEnabled()
        )

    def ticked(self) -> frozenset[Format]:
        """Those that are ticked, whether these images can be written so or not."""
        return frozenset(wanted for wanted, box in self.boxes.items() if box.isChecked())

    def tick(self, formats: frozenset[Format]) -> None:
        """Tick these and no others."""
        for wanted, box in self.boxes.items():
            box.setChecked(wanted in formats)

    def show_for(self, scope: Scope, *, deidentified: bool, has_view: bool) -> None:
        """Offer what these images can be written as, and say why not the rest."""
        for wanted, box in self.boxes.items():
            can, words = availability(wanted, scope, deidentified=deidentified, has_view=has_view)
            box.setEnabled(can)
            box.setAccessibleDescription(words)
            box.setToolTip(words)
            self.reasons[wanted].setText(words)
            self.reasons[wanted].setVisible(bool(words))
