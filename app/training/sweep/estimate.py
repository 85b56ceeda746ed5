"""How long a sweep will take, before it starts.

``python -m app.training.sweep.estimate CONFIG.json LEFT`` prints it as one JSON line, before any
image is read: CONFIG is a ``SweepConfig``, LEFT the number of settings still to try.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.core.base.errors import ReviewError
from app.core.base.own_folder import in_own_folder
from app.core.image.preprocess import FRAME_SIZE
from app.core.settings.sweep import INNER_FOLDS, SweepConfig
from app.core.worklist.patients import FOLDS
from app.training.data.dataset import source_of
from app.training.data.layout import read_layout
from app.training.fit.estimate import RunEstimate, reading
from app.training.fit.network import input_size_of
from app.training.fit.speed import speed_of
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
        validation = [int((data.parts == fold).sum()) for fold in range(config.inner_folds)]
        took = [
            _seconds(config, settings, len(data.parts), validation, len(data.classes))
            for settings in _sample(config)
        ]
    return float(np.mean(took)) * left / workers


def default_workers(config: SweepConfig) -> int:
    """How many trials at a time suit this machine: one a core for the small networks, else one."""
    if config.workers:
        return config.workers
    small = not hasattr(architecture(config.train.arch), "SPACE")
    return (os.cpu_count() or 1) if small else 1


def before_reading(config: SweepConfig, left: int) -> RunEstimate:
    """What a sweep will take, from its folder's listing and a few steps of some settings.

    Parameters
    ----------
    config
        The sweep.
    left
        Settings still to try.

    Returns
    -------
    RunEstimate
        ``seconds_per_epoch`` is that of one setting; ``batch_size`` how many at a time.

    Raises
    ------
    TrainingDataError
        When the folder cannot be trained on.
    """
    layout = read_layout(**source_of(config.train))
    images, classes = len(layout.to_train), len(layout.classes)
    inner = round(images * (1 - 1 / FOLDS))  # the outer patients are in no trial
    validation = [round(inner / INNER_FOLDS)] * config.inner_folds
    workers = max(1, min(default_workers(config), left))
    took = [_seconds(config, s, inner, validation, classes) for s in _sample(config)]
    each = float(np.mean(took))
    speed = speed_of(dataclasses.replace(config.train, **_sample(config)[0]), classes)
    held = FRAME_SIZE**2 + (1 + workers) * input_size_of(config.train) ** 2
    return RunEstimate(
        seconds=images * reading(layout) + workers * speed.start + each * left / workers,
        seconds_per_epoch=each,
        memory_bytes=workers * speed.memory + images * held,
        gpu_memory_bytes=speed.gpu_memory,
        batch_size=workers,
        device=speed.device,
    )


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


def _seconds(
    config: SweepConfig, settings: Settings, images: int, validation: Sequence[int], classes: int
) -> float:
    """Seconds of one trial: a fit for each inner fold, of so many validation images."""
    train = dataclasses.replace(config.train, **settings)
    speed = speed_of(train, classes)
    return sum(speed.fit(images - count, count, train.epochs) for count in validation)


def main(argv: list[str] | None = None) -> int:
    """Print the estimate for a configuration file."""
    parser = argparse.ArgumentParser(prog="app.training.sweep.estimate", description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("left", type=int)
    arguments = parser.parse_args(argv)
    try:
        found = before_reading(SweepConfig.load(arguments.config), arguments.left)
    except (ReviewError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(dataclasses.asdict(found)), flush=True)
    return 0


if __name__ == "__main__":
    with in_own_folder():
        sys.exit(main())
