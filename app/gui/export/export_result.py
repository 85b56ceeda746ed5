"""What became of an export: counts, what was not written, the folder, and sending it on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.base.translation import tr
from app.gui.common.privacy import privacy
from app.gui.common.private_label import PrivateLabel
from app.gui.export.text import outcome_words, problem_lines
from app.review.export.plan import ExportOutcome

_LINES_HEIGHT = 110


class ExportResult(QWidget):
    """Hidden until there is something to tell.

    Signals
    -------
    send_wanted(tuple[Path])
        The person wants to send these files on; nothing is sent yet.
    """

    send_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._outcome = ExportOutcome()
        self._folder = Path()
        self.summary = PrivateLabel()
        self.lines = QPlainTextEdit()
        self.lines.setReadOnly(True)
        self.lines.setFixedHeight(_LINES_HEIGHT)
        self.lines.setAccessibleName(tr("What was not written"))
        self.folder_button = QPushButton(tr("Show in folder"))
        self.send_button = QPushButton(tr("Send to…"))
        for button in (self.folder_button, self.send_button):
            button.setAutoDefault(False)
        row = QHBoxLayout()
        row.addWidget(self.folder_button)
        row.addWidget(self.send_button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.summary)
        layout.addWidget(self.lines)
        layout.addLayout(row)
        self.folder_button.clicked.connect(self._open_folder)
        self.send_button.clicked.connect(lambda: self.send_wanted.emit(self._outcome.dicom))
        privacy.changed.connect(self._show_lines)
        self.hide()

    def show_outcome(self, outcome: ExportOutcome, folder: Path) -> None:
        """Tell what became of an export."""
        self._outcome, self._folder = outcome, folder
        self.summary.setText(outcome_words(outcome))
        self._show_lines()
        self.send_button.setEnabled(bool(outcome.dicom))
        self.send_button.setToolTip("" if outcome.dicom else tr("Only DICOM files can be sent."))
        self.show()

    def _show_lines(self) -> None:
        lines = problem_lines(self._outcome)
        self.lines.setPlainText("\n".join(map(privacy.sentence, lines)))
        self.lines.setVisible(bool(lines))

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))
