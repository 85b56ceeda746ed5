"""Out-of-fold scores: what the recipe of a cross-validated model says of its own training images.

Each patient was scored by the fold's network that never saw them. On its training images the
model's own scores flatter; these do not.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import ModelError
from app.core.base.translation import tr
from app.core.model.calibration import logit
from app.core.model.card import CONTENT_HASH_BYTES
from app.review.statistics import calibration

NAME = "oof_scores.csv"
"""Beside a model: content hash, patient, fold, label and p as it comes from the network."""

LEAST = 1e-10
"""The file has ten digits: what reads as 1 is no infinite logit."""


def read_oof(paths: Sequence[Path]) -> list[dict[str, str]]:
    """Rows of out-of-fold score files, one after the other."""
    rows: list[dict[str, str]] = []
    for path in paths:
        with path.open(newline="", encoding="utf-8") as file:
            rows += list(csv.DictReader(file))
    return rows


def calibrated_by_fold(
    p: NDArray[np.float64], labels: NDArray[np.int64], folds: NDArray[np.int64], groups: list[str]
) -> NDArray[np.float64] | None:
    """Each fold's network calibrated first, each tenth of its patients by the other nine.

    Parameters
    ----------
    p
        Shape (n,), as they come from the networks.
    labels, folds
        Shape (n,).
    groups
        Patient of each image.

    Returns
    -------
    numpy.ndarray or None
        Probabilities, shape (n,); None where a fold has no calibration.
    """
    logits = logit(p, LEAST)
    honest = np.empty(len(p))
    for fold in sorted(set(folds.tolist())):
        of_fold = folds == fold
        own = [group for group, mine in zip(groups, of_fold, strict=True) if mine]
        fitted = calibration.cross_fitted(logits[of_fold], labels[of_fold], own)
        if fitted is None:
            return None
        honest[of_fold] = fitted
    return honest


@dataclass(frozen=True)
class OutOfFold:
    """Calibrated out-of-fold probabilities of a model's training images.

    Parameters
    ----------
    scores
        By the first bytes (hex) of an image's content hash.
    """

    scores: dict[str, float] = field(repr=False)

    @classmethod
    def of(cls, model_folder: Path) -> Self | None:
        """Read them from beside a model; None for one that has none.

        Raises
        ------
        ModelError
            When the file is damaged.
        """
        path = model_folder / NAME
        if not path.is_file():
            return None
        try:
            rows = read_oof([path])
            p = np.array([float(row["p"]) for row in rows])
            labels = np.array([int(row["label"]) for row in rows])
            folds = np.array([int(row["fold"]) for row in rows])
            hashes = [row["content_hash"] for row in rows]
            if not np.isfinite(p).all() or {len(h) for h in hashes} != {2 * CONTENT_HASH_BYTES}:
                raise ValueError
            honest = calibrated_by_fold(p, labels, folds, [row["patient"] for row in rows])
        except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
            raise ModelError(
                tr("The out-of-fold scores of the model {name} are damaged.", name=model_folder),
                tr("A table of content hashes, patients, folds, labels and p was expected."),
                tr("Take {name} from where the model came from.", name=NAME),
            ) from error
        if honest is None:
            return None
        return cls(dict(zip(hashes, honest.tolist(), strict=True)))

    def get(self, content_hash: str) -> float | None:
        """The probability of an image by its content hash (hex); None for an unknown one."""
        return self.scores.get(content_hash[: 2 * CONTENT_HASH_BYTES])
