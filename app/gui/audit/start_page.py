"""What the bench says before there is an audit, and while one is made."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.base.translation import mark, tr
from app.gui.common.privacy import privacy
from app.gui.common.qt_images import icon
from app.gui.common.theme import named
from app.gui.common.wording import shortened

_WORDS = mark(
    "An audit scores every labelled image once, and shows where the model fails: on which images, "
    "on whom, and by how much.\n"
    "Labels come from subfolders NORMAL and PNEUMONIA, from a CSV with a path and a label, or from "
    "readers' verdicts. Nothing is ever written into the folder."
)
_RECENT = 4
_LONGEST = 60


class StartPage(QStackedWidget):
    """An invitation, or progress with a way out.

    Signals
    -------
    folder_wanted()
        A dialog is asked for.
    recent_chosen(str)
        A folder of lately was clicked.
    cancelled()
        The audit under way is not wanted any more.

    Parameters
    ----------
    parent
        Qt parent.
    """

    folder_wanted = Signal()
    recent_chosen = Signal(str)
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._paths: list[str] = []
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        self.folder_button = named(
            QPushButton(icon("open-folder"), tr("Choose a labelled folder…")), "primary"
        )
        self.folder_button.clicked.connect(self.folder_wanted)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(420, 8)
        self.progress.setAccessibleName(tr("Progress of the audit"))
        self.progress_words = QLabel()
        self.cancel_button = QPushButton(tr("Cancel"))
        self.cancel_button.clicked.connect(self.cancelled)
        self.addWidget(self._invitation())
        self.addWidget(self._waiting())
        privacy.changed.connect(self._follow_privacy)

    def show_invitation(self) -> None:
        """Nothing is under way."""
        self.setCurrentIndex(0)

    def show_progress(self, done: int, total: int) -> None:
        """How many images have their score."""
        self.setCurrentIndex(1)
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.progress_words.setText(
            tr("Images: {done:,} of {total:,}", done=done, total=total)
            if total
            else tr("Looking for images and labels…")
        )

    def _follow_privacy(self, _hidden: bool) -> None:
        self.show_recent(self._paths)

    def show_recent(self, paths: list[str]) -> None:
        """Offer what was audited lately."""
        self._paths = list(paths)
        while (entry := self._recent.takeAt(0)) is not None:
            if (widget := entry.widget()) is not None:
                widget.deleteLater()
        for path in paths[:_RECENT]:
            shown = privacy.path(path)
            button = named(QPushButton(shortened(shown, _LONGEST)), "link")
            button.setToolTip(shown)
            button.clicked.connect(lambda _=False, path=path: self.recent_chosen.emit(path))
            self._recent.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)

    def _invitation(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setSpacing(14)
        layout.addStretch(3)
        title = named(QLabel(tr("Drop a labelled folder here")), "emptyTitle")
        for label in (title, named(QLabel(tr(_WORDS)), "muted")):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setWordWrap(True)
            layout.addWidget(label)
        layout.addWidget(self.folder_button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addLayout(self._recent)
        layout.addStretch(4)
        return page

    def _waiting(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setSpacing(12)
        layout.addStretch(3)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(self.progress)
        line.addStretch(1)
        layout.addWidget(self.progress_words, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addLayout(line)
        layout.addWidget(self.cancel_button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(4)
        return page
