"""What the fitness gate looks at: mean and spread of each channel of some layers.

They come from the pass that gives the score, so that the gate costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import ModelError
from app.core.base.translation import tr
from app.inference.runtime.device import tensorflow

Scores = Callable[[NDArray[np.float32]], tuple[NDArray[np.float32], NDArray[np.float32]]]


LOGIT = "logit"
"""Name of the layer that says how much speaks for pneumonia, whatever else a network tells."""


def logit_of(model: Any) -> Any:
    """The output that says how much speaks for pneumonia.

    Returns
    -------
    tensor
        Of the layer ``logit``, shape (n, 1); of a network without one, its first output.
    """
    named = [layer for layer in model.layers if layer.name == LOGIT]
    return named[0].output if named else model.outputs[0]


def outputs_of(model: Any, layers: tuple[str, ...]) -> list[Any]:
    """The output of each layer.

    Raises
    ------
    ModelError
        When the network has no layer of that name.
    """
    try:
        return [model.get_layer(name).output for name in layers]
    except ValueError as error:
        raise ModelError(
            tr("The fitness gate is of another network: {error}.", error=error),
            tr("A gate that was fitted with this network was expected."),
            tr("Copy the model's folder again, or train it again."),
        ) from error


def width(output: Any) -> int:
    """How many features a layer's output gives."""
    return int(output.shape[-1]) * (2 if len(output.shape) == 4 else 1)


def pooled(grids: list[Any], inputs: Any) -> Any:
    """Features of some layers, in TensorFlow.

    Parameters
    ----------
    grids
        The layers' outputs, tensors of shape (n, rows, columns, channels), or (n, d) for a layer
        of plain units, which are taken as they are.
    inputs
        The network's input, tensor of shape (n, s, s, 1): says n where there is no layer.

    Returns
    -------
    tensor
        Shape (n, d), float32: of each layer the channels' means, then their standard deviations.
    """
    tf = tensorflow()
    parts = []
    for grid in grids:
        if len(grid.shape) == 4:
            mean = tf.reduce_mean(grid, (1, 2))
            # Of one place: the converter to ONNX would make one zero of the channels' zeros.
            one = grid.shape[1] == grid.shape[2] == 1
            parts += [mean, 0.0 * mean if one else tf.math.reduce_std(grid, (1, 2))]
        else:
            parts.append(grid)
    return tf.concat(parts, 1) if parts else tf.zeros((tf.shape(inputs)[0], 0))


def score_and_features(model: Any, layers: tuple[str, ...]) -> Scores:
    """One cached function that returns logits and features together.

    Parameters
    ----------
    model
        Keras model from (n, s, s, 1) to logits (n, 1), and perhaps more.
    layers
        Names of the layers; none gives features of no columns.

    Returns
    -------
    callable
        From inputs (n, s, s, 1) to logits (n,) and features (n, d).
    """
    tf = tensorflow()
    import keras

    all_outputs = keras.Model(model.input, [logit_of(model), *outputs_of(model, layers)])

    # One signature for all batch sizes: no retracing, and no XLA (see app.training.fit.loop).
    @tf.function(  # type: ignore[untyped-decorator]
        input_signature=[tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)],
        jit_compile=False,
    )
    def run(inputs: Any) -> tuple[Any, Any]:
        # One output alone comes without its list.
        logits, *grids = tf.nest.flatten(all_outputs(inputs, training=False))
        return logits[:, 0], pooled(grids, inputs)

    def call(inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        logits, features = run(tf.convert_to_tensor(inputs))
        return logits.numpy(), features.numpy()

    return call
