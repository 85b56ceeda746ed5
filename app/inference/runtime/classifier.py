"""A trained model, loaded when first needed, on the GPU if there is one, and safe to run.

On the CPU the serving form runs (``app.inference.runtime``), without TensorFlow. Where the driver
tells of a GPU the first images are scored so too, and TensorFlow is loaded meanwhile.

Out of memory means a smaller batch, then the CPU; either is told through ``on_notice``.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import ModelError
from app.core.base.translation import tr
from app.core.image import preprocess
from app.core.model.calibration import probabilities_by
from app.core.model.card import ModelCard
from app.core.model.heads import KIND, SPREAD
from app.core.model.results import Heatmap
from app.inference.heatmap.heatmaps import heatmap_of
from app.inference.runtime import Outputs, Runtime, device
from app.inference.runtime.model_file import check_file, load_keras
from app.inference.runtime.serving import check_form, form_of
from app.inference.scoring.out_of_distribution import OutOfDistribution, load_fitness

__all__ = ["Answers", "Classifier", "load_keras"]

log = logging.getLogger(__name__)

Inputs = NDArray[np.float32]

GPU_AFTER = 64
"""Images scored on the CPU before a GPU is made ready: TensorFlow's import takes longer."""


@dataclass(frozen=True)
class Answers:
    """What a network says of n images, all of it from one pass.

    Parameters
    ----------
    p
        Shape (n,), float64 in [0, 1]: probabilities of pneumonia.
    unlikeness
        Shape (n,), float64: see ``app.inference.scoring.out_of_distribution``; None for a model
        without that gate.
    maps
        Shape (n, rows, columns), float32, in logit units, both signs: see
        ``app.inference.heatmap.heatmaps``; None unless asked for.
    logits
        Shape (n,), float64: what the network gives, before calibration.
    bacterial
        Shape (n,), float64: probabilities that a pneumonia is bacterial; None for a network that
        does not tell the kinds apart.
    ranges
        Two of shape (n,), float64: lowest and highest probability (``app.core.model.heads``); None
        for
        a network that does not say how sure it is.
    """

    p: NDArray[np.float64] = field(repr=False)
    unlikeness: NDArray[np.float64] | None = field(default=None, repr=False)
    maps: NDArray[np.float32] | None = field(default=None, repr=False)
    logits: NDArray[np.float64] = field(default_factory=lambda: np.empty(0), repr=False)
    bacterial: NDArray[np.float64] | None = field(default=None, repr=False)
    ranges: tuple[NDArray[np.float64], NDArray[np.float64]] | None = field(default=None, repr=False)


class Classifier:
    """One model folder (``model.keras``, ``card.json`` and, where it has a gate, its file).

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
        self._fitness: OutOfDistribution | None = None
        self._runtime: Runtime | None = None
        self._for_maps: Runtime | None = None
        self._scored = 0
        self._gpu: _Coming | None = None

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
        """Check the files' hashes and the weights' layers, without TensorFlow."""
        check_file(self.folder / "model.keras", self.card)
        load_fitness(self.folder, self.card)
        check_form(self.folder, self.card)

    @property
    def device_name(self) -> str:
        """Name of the GPU, or the CPU, that runs the network; empty before ``load``."""
        return self._runtime.device if self._runtime else ""

    def load(self) -> None:
        """Check the files and read the network; does nothing the second time."""
        if self._runtime is not None:
            return
        # Set together: a gate of another network must not leave a model half in use.
        check_file(self.folder / "model.keras", self.card)
        fitness = load_fitness(self.folder, self.card)
        self._runtime, self._fitness = self._on_cpu(fitness), fitness

    def answers(self, inputs: Inputs, maps: bool = False) -> Answers:
        """Score images, and say how unlike the training images they are.

        Parameters
        ----------
        inputs
            Shape (n, s, s, 1), float32, n >= 1, from ``app.core.image.preprocess.model_input``.
        maps
            Whether to say where the evidence lies, too.
        """
        p, logits, features, evidence = self._run(inputs, maps)
        # The heads come last among the features, in the order of the card.
        features, outputs = np.split(features, [features.shape[1] - len(self.card.heads)], axis=1)
        said = dict(zip(self.card.heads, outputs.T, strict=True))
        card, kind, spread = self.card, self.card.kind, self.card.spread
        return Answers(
            p,
            self._fitness.unlikeness(features) if self._fitness else None,
            evidence,
            logits,
            kind.probabilities(said[KIND]) if kind else None,
            spread.ranges(logits, said[SPREAD], card.calibrated) if spread else None,
        )

    def predict(self, inputs: Inputs) -> NDArray[np.float64]:
        """Probabilities of pneumonia, whether the images are fit for it or not.

        Parameters
        ----------
        inputs
            Shape (n, s, s, 1), float32, from ``app.core.image.preprocess.model_input``.

        Returns
        -------
        numpy.ndarray
            Shape (n,), float64 in [0, 1].
        """
        if not len(inputs):
            return np.empty(0)
        return self.answers(inputs).p

    def predict_with_evidence(self, inputs: Inputs) -> tuple[NDArray, NDArray]:
        """Probabilities, shape (n,), and maps, shape (n, rows, columns); see ``explain``."""
        answers = self.answers(inputs, maps=True)
        assert answers.maps is not None  # they were asked for
        return answers.p, np.maximum(answers.maps, np.float32(0))

    def heatmap(self, answers: Answers, at: int) -> Heatmap:
        """The map of one image of those that were scored with their maps."""
        assert answers.maps is not None  # they were asked for
        constant = self._runtime.constant if self._runtime else 0.0
        return heatmap_of(answers.maps[at], self.card, float(answers.logits[at]), constant)

    def explain(self, inputs: Inputs) -> tuple[float, Heatmap]:
        """Score one image, shape (1, s, s, 1), and say where the evidence lies.

        Returns
        -------
        p : float
            Probability of pneumonia.
        heatmap : Heatmap
            Grad-CAM, or the input gradient where the network has no convolution.
        """
        answers = self.answers(inputs, maps=True)
        return float(answers.p[0]), self.heatmap(answers, 0)

    def _run(
        self, inputs: Inputs, maps: bool
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], Inputs, Inputs | None]:
        """Probabilities, logits, features and maps of images, in batches that fit the memory."""
        if len(self.card.classes) > 2:
            self.require_pneumonia()
        self.load()
        self._look_for_gpu(len(inputs))
        parts: list[Outputs] = []
        at = 0
        while at < len(inputs):
            size = min(self.batch_limit or len(inputs), len(inputs) - at)
            try:
                # Looked up each time: when the GPU is given up, a batch goes on with the CPU.
                parts.append(self._engine(maps).run(inputs[at : at + size], maps))
            except Exception as error:
                if not device.is_out_of_memory(error):
                    raise
                self._make_room(size)
                continue
            at += size
        logits = np.concatenate([part.logits for part in parts])
        features = np.concatenate([part.features for part in parts])
        evidence = [part.maps for part in parts if part.maps is not None]
        heads = features[:, features.shape[1] - len(self.card.heads) :]
        if not (np.isfinite(logits).all() and np.isfinite(heads).all()):
            raise ModelError(
                tr("The model {name} gave a score that is not a number.", name=self.card.name),
                tr("A finite score was expected."),
                tr("Choose another model: this one is damaged."),
            )
        p = probabilities_by(self.card.calibrated)(logits)
        return p, logits, features, np.concatenate(evidence) if maps else None

    def _make_room(self, size: int) -> None:
        """Halve the batch; when one image is too many, move to the CPU; then give up."""
        if size > 1:
            self.batch_limit = size // 2
            self.on_notice(
                tr(
                    "Out of memory: going on with fewer images a batch: {count}.",
                    count=self.batch_limit,
                )
            )
        elif self.device_name != device.cpu_name():
            self._runtime, self.batch_limit = self._on_cpu(self._fitness), None
            self.on_notice(tr("The GPU's memory is too small: going on with the CPU."))
        else:
            raise ModelError(
                tr("There is not enough memory to score even one image."),
                tr("The network needs some hundred megabytes."),
                tr("Close other programs and try again."),
            )

    # Engines ------------------------------------------------------------------------------------

    def _layers(self, fitness: OutOfDistribution | None) -> tuple[str, ...]:
        # What a head says comes by the same way as the features: from the one pass.
        return (*(fitness.layers if fitness else ()), *self.card.heads)

    def _on_cpu(self, fitness: OutOfDistribution | None) -> Runtime:
        """The serving form; the network itself where it has none."""
        form = form_of(self.folder, self.card, self.on_notice)
        if form is None:
            return self._in_tensorflow(fitness)
        from app.inference.runtime.onnx import OnnxRuntime

        data, card = form
        widths = [len(spread.mean) for spread in fitness.spreads] if fitness else []
        return OnnxRuntime(data, card, sum(widths) + len(card.heads))

    def _in_tensorflow(self, fitness: OutOfDistribution | None, gpu: bool = False) -> Runtime:
        from app.inference.runtime.keras import KerasRuntime

        return KerasRuntime(self.folder, self.card, self._layers(fitness), gpu)

    def _engine(self, maps: bool) -> Runtime:
        """What runs the next batch."""
        assert self._runtime is not None  # set by load()
        if not maps or self._runtime.has_maps:
            return self._runtime
        # A rare network: no map without a backward pass, which only TensorFlow has.
        if self._for_maps is None:
            self._for_maps = self._in_tensorflow(self._fitness)
        return self._for_maps

    def _look_for_gpu(self, count: int) -> None:
        """Once enough images come, make the GPU ready in a thread, and move there when it is."""
        if self._gpu is None:
            self._scored += count
            if self._scored > GPU_AFTER and device.has_nvidia():
                self._gpu = _Coming(lambda: self._in_tensorflow(self._fitness, gpu=True))
        elif (ready := self._gpu.take()) is not None and ready.device != device.cpu_name():
            self._runtime, self.batch_limit = ready, None


class _Coming:
    """An engine that a thread makes ready."""

    def __init__(self, make: Callable[[], Runtime]) -> None:
        self._ready: Runtime | None = None
        self.thread = threading.Thread(target=self._make, args=(make,), name="gpu")
        self.thread.start()

    def _make(self, make: Callable[[], Runtime]) -> None:
        try:
            self._ready = make()
        except Exception:  # the CPU goes on
            log.exception("the GPU could not be made ready")

    def take(self) -> Runtime | None:
        """The engine, once, when it is ready."""
        ready, self._ready = self._ready, None
        return ready
