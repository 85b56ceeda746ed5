"""How long a sweep will take, before it starts."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from app.core.sweep_config import SweepConfig
from app.training.speed import speed_of
from app.training.sweep.data import SweepData
from app.training.sweep.ledger import TrialRow
from app.training.sweep.space import Settings, grid_settings
from model_zoo import architecture

SAMPLE = 4
"""So many settings are measured: a few seconds each, once for each machine."""


def estimate_seconds(
    config: SweepConfig, data: SweepData, rows: Sequence[TrialRow], left: int, workers: int
) -> float:
    """Seconds that the settings left will take on this machine alone.

    From the trials that are done, where there are enough; else from a few steps of some settings.

    Parameters
    ----------
    config
        The sweep.
    data
        Its images.
    rows
        The trials so far.
    left
        Settings still to try.
    workers
        Trials at the same time.
    """
    took = [row.seconds for row in rows if row.state == "complete" and row.seconds]
    if len(took) < SAMPLE:
        took = [_seconds(config, data, settings) for settings in _sample(config)]
    return float(np.mean(took)) * left / workers


def _sample(config: SweepConfig) -> list[Settings]:
    """Some settings of the grid (it is shuffled), or the middle of the space."""
    if config.sampler == "grid":
        return grid_settings(config)[:SAMPLE]
    space = getattr(architecture(config.train.arch), "SPACE", None)
    if space is None:
        return grid_settings(dataclasses.replace(config, sampler="grid", trials=SAMPLE))
    middle = {
        name: ends[0][len(ends[0]) // 2] if kind == "choice" else sum(ends) / 2
        for name, (kind, *ends) in space.items()
    }
    return [middle]


def _seconds(config: SweepConfig, data: SweepData, settings: Settings) -> float:
    train = dataclasses.replace(config.train, **settings)
    speed = speed_of(train, len(data.classes))
    seconds = 0.0
    for fold in range(config.inner_folds):
        validation = int((data.parts == fold).sum())
        seconds += speed.fit(len(data.parts) - validation, validation, train.epochs)
    return seconds
