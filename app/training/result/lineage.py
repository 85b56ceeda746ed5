"""Where a run's first weights come from, and what they have seen before this run.

A network that goes on from another model's weights has seen that model's training images too: its
held-out figures are measured without them, and its card says that it has seen them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import TrainingDataError
from app.core.base.translation import tr
from app.core.model.card import (
    CONTENT_HASH_BYTES,
    PERCEPTUAL_HASH_BYTES,
    ModelCard,
    unpack_hashes,
)
from app.core.settings.training import PRETRAINED, SCRATCH, TrainConfig
from app.review.holdout.overlap import Seen, unseen
from app.training.data.dataset import Dataset
from app.training.fit.network import starting_folder
from model_zoo import architecture


@dataclass(frozen=True)
class Lineage:
    """What came before a run.

    Parameters
    ----------
    calibration
        Positions of the held-out images of patients on whom the first weights were not trained.
    excluded
        How many held-out images were left out for that, by reason.
    start
        ``pretrained``, ``scratch``, or title of the model that the run starts from.
    exact, near
        Content and perceptual hashes of that model's training images.
    licence
        Of the weights that the run starts from.
    """

    calibration: NDArray[np.int64] = field(repr=False)
    excluded: dict[str, int] = field(default_factory=dict)
    start: str = PRETRAINED
    exact: tuple[bytes, ...] = field(default=(), repr=False)
    near: tuple[bytes, ...] = field(default=(), repr=False)
    licence: str = ""

    @classmethod
    def of(cls, config: TrainConfig, dataset: Dataset) -> Self:
        """Read it from the model that ``config.start`` names.

        Raises
        ------
        ModelError
            When there is no such model or its card is damaged.
        TrainingDataError
            When it has seen the held-out patients, so that nothing is left to measure on.
        """
        calibration = dataset.indices("calibration", config.fold)
        folder = starting_folder(config)
        if folder is None:
            own = str(getattr(architecture(config.arch), "WEIGHTS_LICENCE", ""))
            if config.start != PRETRAINED or not own:  # only some have weights of their own
                return cls(calibration, start=SCRATCH)
            return cls(calibration, licence=own)
        card = ModelCard.load(folder / "card.json")
        overlap = unseen(
            [dataset.content_hashes[i] for i in calibration],
            [dataset.perceptual_hashes[i] for i in calibration],
            [dataset.groups[i] for i in calibration],
            [Seen.of(card)],
        )
        left = calibration[overlap.kept]
        if len(np.unique(dataset.labels[left])) < len(dataset.classes):
            raise TrainingDataError(
                tr(
                    "{model}, from which the training is to start, was trained on the "
                    "patients that are held out here ({left_out} of {images} images).",
                    model=card.title,
                    left_out=overlap.excluded["total"],
                    images=len(calibration),
                ),
                tr("Held-out patients of every class whom neither has seen were expected."),
                tr(
                    "Choose another fold, another model to start from, or add images "
                    "of new patients."
                ),
            )
        return cls(
            left,
            overlap.excluded,
            card.title,
            tuple(unpack_hashes(card.data.get("content_hashes") or "", CONTENT_HASH_BYTES)),
            tuple(unpack_hashes(card.data.get("perceptual_hashes") or "", PERCEPTUAL_HASH_BYTES)),
            card.licence,
        )

    def as_dict(self) -> dict[str, Any]:
        """What the card says of it."""
        said: dict[str, Any] = {"started_from": self.start}
        if self.excluded:
            said["held_out_excluded"] = self.excluded
        return said
