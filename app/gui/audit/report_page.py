"""The page from which an audit leaves the program: a report as PDF, HTML or JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.base.errors import OutputError, ReviewError
from app.core.base.outputs import check_place, keep_out
from app.core.base.translation import mark, tr
from app.gui.audit.page import AuditPage
from app.gui.common.qt_images import icon
from app.gui.common.theme import named
from app.gui.settings.remembered import Settings
from app.jobs.report_process import ReportProcess

if TYPE_CHECKING:
    from app.review.audit import Audit

_FILTERS = {".pdf": "PDF (*.pdf)", ".html": "HTML (*.html)", ".json": "JSON (*.json)"}
_WIDEST = 640


class ReportPage(AuditPage):
    """Says what the report holds, and writes it.

    Parameters
    ----------
    settings, parent
        See ``AuditPage``.
    """

    title = mark("Report")
    shows_images = True

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(settings, parent)
        self._audit: Audit | None = None
        self._threshold = 0.5
        self._written: Path | None = None
        self.process = ReportProcess(self)
        self.names = QCheckBox(tr("Name files, patients, the folder and the CSV"))
        self.names.setToolTip(
            tr(
                "Without names, pictures are told apart by the beginning of their content hash, "
                "and a value that fewer than five patients share is not named."
            )
        )
        self.pictures = QCheckBox(tr("Pictures of the twelve worst misses, with heatmaps"))
        self.pictures.setChecked(True)
        self.button = QPushButton(icon("export"), tr("Save report…"))
        self.button.setToolTip(tr("PDF, HTML or JSON, by the name's suffix"))
        self.stop = QPushButton(tr("Cancel"))
        self.open_button = QPushButton(tr("Open the report"))
        self.bar = QProgressBar()
        self.bar.setAccessibleName(tr("Pictures done"))
        self.state = named(QLabel(), "muted")
        self.state.setWordWrap(True)
        self._lay_out()
        self.button.clicked.connect(self.ask)
        self.stop.clicked.connect(self.process.cancel)
        self.open_button.clicked.connect(self._open)
        self.process.progress.connect(self._progressed)
        self.process.notice.connect(self.noticed)
        self.process.done.connect(self._done)
        self.process.failed.connect(self._failed)
        self.process.cancelled.connect(lambda: self._ended(tr("Cancelled: nothing was written.")))
        self._ended("")

    def show_audit(self, audit: Audit | None) -> None:
        """Another audit: the report will be of it."""
        if audit is not self._audit:
            self._audit, self._written = audit, None
        self._enable()

    def show_threshold(self, threshold: float) -> None:
        """The report's calls will be made at it."""
        self._threshold = threshold

    def shutdown(self) -> None:
        """End the process."""
        self.process.close()

    def ask(self) -> None:
        """Let a file be chosen, and write."""
        if self._audit is None:
            return
        proposed = Path(self.settings.folder).parent / f"{tr('site-report')}.pdf"
        name, chosen = QFileDialog.getSaveFileName(
            self, tr("Save report"), str(proposed), ";;".join(_FILTERS.values())
        )
        if name:
            suffix = next((each for each, words in _FILTERS.items() if words == chosen), ".pdf")
            path = Path(name)
            self.write(path if path.suffix.lower() in _FILTERS else path.with_name(
                path.name + suffix))  # fmt: skip

    def write(self, file: Path) -> None:
        """Write the report; the errors go to the window's message."""
        if self._audit is None or self.process.running:
            return
        try:
            keep_out([file], [self._audit.folder])
            check_place(file)
        except OutputError as error:
            self.failed.emit(error)
            return
        self._written = None
        self.process.write(
            self._audit, file, self._threshold, self.names.isChecked(), self.pictures.isChecked()
        )
        self.bar.setRange(0, 0)
        self.state.setText(tr("Working out the figures…"))
        self._enable()

    def _lay_out(self) -> None:
        words = QLabel(
            tr(
                "A report on this audit for those who were not here: the figures with their "
                "intervals, curves, slices with the worst first, the worst misses, which "
                "threshold would suit this site and how sure that is, and the hashes of data and "
                "model. Calls are made at the threshold on the left."
            )
        )
        words.setWordWrap(True)
        row = QHBoxLayout()
        for part in (self.button, self.stop, self.open_button):
            row.addWidget(part)
        row.addStretch(1)
        column = QWidget()
        column.setMaximumWidth(_WIDEST)
        inside = QVBoxLayout(column)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(8)
        for each in (words, self.names, self.pictures):
            inside.addWidget(each)
        inside.addLayout(row)
        inside.addWidget(self.bar)
        inside.addWidget(self.state)
        inside.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 10, 4, 2)
        # A line as wide as a screen is hard to read.
        layout.addWidget(column, 1)
        layout.addStretch()

    def _progressed(self, done: int, total: int) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.state.setText(tr("Picture {done} of {total}", done=done, total=total))

    def _done(self, result: dict[str, str]) -> None:
        self._written = Path(result["file"])
        self._ended(tr("The report is written."))

    def _failed(self, error: ReviewError) -> None:
        self._ended("")
        self.failed.emit(error)

    def _ended(self, words: str) -> None:
        self.state.setText(words)
        self._enable()

    def _enable(self) -> None:
        busy = self.process.running
        self.button.setEnabled(self._audit is not None and not busy)
        for part in (self.names, self.pictures):
            part.setEnabled(not busy)
        self.stop.setVisible(busy)
        self.bar.setVisible(busy)
        self.open_button.setVisible(self._written is not None and not busy)

    def _open(self) -> None:
        if self._written is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._written)))
