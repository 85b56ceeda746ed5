"""What a logit is made of: the evidence on the map, the network's constant, and what is on neither.

A map says where; this says how much of the score it accounts for. For a network that ends in a
global average and one dense layer the sum is exact (``app.inference.heatmap.heatmaps``); for any
other it
is not, and the rest says by how much.
"""

from __future__ import annotations

from dataclasses import dataclass

_NOTHING = 1e-3
"""Logit units below which a rest is rounding."""


@dataclass(frozen=True)
class Balance:
    """The account of one image, all in logit units of the network, before calibration.

    Parameters
    ----------
    logit
        What the network gives.
    constant
        What it gives without any evidence: the bias of its last layer.
    toward_pneumonia, toward_normal
        Sums over the map's positive and negative cells, both >= 0.
    """

    logit: float
    constant: float
    toward_pneumonia: float
    toward_normal: float

    @property
    def rest(self) -> float:
        """What the map does not show: ``logit`` less all the others; 0 where the map is exact."""
        rest = self.logit - self.constant - self.toward_pneumonia + self.toward_normal
        # Sums of float32: what is lost grows with what is added up.
        scale = max(1.0, abs(self.logit), self.toward_pneumonia, self.toward_normal)
        return rest if abs(rest) > _NOTHING * scale else 0.0

    @property
    def share(self) -> float:
        """How much of what moved the logit from its constant is on the map, 0 to 1.

        The evidence of either sign over the evidence and the size of the rest: 1 for a map that
        adds up, and 1 where nothing moved it.
        """
        shown = self.toward_pneumonia + self.toward_normal
        rest = abs(self.rest)
        return shown / (shown + rest) if rest else 1.0
