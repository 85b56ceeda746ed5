"""Shows beside the image in view what the network is given of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from app.core.base.reasons import Reason
from app.core.base.translation import tr
from app.gui.viewer.input_pane import InputPane
from app.gui.viewer.reading_area import ReadingArea

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow


class InputDesk(QObject):
    """Opens, fills and closes the pane.

    Parameters
    ----------
    window
        Its image view and service.
    area
        Where the pane lies.
    """

    def __init__(self, window: MainWindow, area: ReadingArea) -> None:
        super().__init__(window)
        self._window = window
        self._area = area
        self.pane = InputPane()
        area.add_pane(self.pane, self.pane.bar)
        self.pane.closed.connect(self.toggle)
        self.pane.view.step_wanted.connect(window.worklist.step)
        window.service.input_ready.connect(self._show)
        window.image_view.image_shown.connect(self._wait)

    @property
    def is_open(self) -> bool:
        """Whether the pane is there."""
        return not self.pane.isHidden()

    def toggle(self) -> None:
        """View it beside the image, or the image alone again."""
        is_open = not self.is_open
        self.pane.setVisible(is_open)
        self.pane.bar.setVisible(is_open)
        if is_open:
            self._area.share_evenly()
            self._wait()
        self._window.service.want_input(is_open)
        self._window.image_view.setFocus()

    def _wait(self) -> None:
        """Another image: the input of the one before must not stand beside it."""
        if not self.is_open:
            return
        seen = self._window.image_view.radiograph is not None
        self.pane.show_none(tr("What the network saw comes with its score.") if seen else "")

    def _show(
        self, _generation: int, inputs: NDArray[np.float32] | None, words: tuple[Reason, ...]
    ) -> None:
        if not self.is_open or self._window.image_view.radiograph is None:
            return
        if inputs is None:
            refused = tr("The network was given nothing: the image was refused before it.")
            self.pane.show_none(refused, words)
        else:
            self.pane.show_input(inputs, words)
