"""The one-convolution CNN: one Conv2D, pooling, dropout, then as dense: the second rung."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from model_zoo.dense import DEFAULTS as DENSE_DEFAULTS
from model_zoo.dense import hidden

if TYPE_CHECKING:
    from app.core.settings.training import TrainConfig

INPUT_SIZE = 40
KERNEL, STRIDE = 5, 2
"""Of the convolution. Every second pixel: four times faster than each one, and no worse here."""
POOL = 2
"""Side of the pooling; with it the largest of the 216 has a million weights, 4 MiB on disk."""
TITLE = f"CNN: one convolution on {INPUT_SIZE} x {INPUT_SIZE} grey pixels"
CAM_LAYER = "features"
DEFAULTS: dict[str, Any] = {**DENSE_DEFAULTS, "epochs": 10, "batch_size": 64, "dropout": 0.25}
OWN_SETTINGS = (
    "nodes_cnn",
    "activation_cnn",
    "dropout",
    "nodes_dense",
    "activation_dense",
    "kernel_initializer",
)
GRID: dict[str, tuple[Any, ...]] = {
    "nodes_cnn": (32, 64, 128),
    "activation_cnn": ("relu", "softmax"),
    "dropout": (0.1, 0.25, 0.5),
    "nodes_dense": (12, 20, 100),
    "activation_dense": ("relu", "elu"),
    "optimizer": ("adam", "sgd"),
}
"""The 216 settings of the earlier work's sweep."""


def build(config: TrainConfig, input_size: int = INPUT_SIZE, outputs: int = 1) -> Any:
    """Convolution, pooling, dropout, one hidden layer, one logit (or one a class).

    Parameters
    ----------
    config
        Its ``nodes_cnn``, ``activation_cnn`` and ``dropout`` are used, and what ``dense`` uses.
    input_size
        Side of the square input, pixels.
    outputs
        1 for two classes, else their number.
    """
    import keras
    from keras import layers

    inputs = keras.Input((input_size, input_size, 1), name="radiograph")
    x = layers.Rescaling(1 / 64, offset=-127 / 64, name="rescaling")(inputs)
    x = layers.Conv2D(
        config.nodes_cnn,
        KERNEL,
        strides=STRIDE,
        activation=config.activation_cnn,
        kernel_initializer=keras.initializers.GlorotUniform(seed=config.seed),
        name=CAM_LAYER,
    )(x)
    x = layers.MaxPooling2D(POOL, name="pooling")(x)
    x = layers.Dropout(config.dropout, seed=config.seed, name="dropout")(x)
    x = hidden(layers.Flatten(name="flatten")(x), config)
    logits = layers.Dense(outputs, dtype="float32", name="logit")(x)
    return keras.Model(inputs, logits, name="cnn")
