"""The section of the training panel between images and progress: settings, preview, Start."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.core.base.translation import tr
from app.core.settings.training import TrainConfig
from app.gui.common.theme import named
from app.gui.training.augmentation_dialog import AugmentationDialog
from app.gui.training.training_form import NO_HELP, TrainingForm
from app.gui.training.training_starts import networks, start_models


class TrainingSettings(QWidget):
    """The form with what belongs to it.

    Parameters
    ----------
    parent
        Qt parent.
    """

    preview_wanted = Signal()
    """The person wants to see augmented images."""
    sweep_wanted = Signal()
    """The person wants to try many settings."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = TrainingForm(networks())
        self.preview_button = QPushButton(tr("Preview augmentation\N{HORIZONTAL ELLIPSIS}"))
        self.preview_button.setToolTip(tr("Random images of the folder, plain and augmented."))
        self.sweep_button = QPushButton(tr("Sweep\N{HORIZONTAL ELLIPSIS}"))
        self.sweep_button.setToolTip(tr("Try many settings on these images and rank them."))
        self.start_button = named(QPushButton(tr("Start training")), "primary")
        self.estimate = _muted()
        # Its room is kept while it says nothing: Start must not move under the cursor.
        self.estimate.ensurePolished()
        self.estimate.setMinimumHeight(2 * self.estimate.fontMetrics().lineSpacing() + 2)
        self.hint = _muted()
        self.help = named(QLabel(), "help")
        self.help.setWordWrap(True)
        """Lies below the scrolled part of the panel, so that it is always in sight."""
        self.help.setText(tr(NO_HELP))
        self.help.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.help.ensurePolished()
        self.help.setFixedHeight(4 * self.help.fontMetrics().lineSpacing() + 22)
        self.help.setAccessibleName(tr("Help on the setting"))
        row = QHBoxLayout()
        row.addWidget(self.preview_button)
        row.addWidget(self.sweep_button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(named(QLabel(tr("Settings")), "heading"))
        layout.addWidget(self.form)
        layout.addLayout(row)
        layout.addWidget(self.estimate)
        layout.addWidget(self.start_button)
        layout.addWidget(self.hint)
        self.form.help_changed.connect(self.help.setText)
        self.preview_button.clicked.connect(self.preview_wanted)
        self.sweep_button.clicked.connect(self.sweep_wanted)
        self.show_estimate("")
        self.refresh_models()

    def refresh_models(self) -> None:
        """Look again from which models a training may start."""
        self.form.show_models(start_models())

    def show_estimate(self, text: str) -> None:
        """Say how long it would take, empty for nothing."""
        self.estimate.setText(text)

    def preview(self, config: TrainConfig) -> AugmentationDialog:
        """Open the preview for these settings."""
        dialog = AugmentationDialog(config, self.window())
        dialog.open()
        # Dropped when closed: its pictures need not stay in memory.
        dialog.finished.connect(dialog.deleteLater)
        return dialog


def _muted() -> QLabel:
    label = named(QLabel(), "muted")
    label.setWordWrap(True)
    return label
