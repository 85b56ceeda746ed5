"""How fast a network trains on this machine: measured by a few real steps on random images."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.metadata
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.core.base.home import home
from app.core.base.json_text import parse_json
from app.core.image.preprocess import FRAME_SIZE, model_input
from app.core.settings.training import PRETRAINED, SCRATCH, TrainConfig
from app.training.fit.checkpoint import RunProgress, save_checkpoint
from app.training.fit.epochs import MOST_STEPS, TrainingSet, as_inputs, epoch_runner
from app.training.fit.loop import targets_of
from app.training.fit.memory import gpu_peak, peak_memory
from app.training.fit.network import build_network, compile_network, input_size_of

_FILE = "speeds.json"
_ENOUGH = 2.0
"""Seconds that are spent on timing steps,"""
_FEWEST = 3
"""and so many of them at least."""

_MOST_BYTES = 64_000_000
"""What the images of the measured steps may take."""

_ASIDE = {
    *("data", "labels", "patients", "mapping", "start", "epochs", "learning_rate", "schedule"),
    *("label_smoothing", "patience", "class_weights", "fold", "seed", "kernel_initializer"),
}
"""Settings that change what is learnt and not how fast."""


@dataclass(frozen=True)
class Speed:
    """What the time of a training is made of, each in seconds.

    Parameters
    ----------
    start
        Starting TensorFlow, as far as this process had not done so already.
    fixed
        Building the network, and what its first step takes beyond a later one.
    step
        One step over a whole batch.
    epoch
        Beginning and ending an epoch, without its validation.
    image
        The network's answer to one image.
    frame
        Making of one frame what the network sees.
    checkpoint
        Keeping an epoch on disk.
    batch_size
        Images of a step: fewer than asked for where more did not fit into memory.
    memory
        Bytes of main memory that the measuring process held at most, hardly any images in it.
    gpu_memory
        Bytes on the GPU; None without one.
    device
        What computed.
    """

    start: float
    fixed: float
    step: float
    epoch: float
    image: float
    frame: float
    checkpoint: float
    batch_size: int
    memory: int
    gpu_memory: int | None
    device: str

    def fit(self, train: int, validation: int, epochs: int) -> float:
        """Seconds of a fit on so many images in memory, without start and checkpoints."""
        return self.fixed + epochs * self.epoch_of(train, validation)

    def epoch_of(self, train: float, validation: float) -> float:
        """Seconds of an epoch; a last, smaller batch counts by its size."""
        return self.epoch + train / self.batch_size * self.step + validation * self.image


def speed_of(config: TrainConfig, classes: int = 2) -> Speed:
    """The speed of a training, from ``speeds.json`` of the home where it is known already.

    Parameters
    ----------
    config
        The settings; what the weights start from does not matter.
    classes
        How many classes are told apart.
    """
    key = _key(config, classes)
    with contextlib.suppress(TypeError):
        return Speed(**_known().get(key, {}))
    speed = measure(config, classes)
    _keep(key, dataclasses.asdict(speed))
    return speed


def judging() -> tuple[float, float]:
    """Seconds to make the active model ready, and seconds for its answer to one image.

    Raises
    ------
    ModelError
        When it cannot be used.
    """
    from app.inference.registry.models import active
    from app.inference.runtime.classifier import Classifier

    classifier = Classifier(active().folder)
    key = f"{_machine()} {classifier.card.weights_sha256}"
    known = _known().get(key, {})
    if not {"once", "each"} <= set(known):
        size = classifier.card.input_size
        batch = np.zeros((32, size, size, 1), dtype=np.float32)
        once = _seconds(lambda: classifier.predict(batch))
        each = _seconds(lambda: classifier.predict(batch)) / len(batch)
        known = {"once": max(0.0, once - each * len(batch)), "each": each + _of_frame(size)}
        _keep(key, known)
    return known["once"], known["each"]


def measure(config: TrainConfig, classes: int = 2) -> Speed:
    """Build the network, train a few steps on random images, and take the times.

    Out of memory halves the batch, as in a training.
    """
    from app.inference.runtime.device import choose_device, is_out_of_memory

    choose_device(config.device)
    if config.start not in (PRETRAINED, SCRATCH):
        config = dataclasses.replace(config, start=PRETRAINED)
    while True:
        try:
            return _measure(config, classes)
        except Exception as error:
            if config.batch_size == 1 or not is_out_of_memory(error):
                raise
        config = dataclasses.replace(config, batch_size=config.batch_size // 2)


def _measure(config: TrainConfig, classes: int) -> Speed:
    from app.inference.runtime.device import backend_device, tensorflow

    begun = time.perf_counter()
    tensorflow()
    start = time.perf_counter() - begun
    data = _data(config, classes)
    begun = time.perf_counter()
    model = build_network(config, classes)
    compile_network(model, config, 1000)
    run = epoch_runner(model, data, config.batch_size, config)
    run(1, lambda step, loss: True)
    built = time.perf_counter() - begun

    told: list[tuple[int, float]] = []
    begun = time.perf_counter()

    def on_steps(step: int, loss: float) -> bool:
        now = time.perf_counter() - begun
        told.append((step, now))
        return len(told) > _FEWEST and now > _ENOUGH

    run(2, on_steps)
    ended = time.perf_counter() - begun
    # The first steps of an epoch bear its beginning, and the graph's are few in one go.
    (before, since), (after, until) = told[len(told) // 2 - 1], told[-1]
    step = (until - since) / (after - before)
    return Speed(
        start=start,
        fixed=max(0.0, built - step),
        step=step,
        epoch=max(0.0, ended - after * step),
        image=_of_image(model),
        frame=_of_frame(input_size_of(config)),
        checkpoint=_of_checkpoint(model, config.batch_size),
        batch_size=config.batch_size,
        memory=peak_memory(),
        gpu_memory=gpu_peak(),
        device=backend_device(),
    )


def _data(config: TrainConfig, classes: int) -> TrainingSet:
    """Enough images for many steps: all the same, so that they take little memory."""
    size = input_size_of(config)
    steps = _MOST_BYTES // (config.batch_size * size**2)
    count = config.batch_size * min(8 * MOST_STEPS, max(8, steps))
    random = np.random.default_rng(1)
    frame = random.integers(0, 256, (FRAME_SIZE, FRAME_SIZE), dtype=np.uint8)
    augmented = config.augmentation > 0
    inputs = np.broadcast_to(as_inputs(frame[None], size), (count, size, size, 1))
    return TrainingSet(
        frames=np.broadcast_to(frame, (count, *frame.shape)),
        inputs=None if augmented else inputs,
        targets=targets_of(np.arange(count) % classes, classes),
        weights=np.ones(count, dtype=np.float32),
        identities=np.arange(count),
    )


def _of_image(model: Any) -> float:
    batch = np.zeros((64, *model.input_shape[1:]), dtype=np.float32)
    model.predict_on_batch(batch)
    return min(_seconds(lambda: model.predict_on_batch(batch)) for _ in range(2)) / len(batch)


def _of_frame(size: int) -> float:
    frame = np.zeros((FRAME_SIZE, FRAME_SIZE), dtype=np.uint8)
    return min(_seconds(lambda: model_input(frame, size)) for _ in range(10))


def _of_checkpoint(model: Any, batch_size: int) -> float:
    progress = RunProgress("", batch_size, ({},), 1)
    with tempfile.TemporaryDirectory() as folder:
        return _seconds(lambda: save_checkpoint(Path(folder), model, [], progress))


def _seconds(action: Callable[[], object]) -> float:
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def _key(config: TrainConfig, classes: int) -> str:
    """What the speed depends on, as text."""
    told = {k: v for k, v in dataclasses.asdict(config).items() if k not in _ASIDE}
    told["augmentation"] = bool(config.augmentation)
    return f"{_machine()} {json.dumps(told, sort_keys=True)} {classes}"


def _machine() -> str:
    versions = [importlib.metadata.version(name) for name in ("tensorflow", "keras")]
    return " ".join([platform.node(), str(os.cpu_count()), *versions])


def _known() -> dict[str, dict[str, Any]]:
    try:
        raw = parse_json((home() / _FILE).read_text(encoding="utf-8"))
        return {key: dict(value) for key, value in raw.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _keep(key: str, value: dict[str, Any]) -> None:
    path = home() / _FILE
    # Only a convenience: where it cannot be kept, it is measured again.
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.write_text(json.dumps({**_known(), key: value}, indent=1), encoding="utf-8")
        fresh.replace(path)
