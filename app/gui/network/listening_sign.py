"""The small sign in the status bar that says that the window listens for images."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton

from app.core.base.translation import tr


class ListeningSign(QPushButton):
    """Seen only while it listens, or while received images wait to be seen. A click opens them."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("link")
        self.setFlat(True)
        self.setAutoDefault(False)
        self.hide()

    def show_state(self, listening: bool, unseen: int, words: str) -> None:
        """Tell the state.

        Parameters
        ----------
        listening
            Whether senders can connect now.
        unseen
            How many images came since the inbox was last open.
        words
            The tool tip.
        """
        parts = [tr("Listening")] if listening else []
        if unseen:
            parts.append(tr("{count} new in the inbox", count=f"{unseen:,}"))
        self.setText("  ·  ".join(parts))
        self.setToolTip(words)
        self.setAccessibleDescription(words)
        self.setVisible(bool(parts))
