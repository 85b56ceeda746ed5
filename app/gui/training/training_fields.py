"""The fields of the training form: one a setting, its words, its help, its limits.

A field is a Qt widget for a number, a choice or a yes; ``read`` and ``write`` treat them alike.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QSizePolicy, QSpinBox, QWidget

from app.core.base.translation import mark, tr
from app.core.settings.text import ADVANCED, BASIC, Setting
from app.core.settings.training import CHOICES, RANGES, SMALLEST_IMAGE

_WORDS = {
    "adamw": "AdamW",
    "adam": "Adam",
    "sgd": "SGD",
    "cosine": mark("Cosine"),
    "constant": mark("Constant"),
    "uniform": mark("Even distribution"),
    "normal": mark("Normal distribution"),
}
_PRECISIONS = {
    "auto": mark("16 bits if faster"),
    "float32": mark("32 bits"),
    "mixed": mark("16 bits (mixed)"),
}
_BLOCKS = int(RANGES["frozen_blocks"][1])


class Whole(QSpinBox):
    """A whole number; ``zero`` are the words for 0."""

    def __init__(self, name: str, zero: str = "", step: int = 1) -> None:
        super().__init__()
        low, high = RANGES[name]
        self.setRange(int(low), int(high))
        self.setSingleStep(step)
        self.setSpecialValueText(zero)


class ImageSize(Whole):
    """0 for the network's own, else at least the smallest that makes sense."""

    def __init__(self) -> None:
        super().__init__("image_size", tr("own"), 32)
        self.setSuffix(" " + tr("pixels"))
        self.editingFinished.connect(self._settle)

    def _settle(self) -> None:
        if 0 < self.value() < SMALLEST_IMAGE:
            self.setValue(SMALLEST_IMAGE)


class Part(QDoubleSpinBox):
    """A number without trailing zeros; stepped by ``step``, or by factors of two for 0."""

    def __init__(self, name: str, step: float = 0.0, zero: str = "") -> None:
        super().__init__()
        self.setDecimals(7)
        self.setRange(*RANGES[name])
        self._step = step
        self.own = 0.0
        self.setSpecialValueText(zero)

    def show_own(self, value: float) -> None:
        """What 0 stands for."""
        self.own = value
        self.setSpecialValueText(tr("own ({value:g})", value=value))

    def textFromValue(self, value: float) -> str:
        """Without trailing zeros."""
        return f"{value:.7f}".rstrip("0").rstrip(".")

    def stepBy(self, steps: int) -> None:
        """From a value of 0 on, the factors start at what 0 stands for."""
        if self._step:
            self.setValue(round(self.value() + steps * self._step, 7))
        else:
            start = self.value() or self.own or 1e-4
            self.setValue(float(f"{start * 2.0**steps:.2g}"))


class Choice(QComboBox):
    """One of several values, each shown in words."""

    def __init__(self, words: dict[str, str] | None = None) -> None:
        super().__init__()
        self.setMinimumContentsLength(6)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.offer(words or {})

    def offer(self, words: dict[str, str]) -> None:
        """Offer these values by their words, keeping the chosen one where it is still there."""
        chosen = self.currentData()
        self.clear()
        for value, text in words.items():
            self.addItem(text, value)
            self.setItemData(self.count() - 1, text, Qt.ItemDataRole.ToolTipRole)
        self.choose(chosen)

    def choose(self, value: Any) -> None:
        """Choose a value; the first where it is not offered."""
        self.setCurrentIndex(max(self.findData(value), 0))


def make_fields() -> dict[str, QWidget]:
    """A widget for every setting, by its name in ``TrainConfig``."""
    frozen = Whole("frozen_blocks", tr("all"))
    frozen.setPrefix(tr("all but the first "))
    frozen.setSuffix(tr(" of {blocks}", blocks=_BLOCKS))
    patience = Whole("patience", tr("never"))
    patience.setSuffix(tr(" epochs without gain"))
    fields: dict[str, QWidget] = {
        "arch": Choice(),
        "start": Choice(),
        "epochs": Whole("epochs"),
        "batch_size": Whole("batch_size"),
        "learning_rate": Part("learning_rate"),
        "augmentation": Part("augmentation", 0.1, tr("none")),
        "nodes_cnn": Whole("nodes_cnn"),
        "nodes_dense": Whole("nodes_dense"),
        "weight_decay": Part("weight_decay", zero=tr("none")),
        "dropout": Part("dropout", 0.05, tr("none")),
        "label_smoothing": Part("label_smoothing", 0.05, tr("none")),
        "frozen_blocks": frozen,
        "image_size": ImageSize(),
        "patience": patience,
        "class_weights": QCheckBox(tr("all count the same")),
        "precision": Choice({value: tr(words) for value, words in _PRECISIONS.items()}),
        "device": Choice({"auto": tr("Automatic"), "cpu": "CPU"}),
        "fold": Whole("fold"),
        "seed": Whole("seed"),
    }
    for name, values in CHOICES.items():
        if name not in fields:
            fields[name] = Choice({value: tr(_WORDS.get(value, value)) for value in values})
    for setting in (*BASIC, *ADVANCED):
        _dress(fields[setting.name], setting)
    return fields


def _dress(field: QWidget, setting: Setting) -> None:
    field.setToolTip(tr(setting.help))
    field.setAccessibleName(tr(setting.label))
    field.setAccessibleDescription(tr(setting.help))
    field.setObjectName(f"training_{setting.name}")
    field.setSizePolicy(QSizePolicy.Policy.Expanding, field.sizePolicy().verticalPolicy())
    field.setMinimumWidth(0)
    # The wheel scrolls the panel; it must not change what it passes over.
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    if isinstance(field, (QSpinBox, QDoubleSpinBox)):
        # Plain digits: a thousands comma in a seed is in the way of copying it.
        field.setLocale(QLocale.c())
        # The style sheet's padding does not reach the editor inside a spin box.
        field.lineEdit().setTextMargins(6, 0, 0, 0)


def read(field: QWidget) -> Any:
    """What a field says."""
    if isinstance(field, QComboBox):
        return field.currentData()
    if isinstance(field, QCheckBox):
        return field.isChecked()
    assert isinstance(field, (QSpinBox, QDoubleSpinBox))
    return field.value()


def write(field: QWidget, value: Any) -> None:
    """Make a field say a value."""
    if isinstance(field, Choice):
        field.choose(value)
    elif isinstance(field, QCheckBox):
        field.setChecked(value)
    else:
        assert isinstance(field, (QSpinBox, QDoubleSpinBox))
        field.setValue(value)


def on_change(field: QWidget, call: Any) -> None:
    """Call whenever the field's value changes, whoever changed it."""
    if isinstance(field, QComboBox):
        field.currentIndexChanged.connect(call)
    elif isinstance(field, QCheckBox):
        field.toggled.connect(call)
    else:
        assert isinstance(field, (QSpinBox, QDoubleSpinBox))
        field.valueChanged.connect(call)
