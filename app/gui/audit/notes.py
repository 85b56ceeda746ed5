"""What a reader of the figures must know, above them: the gravest in sight, the rest on a click."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.core.base.translation import tr
from app.gui.common.private_label import PrivateLabel
from app.gui.common.theme import named

_IN_SIGHT = 2


class Notes(QWidget):
    """Hidden while there is nothing to say.

    Parameters
    ----------
    parent
        Qt parent.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words: tuple[str, ...] = ()
        self.label = named(PrivateLabel(), "reasons")
        self.more_button = named(QPushButton(), "link")
        self.more_button.setCheckable(True)
        self.more_button.toggled.connect(self._show)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.label, 1)
        layout.addWidget(self.more_button)
        self.show_notes(())

    def show_notes(self, words: Sequence[str]) -> None:
        """Show these, the gravest first."""
        self._words = tuple(words)
        self.more_button.setChecked(False)
        self._show()

    def _show(self) -> None:
        hidden = len(self._words) - _IN_SIGHT
        everything = self.more_button.isChecked()
        self.label.setText("\n".join(self._words if everything else self._words[:_IN_SIGHT]))
        self.more_button.setText(tr("Fewer") if everything else tr("{n} more", n=hidden))
        self.more_button.setVisible(hidden > 0)
        self.setVisible(bool(self._words))
