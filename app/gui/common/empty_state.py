"""What the middle of the window says before anything is open."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.core.base.translation import mark, tr
from app.gui.common.privacy import privacy
from app.gui.common.qt_images import icon
from app.gui.common.theme import named
from app.gui.prediction.prediction_panel import DISCLAIMER

_RECENT = 4
_WORDS = mark(
    "Every image in it, and below it, is scored, explained and sorted.\n"
    "PNG, JPEG, TIFF and DICOM. Nothing is ever written into the folder."
)


class EmptyState(QWidget):
    """Tells what to do, and offers what was open lately.

    Signals
    -------
    folder_wanted(), files_wanted()
        A dialog is asked for.
    recent_chosen(str)
        A recent path was clicked.
    """

    folder_wanted = Signal()
    files_wanted = Signal()
    recent_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = named(QLabel(tr("Drop a folder of chest X-rays here")), "emptyTitle")
        text = named(QLabel(tr(_WORDS)), "muted")
        self.folder_button = QPushButton(icon("open-folder"), tr("Open folder…"))
        self.folder_button.setObjectName("primary")
        self.files_button = QPushButton(icon("open-files"), tr("Open files…"))
        self.folder_button.clicked.connect(self.folder_wanted)
        self.files_button.clicked.connect(self.files_wanted)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.folder_button)
        buttons.addWidget(self.files_button)
        buttons.addStretch(1)
        self._paths: list[str] = []
        privacy.changed.connect(self._show_again)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        foot = named(QLabel(tr(DISCLAIMER)), "muted")
        layout = QVBoxLayout(self)
        layout.setSpacing(14)
        layout.addStretch(3)
        for label in (title, text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setWordWrap(True)
            layout.addWidget(label)
        layout.addLayout(buttons)
        layout.addLayout(self._recent)
        layout.addStretch(4)
        foot.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(foot)

    def show_recent(self, paths: list[str]) -> None:
        """Offer the latest few."""
        self._paths = list(paths)
        while (entry := self._recent.takeAt(0)) is not None:
            if (widget := entry.widget()) is not None:
                widget.deleteLater()
        for path in paths[:_RECENT]:
            shown = privacy.path(path)
            words = shown if len(shown) <= 60 else f"…{shown[-58:]}"
            button = named(QPushButton(words), "link")
            button.setToolTip(shown)
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.clicked.connect(lambda _=False, path=path: self.recent_chosen.emit(path))
            self._recent.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)

    def _show_again(self) -> None:
        self.show_recent(self._paths)
