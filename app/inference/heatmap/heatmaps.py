"""Heatmaps: where on the image the evidence for pneumonia lies.

Grad-CAM (Selvaraju et al., ICCV 2017, arXiv:1610.02391), computed on the logit and on the last
convolutional grid. The map is not normalised by its own maximum, as tf-keras-vis does, so that
weak evidence stays weak: for a network that ends in a global average and one dense layer, the
map before the cut at zero adds up to the logit less its bias, and a cell's value is what that
cell adds. What is cut off there is kept as the evidence toward normal, and
``app.core.model.balance``
says how much of the logit the two account for.

A network without a convolution has no such grid. Its map is the input gradient (Simonyan, Vedaldi
and Zisserman, 2014, arXiv:1312.6034): the gradient of the logit with respect to each pixel, here
times the pixel (Shrikumar et al., 2016, arXiv:1605.01713). The gradient alone says where the score
is touchy, and nearly the same for every image; the product says what this image's pixels add to
the logit over a black image, so that it reads as Grad-CAM does: evidence for pneumonia, in logit
units a cell. Pixels are added up over cells, since next to each other they mostly cancel out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.core.model.balance import Balance
from app.core.model.card import ModelCard
from app.core.model.results import GRAD_CAM, INPUT_GRADIENT, Heatmap
from app.inference.runtime.device import tensorflow
from app.inference.scoring.features import logit_of, outputs_of, pooled

SALIENCY_CELLS = 14
"""Cells along a side of an input-gradient map; fewer for an input with fewer pixels."""

FULL_SCALE_IMAGES = 300
_LEAST_FULL_SCALE = 1e-3

Evidence = Callable[[NDArray[np.float32]], tuple[NDArray[np.float64], NDArray[np.float32]]]
EvidenceAndFeatures = Callable[
    [NDArray[np.float32]], tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.float32]]
]


def score_and_evidence(model: Any, cam_layer: str) -> Evidence:
    """One cached function that returns logits and maps together.

    For Grad-CAM the gradient runs only from the logit back to the last convolutional grid, so a
    map costs little more than the score.

    Parameters
    ----------
    model
        Keras model from (n, s, s, 1) to logits (n, 1), and perhaps more (``features.logit_of``).
    cam_layer
        Name of the last convolutional layer; empty for the input gradient.

    Returns
    -------
    callable
        From inputs (n, s, s, 1) to logits (n,) and maps (n, rows, columns), both in logit units;
        maps are >= 0.
    """
    run = score_evidence_and_features(model, cam_layer)

    def call(inputs: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        logits, maps, _ = run(inputs)
        return logits, np.maximum(maps, np.float32(0))

    return call


def score_evidence_and_features(
    model: Any, cam_layer: str, layers: tuple[str, ...] = ()
) -> EvidenceAndFeatures:
    """As ``score_and_evidence``, but maps of both signs: what is negative speaks for normal.

    From the same pass come the features of some layers, (n, d): see
    ``app.inference.scoring.features``.
    """
    return _grad_cam(model, cam_layer, layers) if cam_layer else _input_gradient(model, layers)


def _grad_cam(model: Any, cam_layer: str, layers: tuple[str, ...]) -> EvidenceAndFeatures:
    tf = tensorflow()
    import keras

    outputs = [model.get_layer(cam_layer).output, logit_of(model), *outputs_of(model, layers)]
    all_outputs = keras.Model(model.input, outputs)

    # One signature for all batch sizes: no retracing, and no XLA (see app.training.fit.loop).
    @tf.function(  # type: ignore[untyped-decorator]
        input_signature=[tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)],
        jit_compile=False,
    )
    def run(inputs: Any) -> tuple[Any, Any, Any]:
        with tf.GradientTape() as tape:
            grid, logits, *grids = tf.nest.flatten(all_outputs(inputs, training=False))
        weights = tf.reduce_mean(tape.gradient(logits, grid), axis=(1, 2), keepdims=True)
        maps = tf.reduce_sum(weights * grid, axis=-1)
        return logits[:, 0], maps, pooled(grids, inputs)

    def call(
        inputs: NDArray[np.float32],
    ) -> tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.float32]]:
        logits, maps, features = run(tf.convert_to_tensor(inputs))
        return logits.numpy().astype(np.float64), maps.numpy(), features.numpy()

    return call


def _input_gradient(model: Any, layers: tuple[str, ...]) -> EvidenceAndFeatures:
    tf = tensorflow()
    import keras

    all_outputs = keras.Model(model.input, [logit_of(model), *outputs_of(model, layers)])

    @tf.function(  # type: ignore[untyped-decorator]
        input_signature=[tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)],
        jit_compile=False,
    )
    def run(inputs: Any) -> tuple[Any, Any, Any]:
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            logits, *grids = tf.nest.flatten(all_outputs(inputs, training=False))
        added = (tape.gradient(logits, inputs) * inputs)[..., 0]
        return logits[:, 0], added, pooled(grids, inputs)

    def call(
        inputs: NDArray[np.float32],
    ) -> tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.float32]]:
        logits, added, features = run(tf.convert_to_tensor(inputs))
        maps = np.stack([_sum_over_cells(each) for each in added.numpy()])
        return logits.numpy().astype(np.float64), maps.astype(np.float32), features.numpy()

    return call


def _sum_over_cells(added: NDArray[np.float32]) -> NDArray[np.float32]:
    """What each cell of the grid adds; a pixel on a cell's edge is shared out by area."""
    size = added.shape[0]
    cells = min(SALIENCY_CELLS, size)
    # OpenCV's area filter takes means.
    means = cv2.resize(added, (cells, cells), interpolation=cv2.INTER_AREA)
    return np.asarray(means * np.float32((size / cells) ** 2), np.float32)


def full_scale(model: Any, cam_layer: str, inputs: NDArray[np.float32]) -> float:
    """Evidence shown in the strongest colour: the 90th percentile of the maps' highest values.

    Parameters
    ----------
    model, cam_layer
        As for ``score_and_evidence``; the scale is of the method that follows from ``cam_layer``.
    inputs
        Positive images that were not trained on, shape (n, s, s, 1), n >= 1; at most the first
        300 are looked at.

    Returns
    -------
    float
        Logit units a cell, > 0; for a card's ``cam_full_scale``.
    """
    run = score_and_evidence(model, cam_layer)
    peaks = [float(run(each[None])[1].max()) for each in inputs[:FULL_SCALE_IMAGES]]
    return max(float(np.percentile(peaks, 90)), _LEAST_FULL_SCALE)


def constant_of(model: Any) -> float:
    """What a network's logit is without any evidence: the bias of the layer that gives it."""
    import keras

    layer = logit_of(model)._keras_history.operation
    if not isinstance(layer, keras.layers.Dense) or layer.bias is None:
        return 0.0
    return float(np.asarray(layer.bias)[0])


def heatmap_of(
    evidence: NDArray[np.float32], card: ModelCard, logit: float, constant: float
) -> Heatmap:
    """A map with the scale that belongs to its model, and what it accounts for.

    Parameters
    ----------
    evidence
        Shape (rows, columns), both signs, from ``score_evidence_and_features``.
    card
        Of the network.
    logit, constant
        What the network gives for the image, and what it gives for none (``constant_of``).
    """
    method = GRAD_CAM if card.cam_layer else INPUT_GRADIENT
    positive, negative = np.maximum(evidence, 0), np.maximum(-evidence, 0)
    sums = (float(part.sum(dtype=np.float64)) for part in (positive, negative))
    balance = Balance(logit, constant, *sums)
    return Heatmap(positive, card.cam_full_scale, method, other=negative, balance=balance)
