"""How long a training will take, and how much memory: measured here, by a few steps of it.

``python -m app.training.fit.estimate CONFIG.json IMAGES`` prints the ``RunEstimate`` as one JSON
line.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.core.base.errors import ModelError, ReviewError
from app.core.base.own_folder import in_own_folder
from app.core.image.preprocess import FRAME_SIZE
from app.core.settings.training import TrainConfig
from app.core.worklist.patients import FOLDS
from app.training.data.dataset import READERS, read_image, source_of
from app.training.data.layout import Layout, read_layout
from app.training.fit.network import input_size_of
from app.training.fit.speed import judging, speed_of

_SAMPLE = 24
"""So many of the images are read, to see how long that takes."""
_HELD_OUT, _VALIDATION = 1 / FOLDS, 1 / (2 * FOLDS)
"""Shares of the patients; see ``app.core.worklist.patients``."""


@dataclass(frozen=True)
class RunEstimate:
    """What a run will take.

    Parameters
    ----------
    seconds
        From its start to its model, if it does not end before the last epoch.
    seconds_per_epoch
        Of these, for each epoch.
    memory_bytes
        Main memory that it needs at most.
    gpu_memory_bytes
        Memory of the GPU; None without one.
    batch_size
        Images a step: fewer than asked for where more did not fit.
    device
        What will compute.
    """

    seconds: float
    seconds_per_epoch: float
    memory_bytes: int
    gpu_memory_bytes: int | None
    batch_size: int
    device: str


def estimate(config: TrainConfig, images: int) -> RunEstimate:
    """Measure what can be measured in a few seconds, and add it up for a run.

    Parameters
    ----------
    config
        The settings of the run.
    images
        How many images its folder holds.

    Raises
    ------
    TrainingDataError
        When the folder cannot be trained on.
    """
    layout = read_layout(**source_of(config))
    classes = len(layout.classes)
    speed = speed_of(config, classes)
    held_out, validation = _HELD_OUT * images, _VALIDATION * images
    train = images - held_out - validation
    # With augmentation the validation images are made of their frames each time.
    frames = validation * speed.frame if config.augmentation else 0.0
    epoch = speed.epoch_of(train, validation) + frames + speed.checkpoint
    seconds = (
        speed.start
        + images * reading(layout)
        + (0.0 if config.augmentation else images * speed.frame)
        + speed.fixed
        + config.epochs * epoch
        + held_out * (speed.image + speed.frame)
    )
    if classes == 2:
        seconds += _comparing(held_out)
    frame, shown = FRAME_SIZE**2, input_size_of(config) ** 2
    # Reading holds every frame twice for a moment; the training side is a copy.
    held = max(2 * frame, frame + (0 if config.augmentation else 3 * shown))
    return RunEstimate(
        seconds=seconds,
        seconds_per_epoch=epoch,
        memory_bytes=speed.memory + images * held,
        gpu_memory_bytes=speed.gpu_memory,
        batch_size=speed.batch_size,
        device=speed.device,
    )


def reading(layout: Layout) -> float:
    """Seconds until one more image of the folder is read, as the training reads them."""
    entries = layout.to_train
    chosen = np.linspace(0, len(entries) - 1, min(_SAMPLE, len(entries))).astype(int)
    begun = time.perf_counter()
    with ThreadPoolExecutor(max_workers=READERS) as pool:
        list(pool.map(read_image, (entries[i].path for i in chosen)))
    return (time.perf_counter() - begun) / len(chosen)


def _comparing(images: float) -> float:
    """Seconds of the comparison with the active model; none where there is none."""
    try:
        once, each = judging()
    except ModelError:
        return 0.0
    return once + images * each


def main(argv: list[str] | None = None) -> int:
    """Print the estimate for a configuration file."""
    parser = argparse.ArgumentParser(prog="app.training.fit.estimate", description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("images", type=int)
    arguments = parser.parse_args(argv)
    try:
        config = TrainConfig.load(arguments.config)
        found = estimate(config, arguments.images)
    except (ReviewError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(dataclasses.asdict(found)), flush=True)
    return 0


if __name__ == "__main__":
    with in_own_folder():
        sys.exit(main())
