"""Heatmaps: where on the image the evidence for pneumonia lies.

Grad-CAM (Selvaraju et al., ICCV 2017, arXiv:1610.02391), computed on the logit and on the last
convolutional grid. The map is not normalised by its own maximum, as tf-keras-vis does, so that
weak evidence stays weak: for a network that ends in a global average and one dense layer, the
map before the cut at zero adds up to the logit less its bias, and a cell's value is what that
cell adds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.model_card import ModelCard
from app.core.results import Heatmap
from app.inference.device import tensorflow

METHOD = "Grad-CAM"


def score_and_evidence(
    model: Any, cam_layer: str
) -> Callable[[NDArray[np.float32]], tuple[NDArray[np.float64], NDArray[np.float32]]]:
    """One cached function that returns logits and Grad-CAM maps together.

    The gradient runs only from the logit back to the last convolutional grid, so a map costs
    little more than the score.

    Parameters
    ----------
    model
        Keras model from (n, s, s, 1) to logits (n, 1).
    cam_layer
        Name of the last convolutional layer.

    Returns
    -------
    callable
        From inputs (n, s, s, 1) to logits (n,) and maps (n, rows, columns), both in logit units;
        maps are >= 0.
    """
    tf = tensorflow()
    import keras

    both = keras.Model(model.input, [model.get_layer(cam_layer).output, model.output])

    # One signature for all batch sizes: no retracing, and no XLA (see app.training.fit).
    @tf.function(  # type: ignore[untyped-decorator]
        input_signature=[tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)],
        jit_compile=False,
    )
    def run(inputs: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            grid, logits = both(inputs, training=False)
        weights = tf.reduce_mean(tape.gradient(logits, grid), axis=(1, 2), keepdims=True)
        return logits[:, 0], tf.nn.relu(tf.reduce_sum(weights * grid, axis=-1))

    def call(inputs: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        logits, maps = run(tf.convert_to_tensor(inputs))
        return logits.numpy().astype(np.float64), maps.numpy().astype(np.float32)

    return call


def heatmap_of(evidence: NDArray[np.float32], card: ModelCard) -> Heatmap:
    """A map with the scale that belongs to its model."""
    return Heatmap(evidence, card.cam_full_scale, METHOD)
