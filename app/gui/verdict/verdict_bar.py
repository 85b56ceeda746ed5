"""The reader's own reading, below what the network says: one block, always in sight.

Shows a ``ReadingState`` and tells what the reader did; it decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.base.translation import tr
from app.core.model.results import Call
from app.core.reading.verdicts import Agreement
from app.gui.common.privacy import privacy
from app.gui.common.private_field import Mask
from app.gui.common.qt_images import icon
from app.gui.common.theme import named
from app.gui.verdict.reading_protocols import ReadingState
from app.gui.verdict.text import label_words, state_words

_MARK = 14
PNEUMONIA, NORMAL = Call.PNEUMONIA.value, Call.NORMAL.value


class VerdictBar(QFrame):
    """Judgement, own label, key image, reason, note, and what became of them.

    Signals
    -------
    judged(Agreement), labelled(str), reasoned(str), noted(str)
        What the reader said; an empty label, reason or note takes it back.
    key_wanted(), reader_wanted()
        The star and the reader's name were pressed.
    acknowledged()
        The reader knows that the file cannot be read.
    left()
        The reader is done with a field: the keys belong to the image again.
    """

    judged = Signal(object)
    labelled = Signal(str)
    reasoned = Signal(str)
    noted = Signal(str)
    key_wanted = Signal()
    reader_wanted = Signal()
    acknowledged = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("verdictBar")
        self.setAccessibleName(tr("Your reading"))
        self._state = ReadingState()
        self.reader = named(QToolButton(), "reader")
        self.reader.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.reader.setToolTip(tr("Who reads; click to choose another"))
        self.agree = self._judge_button("agree", tr("Agree"), Agreement.AGREE)
        self.disagree = self._judge_button("disagree", tr("Disagree"), Agreement.DISAGREE)
        self.unsure = self._judge_button("unsure", tr("Unsure"), Agreement.UNSURE)
        self.pneumonia = self._label_button(tr("Pneumonia"), PNEUMONIA)
        self.normal = self._label_button(tr("Normal"), NORMAL)
        self.acknowledge = named(QPushButton(tr("Acknowledge")), "judge")
        self.acknowledge.setCheckable(True)
        self.acknowledge.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.acknowledge.clicked.connect(lambda: self._restore_checks(self.acknowledged.emit))
        self.label = self._field(QComboBox(), tr("Your own label"))
        self.key = QToolButton()
        self.key.setCheckable(True)
        self.key.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.key.setIcon(icon("key-image"))
        self.key.setIconSize(QSize(18, 18))
        self.key.setAccessibleName(tr("Key image"))
        self.reason = self._field(QComboBox(), tr("Reason (optional)"))
        self.note = QLineEdit(placeholderText=tr("Note"))
        self.note.setAccessibleName(tr("Note"))
        self.state = named(QLabel(), "readingState")
        self.state.setWordWrap(True)
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.state.setAccessibleName(tr("State of your reading"))
        # Its words must never widen the panel, nor make it jump: two lines are always there.
        self.state.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.state.setMinimumHeight(2 * self.state.fontMetrics().lineSpacing() + 2)
        self._lay_out()
        self._connect()
        privacy.changed.connect(self._follow_privacy)
        self.show_state(self._state)

    # What is shown --------------------------------------------------------------------------

    def show_state(self, state: ReadingState) -> None:
        """Show what is known of the image in view."""
        self._state = state
        row, draft = state.row, state.draft
        given = row.verdict.agreement if row.verdict else None
        self.reader.setText(state.reader or tr("Who reads?"))
        label_first = state.has_image and (row.sealed or not state.has_score)
        readable = not state.unreadable
        for button in (self.agree, self.disagree):
            button.setVisible(readable and not label_first)
        for button in (self.pneumonia, self.normal):
            button.setVisible(readable and label_first)
        self.unsure.setVisible(readable)
        self.acknowledge.setVisible(not readable)
        self.acknowledge.setEnabled(state.can_acknowledge)
        self.acknowledge.setChecked(row.verdict is not None and row.verdict.acknowledges)
        for button in (self.agree, self.disagree, self.unsure):
            button.setEnabled(state.has_image)
            button.setChecked(button.property("agreement") == given and given is not None)
        for button in (self.pneumonia, self.normal):
            button.setChecked(button.property("label") == draft.label)
        for field in (self.label, self.reason, self.note, self.key):
            field.setEnabled(state.has_image and readable)
        self._fill(self.label, label_words(draft.label))
        self._fill(self.reason, draft.reason)
        if not self.note.hasFocus() or not self.note.isModified():
            self.note.setText(draft.note)
            self.note.setCursorPosition(0)
        self.key.setChecked(draft.key_image)
        # Why something is not saved may name the place of the database.
        words = privacy.sentence(state_words(state))
        self.state.setText(words)
        self.state.setToolTip(words)
        kind = "unsaved" if state.unsaved else "plain"
        if self.state.property("kind") != kind:
            self.state.setProperty("kind", kind)
            self.state.style().unpolish(self.state)
            self.state.style().polish(self.state)

    def offer(self, labels: Sequence[str], reasons: Sequence[str]) -> None:
        """What the fields suggest: what was used before."""
        for combo, words in ((self.label, labels), (self.reason, reasons)):
            text = combo.currentText()
            combo.blockSignals(True)
            combo.clear()
            combo.addItems(list(dict.fromkeys(words)))
            combo.setCurrentIndex(-1)
            combo.setEditText(text)
            combo.blockSignals(False)

    def show_keys(self, keys: dict[str, str]) -> None:
        """Name the keys in the tool tips: ``agree``, ``disagree``, ..., as a person writes them."""
        for name, button, words in (
            ("agree", self.agree, tr("Agree with the network")),
            ("disagree", self.disagree, tr("Disagree with the network")),
            ("unsure", self.unsure, tr("Unsure")),
            ("label-pneumonia", self.pneumonia, tr("Your own label: pneumonia")),
            ("label-normal", self.normal, tr("Your own label: normal")),
            ("key-image", self.key, tr("Key image")),
            ("acknowledge", self.acknowledge, tr("Acknowledge that the file cannot be read")),
        ):
            hint = f" ({keys[name]})" if keys.get(name) else ""
            button.setToolTip(words + hint)
        self.note.setPlaceholderText(
            tr("Note ({key})", key=keys["note"]) if keys.get("note") else tr("Note")
        )

    def flush(self) -> None:
        """Tell what stands in a field that the reader has not left yet."""
        self._tell_note()
        self._tell(self.label)
        self._tell(self.reason)

    # Building -------------------------------------------------------------------------------

    def _judge_button(self, name: str, words: str, agreement: Agreement) -> QPushButton:
        button = named(QPushButton(icon(f"verdict-{name}"), words), "judge")
        button.setCheckable(True)
        button.setProperty("agreement", agreement)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setIconSize(QSize(_MARK, _MARK))
        # A click means the verdict, not a change of state: what is checked follows the disk.
        button.clicked.connect(lambda: self._restore_checks(lambda: self.judged.emit(agreement)))
        return button

    def _label_button(self, words: str, label: str) -> QPushButton:
        button = named(QPushButton(words), "judge")
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setProperty("label", label)
        button.clicked.connect(lambda: self._restore_checks(lambda: self.labelled.emit(label)))
        return button

    def _restore_checks(self, tell: object) -> None:
        self.show_state(self._state)
        assert callable(tell)
        tell()

    def _field(self, combo: QComboBox, words: str) -> QComboBox:
        combo.setEditable(True)
        combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        combo.setAccessibleName(words)
        combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        line = combo.lineEdit()
        assert line is not None
        line.setPlaceholderText(words)
        # The wheel over it, on the way through the panel, must not change a verdict.
        combo.installEventFilter(self)
        line.installEventFilter(self)
        completer = combo.completer()
        assert completer is not None
        # Offered, never filled in by itself: what is typed is what is meant.
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        combo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return combo

    def _lay_out(self) -> None:
        title = named(QLabel(tr("Your reading")), "caption")
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.reader)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        judging = (self.agree, self.disagree, self.pneumonia, self.normal, self.unsure)
        for button in (*judging, self.acknowledge):
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            width = button.fontMetrics().horizontalAdvance(button.text())
            buttons.addWidget(button, width + 3 * _MARK)
        fields = QGridLayout()
        fields.setSpacing(4)
        fields.addWidget(self.label, 0, 0)
        fields.addWidget(self.key, 0, 1)
        fields.addWidget(self.reason, 1, 0, 1, 2)
        fields.addWidget(self.note, 2, 0, 1, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 5, 10, 6)
        layout.setSpacing(5)
        layout.addLayout(head)
        layout.addLayout(buttons)
        layout.addLayout(fields)
        layout.addWidget(self.state)

    def _connect(self) -> None:
        self.reader.clicked.connect(self.reader_wanted)
        self.key.clicked.connect(lambda: self._restore_checks(self.key_wanted.emit))
        self.note.editingFinished.connect(self._tell_note)
        self.note.returnPressed.connect(self.left)
        self.note.installEventFilter(self)
        Mask(self.note)
        for combo in (self.label, self.reason):
            line = combo.lineEdit()
            assert line is not None
            line.editingFinished.connect(lambda combo=combo: self._tell(combo))
            line.returnPressed.connect(self.left)
            combo.activated.connect(lambda _place, combo=combo: self._tell(combo))

    def _follow_privacy(self) -> None:
        self.show_state(self._state)

    # Reactions ------------------------------------------------------------------------------

    def _fill(self, combo: QComboBox, text: str) -> None:
        line = combo.lineEdit()
        assert line is not None
        if line.hasFocus() and line.isModified():
            return  # being typed
        combo.setEditText(text)
        line.setCursorPosition(0)
        line.setModified(False)

    def _tell_note(self) -> None:
        if self.note.isModified():
            self.note.setModified(False)
            self.noted.emit(self.note.text())

    def _tell(self, combo: QComboBox) -> None:
        line = combo.lineEdit()
        assert line is not None
        line.setModified(False)
        text = combo.currentText().strip()
        if combo is self.reason:
            if text != self._state.draft.reason:
                self.reasoned.emit(text)
        elif text != label_words(self._state.draft.label):
            known = {label_words(label).casefold(): label for label in (PNEUMONIA, NORMAL)}
            self.labelled.emit(known.get(text.casefold(), text))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc in a field takes back what was typed there; the wheel passes over."""
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QComboBox):
            event.ignore()
            return True
        if not isinstance(event, QKeyEvent) or event.key() != Qt.Key.Key_Escape:
            return super().eventFilter(watched, event)
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # here Esc is not the window's
            return True
        if event.type() == QEvent.Type.KeyPress:
            for line in (self.note, self.label.lineEdit(), self.reason.lineEdit()):
                if line is not None:
                    line.setModified(False)
            self._fill(self.label, label_words(self._state.draft.label))
            self._fill(self.reason, self._state.draft.reason)
            self.note.setText(self._state.draft.note)
            self.left.emit()
            return True
        return super().eventFilter(watched, event)
