"""The dense base: grey pixels, one hidden layer, the answer. The first step of the ladder.

It knows nothing of neighbourhood: what it reaches is what a picture's plain grey values tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.core.settings.training import TrainConfig

INPUT_SIZE = 48
TITLE = f"Dense: one hidden layer on {INPUT_SIZE} x {INPUT_SIZE} grey pixels"
CAM_LAYER = ""
DEFAULTS: dict[str, Any] = {
    "epochs": 20,
    "learning_rate": 0.0,
    "optimizer": "adam",
    "schedule": "constant",
    "weight_decay": 0.0,
    "dropout": 0.0,
    "augmentation": 0.0,
    "patience": 0,
    "class_weights": False,
    "frozen_blocks": 0,
}
OWN_SETTINGS = ("nodes_dense", "activation_dense", "kernel_initializer")
GRID: dict[str, tuple[Any, ...]] = {
    "nodes_dense": (12, 20, 100),
    "activation_dense": ("relu", "elu"),
    "optimizer": ("adam", "sgd"),
    "batch_size": (32, 64, 128),
    "epochs": (10, 20, 30),
    "kernel_initializer": ("uniform", "normal"),
}
"""The 216 settings of the earlier work's sweep."""


def build(config: TrainConfig, input_size: int = INPUT_SIZE, outputs: int = 1) -> Any:
    """Flatten, one hidden layer, one logit (or one a class).

    Parameters
    ----------
    config
        Its ``nodes_dense``, ``activation_dense`` and ``kernel_initializer`` are used.
    input_size
        Side of the square input, pixels.
    outputs
        1 for two classes, else their number.
    """
    import keras
    from keras import layers

    inputs = keras.Input((input_size, input_size, 1), name="radiograph")
    x = layers.Rescaling(1 / 128, offset=-127 / 128, name="rescaling")(inputs)
    x = hidden(layers.Flatten(name="flatten")(x), config)
    logits = layers.Dense(outputs, dtype="float32", name="logit")(x)
    return keras.Model(inputs, logits, name="dense")


def hidden(x: Any, config: TrainConfig) -> Any:
    """The hidden layer that both small networks have."""
    import keras
    from keras import layers

    kinds = {
        "uniform": keras.initializers.RandomUniform,
        "normal": keras.initializers.RandomNormal,
    }
    return layers.Dense(
        config.nodes_dense,
        activation=config.activation_dense,
        kernel_initializer=kinds[config.kernel_initializer](seed=config.seed),
        name="hidden",
    )(x)
