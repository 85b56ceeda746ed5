"""The list of the labels page as an item model: label, score, why it is here, decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QFont

from app.core.base.translation import mark, tr
from app.gui.audit.labels_controller import LabelRow
from app.gui.audit.text import SHORT, class_name, score_words
from app.gui.common.image_rows import ImageRows, Index
from app.gui.common.privacy import privacy
from app.review.audit import AuditRow
from app.review.audit.relabelling import LEAVE_OUT

LABEL, SCORE, WHY, DECISION = range(4)
_TITLES = (mark("Label"), mark("Score"), mark("Why it is here"), mark("Decision"))


class LabelsModel(ImageRows[LabelRow]):
    """One row an image.

    Parameters
    ----------
    decision
        What was decided of an image; empty for nothing.
    parent
        Qt parent.
    """

    def __init__(self, decision: Callable[[AuditRow], str], parent: QObject | None = None) -> None:
        super().__init__(_TITLES, parent)
        self._decision = decision

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words; a decision that changes the label is bold."""
        if not index.isValid():
            return None
        line = self.rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(line, index.column())
            case Qt.ItemDataRole.ToolTipRole:
                return privacy.file_name(line.row.path)
            case Qt.ItemDataRole.FontRole if index.column() == DECISION:
                font = QFont()
                font.setBold(self._decision(line.row) not in ("", class_name(line.row.label)))
                return font
        return None

    def _text(self, line: LabelRow, column: int) -> str:
        match column:
            case 0:
                return class_name(line.row.label)
            case 1:
                return score_words(line.row)
            case 2:
                return why_words(line)
        return decision_words(line.row, self._decision(line.row))


def why_words(line: LabelRow) -> str:
    """Why an image is in the list."""
    suspect = line.suspect
    if suspect is None:
        return tr(SHORT[line.cell]) if line.cell else ""
    if suspect.copies and suspect.unlikely:
        return tr("unlikely, a copy says otherwise")
    return tr("a copy says otherwise") if suspect.copies else tr("unlikely label")


def decision_words(row: AuditRow, decision: str) -> str:
    """What was decided, told from what the label is."""
    if not decision:
        return ""
    if decision == LEAVE_OUT:
        return tr("left out")
    return tr("right") if decision == class_name(row.label) else f"\N{RIGHTWARDS ARROW} {decision}"
