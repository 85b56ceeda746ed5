"""Scores sorted once, so that a moved threshold is two binary searches and four slices."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from app.review.statistics.figures import Labels, Scores

Positions = NDArray[np.int64]
Cell = Literal["tp", "fn", "tn", "fp"]
CELLS: tuple[Cell, ...] = ("tp", "fn", "fp", "tn")
"""In reading order: pneumonias above, normals below."""


@dataclass(frozen=True)
class Matrix:
    """The confusion matrix at a threshold, pneumonia being positive: ``p >= threshold`` calls it.

    Parameters
    ----------
    threshold
        On the probability.
    tp, fn, tn, fp
        Positions of the images of each cell among ``Audit.scored``, shape (count,). The image of
        whose call the model is surest comes first: in ``fn`` and ``fp`` the most wrong one.
        Reversed, the most unsure one comes first.
    """

    threshold: float
    tp: Positions = field(repr=False)
    fn: Positions = field(repr=False)
    tn: Positions = field(repr=False)
    fp: Positions = field(repr=False)

    def rows(self, *cells: Cell) -> Positions:
        """Positions of all images of some cells, one cell after the other; of all for none."""
        return np.concatenate([self._of(cell) for cell in cells or CELLS])

    def count(self, cell: Cell) -> int:
        """How many images a cell holds."""
        return len(self._of(cell))

    @cached_property
    def counts(self) -> dict[Cell, int]:
        """How many images each cell holds."""
        return {cell: self.count(cell) for cell in CELLS}

    def _of(self, cell: Cell) -> Positions:
        return {"tp": self.tp, "fn": self.fn, "tn": self.tn, "fp": self.fp}[cell]


@dataclass(frozen=True)
class SortedScores:
    """The scores of each class in ascending order, and the positions that they came from.

    Parameters
    ----------
    positive, negative
        Shape (m,) and (n,), the scores of pneumonias and of normals.
    at_positive, at_negative
        Their positions before sorting.
    """

    positive: Scores = field(repr=False)
    negative: Scores = field(repr=False)
    at_positive: Positions = field(repr=False)
    at_negative: Positions = field(repr=False)

    @classmethod
    def of(cls, p: Scores, labels: Labels) -> Self:
        """Sort them.

        Parameters
        ----------
        p
            Shape (n,), finite.
        labels
            Shape (n,), 1 for pneumonia.
        """
        order = np.argsort(p, kind="stable")
        ill = labels[order] == 1
        at_positive, at_negative = order[ill], order[~ill]
        return cls(p[at_positive], p[at_negative], at_positive, at_negative)

    def matrix(self, threshold: float) -> Matrix:
        """The confusion matrix; its positions are views, nothing is copied."""
        ill = int(np.searchsorted(self.positive, threshold, "left"))
        healthy = int(np.searchsorted(self.negative, threshold, "left"))
        return Matrix(
            threshold,
            tp=self.at_positive[ill:][::-1],
            fn=self.at_positive[:ill],
            tn=self.at_negative[:healthy],
            fp=self.at_negative[healthy:][::-1],
        )
