"""The studies on disk as a list; the first entry begins a new one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.core.base.translation import mark, tr
from app.gui.sweep.text import study_state
from app.jobs.sweep_reader import StudyOnDisk

_COLUMNS = (mark("Study"), mark("Done"), mark("State"))
_ROW_HEIGHT = 24
_SHOWN = 5
NEW = mark("New sweep")


class StudyList(QTableWidget):
    """Names, how far each is, and whether it is running.

    Parameters
    ----------
    parent
        Qt parent.
    """

    chosen = Signal(str)
    """Name of the study that is looked at; empty for a new one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(_COLUMNS), parent)
        self.setHorizontalHeaderLabels([tr(title) for title in _COLUMNS])
        self.setAccessibleName(tr("Studies"))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Tab leaves the list: the arrow keys walk it.
        self.setTabKeyNavigation(False)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setFixedHeight(
            _SHOWN * _ROW_HEIGHT + header.sizeHint().height() + 2 * self.frameWidth()
        )
        self.itemSelectionChanged.connect(self._tell)
        self.show_studies((), "", "")

    def show_studies(self, studies: Sequence[StudyOnDisk], chosen: str, live: str) -> None:
        """List studies with ``chosen`` selected, without telling anybody."""
        rows = [("", (tr(NEW), "", ""), tr("Choose settings below and start."))]
        for study in studies:
            done = f"{study.done:,}/{study.total:,}" if study.total else f"{study.done:,}"
            state = study_state(study, live)
            failed = tr(", {failed:,} failed", failed=study.failed) if study.failed else ""
            about = tr(
                "{name}: {done:,} of {total:,} settings{failed}; {state}",
                name=study.name,
                done=study.done,
                total=study.total,
                failed=failed,
                state=state,
            )
            rows.append((study.name, (study.name, done, state), about))
        with QSignalBlocker(self):
            bar = self.verticalScrollBar().value()
            self.setRowCount(len(rows))
            for at, (name, cells, about) in enumerate(rows):
                for column, text in enumerate(cells):
                    item = self.item(at, column)
                    if item is None:
                        item = QTableWidgetItem()
                        self.setItem(at, column, item)
                    item.setText(text)
                    item.setToolTip(about)
                    item.setData(Qt.ItemDataRole.UserRole, name)
                if name == chosen and self.currentRow() != at:
                    self.setCurrentCell(at, 0)
                    self.selectRow(at)
            self.verticalScrollBar().setValue(bar)

    def _tell(self) -> None:
        items = self.selectedItems()
        if items:
            self.chosen.emit(str(items[0].data(Qt.ItemDataRole.UserRole)))
