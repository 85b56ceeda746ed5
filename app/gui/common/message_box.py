"""An error or a notice inside a panel: what happened, what was expected, how to fix it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QPlainTextEdit, QVBoxLayout, QWidget

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.gui.common.privacy import privacy
from app.gui.common.private_label import PrivateLabel

_MOST = 4


class MessageBox(QFrame):
    """Hidden while it has nothing to say.

    Parameters
    ----------
    parent
        Qt parent.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trainingError")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.text = PrivateLabel()
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setFixedHeight(110)
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setAccessibleName(tr("Last lines of the training log"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addWidget(self.text)
        layout.addWidget(self.details)
        privacy.changed.connect(self._show_details)
        self.show_errors(())

    def show_errors(self, errors: Sequence[ReviewError], details: str = "") -> None:
        """Show errors, or hide.

        Parameters
        ----------
        errors
            At most four are shown; the number of the others is told.
        details
            Lines of a log, shown below in a box that scrolls.
        """
        parts = [
            "\n".join(part for part in (error.what, error.expected, error.fix) if part)
            for error in errors[:_MOST]
        ]
        if len(errors) > _MOST:
            parts.append(tr("And {number} more.", number=len(errors) - _MOST))
        self.text.setText("\n\n".join(parts))
        self._details = details
        self._show_details()
        self.details.setVisible(bool(details))
        self.setVisible(bool(errors))

    def _show_details(self) -> None:
        self.details.setPlainText(privacy.sentence(self._details))
