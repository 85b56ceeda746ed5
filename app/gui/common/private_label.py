"""A label for words that may have names, IDs, dates or paths inside, such as an error's."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.gui.common.privacy import privacy


class PrivateLabel(QLabel):
    """Plain text, selectable and wrapped; identity is left out of it while it is hidden.

    ``words`` is the whole text, whatever is shown of it.
    """

    def __init__(self, words: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = ""
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        privacy.changed.connect(self._show)
        self.setText(words)

    def setText(self, words: str) -> None:
        """Show a text."""
        self.words = words
        self._show()

    def _show(self) -> None:
        super().setText(privacy.sentence(self.words))
