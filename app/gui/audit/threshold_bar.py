"""The threshold of the bench: a slider, the number, and the model's operating points."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from app.core.base.translation import tr
from app.core.model.card import ModelCard
from app.core.model.operating_points import operating_points
from app.gui.common.theme import named

_STEPS = 1000
DECIMALS = 4


class ThresholdBar(QWidget):
    """Moves the threshold.

    Signals
    -------
    moved(float)
        The person chose another threshold.

    Parameters
    ----------
    parent
        Qt parent.
    """

    moved = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._threshold = 0.5
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _STEPS)
        self.slider.setPageStep(_STEPS // 20)
        self.slider.setAccessibleName(tr("Threshold"))
        self.number = QDoubleSpinBox()
        self.number.setRange(0.0, 1.0)
        self.number.setDecimals(DECIMALS)
        self.number.setSingleStep(0.005)
        self.number.setKeyboardTracking(False)
        self.number.setFixedWidth(98)
        self.number.lineEdit().setTextMargins(6, 0, 0, 0)
        self.number.setAccessibleName(tr("Threshold"))
        self._points = QHBoxLayout()
        self._points.setSpacing(4)
        label = named(QLabel(tr("Threshold")), "heading")
        label.setBuddy(self.number)
        line = QHBoxLayout()
        line.addWidget(label, 1)
        line.addWidget(self.number)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addLayout(line)
        layout.addWidget(self.slider)
        layout.addLayout(self._points)
        # The slider knows thousandths; only what a person does moves the threshold to one.
        self.slider.valueChanged.connect(lambda value: self._move(value / _STEPS))
        self.number.valueChanged.connect(self._move)

    def show_card(self, card: ModelCard) -> None:
        """Offer a model's operating points."""
        while (entry := self._points.takeAt(0)) is not None:
            if (widget := entry.widget()) is not None:
                widget.deleteLater()
        for point in operating_points(card):
            button = QPushButton(tr(point.title))
            button.setAutoDefault(False)
            button.setToolTip(
                tr("The model's own threshold: {threshold:.3f}", threshold=point.threshold)
            )
            threshold = point.threshold
            button.clicked.connect(lambda _=False, at=threshold: self.moved.emit(at))
            self._points.addWidget(button, 1)

    def show_threshold(self, threshold: float) -> None:
        """Follow the threshold."""
        self._threshold = threshold
        for part, value in ((self.slider, round(threshold * _STEPS)), (self.number, threshold)):
            part.blockSignals(True)
            part.setValue(value)  # type: ignore[arg-type]  # each takes its own
            part.blockSignals(False)

    def _move(self, threshold: float) -> None:
        self.moved.emit(threshold)
