"""Two models tried on the same labelled folder: each image scored once by each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.core.base.errors import ReviewError, TrainingDataError
from app.core.base.translation import tr
from app.core.model.results import Status
from app.core.worklist.patients import naming_of
from app.core.worklist.scan import Item, scan
from app.inference.runtime.classifier import Classifier
from app.inference.scoring.pipeline import score
from app.review.comparison.compare import compare
from app.review.comparison.evaluation import Labelled, labelled_folders
from app.review.holdout import locks
from app.review.holdout.overlap import Seen, unseen


class Cancelled(ReviewError):
    """The person has cancelled."""


def labelled_items(folder: Path) -> list[tuple[Item, int]]:
    """Every file below NORMAL and PNEUMONIA with its label, 0 or 1.

    Raises
    ------
    TrainingDataError
        When the folder has neither subfolder.
    """
    return [
        (item, label)
        for subfolder, label in labelled_folders(folder)
        for item in scan([str(subfolder)])
    ]


def try_both(
    first: Classifier,
    second: Classifier,
    items: Sequence[tuple[Item, int]],
    progress: Callable[[int, int], None] = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Score the images with both models and compare.

    Parameters
    ----------
    first, second
        The first is the one in use or the older one.
    items
        Images and labels; see ``labelled_items``.
    progress
        Called with the scores that are done and their number. The second model scores only what
        the first could and neither has seen, so the number may fall on the way.
    cancelled
        Asked between files.

    Returns
    -------
    dict
        As ``Comparison.as_dict``, with ``files`` (counts), ``flipped`` (for each kind of flip the
        path and both probabilities of each image) and ``leak_guard``: what is to be said of locked
        test sets among the images, at whose figures this is a look.

    Raises
    ------
    ModelError
        When a model cannot be used.
    TrainingDataError
        When no image is left to compare on.
    Cancelled
        When it was cancelled.
    """
    for model in (first, second):
        model.require_pneumonia()
    seen = [Seen.of(model.card) for model in (first, second)]
    labels = [label for _, label in items]
    total = 2 * len(items)
    naming = naming_of(item.path.name for item, _ in items)
    rows: list[Labelled] = []
    results = score([item for item, _ in items], first, cancelled=cancelled, hashes=True)
    for scored, label in zip(results, labels, strict=False):
        rows.append(Labelled(scored, label, naming))
        progress(len(rows), total)
    if len(rows) < len(items):
        raise Cancelled(tr("The comparison was cancelled."))
    ok = [row for row in rows if row.scored.prediction.status is Status.OK]
    refused = sum(row.scored.prediction.status is Status.REFUSED for row in rows)
    overlap = unseen(
        [row.scored.content_hash for row in ok],
        [row.scored.perceptual_hash for row in ok],
        [row.patient for row in ok],
        seen,
    )
    kept = [ok[i] for i in np.flatnonzero(overlap.kept)]
    if not kept:
        raise TrainingDataError(
            tr(
                "No image is left to compare on: of {files} files {scored} could "
                "be scored, and of these {left_out} belong to patients on whom one "
                "of the two models was trained.",
                files=len(rows),
                scored=len(ok),
                left_out=overlap.excluded["total"],
            ),
            tr("Images of patients whom neither model has seen were expected."),
            tr("Choose another folder."),
        )
    total = len(rows) + len(kept)
    again = []
    for scored in score([row.scored.item for row in kept], second, cancelled=cancelled):
        again.append(scored)
        progress(len(rows) + len(again), total)
    if len(again) < len(kept):
        raise Cancelled(tr("The comparison was cancelled."))
    if any(other.prediction.status is Status.UNREADABLE for other in again):
        raise ReviewError(
            tr("A file changed while the models were compared: the second could not score it."),
            tr("The folder must stay as it is meanwhile."),
            tr("Compare them again."),
        )
    # Each has a gate of its own: what only the second refuses cannot be compared either.
    judged = [other.prediction.status is Status.OK for other in again]
    pairs = [
        (row, row.scored.prediction.p_pneumonia, other.prediction.p_pneumonia)
        for row, other in zip(kept, again, strict=True)
        if other.prediction.status is Status.OK
    ]
    refused += judged.count(False)
    if not pairs:
        raise TrainingDataError(
            tr(
                "No image is left to compare on: the second model refuses all {images} that the "
                "first one scores.",
                images=len(kept),
            ),
            tr("Images that both models judge were expected."),
            tr("Choose another folder."),
        )
    kept = [row for row, fits in zip(kept, judged, strict=True) if fits]
    looked = locks.look(
        [row.scored.content_hash for row in kept],
        locks.COMPARE,
        f"{first.card.title}, {second.card.title}",
    )
    comparison = compare(
        (first.card, np.array([p for _, p, _ in pairs], np.float64)),
        (second.card, np.array([p for _, _, p in pairs], np.float64)),
        np.array([row.label for row in kept], np.int64),
        [row.patient for row in kept],
    )
    return {
        **comparison.as_dict(overlap),
        "leak_guard": [locks.in_words(each) for each in looked],
        "files": {
            "total": len(rows),
            "scored": len(ok) - judged.count(False),
            "refused": refused,
            "unreadable": sum(row.scored.prediction.status is Status.UNREADABLE for row in rows),
        },
        "flipped": {
            kind: [
                {"path": pairs[i][0].scored.item.shown, "first": pairs[i][1], "second": pairs[i][2]}
                for i in positions
            ]
            for kind, positions in comparison.flips.items()
        },
    }
