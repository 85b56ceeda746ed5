"""Suspicious labels: a list, the current image large, and one key for each decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.base.errors import ReviewError
from app.core.base.translation import mark, tr
from app.gui.audit.image_list import ImageList
from app.gui.audit.labels_controller import SHOWN, LabelRow, LabelsController, Shown
from app.gui.audit.labels_model import DECISION, LABEL, SCORE, WHY, LabelsModel, decision_words
from app.gui.audit.page import AuditPage
from app.gui.audit.text import class_name, score_words, source_words
from app.gui.common.message_box import MessageBox
from app.gui.common.privacy import privacy
from app.gui.common.theme import named
from app.gui.settings.remembered import Settings
from app.jobs.suspects_finder import SuspectsFinder
from app.review.audit import Audit
from app.review.audit.relabelling import LEAVE_OUT
from app.training.data.layout import DataSource

MOST_WEIGHT = 10
_WEIGHT = "audit-hard-weight"
READER_KEY = "reader"
"""Who reads, as the reading window keeps it."""
_KEYS = (
    ("N", "NORMAL", mark("Normal (N)")),
    ("P", "PNEUMONIA", mark("Pneumonia (P)")),
    ("X", LEAVE_OUT, mark("Leave out (X)")),
)
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
    shows_images = True

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(settings, parent)
        self.finder = SuspectsFinder(self)
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
        self.desk.close_threads()

    # -- what the controller shows ---------------------------------------------------------------

    def show_lines(self, lines: Sequence[LabelRow], current: int) -> None:
        """List images."""
        self.model.show_rows(lines)
        self.stack.setCurrentWidget(self.desk if lines else self.empty)
        self.show_current(current)

    def show_current(self, current: int) -> None:
        """Show another image large; decisions in the list may be others."""
        self.model.refresh()
        self.desk.go_to(current)
        self._show_current_image()

    def show_summary(self, words: str, empty: str) -> None:
        """Say what was found."""
        self.summary.setText(words)
        self.empty.setText(empty)

    def show_hard(self, words: str, can_train: bool) -> None:
        """Say how many images would weigh more, and whether a training can be prepared."""
        self.hard_words.setText(words)
        self.train_button.setEnabled(can_train)

    def ask_training(self, source: DataSource) -> None:
        """Hand the relabelled set to the training panel."""
        self.training_asked.emit(source)

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
        self.desk = ImageList(self.model, tr("Labels to decide on"), _WIDTHS, WHY)
        self.table, self.view, self.about = self.desk.table, self.desk.view, self.desk.about
        self.desk.moved.connect(self._on_moved)
        self.desk.stepped.connect(self.controller.step)
        self.desk.opened.connect(self._open)
        self.buttons = {decision: self._button(words, decision) for _, decision, words in _KEYS}
        self.undo_button = QPushButton(tr("Undo (Ctrl+Z)"))
        self.undo_button.clicked.connect(self.controller.undo)
        self.empty = named(QLabel(), "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        for button in (*self.buttons.values(), self.undo_button):
            self.desk.foot.addWidget(button)
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
        layout.addLayout(self._training_line())

    def _training_line(self) -> QHBoxLayout:
        self.hard_words = named(QLabel(), "muted")
        self.weight = QSpinBox()
        self.weight.setRange(1, MOST_WEIGHT)
        self.weight.setValue(self.settings.number(_WEIGHT, 2))
        self.weight.setAccessibleName(tr("Weight of a wrong call in the training"))
        self.weight.setToolTip(
            tr(
                "How much an image that is called wrongly at this threshold, by its label as "
                "decided, counts in the training; others count 1. Suspicious labels that nobody "
                "decided on count 1 too."
            )
        )
        self.weight.valueChanged.connect(lambda value: self.settings.set_number(_WEIGHT, value))
        self.hard_words.setBuddy(self.weight)
        self.train_button = named(
            QPushButton(tr("Train with these labels\N{HORIZONTAL ELLIPSIS}")), "primary"
        )
        self.train_button.setToolTip(
            tr("Writes the labels as decided to a CSV of your own and opens the training panel.")
        )
        self.train_button.clicked.connect(lambda: self.controller.train(self.weight.value()))
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addStretch(1)
        for widget in (self.hard_words, self.weight, self.train_button):
            line.addWidget(widget)
        return line

    def _button(self, words: str, decision: str) -> QPushButton:
        button = QPushButton(tr(words))
        button.clicked.connect(lambda: self.controller.decide(decision))
        return button

    def _add_keys(self) -> None:
        controller = self.controller
        acts: dict[str, Callable[[], None]] = {
            **{key: partial(controller.decide, decision) for key, decision, _ in _KEYS},
            "Ctrl+Z": controller.undo,
            "Space": partial(controller.step, 1),
            "Shift+Space": partial(controller.step, -1),
        }
        for keys, act in acts.items():
            shortcut = QShortcut(QKeySequence(keys), self.desk, act)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    # -- reactions -------------------------------------------------------------------------------

    def _on_moved(self, place: int) -> None:
        self.controller.move_to(place)
        self._show_current_image()

    def _open(self, place: int) -> None:
        self.open_asked.emit([line.index for line in self.controller.lines], place)

    def _show_current_image(self) -> None:
        line = self.controller.current
        for button in self.buttons.values():
            button.setEnabled(line is not None)
        self._rename()
        following = self.controller.following
        self.desk.show_image(
            line.row.path if line else None, following.row.path if following else None
        )

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
