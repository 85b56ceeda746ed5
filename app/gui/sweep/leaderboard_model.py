"""The trials of a sweep as a Qt model, and the proxy that sorts them by any column.

A trial keeps its row while others arrive, so that selection and scrolling keep their place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QFont

from app.core.base.durations import duration_words
from app.core.base.translation import tr
from app.gui.sweep.text import estimate_words, state_words, value_words
from app.training.sweep.ledger import TrialRow, best_low, ranked, verdict

SORT_ROLE = Qt.ItemDataRole.UserRole
NUMBER_ROLE = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex
_NUMBERS = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_WORDS = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class LeaderboardColumn:
    """A column: its title, what it means, its text, what it is sorted by (None: at the end)."""

    title: str
    help: str
    text: Callable[[TrialRow], str]
    key: Callable[[TrialRow], Any]
    numbers: bool = True


class LeaderboardModel(QAbstractTableModel):
    """One row a trial, in the order in which they came.

    Parameters
    ----------
    labels
        Words for settings, by their names.
    parent
        Qt parent.
    """

    def __init__(self, labels: Mapping[str, str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._labels = dict(labels)
        self._rows: list[TrialRow] = []
        self._settings: tuple[str, ...] = ()
        self._ranks: dict[int, int] = {}
        self._low = 0.0
        self._under_way = False
        self.columns = self._make_columns()

    def show_rows(self, rows: Sequence[TrialRow], metric: str, under_way: bool) -> None:
        """Take the trials over: new ones are added, others change in their place."""
        settings = tuple(dict.fromkeys(name for row in rows for name in row.settings))
        numbers = [row.number for row in rows]
        before = [row.number for row in self._rows]
        grows = numbers[: len(before)] == before and (settings == self._settings or not before)
        if not grows or settings != self._settings:
            self.beginResetModel()
            self._settings = settings
            self._take(rows, metric, under_way)
            self.columns = self._make_columns()
            self.endResetModel()
            return
        if len(rows) > len(before):
            self.beginInsertRows(QModelIndex(), len(before), len(rows) - 1)
            self._take(rows, metric, under_way)
            self.endInsertRows()
        else:
            self._take(rows, metric, under_way)
        if before:
            last = self.index(len(before) - 1, len(self.columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def row(self, at: int) -> TrialRow:
        """The trial in a row of this model."""
        return self._rows[at]

    def row_of(self, number: int) -> int:
        """The row of a trial, -1 where there is none of that number."""
        return next((at for at, row in enumerate(self._rows) if row.number == number), -1)

    # -- Qt ----------------------------------------------------------------------------------

    def rowCount(self, parent: _Index | None = None) -> int:
        """The number of trials."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        """Figures, settings and what became of it."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, sort key, alignment; the best trial is bold."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], self.columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.text(row)
            case Qt.ItemDataRole.ToolTipRole:
                return row.reason or None
            case Qt.ItemDataRole.TextAlignmentRole:
                return _NUMBERS if column.numbers else _WORDS
            case Qt.ItemDataRole.FontRole if self._ranks.get(row.number) == 1:
                font = QFont()
                font.setBold(True)
                return font
        if role == SORT_ROLE:
            return column.key(row)
        return row.number if role == NUMBER_ROLE else None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Titles, with help."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.title
            case Qt.ItemDataRole.ToolTipRole:
                return column.help
            case Qt.ItemDataRole.TextAlignmentRole:
                return _NUMBERS if column.numbers else _WORDS
        return None

    # -- inside --------------------------------------------------------------------------------

    def _take(self, rows: Sequence[TrialRow], metric: str, under_way: bool) -> None:
        self._rows = list(rows)
        order = ranked(rows, metric)
        self._ranks = {row.number: place for place, row in enumerate(order, 1)}
        self._low = best_low(rows)
        self._under_way = under_way

    def _make_columns(self) -> tuple[LeaderboardColumn, ...]:
        def rank(row: TrialRow) -> int | None:
            return self._ranks.get(row.number)

        def said(row: TrialRow) -> str:
            return verdict(row, self._low)

        def state(row: TrialRow) -> str:
            return state_words(row, self._under_way)

        return (
            LeaderboardColumn(
                tr("Rank"),
                tr("Place by what the sweep chooses by."),
                lambda r: _text(rank(r)),
                rank,
            ),
            LeaderboardColumn(
                tr("Trial"), tr("Its number, in the order of the start."), _number, _key
            ),
            _figure(
                tr("Validation accuracy"),
                "val_accuracy",
                tr("On inner patients the trial was not trained on. In brackets: 95 % interval."),
            ),
            _figure(
                "AUC",
                "val_auc",
                tr("Area under the ROC curve, on the same patients. In brackets: 95 % interval."),
            ),
            _figure(tr("Training"), "accuracy", tr("Accuracy on the images trained on.")),
            LeaderboardColumn(
                tr("Gap"),
                tr("Training accuracy less validation accuracy."),
                lambda r: "" if r.gap is None else f"{r.gap:+.3f}".replace("-", "\N{MINUS SIGN}"),
                lambda r: r.gap,
            ),
            LeaderboardColumn(
                tr("Verdict"),
                tr("What training against validation tells."),
                said,
                _or_last(said),
                False,
            ),
            _figure(tr("Loss"), "val_loss", tr("Cross-entropy on the validation patients.")),
            *(self._setting(name) for name in self._settings),
            LeaderboardColumn(
                tr("Time"),
                tr("How long the trial took."),
                lambda r: "" if r.seconds is None else duration_words(r.seconds),
                lambda r: r.seconds,
            ),
            LeaderboardColumn(
                tr("State"),
                tr("Complete, ended early, failed, running or cut off."),
                state,
                state,
                False,
            ),
            LeaderboardColumn(
                tr("Reason"),
                tr("Why it failed or was ended early."),
                lambda r: r.reason,
                _or_last(lambda r: r.reason),
                False,
            ),
        )

    def _setting(self, name: str) -> LeaderboardColumn:
        def text(row: TrialRow) -> str:
            return value_words(row.settings[name]) if name in row.settings else ""

        numbers = all(
            isinstance(row.settings.get(name, 0), (int, float)) for row in self._rows
        ) and bool(self._rows)
        label = self._labels.get(name, name)
        return LeaderboardColumn(
            label,
            tr("The setting {label}.", label=label),
            text,
            lambda r: r.settings.get(name),
            numbers,
        )


class LeaderboardProxy(QSortFilterProxyModel):
    """Sorts by the keys; what has no value stands at the end, whichever the direction."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setSortRole(SORT_ROLE)
        self.setDynamicSortFilter(True)

    def lessThan(self, left: _Index, right: _Index) -> bool:
        """By key, equal ones by trial."""
        a, b = left.data(SORT_ROLE), right.data(SORT_ROLE)
        up = self.sortOrder() == Qt.SortOrder.AscendingOrder
        if a is None or b is None:
            if a is None and b is None:
                return self._by_number(left, right, up)
            return (b is None) == up
        if type(a) is not type(b) and not (_is_number(a) and _is_number(b)):
            a, b = str(a), str(b)
        if a == b:
            return self._by_number(left, right, up)
        return bool(a < b)

    @staticmethod
    def _by_number(left: _Index, right: _Index, up: bool) -> bool:
        earlier = left.data(NUMBER_ROLE) < right.data(NUMBER_ROLE)
        return bool(earlier) == up


def _figure(title: str, name: str, help_text: str) -> LeaderboardColumn:
    def text(row: TrialRow) -> str:
        if name not in row.values:
            return ""
        return estimate_words(row.values[name], row.intervals.get(name))

    return LeaderboardColumn(title, help_text, text, lambda r: r.values.get(name))


def _number(row: TrialRow) -> str:
    return str(row.number)


def _key(row: TrialRow) -> int:
    return row.number


def _text(value: int | None) -> str:
    return "" if value is None else str(value)


def _or_last(text: Callable[[TrialRow], str]) -> Callable[[TrialRow], str | None]:
    return lambda row: text(row) or None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float))
