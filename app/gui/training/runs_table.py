"""Past training runs as a table; a row that is picked shows its curves."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.core.base.translation import mark, tr
from app.gui.common.privacy import privacy
from app.gui.training.balance_table import ROW_HEIGHT
from app.training.runs.runs import Run, RunState

_COLUMNS = (mark("Started"), mark("Net"), mark("State"), mark("Epochs"), mark("AUC"))
_STATE = 2
_SHOWN_ROWS = 5
_STATES = {
    RunState.RUNNING: mark("running elsewhere"),
    RunState.FINISHED: mark("finished"),
    RunState.STOPPED: mark("stopped"),
    RunState.FAILED: mark("failed"),
    RunState.INTERRUPTED: mark("interrupted"),
}


class RunsTable(QTableWidget):
    """The newest run first.

    Parameters
    ----------
    parent
        Qt parent.
    """

    picked = Signal(object)
    """The ``Run`` of the row that the person chose."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(_COLUMNS), parent)
        self._runs: list[Run] = []
        self._live: Path | None = None
        privacy.changed.connect(self._show_again)
        self.setHorizontalHeaderLabels([tr(title) for title in _COLUMNS])
        self.setAccessibleName(tr("Training runs"))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(28)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_STATE, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.cellClicked.connect(lambda row, _column: self.picked.emit(self._runs[row]))
        self.cellActivated.connect(lambda row, _column: self.picked.emit(self._runs[row]))

    def show_runs(self, runs: list[Run], live: Path | None) -> None:
        """Show runs; the one in ``live`` is under way."""
        self._runs, self._live = list(runs), live
        self.setRowCount(len(runs))
        for row, run in enumerate(runs):
            state = tr(
                mark("running") if run.folder == live else _STATES.get(run.state, str(run.state))
            )
            cells = (
                run.started.strftime("%d %b %H:%M") if run.started else run.folder.name,
                run.config.arch if run.config else "",
                state,
                f"{run.epochs_run}/{run.config.epochs}" if run.config else str(run.epochs_run),
                "" if run.best_auc is None else f"{run.best_auc:.3f}",
            )
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setToolTip(_tooltip(run, state))
                self.setItem(row, column, item)
        rows = min(max(len(runs), 1), _SHOWN_ROWS)
        header = self.horizontalHeader().sizeHint().height()
        self.setFixedHeight(rows * ROW_HEIGHT + header + 2 * self.frameWidth())

    def _show_again(self) -> None:
        self.show_runs(self._runs, self._live)


def _tooltip(run: Run, state: str) -> str:
    lines = [f"{run.folder.name}: {state}"]
    if run.started:
        lines.append(tr("started {started:%Y-%m-%d %H:%M:%S}", started=run.started))
    if run.config:
        lines.append(
            tr(
                "architecture {arch}, data {data}",
                arch=run.config.arch,
                data=privacy.path(run.config.data),
            )
        )
    if run.model_name:
        lines.append(tr("model {model_name}", model_name=run.model_name))
    if run.error:
        lines.append(privacy.sentence(run.error.what))
    return "\n".join(lines)
