"""Asks what to do with files that are there already: nothing is replaced without a word."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.core.base.translation import tr


class ExistingQuestion(QFrame):
    """Hidden while nothing is asked.

    Signals
    -------
    answered(bool)
        Whether the files are replaced; else the new ones get numbers. Nothing comes of Cancel.
    """

    answered = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("prompt")
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.keep_button = QPushButton(tr("Keep both"))
        self.replace_button = QPushButton(tr("Replace"))
        self.cancel_button = QPushButton(tr("Cancel"))
        row = QHBoxLayout()
        row.addStretch(1)
        for button in (self.keep_button, self.replace_button, self.cancel_button):
            button.setAutoDefault(False)
            button.clicked.connect(self.hide)
            row.addWidget(button)
        self.keep_button.clicked.connect(lambda: self.answered.emit(False))
        self.replace_button.clicked.connect(lambda: self.answered.emit(True))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addWidget(self.words)
        layout.addLayout(row)
        self.hide()

    def ask(self, count: int) -> None:
        """Ask about so many files."""
        words = (
            tr("A file of that name is there already.")
            if count == 1
            else tr("{count} files of these names are there already.", count=count)
        )
        self.words.setText(words)
        self.setAccessibleName(words)
        self.show()
        # Not on Replace: a person who goes on typing must not agree by it.
        self.keep_button.setFocus()
