"""A look at what augmentation does: random training images, plain and in several variants."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.core.settings.training import TrainConfig
from app.gui.common.qt_images import grey_image
from app.gui.common.theme import named
from app.jobs.augmentation_preview import AugmentationPreview, AugmentedSample, Picture

IMAGES, VARIANTS = 4, 5
_SIDE = 112


def _any_seed() -> int:
    return random.randrange(2**31)


class AugmentationDialog(QDialog):
    """Shows samples for a training's settings.

    Parameters
    ----------
    config
        The settings; ``data`` is the folder the images come from.
    parent
        Qt parent.
    draw
        A new seed for each set of samples.
    """

    def __init__(
        self,
        config: TrainConfig,
        parent: QWidget | None = None,
        *,
        draw: Callable[[], int] = _any_seed,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Preview of augmentation"))
        self._config = config
        self._draw = draw
        self.preview = AugmentationPreview(self)
        self.words = QLabel(_words(config))
        self.words.setWordWrap(True)
        self._grid = QGridLayout()
        self._grid.setSpacing(6)
        self._cells: list[list[QLabel]] = []
        self._names: list[QLabel] = []
        varied = VARIANTS if config.augmentation > 0 else 0
        self._grid.addWidget(_muted(tr("As it is")), 0, 1)
        if varied:
            self._grid.addWidget(_muted(tr("In training, each time it is seen")), 0, 2, 1, varied)
        for row in range(IMAGES):
            self._names.append(_muted(""))
            self._names[-1].setMinimumWidth(90)
            self._grid.addWidget(self._names[-1], row + 1, 0)
            self._cells.append([])
            for column in range(1 + varied):
                cell = QLabel()
                cell.setFixedSize(_SIDE, _SIDE)
                cell.setAlignment(Qt.AlignmentFlag.AlignCenter)
                cell.setStyleSheet("background: #000000;")
                self._cells[-1].append(cell)
                self._grid.addWidget(cell, row + 1, column + 1)
        self.another = QPushButton(tr("Another"))
        self.another.setToolTip(tr("Draws other images and other changes."))
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.another)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(10)
        layout.addWidget(self.words)
        layout.addLayout(self._grid)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.another.clicked.connect(self.ask)
        self.preview.ready.connect(self._show)
        self.preview.failed.connect(self._show_error)
        self.finished.connect(self.preview.close)
        self.ask()

    def ask(self) -> None:
        """Have samples made; they come when they are ready."""
        self.another.setEnabled(False)
        self.words.setText("\n".join((_words(self._config), tr("Reading images…"))))
        self.preview.request(self._config, self._draw(), IMAGES, VARIANTS)

    def _show(self, samples: list[AugmentedSample]) -> None:
        self.another.setEnabled(True)
        self.words.setText(_words(self._config))
        for row, (name, cells) in enumerate(zip(self._names, self._cells, strict=True)):
            sample = samples[row] if row < len(samples) else None
            name.setText(sample.label if sample else "")
            pictures = (sample.plain, *sample.varied) if sample else ()
            for place, cell in enumerate(cells):
                cell.setPixmap(_pixmap(pictures[place]) if place < len(pictures) else QPixmap())
                if sample:
                    kind = tr("variant {place}", place=place) if place else tr("as it is")
                    cell.setAccessibleName(f"{sample.label}, {kind}")

    def _show_error(self, error: ReviewError) -> None:
        self.another.setEnabled(True)
        self.words.setText(" ".join(filter(None, (error.what, error.expected, error.fix))))


def _words(config: TrainConfig) -> str:
    if config.augmentation <= 0:
        return tr(
            "This training uses no augmentation (its strength is 0): the network sees each image "
            "as it is here, in its own size, every time."
        )
    return tr(
        "Random images of the folder as the network sees them, in its own size, augmented with "
        "strength {augmentation:g}. The lungs should stay readable in every one.",
        augmentation=config.augmentation,
    )


def _pixmap(picture: Picture) -> QPixmap:
    # Small inputs are shown in their real pixels, not smoothed over.
    small = picture.shape[0] <= _SIDE
    how = (
        Qt.TransformationMode.FastTransformation
        if small
        else Qt.TransformationMode.SmoothTransformation
    )
    image = grey_image(np.ascontiguousarray(picture))
    return QPixmap.fromImage(image.scaled(_SIDE, _SIDE, Qt.AspectRatioMode.KeepAspectRatio, how))


def _muted(text: str) -> QLabel:
    return named(QLabel(text), "muted")
