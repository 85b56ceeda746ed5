"""From a network's logit to a probability that means what it says, and at which prevalence."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Each card is read with its calibration, and listing the models needs no numpy.


@dataclass(frozen=True)
class Calibration:
    """A straight line through the logits (Platt 1999), and where it was fitted.

    Parameters
    ----------
    slope, intercept
        The calibrated logit is ``slope * logit + intercept``; the slope is positive, so that no
        two images change places.
    prevalence
        Share of pneumonia among the images it was fitted on, in (0, 1): there the probability
        holds.
    """

    slope: float
    intercept: float
    prevalence: float

    def __post_init__(self) -> None:
        finite = all(map(math.isfinite, (self.slope, self.intercept, self.prevalence)))
        if not finite or self.slope <= 0 or not 0 < self.prevalence < 1:
            raise ValueError(
                "a calibration needs a positive slope and a prevalence between 0 and 1"
            )

    def probabilities(self, logits: NDArray) -> NDArray[np.float64]:
        """Calibrated probabilities of logits of any shape."""
        return logistic(self.slope * logits.astype("float64") + self.intercept)

    def as_dict(self) -> dict[str, float]:
        """As it stands in a card."""
        return asdict(self)


def logistic(logits: NDArray) -> NDArray[np.float64]:
    """The logistic function in double precision, without overflow."""
    import numpy as np

    return np.asarray(np.exp(-np.logaddexp(0.0, -logits.astype(np.float64))))


def probabilities_by(line: Calibration | None) -> Callable[[NDArray], NDArray[np.float64]]:
    """From a network's logits to its probabilities: by its calibration, where it has one."""
    return line.probabilities if line else logistic


def logit(p: NDArray, least: float) -> NDArray[np.float64]:
    """The logits of probabilities, which count as at least so far from 0 and from 1."""
    import numpy as np

    inside = np.clip(p, least, 1 - least)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def at_prevalence(p: float, holds_at: float, wanted: float) -> float:
    """A probability that holds at one prevalence, for another one (Bayes' rule).

    It assumes that ill and healthy patients look alike in both places, and only their shares
    differ (Saerens, Latinne and Decaestecker, Neural Computation 2002).

    Parameters
    ----------
    p
        In [0, 1].
    holds_at, wanted
        Prevalences in (0, 1).
    """
    ill = p * wanted / holds_at
    healthy = (1 - p) * (1 - wanted) / (1 - holds_at)
    return ill / (ill + healthy)
