"""Settings of trainings that take a second or a few."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.core.settings.training import TrainConfig
from model_zoo import architecture


def tiny(arch: str = "dense", data: str | Path = "x", **changes: Any) -> TrainConfig:
    """An architecture's own settings, for two epochs at the smallest useful size."""
    small = {"epochs": 2, "batch_size": 8, "image_size": 32 if arch == "best" else 16}
    own = {**architecture(arch).DEFAULTS, **small}
    return TrainConfig(**{"data": str(data), "arch": arch, **own, **changes})
