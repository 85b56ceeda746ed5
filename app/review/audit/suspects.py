"""Labels that are likely wrong: confident learning, and copies of a picture with different labels.

Confident learning after Northcutt, Jiang, Chuang, "Confident Learning: Estimating Uncertainty in
Dataset Labels", JAIR 70 (2021) 1373-1411, by cleanlab (``cleanlab.filter.find_label_issues``, prune
by noise rate). It holds only for scores of a network that never saw the image: a network says of
what it was trained on what the label said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.core.base.translation import mark
from app.core.worklist.duplicates import exact_groups, near_groups
from app.review.audit.audit import Audit
from app.review.statistics.figures import Labels, Scores

FEWEST_PER_CLASS = 10
"""Of fewer images in a class nothing can be said of its labels' noise."""
TOO_FEW = mark(
    "Confident learning needs at least {least} images of each class with a score of a network that "
    "never saw them; here are {normal} NORMAL and {pneumonia} PNEUMONIA."
)


@dataclass(frozen=True)
class Suspect:
    """An image whose label is likely wrong.

    Parameters
    ----------
    index
        Its position in ``Audit.scored``.
    self_confidence
        What the network gives to the label it has, 0 to 1: the lower, the more suspicious.
    unlikely
        Whether confident learning finds its label wrong.
    copies
        Positions of copies of the same picture that have another label: one of them is wrong.
    """

    index: int
    self_confidence: float
    unlikely: bool
    copies: tuple[int, ...] = ()


@dataclass(frozen=True)
class Suspects:
    """What was found in a folder.

    Parameters
    ----------
    found
        Copies with different labels first, then by how suspicious they are.
    looked_at
        Images whose score confident learning could use.
    left_out
        Images that the model was trained on and of which there is no out-of-fold score: only
        copies are looked for among them.
    why_not
        Why there was no confident learning, in words; empty where there was.
    """

    found: tuple[Suspect, ...] = field(repr=False)
    looked_at: int
    left_out: int
    why_not: str = ""


def find_suspects(audit: Audit, cancelled: Callable[[], bool] = lambda: False) -> Suspects:
    """The labels of an audited folder that are likely wrong.

    Takes seconds: for the first import of cleanlab, and for comparing every pair of pictures.

    Parameters
    ----------
    audit
        Its scores and labels.
    cancelled
        Asked between blocks of pairs; true ends the search for copies early.
    """
    rows = audit.scored
    honest = np.array([row.out_of_fold or not row.seen for row in rows], dtype=bool)
    unlikely = np.zeros(len(rows), dtype=bool)
    counts = np.bincount(audit.labels[honest], minlength=2)
    why_not = ""
    if counts.min() < FEWEST_PER_CLASS:
        why_not = TOO_FEW.format(least=FEWEST_PER_CLASS, normal=counts[0], pneumonia=counts[1])
    else:
        unlikely[honest] = label_issues(audit.labels[honest], audit.p[honest])
    copies = conflicting_copies(
        audit.labels,
        [row.content_hash for row in rows],
        [row.perceptual_hash for row in rows],
        cancelled,
    )
    confidence = np.where(audit.labels == 1, audit.p, 1 - audit.p)
    found = [
        Suspect(int(i), float(confidence[i]), bool(unlikely[i]), copies.get(int(i), ()))
        for i in range(len(rows))
        if unlikely[i] or int(i) in copies
    ]
    found.sort(key=lambda one: (not one.copies, one.self_confidence))
    return Suspects(tuple(found), int(honest.sum()), int((~honest).sum()), why_not)


def label_issues(labels: Labels, p: Scores) -> NDArray[np.bool_]:
    """Which labels confident learning finds wrong.

    Parameters
    ----------
    labels
        Shape (n,), 0 or 1; both occur.
    p
        Shape (n,), probability of class 1 from a network that was not trained on the image.

    Returns
    -------
    numpy.ndarray
        Shape (n,), bool.
    """
    from cleanlab.filter import find_label_issues

    # One process: cleanlab would fork the window.
    return np.asarray(
        find_label_issues(labels, np.column_stack([1 - p, p]), n_jobs=1), dtype=np.bool_
    )


def conflicting_copies(
    labels: Labels,
    content_hashes: Sequence[str],
    perceptual_hashes: Sequence[bytes],
    cancelled: Callable[[], bool] = lambda: False,
) -> dict[int, tuple[int, ...]]:
    """Copies of one picture, resized and re-compressed ones too, that have different labels.

    Parameters
    ----------
    labels
        Shape (n,).
    content_hashes, perceptual_hashes
        Of each image; 32 bytes, or empty where there is none.
    cancelled
        Asked between blocks of pairs.

    Returns
    -------
    dict
        By position, the positions of its copies with another label.
    """
    with_hash = [i for i, one in enumerate(perceptual_hashes) if one]
    near = near_groups([perceptual_hashes[i] for i in with_hash], cancelled)
    groups = [[with_hash[i] for i in group] for group in near]
    # The hash of a picture that was never shrunk to a frame is empty, its content may be known.
    known = [i for i, one in enumerate(content_hashes) if one]
    exact = exact_groups([content_hashes[i] for i in known])
    groups += [[known[i] for i in group] for group in exact]
    found: dict[int, set[int]] = {}
    for group in groups:
        for i in group:
            if others := {j for j in group if labels[j] != labels[i]}:
                found.setdefault(i, set()).update(others)
    return {i: tuple(sorted(others)) for i, others in found.items()}
