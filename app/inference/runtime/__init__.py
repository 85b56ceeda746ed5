"""What runs a network. The seam is ``Runtime``; an engine is one module beside this one.

``onnx`` runs the serving form on the CPU without TensorFlow, ``keras`` the network itself on a
GPU, and where there is no serving form. ``serving`` finds the form, ``check`` reads it with
suspicion before an engine sees it, ``export`` makes it.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


class Outputs(NamedTuple):
    """What an engine gives for n images.

    ``logits`` has the shape (n,), float64. ``features`` has the shape (n, d), float32: what the
    fitness gate looks at (``app.inference.scoring.features``), then one column a head of the card.
    ``maps`` has the shape (n, rows, columns), float32, logit units, both signs
    (``app.inference.heatmap.heatmaps``); None unless asked for.
    """

    logits: NDArray[np.float64]
    features: NDArray[np.float32]
    maps: NDArray[np.float32] | None = None


class Runtime(Protocol):
    """One network on one device.

    ``device`` is the device as shown to a person. ``constant`` is what the logit is without any
    evidence. ``has_maps`` says whether it can say where the evidence lies.
    """

    device: str
    constant: float
    has_maps: bool

    def run(self, inputs: NDArray[np.float32], maps: bool) -> Outputs:
        """Score images, shape (n, s, s, 1), n >= 1; an engine out of memory raises its own error.

        See ``app.inference.runtime.device.is_out_of_memory``.
        """
        ...
