"""Images side by side, each with its score and label: the gallery of the audit bench.

Its tiles are painted, not widgets: only what is in sight costs time, whatever the number of images.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.gui.controllers.training_ports import SignalLike

if TYPE_CHECKING:
    from app.review.audit import AuditRow


class HeatmapSource(Protocol):
    """Gives heatmaps of audited images, from a thread or a process."""

    @property
    def ready(self) -> SignalLike:
        """Emitted with a row's ``path`` and its ``app.core.results.Heatmap``, None for none.

        All heatmaps of a source share one ``full_scale``, so that they can be compared.
        """

    def request(self, rows: Sequence[AuditRow]) -> None:
        """Ask for the heatmaps of these rows, in place of those asked for before."""


class Gallery(QWidget):
    """A grid of images.

    Signals
    -------
    opened(object, int)
        An image is to be seen large: the positions of all images in the rows that were given, in
        the order of the gallery, and the place of that one in them.

    Parameters
    ----------
    parent
        Qt parent.
    """

    opened = Signal(object, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[AuditRow] = ()
        self._threshold = 0.5
        self._heatmaps: HeatmapSource | None = None

    def show_rows(
        self,
        rows: Sequence[AuditRow],
        threshold: float,
        words: str = "",
        heatmaps: HeatmapSource | None = None,
    ) -> None:
        """Show these images.

        Parameters
        ----------
        rows
            Any sequence; nothing is copied, and only what is in sight is looked at.
        threshold
            Calls are made at it.
        words
            What these images are, such as "Missed pneumonias"; translated.
        heatmaps
            Where heatmaps come from; None for a gallery without.
        """
        self._rows, self._threshold, self._heatmaps = rows, threshold, heatmaps

    def show_threshold(self, threshold: float) -> None:
        """Make the calls of the same images at another threshold."""
        self._threshold = threshold
