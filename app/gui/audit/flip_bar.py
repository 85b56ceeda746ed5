"""How the calls of two models differ: six counts, each of which shows its images."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from app.core.base.translation import mark, tr
from app.gui.common.theme import named
from app.review.audit.two_models import KINDS

_TIPS = {
    "newly_missed": mark("Pneumonias that the first model calls and the second does not"),
    "newly_caught": mark("Pneumonias that the second model calls and the first does not"),
    "both_missed": mark("Pneumonias that neither of the two calls"),
    "newly_false_alarm": mark("Normals that the second model calls pneumonia, the first not"),
    "newly_cleared": mark("Normals that the first model calls pneumonia, the second not"),
    "both_false_alarm": mark("Normals that both call pneumonia"),
}


class FlipBar(QWidget):
    """Buttons in a row, those of pneumonias before those of normals.

    Signals
    -------
    chosen(str)
        The person asks for the images of a kind.

    Parameters
    ----------
    parent
        Qt parent.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: dict[str, QPushButton] = {}
        group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for kind, words in KINDS.items():
            button = named(QPushButton(), "judge")
            button.setCheckable(True)
            button.setToolTip(tr(_TIPS[kind]))
            button.clicked.connect(lambda _checked, kind=kind: self.chosen.emit(kind))
            group.addButton(button)
            self.buttons[kind] = button
            layout.addWidget(button, 1)
            self._show(kind, words, 0)

    def show_counts(self, counts: Mapping[str, int], chosen: str) -> None:
        """Show how many images are of each kind."""
        for kind, words in KINDS.items():
            self._show(kind, words, counts[kind])
        self.buttons[chosen].setChecked(True)

    def _show(self, kind: str, words: str, count: int) -> None:
        self.buttons[kind].setText(f"{count:,}\n{tr(words)}")
        self.buttons[kind].setAccessibleName(f"{tr(words)}: {count:,}")
