"""Images whose call a new model changes, as an item model: change, label, both scores."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt

from app.core.base.translation import mark, tr
from app.gui.audit.changed_calls_text import KINDS, label_words
from app.gui.common.image_rows import ImageRows, Index
from app.gui.common.privacy import privacy
from app.gui.common.wording import probability_words
from app.training.result.changed_calls import Flip

KIND, LABEL, OLD, NEW = range(4)
_TITLES = (mark("Change"), mark("Label"), mark("Old"), mark("New"))


class FlipsModel(ImageRows[Flip]):
    """One row an image.

    Parameters
    ----------
    parent
        Qt parent.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_TITLES, parent)
        self._folder = Path()

    def show_flips(self, flips: Sequence[Flip], folder: Path) -> None:
        """Take other images, below this folder."""
        self._folder = folder
        self.show_rows(flips)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, and the file's name as a tool tip."""
        if not index.isValid():
            return None
        flip = self.rows[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return privacy.file_name(self._folder / flip.name)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        texts = (
            tr(KINDS[flip.kind]),
            label_words(flip),
            probability_words(flip.p_active),
            probability_words(flip.p_new),
        )
        return texts[index.column()]
