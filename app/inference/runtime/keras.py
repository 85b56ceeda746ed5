"""The network itself, in TensorFlow: on a GPU, and where a model has no serving form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.model.card import ModelCard
from app.inference.heatmap.heatmaps import constant_of, score_evidence_and_features
from app.inference.runtime import Outputs, device
from app.inference.runtime.model_file import load_keras
from app.inference.scoring.features import score_and_features


class KerasRuntime:
    """See ``app.inference.runtime.Runtime``.

    Parameters
    ----------
    folder, card
        The model.
    layers
        Names of the layers whose features are wanted, then of the card's heads.
    gpu
        Whether to run on the GPU.

    Raises
    ------
    ModelError
        As for ``load_keras``, and when the network lacks one of the layers.
    """

    has_maps = True

    def __init__(
        self, folder: Path, card: ModelCard, layers: tuple[str, ...], gpu: bool = False
    ) -> None:
        self._tf = device.tensorflow()
        name = device.gpu_name() if gpu else None
        self.device = name or device.cpu_name()
        self._place = "/GPU:0" if name else "/CPU:0"
        with self._tf.device(self._place):
            model: Any = load_keras(folder / "model.keras", card)
            self._scores = score_and_features(model, layers)
            self._evidence = score_evidence_and_features(model, card.cam_layer, layers)
        self.constant = constant_of(model)

    def run(self, inputs: NDArray[np.float32], maps: bool) -> Outputs:
        """See ``Runtime``."""
        with self._tf.device(self._place):
            if maps:
                logits, evidence, features = self._evidence(inputs)
                return Outputs(logits, features, evidence)
            scores, features = self._scores(inputs)
        return Outputs(scores.astype(np.float64), features)
