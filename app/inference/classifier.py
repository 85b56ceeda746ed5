"""A trained model, loaded when first needed, on the GPU if there is one, and safe to run.

Out of memory means a smaller batch, then the CPU; either is told through ``on_notice``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core import preprocess
from app.core.calibration import logistic
from app.core.errors import ModelError
from app.core.model_card import ModelCard
from app.core.results import Heatmap
from app.core.translation import tr
from app.inference import device
from app.inference.explain import heatmap_of, score_and_evidence
from app.inference.model_file import check_file, load_keras

__all__ = ["Classifier", "load_keras"]

log = logging.getLogger(__name__)

Inputs = NDArray[np.float32]


class Classifier:
    """One model folder (``model.keras`` and ``card.json``).

    Parameters
    ----------
    folder
        The model's folder. The card is read at once, the weights on the first use.
    on_notice
        Takes a sentence for the person, such as that the GPU's memory was too small.

    Raises
    ------
    ModelError
        When the card or, later, the weights are missing, damaged or unsafe.
    """

    def __init__(self, folder: Path, on_notice: Callable[[str], None] = log.warning) -> None:
        self.folder = folder
        self.card = ModelCard.load(folder / "card.json")
        if self.card.preprocessing != preprocess.NAME:
            raise ModelError(
                tr(
                    "The model {name} expects the preprocessing {preprocessing!r}, which this "
                    "Opacity does not have.",
                    name=self.card.name,
                    preprocessing=self.card.preprocessing,
                ),
                tr("It has {name!r}.", name=preprocess.NAME),
                tr("Use the Opacity that trained the model, or train it again."),
            )
        self.on_notice = on_notice
        self.batch_limit: int | None = None
        self._model: Any = None
        self._evidence: Callable[[Inputs], tuple[NDArray, NDArray]] | None = None
        self._scores: Callable[[Inputs], NDArray] | None = None
        self._device = ""
        self._name = ""

    def require_pneumonia(self) -> None:
        """Raise ``ModelError`` unless it can call NORMAL or PNEUMONIA."""
        if not self.card.judges_pneumonia:
            raise ModelError(
                tr(
                    "The model {name} tells {classes}.",
                    name=self.card.name,
                    classes=" from ".join(self.card.classes),
                ),
                tr("Scoring needs a model of the classes NORMAL and PNEUMONIA."),
                tr("Choose another model."),
            )
        _ = self.card.threshold  # there must be one

    def check_file(self) -> None:
        """Check hash and layers of the weights' file, without TensorFlow; see ``model_file``."""
        check_file(self.folder / "model.keras", self.card)

    @property
    def device_name(self) -> str:
        """Name of the GPU, or the CPU, that runs the network; empty before ``load``."""
        return self._name

    def load(self) -> None:
        """Import TensorFlow and read the weights; does nothing the second time."""
        if self._model is not None:
            return
        model = load_keras(self.folder / "model.keras", self.card)
        gpu = device.gpu_name()
        self._device, self._name = ("/GPU:0", gpu) if gpu else ("/CPU:0", device.cpu_name())
        self._use(model)

    def predict(self, inputs: Inputs) -> NDArray[np.float64]:
        """Probabilities of pneumonia.

        Parameters
        ----------
        inputs
            Shape (n, s, s, 1), float32, from ``app.core.preprocess.model_input``.

        Returns
        -------
        numpy.ndarray
            Shape (n,), float64 in [0, 1].
        """
        if not len(inputs):
            return np.empty(0)
        return self._run(inputs, self._logits)[0]

    def predict_with_evidence(self, inputs: Inputs) -> tuple[NDArray, NDArray]:
        """Probabilities, shape (n,), and maps, shape (n, rows, columns); see ``explain``."""
        self.load()
        probabilities, maps = self._run(inputs, self._logits_and_maps)
        return probabilities, maps

    def explain(self, inputs: Inputs) -> tuple[float, Heatmap]:
        """Score one image, shape (1, s, s, 1), and say where the evidence lies.

        Returns
        -------
        p : float
            Probability of pneumonia.
        heatmap : Heatmap
            Grad-CAM, or the input gradient where the network has no convolution.
        """
        probabilities, maps = self.predict_with_evidence(inputs)
        return float(probabilities[0]), heatmap_of(maps[0], self.card)

    # Looked up at each call: when the GPU is given up, a batch goes on with the CPU's functions.

    def _logits(self, inputs: Inputs) -> tuple[NDArray]:
        assert self._scores is not None  # set by load()
        return (self._scores(inputs),)

    def _logits_and_maps(self, inputs: Inputs) -> tuple[NDArray, NDArray]:
        assert self._evidence is not None  # set by load()
        return self._evidence(inputs)

    def _run(self, inputs: Inputs, function: Callable[[Inputs], tuple]) -> list[NDArray]:
        """Run a function over batches; its first result is logits, returned as probabilities."""
        if len(self.card.classes) > 2:
            self.require_pneumonia()
        self.load()
        tf = device.tensorflow()
        parts: list[tuple] = []
        at = 0
        while at < len(inputs):
            size = min(self.batch_limit or len(inputs), len(inputs) - at)
            try:
                with tf.device(self._device):
                    parts.append(function(inputs[at : at + size]))
            except Exception as error:
                if not device.is_out_of_memory(error):
                    raise
                self._make_room(size)
                continue
            at += size
        logits, *others = (np.concatenate(values) for values in zip(*parts, strict=True))
        if not np.isfinite(logits).all():
            raise ModelError(
                tr("The model {name} gave a score that is not a number.", name=self.card.name),
                tr("A finite score was expected."),
                tr("Choose another model: this one is damaged."),
            )
        line = self.card.calibrated
        return [line.probabilities(logits) if line else logistic(logits), *others]

    def _make_room(self, size: int) -> None:
        """Halve the batch; when one image is too many, move to the CPU; then give up."""
        if size > 1:
            self.batch_limit = size // 2
            self.on_notice(
                tr(
                    "Out of memory: going on with batches of {batch_limit} images.",
                    batch_limit=self.batch_limit,
                )
            )
        elif self._device != "/CPU:0":
            self._device, self._name, self.batch_limit = "/CPU:0", device.cpu_name(), None
            with device.tensorflow().device(self._device):
                self._use(load_keras(self.folder / "model.keras", self.card))
            self.on_notice(tr("The GPU's memory is too small: going on with the CPU."))
        else:
            raise ModelError(
                tr("There is not enough memory to score even one image."),
                tr("The network needs some hundred megabytes."),
                tr("Close other programs and try again."),
            )

    def _use(self, model: Any) -> None:
        tf = device.tensorflow()
        self._model = model
        signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)]
        run = tf.function(
            lambda x: model(x, training=False)[:, 0], input_signature=signature, jit_compile=False
        )
        self._scores = lambda inputs: run(tf.convert_to_tensor(inputs)).numpy()
        self._evidence = score_and_evidence(model, self.card.cam_layer)
