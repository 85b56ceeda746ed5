"""Which columns the worklist shows: a menu, and the choice kept between starts."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from app.core.base.translation import tr
from app.gui.settings.remembered import Settings
from app.gui.worklist.arrangement import WorklistColumn
from app.gui.worklist.table import ALWAYS, WorklistTable
from app.gui.worklist.text import TITLES

_KEY = "columns-hidden"
_NONE = "none"


class ColumnMenu(QObject):
    """A tick for each column; opened at the header or by a key.

    Parameters
    ----------
    table
        The worklist's.
    settings
        Where the choice is kept.
    """

    def __init__(self, table: WorklistTable, settings: Settings) -> None:
        super().__init__(table)
        self._table, self._settings = table, settings
        self.menu = QMenu(tr("Columns"), table)
        self.actions: dict[WorklistColumn, QAction] = {}
        for column in WorklistColumn:
            if column is ALWAYS:
                continue
            action = self.menu.addAction(tr(TITLES[column]))
            action.setCheckable(True)
            action.toggled.connect(lambda wanted, column=column: self._want(column, wanted))
            self.actions[column] = action
        table.columns_wanted.connect(self.open)
        self._restore()

    def open(self, at: QPoint | None = None) -> None:
        """Let the person choose; below the header unless told where."""
        header = self._table.horizontalHeader()
        self.menu.popup(at or header.mapToGlobal(header.rect().bottomLeft()))
        self.menu.setActiveAction(self.menu.actions()[0])

    def _restore(self) -> None:
        kept = self._settings.text(_KEY)
        if kept:
            names = set() if kept == _NONE else set(kept.split(","))
            self._table.unwanted = frozenset(c for c in WorklistColumn if c.name in names) - {
                ALWAYS
            }
            self._table.show_columns()
        for column, action in self.actions.items():
            action.blockSignals(True)
            action.setChecked(column not in self._table.unwanted)
            action.blockSignals(False)

    def _want(self, column: WorklistColumn, wanted: bool) -> None:
        self._table.want_column(column, wanted)
        names = sorted(column.name for column in self._table.unwanted)
        self._settings.set_text(_KEY, ",".join(names) or _NONE)
