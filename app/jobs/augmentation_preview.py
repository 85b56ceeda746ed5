"""Random training images as the network would get them, made in a thread for the preview."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.core.base.errors import TrainingDataError, UnreadableImage
from app.core.base.translation import tr
from app.core.image.preprocess import frame_of
from app.core.image.reader import read_radiograph
from app.core.settings.training import TrainConfig
from app.jobs.latest import Latest, Task
from app.training.data.augment import augment
from app.training.data.dataset import source_of
from app.training.data.layout import Layout, TrainingFile, read_layout
from app.training.fit.epochs import as_inputs
from app.training.fit.network import input_size_of

Picture = NDArray[np.uint8]
_TRIES = 5


@dataclass(frozen=True)
class AugmentedSample:
    """One training image: its class, the input without augmentation, and with it.

    ``plain`` and each of ``varied`` have the shape (s, s), uint8: the network's input size.
    """

    label: str
    plain: Picture
    varied: tuple[Picture, ...]


class AugmentationPreview(Latest):
    """Makes samples; see ``Latest``.

    Parameters
    ----------
    parent
        Qt parent.
    """

    ready = Signal(object)
    """A list of ``AugmentedSample``."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._listed: tuple[dict[str, Any], Layout] | None = None

    def request(self, config: TrainConfig, seed: int, images: int, variants: int) -> None:
        """Ask for so many random images, each in so many variants."""

        def work(task: Task) -> None:
            layout = self._layout(config)
            entries = list(layout.to_train)
            task.tell(
                "ready", make_samples(entries, layout.classes, config, seed, images, variants)
            )

        self.begin(
            work,
            tr("The training images must stay readable."),
            tr("Check the disk or network share, then try again."),
        )

    def _layout(self, config: TrainConfig) -> Layout:
        """The images of the training, listed once for the same data; called from the thread."""
        source = source_of(config)
        if self._listed is None or self._listed[0] != source:
            self._listed = (source, read_layout(**source))
        return self._listed[1]


def make_samples(
    entries: list[TrainingFile],
    classes: tuple[str, ...],
    config: TrainConfig,
    seed: int,
    images: int,
    variants: int,
) -> list[AugmentedSample]:
    """Draw images and augment them exactly as a training would.

    Raises
    ------
    TrainingDataError
        When none of those drawn can be read.
    """
    random = np.random.default_rng(seed)
    size = input_size_of(config)
    samples: list[AugmentedSample] = []
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
        samples.append(AugmentedSample(classes[entries[at].label], _seen(frame, size), varied))
    if not samples:
        raise TrainingDataError(
            tr("None of {count} images drawn at random can be read.", count=len(drawn)),
            tr("Images that can be trained on were expected."),
            tr("Choose another folder."),
        )
    return samples


def _seen(frame: Picture, size: int) -> Picture:
    return as_inputs(frame[None], size)[0, ..., 0]
