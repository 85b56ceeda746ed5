"""What the network is given of the image beside it, value for value, and how it was made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.core.base.reasons import Reason, texts
from app.core.base.translation import tr
from app.core.image.radiograph import Radiograph
from app.gui.common.privacy import privacy
from app.gui.common.qt_images import icon
from app.gui.common.theme import named
from app.gui.viewer.image_view import ImageView


class InputPane(QWidget):
    """The network's input in a view of its own, and the steps to it in a bar below both images.

    Signals
    -------
    closed()
        The person wants it away.
    """

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        named(self, "input-pane")
        self.view = ImageView()
        self.view.setAccessibleName(tr("What the network saw"))
        # It is looked at, not drawn on.
        self.view.tools.clear()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        self.steps = QLabel()
        self.steps.setWordWrap(True)
        self.steps.setTextFormat(Qt.TextFormat.PlainText)
        self.steps.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = QToolButton()
        close.setIcon(icon("close"))
        close.setToolTip(tr("Close what the network saw"))
        close.setAccessibleName(close.toolTip())
        close.clicked.connect(self.closed)
        self.bar = named(QWidget(), "tool-strip")
        self.bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(6, 2, 6, 2)
        row.addWidget(self.steps, 1)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)

    def show_input(self, inputs: NDArray[np.float32], steps: Sequence[Reason]) -> None:
        """Show an input, shape (s, s), 0 to 255, and the steps to it in their order."""
        self.view.set_radiograph(Radiograph(Path(), inputs))
        # A number stays beside its step.
        numbered = (
            f"{number}.\N{NO-BREAK SPACE}{step}" for number, step in enumerate(texts(steps), 1)
        )
        self._say((tr("What the network saw:"), *numbered))

    def show_none(self, message: str, reasons: Sequence[Reason] = ()) -> None:
        """Say why there is no input."""
        self.view.set_radiograph(None, message)
        self._say(map(privacy.sentence, texts(reasons)))

    def _say(self, parts: Iterable[str]) -> None:
        self.steps.setText("   ".join(parts))
