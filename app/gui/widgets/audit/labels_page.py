"""Suspicious labels: a list, the current image large, and one key for each decision."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.core.errors import ReviewError
from app.core.images import Radiograph
from app.core.translation import mark, tr
from app.gui.controllers.audit_words import class_name, score_words, source_words
from app.gui.controllers.labels_controller import SHOWN, LabelsController, Line, Shown
from app.gui.models.labels_model import DECISION, LABEL, SCORE, WHY, LabelsModel, decision_words
from app.gui.privacy import privacy
from app.gui.settings import Settings
from app.gui.widgets.audit.page import AuditPage
from app.gui.widgets.image_view import ImageView
from app.gui.widgets.message_box import MessageBox
from app.gui.widgets.theme import named
from app.jobs.image_reader import ImageReader
from app.jobs.suspects_finder import SuspectsFinder
from app.review.audit import Audit
from app.review.audit.relabelling import LEAVE_OUT

READER_KEY = "reader"
"""Who reads, as the reading window keeps it."""
_KEYS = (
    ("N", "NORMAL", mark("Normal (N)")),
    ("P", "PNEUMONIA", mark("Pneumonia (P)")),
    ("X", LEAVE_OUT, mark("Leave out (X)")),
)
_TABLE = 425
_WIDTHS = {LABEL: 100, SCORE: 62, DECISION: 118}


class LabelsPage(AuditPage):
    """The list on the left, the image on the right.

    Parameters
    ----------
    settings, parent
        See ``AuditPage``.
    """

    title = mark("Labels")
    wants_height = True

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(settings, parent)
        self.finder = SuspectsFinder(self)
        self.images = ImageReader(self)
        self.images.ready.connect(self._show_image)
        self.controller = LabelsController(self, self.finder, lambda: settings.text(READER_KEY))
        self.model = LabelsModel(self.controller.decision, self)
        self._build()
        self._add_keys()
        privacy.changed.connect(self._rename)
        self.show_lines((), -1)

    def show_audit(self, audit: Audit | None) -> None:
        """Look for the suspicious labels of another audit."""
        self.controller.show_audit(audit)

    def show_threshold(self, threshold: float) -> None:
        """Follow the threshold: the list of wrong calls follows from it."""
        self.controller.show_threshold(threshold)

    def shutdown(self) -> None:
        """End both threads."""
        self.finder.close()
        self.images.close()

    # -- what the controller shows ---------------------------------------------------------------

    def show_lines(self, lines: Sequence[Line], current: int) -> None:
        """List images."""
        self.model.show_lines(lines)
        self.stack.setCurrentWidget(self.desk if lines else self.empty)
        self.show_current(current)

    def show_current(self, current: int) -> None:
        """Show another image large; decisions in the list may be others."""
        self.model.refresh()
        index = self.model.index(current, 0) if current >= 0 else QModelIndex()
        flags = QItemSelectionModel.SelectionFlag
        self.table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        if index.isValid():
            self.table.scrollTo(index)
        self._show_current_image()

    def show_summary(self, words: str, empty: str) -> None:
        """Say what was found."""
        self.summary.setText(words)
        self.empty.setText(empty)

    def show_error(self, error: ReviewError | None) -> None:
        """Say what went wrong, beside the decision that it is about."""
        self.errors.show_errors((error,) if error else ())

    # -- building --------------------------------------------------------------------------------

    def _build(self) -> None:
        self.shown = QComboBox()
        self.shown.setAccessibleName(tr("Which images"))
        for shown, words in SHOWN.items():
            self.shown.addItem(tr(words), shown)
        self.shown.activated.connect(
            lambda _at: self.controller.choose(Shown(self.shown.currentData()))
        )
        self.summary = named(QLabel(), "muted")
        self.summary.setWordWrap(True)
        self.errors = MessageBox()
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName(tr("Labels to decide on"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setFixedWidth(_TABLE)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().setDefaultSectionSize(24)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(WHY, QHeaderView.ResizeMode.Stretch)
        for column, width in _WIDTHS.items():
            self.table.setColumnWidth(column, width)
        self.table.selectionModel().currentRowChanged.connect(self._on_row)
        self.table.activated.connect(self._open)
        self.view = ImageView()
        self.view.step_wanted.connect(self.controller.step)
        self.about = named(QLabel(), "muted")
        self.about.setTextFormat(Qt.TextFormat.PlainText)
        self.buttons = {decision: self._button(words, decision) for _, decision, words in _KEYS}
        self.undo_button = QPushButton(tr("Undo (Ctrl+Z)"))
        self.undo_button.clicked.connect(self.controller.undo)
        self.empty = named(QLabel(), "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.desk = self._make_desk()
        self.stack = QStackedWidget()
        self.stack.addWidget(self.desk)
        self.stack.addWidget(self.empty)
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(self.shown)
        line.addWidget(self.summary, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 6, 4, 2)
        layout.setSpacing(6)
        layout.addLayout(line)
        layout.addWidget(self.errors)
        layout.addWidget(self.stack, 1)

    def _make_desk(self) -> QWidget:
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (*self.buttons.values(), self.undo_button):
            buttons.addWidget(button)
        right = QVBoxLayout()
        right.setSpacing(5)
        right.addWidget(self.view, 1)
        right.addWidget(self.about)
        right.addLayout(buttons)
        desk = QWidget()
        row = QHBoxLayout(desk)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.table)
        row.addLayout(right, 1)
        return desk

    def _button(self, words: str, decision: str) -> QPushButton:
        button = QPushButton(tr(words))
        button.clicked.connect(lambda: self.controller.decide(decision))
        return button

    def _add_keys(self) -> None:
        acts = [(key, lambda d=decision: self.controller.decide(d)) for key, decision, _ in _KEYS]
        acts += [
            ("Ctrl+Z", self.controller.undo),
            ("Space", lambda: self.controller.step(1)),
            ("Shift+Space", lambda: self.controller.step(-1)),
        ]
        for keys, act in acts:
            shortcut = QShortcut(QKeySequence(keys), self.desk, act)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    # -- reactions -------------------------------------------------------------------------------

    def _on_row(self, index: QModelIndex) -> None:
        self.controller.move_to(index.row())
        self._show_current_image()

    def _open(self, index: QModelIndex) -> None:
        self.open_asked.emit([line.index for line in self.controller.lines], index.row())

    def _show_current_image(self) -> None:
        line = self.controller.current
        for button in self.buttons.values():
            button.setEnabled(line is not None)
        self._rename()
        if line is None:
            self.images.cancel()
            self.view.set_radiograph(None)
            return
        lines = self.controller.lines
        place = self.table.currentIndex().row() + 1
        ahead = lines[place].row.path if 0 < place < len(lines) else None
        self.images.request(line.row.path, ahead)

    def _show_image(self, path: Path, found: Radiograph | ReviewError) -> None:
        line = self.controller.current
        if line is None or line.row.path != path:
            return
        if isinstance(found, ReviewError):
            self.view.set_radiograph(None, privacy.sentence(found.what))
        else:
            self.view.set_radiograph(found)

    def _rename(self) -> None:
        """Names are hidden, or no longer; or another image is current."""
        line = self.controller.current
        self.model.refresh()
        if line is None:
            self.about.setText("")
            return
        row = line.row
        words = [
            privacy.file_name(row.path),
            tr("label {label}", label=class_name(row.label)),
            tr("score {score}", score=score_words(row)),
        ]
        if decided := decision_words(row, self.controller.decision(row)):
            words.append(tr("decided: {decision}", decision=decided))
        self.about.setText("  \N{MIDDLE DOT}  ".join(words))
        self.about.setToolTip(source_words(row))
