"""Random training images as the network would get them, made in a thread for the preview."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal

from app.core.config import TrainConfig
from app.core.errors import ReviewError, TrainingDataError, UnreadableImage
from app.core.preprocess import frame_of, model_input
from app.core.reader import read_radiograph
from app.training.augment import augment
from app.training.layout import Entry, read_layout
from model_zoo import architecture

Picture = NDArray[np.uint8]
_TRIES = 5


@dataclass(frozen=True)
class Sample:
    """One training image: its class, the input without augmentation, and with it.

    ``plain`` and each of ``varied`` have the shape (s, s), uint8: the network's input size.
    """

    label: str
    plain: Picture
    varied: tuple[Picture, ...]


class AugmentationPreview(QObject):
    """Makes samples; a newer request drops the older one.

    Parameters
    ----------
    parent
        Qt parent.
    """

    ready = Signal(object)
    """A list of ``Sample``."""
    failed = Signal(object)
    """The ``ReviewError`` that kept them from being made."""
    _answered = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._generation = 0
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._listed: tuple[tuple[str, str, str, str], list[Entry], tuple[str, ...]] | None = None
        self._answered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def request(self, config: TrainConfig, seed: int, images: int, variants: int) -> None:
        """Ask for so many random images, each in so many variants."""
        self._generation += 1
        self._pool.start(_Make(self, self._generation, config, seed, images, variants))

    def close(self) -> None:
        """Drop the request and wait for its thread."""
        self._generation += 1
        self._pool.waitForDone()

    def is_current(self, generation: int) -> bool:
        """Whether an answer of that generation is still wanted."""
        return generation == self._generation

    def answer(self, generation: int, result: list[Sample] | ReviewError) -> None:
        """Hand over a result; called from the thread."""
        self._answered.emit(generation, result)

    def entries(self, config: TrainConfig) -> tuple[list[Entry], tuple[str, ...]]:
        """The images of the training and their classes, listed once; called from the thread."""
        key = (config.data, config.labels, config.patients, repr(config.mapping))
        if self._listed is None or self._listed[0] != key:
            layout = read_layout(
                Path(config.data),
                Path(config.labels) if config.labels else None,
                Path(config.patients) if config.patients else None,
                config.mapping,
            )
            self._listed = (key, list(layout.to_train), layout.classes)
        return self._listed[1], self._listed[2]

    def _deliver(self, generation: int, result: list[Sample] | ReviewError) -> None:
        if not self.is_current(generation):
            return
        if isinstance(result, ReviewError):
            self.failed.emit(result)
        else:
            self.ready.emit(result)


def make_samples(
    entries: list[Entry],
    classes: tuple[str, ...],
    config: TrainConfig,
    seed: int,
    images: int,
    variants: int,
) -> list[Sample]:
    """Draw images and augment them exactly as a training would.

    Raises
    ------
    TrainingDataError
        When none of those drawn can be read.
    """
    random = np.random.default_rng(seed)
    size = config.image_size or int(architecture(config.arch).INPUT_SIZE)
    samples: list[Sample] = []
    drawn = random.permutation(len(entries))[: images * _TRIES]
    for at in drawn:
        if len(samples) == images:
            break
        try:
            frame = frame_of(read_radiograph(entries[at].path))
        except UnreadableImage:
            continue
        varied = tuple(
            _seen(augment(frame, random, config.augmentation), size)
            for _ in range(variants if config.augmentation > 0 else 0)
        )
        samples.append(Sample(classes[entries[at].label], _seen(frame, size), varied))
    if not samples:
        raise TrainingDataError(
            f"None of {len(drawn)} images drawn at random can be read.",
            "Images that can be trained on were expected.",
            "Choose another folder.",
        )
    return samples


def _seen(frame: Picture, size: int) -> Picture:
    return np.rint(model_input(frame, size)[..., 0]).astype(np.uint8)


class _Make(QRunnable):
    def __init__(
        self,
        owner: AugmentationPreview,
        generation: int,
        config: TrainConfig,
        seed: int,
        images: int,
        variants: int,
    ) -> None:
        super().__init__()
        self._owner = owner
        self._generation = generation
        self._config = config
        self._wanted = (seed, images, variants)

    def run(self) -> None:
        if not self._owner.is_current(self._generation):
            return
        result: list[Sample] | ReviewError
        try:
            entries, classes = self._owner.entries(self._config)
            result = make_samples(entries, classes, self._config, *self._wanted)
        except ReviewError as error:
            result = error
        except OSError as error:
            result = ReviewError(
                f"The folder cannot be read: {error.strerror or error}.",
                "The training images must stay readable.",
                "Check the disk or network share, then try again.",
            )
        if self._owner.is_current(self._generation):
            self._owner.answer(self._generation, result)
