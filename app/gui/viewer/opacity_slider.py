"""How strongly the heatmap covers the image."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QWidget

from app.core.base.translation import tr
from app.gui.common.theme import named

_STEP = 10


class OpacitySlider(QWidget):
    """A slider from 0 to 100 per cent, with its value beside it."""

    changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setPageStep(_STEP)
        self.slider.setFixedWidth(110)
        self.slider.setAccessibleName(tr("Heatmap opacity"))
        self.slider.setToolTip(tr("Heatmap opacity"))
        self.label = named(QLabel(), "muted")
        self.label.setFixedWidth(42)
        # A tool bar would stretch it.
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 0, 4, 0)
        layout.addWidget(self.slider)
        layout.addWidget(self.label)
        self.slider.valueChanged.connect(self._tell)
        self._tell(0)

    def percent(self) -> int:
        """The value."""
        return self.slider.value()

    def set_percent(self, percent: int) -> None:
        """Change it."""
        self.slider.setValue(percent)

    def more(self) -> None:
        """A step stronger."""
        self.slider.setValue(self.slider.value() + _STEP)

    def less(self) -> None:
        """A step weaker."""
        self.slider.setValue(self.slider.value() - _STEP)

    def _tell(self, percent: int) -> None:
        self.label.setText(tr("{percent} %", percent=percent))
        self.changed.emit(percent / 100)
