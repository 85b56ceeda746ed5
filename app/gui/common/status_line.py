"""What goes on: scanning or scoring, how fast, how long still, and Cancel."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from app.core.base.durations import duration_words
from app.core.base.translation import tr
from app.gui.common.theme import named
from app.jobs.inference_worker import ScoringProgress


class StatusLine(QWidget):
    """Tells what goes on at the left, and what judges the images at the right."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(180)
        self.bar.setAccessibleName(tr("Progress"))
        self.text = QLabel()
        self.cancel_button = QPushButton(tr("Cancel"))
        self.cancel_button.setToolTip(tr("Stop; what has been scored stays"))
        self.cancel_button.clicked.connect(self.cancelled)
        self.engine = named(QLabel(), "muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 2, 10, 2)
        layout.setSpacing(10)
        layout.addWidget(self.bar)
        layout.addWidget(self.text)
        layout.addWidget(self.cancel_button)
        layout.addStretch(1)
        layout.addWidget(self.engine)
        self.setMinimumHeight(34)
        self.show_progress(None)

    def show_scanning(self, found: int) -> None:
        """The list is being filled."""
        self._show(True)
        self.bar.setRange(0, 0)
        self.text.setText(tr("Looking for images: {found:,} found", found=found))

    def show_progress(self, progress: ScoringProgress | None) -> None:
        """How far scoring is; None when nothing goes on."""
        self._show(progress is not None)
        if progress is None:
            self.bar.setRange(0, 1)
            self.text.setText("")
            return
        self.bar.setRange(0, max(1, progress.total))
        self.bar.setValue(progress.done)
        words = tr("{done:,} of {total:,} scored", done=progress.done, total=progress.total)
        if progress.rate is not None and progress.seconds_left is not None:
            words += tr("  ·  {rate:,.0f} images/s", rate=progress.rate)
            words += tr(
                "  ·  {seconds_left} left", seconds_left=duration_words(progress.seconds_left)
            )
        self.text.setText(words)

    def show_engine(self, words: str) -> None:
        """The model and the device in use."""
        self.engine.setText(words)

    def _show(self, busy: bool) -> None:
        for widget in (self.bar, self.text, self.cancel_button):
            widget.setVisible(busy)
