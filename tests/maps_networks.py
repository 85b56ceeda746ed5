"""Networks for the tests of maps: small, and one whose evidence is known."""

from __future__ import annotations

from tiny_model import SIZE, build_tiny, tiny_card


def tiny(seed=2):
    """A network to one logit and its card, as ``load_network`` gives them."""
    return build_tiny(seed), tiny_card()


def bright_corner():
    """The logit is the mean of the upper left quarter, times ten, less three."""
    import keras
    import numpy as np
    from keras import layers

    image = keras.Input((SIZE, SIZE, 1))
    x = layers.Rescaling(1 / 255)(image)
    cells = layers.AveragePooling2D(SIZE // 4)(x)
    grid = layers.Conv2D(2, 1, name="features", activation="relu")(cells)
    logit = layers.Dense(1, name="logit")(layers.Flatten()(grid))
    model = keras.Model(image, logit)
    model.get_layer("features").set_weights([np.array([1.0, 0.0]).reshape(1, 1, 1, 2), np.zeros(2)])
    weights = np.zeros((4, 4, 2))
    weights[:2, :2, 0] = 2.5
    model.get_layer("logit").set_weights([weights.reshape(-1, 1), np.array([-3.0])])
    return model, tiny_card()
