"""The slices of an audit as a table, the worst first."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from app.core.base.translation import mark, tr
from app.gui.audit import slice_text as words
from app.gui.audit.text import estimate_words
from app.gui.common.privacy import privacy
from app.review.audit.columns import TITLES as PLAIN
from app.review.audit.slices import AUC, SENSITIVITY, Slice, SliceTable

NAME, IMAGES, VALUE, INTERVAL, FOREST, P = range(6)
SLICE_ROLE = Qt.ItemDataRole.UserRole
"""The ``Slice`` of a row."""
_HEADINGS = (mark("Slice"), "", "", mark("95 % interval"), "", mark("p (Holm)"))
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_PLAIN = frozenset(PLAIN) - {"source folder"}
"""Columns whose values name nobody."""

Index = QModelIndex | QPersistentModelIndex


class SlicesModel(QAbstractTableModel):
    """The slices of one column, or of all.

    Parameters
    ----------
    parent
        Qt parent.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.table: SliceTable | None = None
        self._shown: tuple[Slice, ...] = ()
        self._column = ""
        self._stand_ins: dict[tuple[str, str], int] = {}
        privacy.changed.connect(self._tell_all)

    def show_table(self, table: SliceTable | None, column: str = "") -> None:
        """Show the slices of a column; of all for an empty name."""
        self.beginResetModel()
        self.table, self._column = table, column
        slices = table.slices if table else ()
        self._shown = tuple(each for each in slices if column in ("", each.column))
        self.endResetModel()

    def slice_at(self, row: int) -> Slice | None:
        """The slice of a row; None for no row."""
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def row_of(self, column: str, value: str) -> int:
        """The row of a slice; -1 where it is not there."""
        keys = [(each.column, each.value) for each in self._shown]
        return keys.index((column, value)) if (column, value) in keys else -1

    def value_words(self, each: Slice) -> str:
        """The value of a slice as it may be shown: a folder or a CSV may name people."""
        if not privacy.hidden or each.column in _PLAIN:
            return each.value
        key = each.column, each.value
        number = self._stand_ins.setdefault(
            key, 1 + sum(column == each.column for column, _ in self._stand_ins)
        )
        return tr("value {number}", number=number)

    # -- Qt --------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """As many as there are slices."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Name, numbers, forest plot, test."""
        return 0 if parent.isValid() else len(_HEADINGS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The headings; that of the forest plot is painted."""
        if role == Qt.ItemDataRole.TextAlignmentRole and section in (IMAGES, VALUE):
            return int(_RIGHT)
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        figure = self.table.figure if self.table else SENSITIVITY
        if section == IMAGES:
            return words.rests_on(figure)
        if section == VALUE:
            return words.figure_title(figure) if figure != AUC else tr("AUC")
        return tr(_HEADINGS[section]) if _HEADINGS[section] else ""

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, and the slice itself for the forest plot."""
        each = self.slice_at(index.row())
        if each is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(each, index.column())
        if role == SLICE_ROLE:
            return each
        if role == Qt.ItemDataRole.ToolTipRole:
            return words.tip(each)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in (IMAGES, VALUE):
            return int(_RIGHT)
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == FOREST:
            return " ".join(filter(None, estimate_words(each.estimate)))
        if role == Qt.ItemDataRole.FontRole and index.column() in (NAME, P):
            font = QFont()
            font.setBold(each.adjusted is not None and each.adjusted < words.ALPHA)
            return font
        return None

    def _text(self, each: Slice, column: int) -> str:
        if column == NAME:
            name = words.slice_name(each, self.value_words(each))
            return f"\N{WHITE CIRCLE} {name}" if each.small else name
        if column == IMAGES:
            return f"{each.images:,}"
        if column in (VALUE, INTERVAL):
            return estimate_words(each.estimate)[column == INTERVAL]
        if column == P:
            return words.p_words(each.adjusted) if each.p is not None else tr("not tested")
        return ""

    def _tell_all(self) -> None:
        last = self.index(self.rowCount() - 1, self.columnCount() - 1)
        self.dataChanged.emit(self.index(0, 0), last)
