"""The window panel: presets, centre and width as numbers, and the histogram."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from app.core.base.translation import tr
from app.core.image.presets import Preset
from app.gui.common.theme import named
from app.gui.viewer.histogram_strip import HistogramStrip
from app.gui.viewer.image_view import ImageView
from app.gui.viewer.window_level import preset_title

_MOST = 1e9


class WindowPanel(QWidget):
    """Follows one image view and changes its window and level.

    Parameters
    ----------
    view
        The view.
    """

    def __init__(self, view: ImageView) -> None:
        super().__init__()
        named(self, "panel")
        self._view = view
        self._shown: Path | None = None
        self._offered: tuple[Preset, ...] = ()
        self.presets = QComboBox()
        self.presets.setAccessibleName(tr("Window preset"))
        self.presets.setMinimumContentsLength(7)
        self.presets.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.presets.activated.connect(self._choose)
        self.center, self.width_box = _number(tr("Window centre")), _number(tr("Window width"))
        for box in (self.center, self.width_box):
            box.valueChanged.connect(self._enter)
        self.histogram = HistogramStrip(view.levels)
        row = QHBoxLayout()
        row.setSpacing(5)
        row.addWidget(self.presets, 1)
        for words, box in ((tr("Centre"), self.center), (tr("Width"), self.width_box)):
            label = named(QLabel(words), "muted")
            label.setBuddy(box)
            row.addWidget(label)
            row.addWidget(box)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 8)
        layout.setSpacing(6)
        layout.addLayout(row)
        layout.addWidget(self.histogram, 1)
        view.view_changed.connect(self.follow)

    def follow(self) -> None:
        """Show what the view shows; nothing is computed while the panel is hidden."""
        if not self.isVisible():
            return
        view, levels = self._view, self._view.levels
        self.setEnabled(view.radiograph is not None)
        self.histogram.show_image(view.radiograph, view.inverted)
        path = view.radiograph.path if view.radiograph is not None else None
        if path != self._shown:
            # The frames of a film share the presets of the one that is seen first.
            self._shown = path
            self._offered = levels.presets if view.radiograph is not None else ()
            self.presets.clear()
            self.presets.addItems([preset_title(preset) for preset in self._offered])
        current = levels.current
        self.presets.setCurrentIndex(
            self._offered.index(current) if current in self._offered else -1
        )
        self.presets.setPlaceholderText(tr("Changed by hand") if self._offered else "")
        shown = levels.shown
        for box, value in ((self.center, shown.center), (self.width_box, shown.width)):
            with QSignalBlocker(box):
                whole = abs(value - round(value)) < 1e-6 or abs(shown.width) >= 100
                box.setDecimals(1 if whole else 4)
                box.setSingleStep(max(1e-4, shown.width / 50))
                box.setValue(value)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with the view."""
        super().showEvent(event)
        self.follow()

    def _choose(self, place: int) -> None:
        self._view.levels.choose(self._offered[place])

    def _enter(self) -> None:
        self._view.levels.set(self.center.value(), self.width_box.value())


def _number(name: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.lineEdit().setTextMargins(6, 0, 0, 0)
    box.setAccessibleName(name)
    box.setRange(-_MOST, _MOST)
    box.setFixedWidth(92)
    # A half-typed number is no window.
    box.setKeyboardTracking(False)
    return box
