"""How much a network leans on shortcuts: what its answer does when one is changed and no lung is.

Answers are calibrated logits and probabilities, so that networks of different scales compare. The
images are of patients whom the network was not trained on, and are the same for all networks that
hold out the same fold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.image.preprocess import model_input
from app.core.model.calibration import logit
from app.inference.runtime.classifier import Classifier
from app.review.holdout.overlap import Seen
from app.review.statistics.figures import (
    Estimate,
    GroupWeights,
    auc,
    bootstrap,
    group_weights,
    wilson,
)
from app.training.data.dataset import Dataset
from research.shortcut_changes import CHANGES, generator
from research.shortcut_regions import Frame

Scorer = Callable[[Sequence[Frame]], NDArray[np.float64]]
"""From frames to probabilities of pneumonia."""

_LEAST, _BATCH, _RESAMPLES = 1e-6, 32, 500
"""Probabilities closer to 0 or 1 than the first count as so far: beyond it no answer changes."""


def scorer_of(classifier: Classifier) -> Scorer:
    """What a model says of frames."""

    def score(frames: Sequence[Frame]) -> NDArray[np.float64]:
        size = classifier.card.input_size
        parts = [
            classifier.predict(np.stack([model_input(f, size) for f in frames[at : at + _BATCH]]))
            for at in range(0, len(frames), _BATCH)
        ]
        return np.concatenate(parts)

    return score


def chosen(dataset: Dataset, classifier: Classifier, images: int) -> NDArray[np.int64]:
    """Positions of so many images of patients whom the model was not trained on.

    They are those of the calibration side of its fold, in the order of a hash of their content:
    a smaller number is a part of a larger one.
    """
    card = classifier.card
    held_out = dataset.indices("calibration", int(card.settings.get("fold", 0)))
    trained = Seen.of(card).training
    hashes = dataset.content_hashes, dataset.perceptual_hashes
    held_out = np.array(
        [i for i in held_out if not trained.match(hashes[0][i], hashes[1][i])], np.int64
    )
    if len(set(dataset.labels[held_out])) < 2:
        raise SystemExit(f"{card.title} was trained on all images that should be held out.")
    shuffled = sorted(held_out, key=lambda i: _key(dataset.content_hashes[i]))
    return np.array(sorted(shuffled[:images]), dtype=np.int64)


def leaning(
    score: Scorer, threshold: float, dataset: Dataset, indices: NDArray[np.int64], seed: int
) -> dict[str, Any]:
    """What each change of ``research.shortcut_changes`` does to the answers.

    Parameters
    ----------
    score
        The network.
    threshold
        Its default operating point, a probability.
    dataset, indices
        The images; both classes must be among them.
    seed
        Of what the changes draw.

    Returns
    -------
    dict
        ``unchanged``: AUC, mean absolute logit and the share called; ``changes``: by name its
        ``about``, ``logit`` and ``probability`` (mean absolute change), ``towards_pneumonia``
        (mean change of the logit of each class), ``flips_per_1000`` and how many of them are
        ``new_calls``, ``auc``. Intervals are a bootstrap over patients.
    """
    labels = dataset.labels[indices]
    groups = [dataset.groups[i] for i in indices]
    weights = group_weights(groups, _RESAMPLES)
    p = score([dataset.frames[i] for i in indices])
    changes: dict[str, Any] = {}
    for about, name, frames in changed(dataset, indices, seed):
        q = score(frames)
        step = logit(q, _LEAST) - logit(p, _LEAST)
        flips = (q >= threshold) != (p >= threshold)
        changes[name] = {
            "about": about,
            "logit": _mean(np.abs(step), weights).as_dict(),
            "probability": _mean(np.abs(q - p), weights).as_dict(),
            "towards_pneumonia": {
                label: float(step[labels == k].mean()) for k, label in enumerate(dataset.classes)
            },
            "flips_per_1000": _per_1000(flips, weights, len(set(groups))),
            "new_calls": int((flips & (q >= threshold)).sum()),
            "auc": _area(q, labels, weights).as_dict(),
        }
    return {
        "images": len(indices),
        "patients": len(set(groups)),
        "seed": seed,
        "unchanged": {
            "auc": _area(p, labels, weights).as_dict(),
            "mean_absolute_logit": float(np.abs(logit(p, _LEAST)).mean()),
            "called": float((p >= threshold).mean()),
        },
        "changes": changes,
    }


def changed(
    dataset: Dataset, indices: NDArray[np.int64], seed: int
) -> Iterator[tuple[str, str, list[Frame]]]:
    """What each change is about, its name, and the changed frames."""
    labels = dataset.labels[indices]
    others = {label: indices[labels != label] for label in np.unique(labels)}
    for about, changes in CHANGES.items():
        for name, change in changes.items():
            frames = []
            for i in indices:
                random = generator(dataset.content_hashes[i], seed)
                other = dataset.frames[random.choice(others[dataset.labels[i]])]
                frames.append(change(dataset.frames[i], other, random))
            yield about, name, frames


def _mean(values: NDArray[np.float64], weights: GroupWeights) -> Estimate:
    return bootstrap(lambda w: float(np.average(values, weights=w)), weights, len(values))


def _area(p: NDArray[np.float64], labels: NDArray, weights: GroupWeights) -> Estimate:
    return bootstrap(lambda w: auc(p, labels, w), weights, len(p))


def _per_1000(
    flips: NDArray[np.bool_], weights: GroupWeights, patients: int
) -> dict[str, float | None]:
    """Flips per 1,000 images; Wilson's interval over the patients where the bootstrap has none."""
    share = _mean(flips.astype(np.float64), weights)
    if share.low == share.high and share.value is not None:
        share = wilson(share.value * patients, patients)
    return {k: None if v is None else 1000 * v for k, v in share.as_dict().items()}


def _key(content: str) -> str:
    return hashlib.sha256(f"shortcuts\n{content}".encode()).hexdigest()
