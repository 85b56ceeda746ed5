"""Some of an audit's images, and the orders in which a gallery may show them. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import cached_property
from typing import overload

import numpy as np
from numpy.typing import NDArray

from app.core.base.translation import mark
from app.core.model.calibration import logit
from app.review.audit import Audit, AuditRow

Positions = NDArray[np.int64]
_LEAST = 1e-9


class Order(StrEnum):
    """What comes first in a gallery."""

    WRONG = "wrong"
    UNSURE = "unsure"
    SCORE = "score"
    GIVEN = "given"


ORDERS = {
    Order.WRONG: mark("Most wrong first"),
    Order.UNSURE: mark("Least sure first"),
    Order.SCORE: mark("Highest score first"),
    Order.GIVEN: mark("As listed"),
}


class Picked(Sequence[AuditRow]):
    """Some rows of an audit, without a copy of any.

    Parameters
    ----------
    audit
        The whole.
    positions
        Shape (n,), positions in ``audit.scored``.
    """

    def __init__(self, audit: Audit, positions: Sequence[int] | Positions) -> None:
        self._audit = audit
        self.positions: Positions = np.asarray(positions, np.int64)

    def __len__(self) -> int:
        return len(self.positions)

    @overload
    def __getitem__(self, at: int) -> AuditRow: ...
    @overload
    def __getitem__(self, at: slice) -> Picked: ...
    def __getitem__(self, at: int | slice) -> AuditRow | Picked:
        if isinstance(at, slice):
            return Picked(self._audit, self.positions[at])
        return self._audit.scored[self.positions[at]]

    @cached_property
    def p(self) -> NDArray[np.float64]:
        """Shape (n,), their probabilities."""
        return self._audit.p[self.positions]

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """Shape (n,), 1 for pneumonia."""
        return self._audit.labels[self.positions]

    def places_of(self, row: AuditRow) -> NDArray[np.bool_]:
        """Shape (n,), true where a row stands."""
        at = self._audit.scored
        # Most images have a score of their own, so that few rows are looked at.
        alike = np.flatnonzero(self.p == row.p)
        found = np.zeros(len(self), bool)
        found[[place for place in alike if at[self.positions[place]] is row]] = True
        return found


def ordered(rows: Sequence[AuditRow], order: Order, threshold: float) -> Positions:
    """The places of rows in the order wanted; equal ones stay as they are given.

    Parameters
    ----------
    rows
        A ``Picked``, or any other rows. One without a score comes last.
    order
        ``WRONG`` puts first what the model gave its label least probability; ``UNSURE`` what lies
        nearest to the threshold, on the scale of the logit.
    threshold
        In [0, 1].
    """
    if order is Order.GIVEN:
        return np.arange(len(rows))
    if isinstance(rows, Picked):
        p, labels = rows.p, rows.labels
    else:
        p = np.array([np.nan if row.p is None else row.p for row in rows], np.float64)
        labels = np.array([row.label for row in rows], np.int64)
    if order is Order.WRONG:
        key = np.where(labels == 1, p, 1 - p)
    elif order is Order.UNSURE:
        key = np.abs(logit(p, _LEAST) - logit(np.array(threshold), _LEAST))
    else:
        key = -p
    return np.argsort(key, kind="stable")
