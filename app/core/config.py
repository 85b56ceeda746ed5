"""Settings of a training run: frozen, validated, to and from JSON."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from app.core.errors import ReviewError

_RANGES: dict[str, tuple[float, float]] = {
    "epochs": (1, 500),
    "batch_size": (1, 512),
    "learning_rate": (1e-7, 1.0),
    "weight_decay": (0.0, 1.0),
    "dropout": (0.0, 0.95),
    "augmentation": (0.0, 2.0),
    "patience": (1, 500),
    "seed": (0, 2**31 - 1),
    "fold": (0, 4),
    "frozen_blocks": (0, 16),
}


@dataclass(frozen=True)
class TrainConfig:
    """What one training run is told.

    Parameters
    ----------
    data
        Folder with one subfolder per class.
    arch
        Name of a module in ``model_zoo``.
    epochs, batch_size, learning_rate, weight_decay, dropout
        As usual; the learning rate is the peak of a cosine schedule.
    augmentation
        Strength of the augmentation, 0 for none, 1 for the recipe's own.
    patience
        Epochs without a better inner-validation AUC before the run stops early.
    class_weights
        Weigh the classes so that each counts the same.
    frozen_blocks
        Blocks of a pre-trained network, from the input on, that keep their weights.
    fold
        Which fifth of the patients is held out for calibration (0 to 4).
    seed
        Seeds the weights' and the batches' random numbers.
    """

    data: str
    arch: str = "best"
    epochs: int = 5
    batch_size: int = 32
    learning_rate: float = 5e-4
    weight_decay: float = 0.01
    dropout: float = 0.3
    augmentation: float = 1.0
    patience: int = 3
    class_weights: bool = True
    frozen_blocks: int = 3
    fold: int = 0
    seed: int = 2026

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise ReviewError(
                    f"The setting {name} is {value!r}.",
                    "A number was expected.",
                    "Correct it and start again.",
                )
            if not low <= value <= high:
                raise ReviewError(
                    f"The setting {name} is {value}.",
                    f"It must lie between {low:g} and {high:g}.",
                    "Choose a value in that range.",
                )

    def to_json(self) -> str:
        """The settings as indented JSON."""
        return json.dumps(dataclasses.asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read settings that ``to_json`` wrote; an unknown name is an error, not ignored."""
        raw: Any = json.loads(text)
        names = {field.name for field in dataclasses.fields(cls)}
        if not isinstance(raw, dict) or not set(raw) <= names:
            extra = sorted(set(raw) - names) if isinstance(raw, dict) else [type(raw).__name__]
            raise ReviewError(
                f"The training settings hold something unknown: {', '.join(extra)}.",
                f"Known settings are {', '.join(sorted(names))}.",
                "Remove what is unknown.",
            )
        return cls(**raw)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read settings from a JSON file."""
        return cls.from_json(path.read_text(encoding="utf-8"))
