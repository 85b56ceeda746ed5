"""Which settings a sweep tries: every combination of a grid, or draws from a space."""

from __future__ import annotations

import itertools
import json
import random
from typing import Any

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.core.settings.sweep import SweepConfig
from model_zoo import architecture

Settings = dict[str, Any]


def grid_of(arch: str) -> dict[str, tuple[Any, ...]]:
    """The values of each setting that the grid of an architecture combines.

    Raises
    ------
    ReviewError
        When it has none.
    """
    grid: dict[str, tuple[Any, ...]] | None = getattr(architecture(arch), "GRID", None)
    if not grid:
        raise ReviewError(
            tr("The architecture {arch} has no grid.", arch=arch),
            tr("Its settings are drawn: the sampler tpe with a number of trials was expected."),
            tr("Choose the sampler tpe."),
        )
    return grid


def grid_settings(config: SweepConfig) -> list[Settings]:
    """Every combination of the grid once, in an order that depends on the seed alone.

    Shuffled, so that the first trials already show all kinds and tell the time that is left.
    """
    grid = grid_of(config.train.arch)
    combined = [
        dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())
    ]
    unique = list({key_of(settings): settings for settings in combined}.values())
    random.Random(config.train.seed).shuffle(unique)
    return unique[: config.trials or None]


def key_of(settings: Settings) -> str:
    """The same text for the same settings, whatever their order."""
    return json.dumps(settings, sort_keys=True)


def total_of(config: SweepConfig) -> int:
    """How many settings the sweep tries."""
    return len(grid_settings(config)) if config.sampler == "grid" else config.trials


def suggest(trial: Any, arch: str) -> Settings:
    """Settings that an Optuna trial's sampler chooses, from the space of an architecture."""
    space: dict[str, Any] | None = getattr(architecture(arch), "SPACE", None)
    if space is None:
        return {
            name: trial.suggest_categorical(name, values) for name, values in grid_of(arch).items()
        }
    chosen: Settings = {}
    for name, (kind, *ends) in space.items():
        if kind == "choice":
            chosen[name] = trial.suggest_categorical(name, ends[0])
        else:
            chosen[name] = trial.suggest_float(name, *ends, log=kind == "log")
    return chosen
