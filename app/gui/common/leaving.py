"""Asks what becomes of a training or a sweep when the window is to close, and waits in sight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.base.translation import mark, tr
from app.jobs.event_process import EventProcess


@dataclass(frozen=True)
class LeavingWords:
    """What is said: title, question, words on the buttons, what is waited for."""

    title: str
    question: str
    stop: str
    keep: str
    waiting: str


TRAINING = LeavingWords(
    title=mark("A training is running"),
    question=(
        mark(
            "Closing the window ends the training with it. Stopping keeps the best weights so far "
            "as "
            "a model; closing anyway loses the run."
        )
    ),
    stop=mark("Stop and keep the best so far"),
    keep=mark("Keep training"),
    waiting=(
        mark(
            "Stopping the training: the best so far is being tested and saved, which may take a "
            "few "
            "minutes. The window closes by itself once it is kept."
        )
    ),
)
SWEEP = LeavingWords(
    title=mark("A sweep is running"),
    question=(
        mark(
            "Closing the window ends the sweep with it. Every trial that is done is kept, and the "
            "sweep goes on later where it was; the trials under way are tried again then."
        )
    ),
    stop=mark("Stop the sweep and close"),
    keep=mark("Keep sweeping"),
    waiting=(
        mark(
            "Stopping the sweep: its trials under way are being ended, which takes some seconds. "
            "The "
            "window closes by itself then."
        )
    ),
)


class _Ended(Protocol):
    @property
    def ok(self) -> bool:
        """Whether it ended cleanly."""


class LeavingDialog(QDialog):
    """Stop and keep, keep going, or close anyway. Escape keeps the window open.

    Signals
    -------
    stop_wanted()
        Stop, keep the best so far, then close. The dialog goes on to wait.
    close_wanted()
        Close now, whatever is lost.
    """

    stop_wanted = Signal()
    close_wanted = Signal()

    def __init__(
        self, words: LeavingWords, parent: QWidget | None = None, *, stopping: bool = False
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr(words.title))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.stop_button = QPushButton(tr(words.stop))
        self.keep_button = QPushButton(tr(words.keep))
        self.close_button = QPushButton(tr("Close anyway"))
        self.stay_button = QPushButton(tr("Do not close"))
        self.close_now_button = QPushButton(tr("Close anyway"))
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        question = _page(
            tr(words.question), (), (self.stop_button, self.keep_button, self.close_button)
        )
        waiting = _page(tr(words.waiting), (self.bar,), (self.stay_button, self.close_now_button))
        self.pages = QStackedWidget()
        self.pages.addWidget(question)
        self.pages.addWidget(waiting)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.addWidget(self.pages)
        self.setFixedWidth(540)
        self.stop_button.setDefault(True)
        self.stop_button.clicked.connect(self._stop)
        self.keep_button.clicked.connect(self.reject)
        self.stay_button.clicked.connect(self.reject)
        self.close_button.clicked.connect(self.close_wanted)
        self.close_now_button.clicked.connect(self.close_wanted)
        if stopping:
            self.pages.setCurrentIndex(1)

    @property
    def waits(self) -> bool:
        """Whether the window closes once it has ended."""
        return self.pages.currentIndex() == 1

    def _stop(self) -> None:
        self.pages.setCurrentIndex(1)
        self.stay_button.setFocus()
        self.stop_wanted.emit()


class Leaving(QObject):
    """What closing the window means while something runs. Never stops the event loop.

    Parameters
    ----------
    words
        What is said.
    process
        What runs.
    stop
        Asks for its clean end.
    give_up
        Ends it at once.
    window
        The window that is to close.

    Signals
    -------
    can_close()
        It has ended cleanly, or the person gives it up: it does not run any more.
    must_stay()
        It ended otherwise, and its panel says how.
    """

    can_close = Signal()
    must_stay = Signal()

    def __init__(
        self,
        words: LeavingWords,
        process: EventProcess,
        stop: Callable[[], None],
        give_up: Callable[[], None],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._words, self._process = words, process
        self._stop, self._end = stop, give_up
        self._window = window
        self._dialog: LeavingDialog | None = None
        # Queued: the panel has shown the end by then.
        process.finished.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)

    def ask(self) -> None:
        """Ask, or go on waiting where a stop is under way; once at a time."""
        if self._dialog is None:
            dialog = LeavingDialog(self._words, self._window, stopping=self._process.stopping)
            dialog.stop_wanted.connect(self._stop)
            dialog.close_wanted.connect(self._give_up)
            dialog.finished.connect(self._forget)
            self._dialog = dialog
            dialog.open()

    def _forget(self) -> None:
        self._dialog = None

    def _give_up(self) -> None:
        self._end()
        if self._dialog is not None:
            self._dialog.reject()
        self.can_close.emit()

    def _on_ended(self, outcome: _Ended) -> None:
        if self._dialog is None:
            return
        promised = self._dialog.waits
        self._dialog.reject()
        if promised and outcome.ok:
            self.can_close.emit()
        else:
            self.must_stay.emit()


def _page(text: str, parts: tuple[QWidget, ...], buttons: tuple[QPushButton, ...]) -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(14)
    label = QLabel(text)
    label.setWordWrap(True)
    layout.addWidget(label)
    for part in parts:
        layout.addWidget(part)
    layout.addStretch(1)
    row = QHBoxLayout()
    row.addStretch(1)
    for button in buttons:
        row.addWidget(button)
    layout.addLayout(row)
    return page
