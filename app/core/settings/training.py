"""Settings of a training run: frozen, validated, to and from JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from app.core.base.errors import ReviewError
from app.core.base.json_text import parse_json
from app.core.base.translation import tr

RANGES: dict[str, tuple[float, float]] = {
    "epochs": (1, 500),
    "batch_size": (1, 512),
    "learning_rate": (0.0, 1.0),
    "weight_decay": (0.0, 1.0),
    "dropout": (0.0, 0.95),
    "augmentation": (0.0, 2.0),
    "label_smoothing": (0.0, 0.5),
    "image_size": (0, 224),
    "patience": (0, 500),
    "seed": (0, 2**31 - 1),
    "fold": (0, 4),
    "frozen_blocks": (0, 16),
    "nodes_dense": (1, 4096),
    "nodes_cnn": (1, 512),
}
"""Lowest and highest value of each number."""

CHOICES: dict[str, tuple[str, ...]] = {
    "optimizer": ("adamw", "adam", "sgd"),
    "schedule": ("cosine", "constant"),
    "activation_dense": ("relu", "elu"),
    "activation_cnn": ("relu", "softmax"),
    "kernel_initializer": ("uniform", "normal"),
    "precision": ("auto", "float32", "mixed"),
    "device": ("auto", "cpu"),
}
"""The words that each setting of words may have."""

PRETRAINED, SCRATCH, ACTIVE = "pretrained", "scratch", "active"
"""Words for ``start``; anything else is a model's name."""
SMALLEST_IMAGE = 16


@dataclass(frozen=True)
class TrainConfig:
    """What one training run is told.

    Parameters
    ----------
    data
        Folder with one subfolder per class, perhaps below train, val and test.
    labels
        CSV with the columns path and label (and perhaps patient) in place of class subfolders;
        empty for none.
    patients
        CSV with the columns path and patient; empty for none.
    mapping
        Class of the training by class of the data, such as ``{"COVID": "PNEUMONIA"}``; a class
        that is mapped to nothing is left out; empty to keep the data's own classes.
    arch
        Name of a module in ``model_zoo``.
    start
        Where the weights come from: ``pretrained`` (the architecture's own: ImageNet's for
        ``best``, random ones for the others), ``scratch`` (random), ``active`` (the active model),
        or a model's name.
    epochs, batch_size, weight_decay, dropout
        As usual.
    learning_rate
        The peak of the schedule; 0 for the optimizer's own (0.01 for SGD, else 0.001).
    optimizer, schedule
        ``adamw``, ``adam`` or ``sgd``; ``cosine`` (with a warm-up) or ``constant``.
    augmentation
        Strength of the augmentation, 0 for none, 1 for the recipe's own.
    label_smoothing
        Part of each label that is spread over the other classes.
    image_size
        Side of the square input in pixels; 0 for the architecture's own.
    patience
        Epochs without a better inner-validation AUC before the run stops early, keeping the best
        one; 0 to train all epochs and keep the last.
    class_weights
        Weigh the classes so that each counts the same.
    frozen_blocks
        Blocks of a pre-trained network, from the input on, that keep their weights.
    nodes_dense, activation_dense, kernel_initializer
        The hidden layer of ``dense`` and ``cnn``.
    nodes_cnn, activation_cnn
        The convolution of ``cnn``.
    precision
        ``mixed`` computes in 16 bits, ``auto`` does so where the device gains by it.
    device
        ``auto`` for the GPU if there is one, or ``cpu``.
    fold
        Which fifth of the patients is held out for calibration (0 to 4).
    seed
        Seeds the weights' and the batches' random numbers.
    """

    data: str
    labels: str = ""
    patients: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    arch: str = "best"
    start: str = PRETRAINED
    epochs: int = 5
    batch_size: int = 32
    learning_rate: float = 5e-4
    optimizer: str = "adamw"
    schedule: str = "cosine"
    weight_decay: float = 0.01
    dropout: float = 0.3
    augmentation: float = 1.0
    label_smoothing: float = 0.0
    image_size: int = 0
    patience: int = 3
    class_weights: bool = True
    frozen_blocks: int = 3
    nodes_dense: int = 100
    activation_dense: str = "relu"
    kernel_initializer: str = "uniform"
    nodes_cnn: int = 32
    activation_cnn: str = "relu"
    precision: str = "auto"
    device: str = "auto"
    fold: int = 0
    seed: int = 2026

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            _check_number(name, getattr(self, name), low, high, _TYPES[name] == "int")
        if 0 < self.image_size < SMALLEST_IMAGE:
            raise _out_of_range("image_size", self.image_size, SMALLEST_IMAGE, 224)
        for name, words in CHOICES.items():
            if getattr(self, name) not in words:
                raise ReviewError(
                    tr("The setting {name} is {value!r}.", name=name, value=getattr(self, name)),
                    tr("It must be one of {words}.", words=", ".join(words)),
                    tr("Choose one of these."),
                )
        for name in ("data", "labels", "patients", "arch", "start"):
            if not isinstance(getattr(self, name), str):
                raise ReviewError(
                    tr("The setting {name} is {value!r}.", name=name, value=getattr(self, name)),
                    tr("A text was expected."),
                    tr("Correct it and start again."),
                )
        pairs = self.mapping.items() if isinstance(self.mapping, Mapping) else [(None, None)]
        if not all(isinstance(a, str) and isinstance(b, str) for a, b in pairs):
            raise ReviewError(
                tr("The setting mapping holds something that is no class name."),
                tr("A class of the training was expected for each class of the data."),
                tr("Correct it and start again."),
            )
        if not isinstance(self.class_weights, bool):
            raise ReviewError(
                tr("The setting class_weights is {value!r}.", value=self.class_weights),
                tr("Yes or no was expected."),
                tr("Correct it and start again."),
            )

    @property
    def peak_rate(self) -> float:
        """The learning rate itself, the optimizer's own where none is set."""
        return self.learning_rate or (0.01 if self.optimizer == "sgd" else 0.001)

    def to_json(self) -> str:
        """The settings as indented JSON."""
        return json.dumps(dataclasses.asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read settings that ``to_json`` wrote; an unknown name is an error, not ignored."""
        raw: Any = parse_json(text)
        names = {field.name for field in dataclasses.fields(cls)}
        if not isinstance(raw, dict) or not set(raw) <= names:
            extra = sorted(set(raw) - names) if isinstance(raw, dict) else [type(raw).__name__]
            raise ReviewError(
                tr(
                    "The training settings hold something unknown: {names}.", names=", ".join(extra)
                ),
                tr("Known settings are {names}.", names=", ".join(sorted(names))),
                tr("Remove what is unknown."),
            )
        return cls(**raw)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read settings from a JSON file."""
        return cls.from_json(path.read_text(encoding="utf-8"))


_TYPES: dict[str, Any] = {f.name: f.type for f in dataclasses.fields(TrainConfig)}


def _check_number(name: str, value: Any, low: float, high: float, whole: bool) -> None:
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or (whole and isinstance(value, float))
    ):
        raise ReviewError(
            tr("The setting {name} is {value!r}.", name=name, value=value),
            tr("A whole number was expected.") if whole else tr("A number was expected."),
            tr("Correct it and start again."),
        )
    if not low <= value <= high:
        raise _out_of_range(name, value, low, high)


def _out_of_range(name: str, value: float, low: float, high: float) -> ReviewError:
    return ReviewError(
        tr("The setting {name} is {value}.", name=name, value=value),
        tr("It must lie between {low:g} and {high:g}.", low=low, high=high),
        tr("Choose a value in that range."),
    )
