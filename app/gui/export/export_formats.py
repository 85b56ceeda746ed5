"""The formats of an export as check boxes, each with its reason where it cannot be chosen."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.core.base.translation import tr
from app.gui.common.theme import named
from app.gui.export.text import (
    DICOM_ORDER,
    OTHER_ORDER,
    Scope,
    availability,
    format_title,
)
from app.review.export.reviewed import Format

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
        self._wanted: frozenset[Format] = frozenset()
        """Ticked by the person; a box that cannot be chosen now shows no tick."""
        columns = QHBoxLayout(self)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(28)
        for title, formats in (
            (tr("DICOM, in the same study"), DICOM_ORDER),
            (tr("Files"), OTHER_ORDER),
        ):
            column = QVBoxLayout()
            column.setSpacing(3)
            column.addWidget(named(QLabel(title), "caption"))
            for wanted in formats:
                column.addWidget(self._box(wanted))
                column.addWidget(self._reason(wanted))
            column.addStretch(1)
            columns.addLayout(column, 1)

    def _box(self, wanted: Format) -> QCheckBox:
        box = QCheckBox(format_title(wanted))
        box.setObjectName(f"format-{wanted}")
        box.clicked.connect(lambda checked: self._take(wanted, checked))
        self.boxes[wanted] = box
        return box

    def _take(self, wanted: Format, checked: bool) -> None:
        self._wanted = self._wanted | {wanted} if checked else self._wanted - {wanted}
        self.changed.emit()

    def _reason(self, wanted: Format) -> QLabel:
        label = named(QLabel(), "muted")
        label.setWordWrap(True)
        label.setContentsMargins(_REASON_INDENT, 0, 0, 4)
        label.hide()
        self.reasons[wanted] = label
        return label

    def chosen(self) -> frozenset[Format]:
        """Those that are ticked and can be written."""
        return frozenset(wanted for wanted, box in self.boxes.items() if box.isChecked())

    def wanted(self) -> frozenset[Format]:
        """Those that the person ticked, whether these images can be written so or not."""
        return self._wanted

    def tick(self, formats: frozenset[Format]) -> None:
        """Tick these and no others; ``show_for`` shows them."""
        self._wanted = formats

    def show_for(self, scope: Scope, *, deidentified: bool, has_view: bool) -> None:
        """Offer what these images can be written as, and say why not the rest."""
        for wanted, box in self.boxes.items():
            can, words = availability(wanted, scope, deidentified=deidentified, has_view=has_view)
            box.setEnabled(can)
            box.setChecked(can and wanted in self._wanted)
            box.setAccessibleDescription(words)
            box.setToolTip(words)
            self.reasons[wanted].setText(words)
            self.reasons[wanted].setVisible(bool(words))
