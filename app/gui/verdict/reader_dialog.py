"""Asks who reads: a name from the list of those known, or a new one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from app.core.base.translation import tr

_LONGEST = 64


class ReaderDialog(QDialog):
    """One question, asked once.

    Signals
    -------
    chosen(str)
        The name; empty when the person gave none.
    """

    chosen = Signal(str)

    def __init__(
        self, known: Sequence[str], current: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Who reads?"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.name = QComboBox(editable=True)
        self.name.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.name.addItems(list(known))
        self.name.setCurrentIndex(-1)
        self.name.setEditText(current)
        self.name.setMinimumWidth(260)
        self.name.setAccessibleName(tr("Name of the reader"))
        line = self.name.lineEdit()
        assert line is not None
        line.setMaxLength(_LONGEST)
        line.setPlaceholderText(tr("Name or initials"))
        line.selectAll()
        words = QLabel(
            tr(
                "Every verdict carries the name of who gave it. "
                "The name is kept on this computer and in the database of verdicts."
            )
        )
        words.setWordWrap(True)
        buttons = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(buttons.Ok | buttons.Cancel)
        self.buttons.button(buttons.Ok).setText(tr("OK"))
        self.buttons.button(buttons.Cancel).setText(tr("Cancel"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.name.editTextChanged.connect(self._check)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(words)
        layout.addWidget(self.name)
        layout.addWidget(self.buttons)
        self._check()
        self.name.setFocus()

    def done(self, result: int) -> None:
        """Tell the name."""
        accepted = result == QDialog.DialogCode.Accepted
        super().done(result)
        self.chosen.emit(self.name.currentText().strip() if accepted else "")

    def _check(self) -> None:
        ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setEnabled(bool(self.name.currentText().strip()))
