"""The settings of a training run as a form, each with a sentence of help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QLocale, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QSizePolicy,
    QSpinBox,
    QWidget,
)

from app.core.config import TrainConfig

HELP = {
    "arch": "The network that is trained.",
    "epochs": "How often each image is seen. Training ends earlier when it no longer gets better.",
    "batch_size": "Images per step. Smaller needs less memory and is slower.",
    "learning_rate": "Size of the steps at their largest. Too large does not settle, "
    "too small does not arrive.",
    "augmentation": "Strength of the random changes to each image: 0 for none, 1 as in the "
    "bundled network. They keep it from learning markers and borders.",
    "patience": "Epochs without a better validation AUC before the training ends by itself.",
    "class_weights": "Weigh the classes so that each counts the same, however many images it has.",
    "seed": "Start of the random numbers: the same seed draws the same batches.",
}


class _Rate(QDoubleSpinBox):
    """A learning rate: shown without trailing zeros, stepped by factors."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDecimals(7)
        self.setRange(1e-7, 1.0)

    def textFromValue(self, value: float) -> str:
        return f"{value:.7f}".rstrip("0").rstrip(".")

    def stepBy(self, steps: int) -> None:
        self.setValue(float(f"{self.value() * 2.0**steps:.2g}"))


class TrainingForm(QWidget):
    """Architecture and settings.

    Parameters
    ----------
    architectures
        One-line description of each architecture by name.
    parent
        Qt parent.
    """

    arch_chosen = Signal(str)
    """The person chose another architecture."""

    def __init__(self, architectures: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._titles = dict(architectures)
        self.arch = QComboBox()
        self.arch.addItems(list(architectures))
        self._title = QLabel()
        self._title.setWordWrap(True)
        self._title.setObjectName("muted")
        self.epochs = _whole(1, 500)
        self.batch_size = _whole(1, 512)
        self.learning_rate = _Rate()
        self.augmentation = QDoubleSpinBox()
        self.augmentation.setRange(0.0, 2.0)
        self.augmentation.setSingleStep(0.1)
        self.augmentation.setDecimals(2)
        self.patience = _whole(1, 500)
        self.class_weights = QCheckBox("Each class counts the same")
        self.seed = _whole(0, 2**31 - 1)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(6)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        rows: tuple[tuple[str, str, QWidget], ...] = (
            ("arch", "Architecture", self.arch),
            ("epochs", "Epochs", self.epochs),
            ("batch_size", "Batch size", self.batch_size),
            ("learning_rate", "Learning rate", self.learning_rate),
            ("augmentation", "Augmentation", self.augmentation),
            ("patience", "Early stopping", self.patience),
            ("class_weights", "Class weights", self.class_weights),
            ("seed", "Seed", self.seed),
        )
        self.patience.setSuffix(" epochs without gain")
        for name, text, field in rows:
            label = QLabel(text)
            label.setBuddy(field)
            label.setToolTip(HELP[name])
            label.setMinimumHeight(field.sizeHint().height())
            field.setToolTip(HELP[name])
            field.setAccessibleDescription(HELP[name])
            field.setObjectName(f"training_{name}")
            policy = field.sizePolicy()
            field.setSizePolicy(QSizePolicy.Policy.Expanding, policy.verticalPolicy())
            field.setMinimumWidth(0)
            if isinstance(field, (QSpinBox, QDoubleSpinBox)):
                # Plain digits: a thousands comma in a seed is in the way of copying it.
                field.setLocale(QLocale.c())
                # The style sheet's padding does not reach the editor inside a spin box.
                field.lineEdit().setTextMargins(6, 0, 0, 0)
            form.addRow(label, field)
            if name == "arch":
                form.addRow(self._title)
        self.show_config(TrainConfig(data="", arch=self.arch.currentText() or "best"))
        self.arch.activated.connect(lambda _index: self.arch_chosen.emit(self.arch.currentText()))
        self.arch.currentTextChanged.connect(self._show_title)
        self._show_title(self.arch.currentText())

    def show_config(self, config: TrainConfig) -> None:
        """Fill the form."""
        self.arch.setCurrentText(config.arch)
        self.epochs.setValue(config.epochs)
        self.batch_size.setValue(config.batch_size)
        self.learning_rate.setValue(config.learning_rate)
        self.augmentation.setValue(config.augmentation)
        self.patience.setValue(config.patience)
        self.class_weights.setChecked(config.class_weights)
        self.seed.setValue(config.seed)

    def settings(self) -> dict[str, Any]:
        """What the form says, by the names of ``TrainConfig``."""
        return {
            "arch": self.arch.currentText(),
            "epochs": self.epochs.value(),
            "batch_size": self.batch_size.value(),
            "learning_rate": self.learning_rate.value(),
            "augmentation": self.augmentation.value(),
            "patience": self.patience.value(),
            "class_weights": self.class_weights.isChecked(),
            "seed": self.seed.value(),
        }

    def _show_title(self, arch: str) -> None:
        self._title.setText(self._titles.get(arch, ""))


def _whole(low: int, high: int) -> QSpinBox:
    box = QSpinBox()
    box.setRange(low, high)
    return box
