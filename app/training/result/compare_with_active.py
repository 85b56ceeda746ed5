"""A newly trained model against the active one, on held-out patients whom neither has seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import ModelError
from app.core.base.translation import untranslated
from app.core.image import preprocess
from app.core.model.card import ModelCard
from app.inference.registry.models import active
from app.inference.runtime.classifier import Classifier
from app.review.comparison.compare import ALL_SEEN, OTHER_CLASSES, Comparison, compare
from app.review.holdout.overlap import Seen, unseen
from app.training.data.dataset import Dataset
from app.training.result.changed_calls import Flip

_BATCH = 32


@dataclass(frozen=True)
class Rivalry:
    """A comparison with the active model.

    Parameters
    ----------
    figures
        As ``app.review.comparison.compare.Comparison.as_dict`` gives them, the active model first,
        without
        the names of images; or ``{"why_not": reason}`` where nothing can be compared. Where labels
        were corrected, ``original_labels`` holds the same figures by the labels before that. Put
        into words by ``app.review.comparison.compare.in_words``.
    flips
        The images whose call the new model changes, by the kind of flip, for the person alone.
    """

    figures: dict[str, Any]
    flips: tuple[Flip, ...] = field(default=(), repr=False)


def against_active(
    dataset: Dataset, indices: NDArray[np.int64], new_card: ModelCard, new_p: NDArray[np.float64]
) -> Rivalry:
    """Compare a new model with the active one, for the end of a run and for the card.

    Parameters
    ----------
    dataset
        The images of the run.
    indices
        Positions of the held-out images in it.
    new_card
        With the hashes of what the new model was trained on and its operating point.
    new_p
        Shape (len(indices),), the new model's probabilities of pneumonia on these images.
    """
    if not new_card.judges_pneumonia:
        return Rivalry({"why_not": OTHER_CLASSES})
    with untranslated():  # the card goes to others
        return _compared(dataset, indices, new_card, new_p)


def _compared(
    dataset: Dataset, indices: NDArray[np.int64], new_card: ModelCard, new_p: NDArray[np.float64]
) -> Rivalry:
    try:
        chosen = active()
        old = Classifier(chosen.folder)
        old.require_pneumonia()
        overlap = unseen(
            [dataset.content_hashes[i] for i in indices],
            [dataset.perceptual_hashes[i] for i in indices],
            [dataset.groups[i] for i in indices],
            [Seen.of(old.card), Seen.of(new_card)],
        )
        kept = indices[overlap.kept]
        if not len(kept):
            return Rivalry(
                {
                    "why_not": ALL_SEEN.format(images=len(indices), model=old.card.title),
                    "excluded": overlap.excluded,
                }
            )
        old_p, p = scores_of(old, dataset, kept), new_p[overlap.kept]
        patients = [dataset.groups[i] for i in kept]

        def against(labels: NDArray[np.int64]) -> Comparison:
            return compare((old.card, old_p), (new_card, p), labels[kept], patients)

        comparison = against(dataset.labels)
        before = None if dataset.original_labels is None else against(dataset.original_labels)
    except ModelError as error:
        return Rivalry({"why_not": str(error)})
    by_original = {i: kind for kind, places in (before or comparison).flips.items() for i in places}
    flips = tuple(
        Flip(kind, dataset.names[kept[i]], float(old_p[i]), float(p[i]), by_original[i])
        for kind, positions in comparison.flips.items()
        for i in positions
    )
    figures = {**comparison.as_dict(overlap), "active_notice": chosen.notice}
    if before is not None and dataset.original_labels is not None:
        changed = dataset.original_labels[kept] != dataset.labels[kept]
        figures["original_labels"] = {**before.as_dict(), "relabelled": int(changed.sum())}
    return Rivalry(figures, flips)


def scores_of(
    classifier: Classifier, dataset: Dataset, indices: NDArray[np.int64]
) -> NDArray[np.float64]:
    """What a model says of some images of a data set: probabilities, shape (n,)."""
    size = classifier.card.input_size
    parts = [
        classifier.predict(
            np.stack([preprocess.model_input(dataset.frames[i], size) for i in batch])
        )
        for batch in np.array_split(indices, -(-len(indices) // _BATCH))
    ]
    return np.concatenate(parts)
