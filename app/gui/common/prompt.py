"""A question in its place, in a panel or a dialog, that stops nothing else."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.base.translation import tr
from app.gui.common.private_label import PrivateLabel


class Prompt(QFrame):
    """Hidden while nothing is asked; a newer question takes the place of an older one.

    Parameters
    ----------
    parent
        Qt parent.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("prompt")
        self._answer: Callable[[str], None] | None = None
        self.text = PrivateLabel()
        self.name = QLineEdit()
        self.name.setAccessibleName(tr("Name"))
        self.yes_button = QPushButton()
        self.no_button = QPushButton(tr("Cancel"))
        for button in (self.yes_button, self.no_button):
            # Return in the name's field must answer once, not press a button of a dialog too.
            button.setAutoDefault(False)
        line = QHBoxLayout()
        line.addWidget(self.name, 1)
        line.addStretch(1)
        line.addWidget(self.yes_button)
        line.addWidget(self.no_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addWidget(self.text)
        layout.addLayout(line)
        self.yes_button.clicked.connect(self._yes)
        self.no_button.clicked.connect(self.dismiss)
        self.name.returnPressed.connect(self._yes)
        self.hide()

    def ask(self, text: str, yes: str, name: str | None, answer: Callable[[str], None]) -> None:
        """Ask.

        Parameters
        ----------
        text
            The question, plain text.
        yes
            Words on the button that answers.
        name
            A name to change; None when there is none to ask for.
        answer
            Called with the name (empty for none) when the person says yes.
        """
        self._answer = answer
        self.text.setText(text)
        self.setAccessibleName(text)
        self.yes_button.setText(yes)
        self.name.setVisible(name is not None)
        self.name.setText(name or "")
        self.show()
        if name is None:
            # Not on yes: a person who goes on typing must not agree by it.
            self.no_button.setFocus()
        else:
            self.name.setFocus()
            self.name.selectAll()

    def dismiss(self) -> None:
        """Ask nothing any more."""
        self._answer = None
        self.hide()

    def _yes(self) -> None:
        answer, name = self._answer, self.name.text().strip()
        if not name and not self.name.isHidden():
            return
        self.dismiss()
        if answer is not None:
            answer(name)
