"""What a network says beside its logit: the pneumonia's kind, and how sure it is of itself.

Either belongs to a network as its calibration does, is fitted with it and stands in its card.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from app.core.model.calibration import Calibration, probabilities_by

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KIND, SPREAD = "kind", "spread"
"""Names of the outputs, and of their parts of a card."""

DEVIATIONS = 2.0
"""A probability's range reaches so many standard deviations of the logit to either side."""


@dataclass(frozen=True)
class Kind:
    """Bacterial or viral, where there is pneumonia.

    Parameters
    ----------
    slope, intercept
        The calibrated logit of bacterial is ``slope * output + intercept``; the slope is positive.
    prevalence
        Share of bacterial among the pneumonias it was fitted on, in (0, 1).
    threshold
        Operating point: bacterial is said from this probability on.
    """

    slope: float
    intercept: float
    prevalence: float
    threshold: float

    def __post_init__(self) -> None:
        _ = self._line  # its numbers make sense
        if not 0 <= self.threshold <= 1:
            raise ValueError("the threshold between the kinds is no probability")

    @property
    def _line(self) -> Calibration:
        return Calibration(self.slope, self.intercept, self.prevalence)

    def probabilities(self, outputs: NDArray) -> NDArray[np.float64]:
        """Probabilities of bacterial, given that there is pneumonia."""
        return self._line.probabilities(outputs)

    def as_dict(self) -> dict[str, float]:
        """As it stands in a card."""
        return asdict(self)


@dataclass(frozen=True)
class Uncertainty:
    """How far the logits of several networks lie apart, as one network learnt to tell it.

    Parameters
    ----------
    scale
        The standard deviation is ``scale * exp(output)``, in units of the logit; > 0.
    wide
        From this width of the probability's range on, a person should look first; in (0, 1].
    """

    scale: float
    wide: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.scale) and self.scale > 0 and 0 < self.wide <= 1):
            raise ValueError("a spread needs a positive scale and a width of at most 1")

    def deviations(self, outputs: NDArray) -> NDArray[np.float64]:
        """Standard deviations of the logit, from the network's outputs of any shape."""
        import numpy as np

        # A broken network must not overflow here: beyond e^10 the range is 0 to 1 anyhow.
        return np.asarray(self.scale * np.exp(np.clip(outputs.astype(np.float64), -10.0, 10.0)))

    def ranges(
        self, logits: NDArray, outputs: NDArray, line: Calibration | None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lowest and highest probability, ``DEVIATIONS`` to either side of the logit.

        Parameters
        ----------
        logits, outputs
            The network's answers, of one shape.
        line
            The network's calibration.
        """
        import numpy as np

        away = DEVIATIONS * self.deviations(outputs)
        probabilities = probabilities_by(line)
        low = probabilities(logits.astype(np.float64) - away)
        return low, probabilities(logits.astype(np.float64) + away)

    def as_dict(self) -> dict[str, float]:
        """As it stands in a card."""
        return asdict(self)
