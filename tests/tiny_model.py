"""A real model, small enough to build in a second: one convolution, trained weights or not.

It is written by the program's own ``save_bundle``, so whatever reads it reads the real thing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from app.core.image import preprocess
from app.core.model.card import ModelCard
from app.inference.scoring.out_of_distribution import FeatureSpread, OutOfDistribution, card_part

SIZE = 32


def build_tiny(seed: int = 1, cam: bool = True, bright: float = 20.0) -> Any:
    """A network to one logit that rises with how bright the image's top half is.

    ``bright`` scales the logit; with ``cam`` it has a convolution named ``features``.
    """
    from app.inference.runtime.device import tensorflow

    tensorflow()
    import keras
    from keras import layers

    keras.utils.set_random_seed(seed)
    inputs = keras.Input((SIZE, SIZE, 1))
    x = layers.Rescaling(1 / 255)(inputs)
    if cam:
        x = layers.Conv2D(8, 5, strides=4, padding="same", activation="relu", name="features")(x)
        x = layers.GlobalAveragePooling2D()(x)
    else:
        x = layers.Flatten()(x)
    model = keras.Model(inputs, layers.Dense(1, name="logit")(x))
    kernel, bias = model.get_layer("logit").get_weights()
    model.get_layer("logit").set_weights([kernel * bright, bias])
    return model


def tiny_card(name: str = "tiny", **changes: Any) -> ModelCard:
    """A valid card for ``build_tiny``."""
    fields: dict[str, Any] = {
        "name": name,
        "version": "1.0",
        "arch": "best",
        "created": "2026-01-01T00:00:00+00:00",
        "classes": ("NORMAL", "PNEUMONIA"),
        "input_size": SIZE,
        "cam_layer": "features",
        "cam_full_scale": 1.0,
        "preprocessing": preprocess.NAME,
        "operating_points": {"default": 0.5},
        # The network's output as it is.
        "calibration": {"slope": 1.0, "intercept": 0.0, "prevalence": 0.5},
        "weights_sha256": "",
        "age_years": (1.0, 5.0),
    }
    return ModelCard(**{**fields, **changes})


def wide_gate() -> OutOfDistribution:
    """A gate on the convolution of ``build_tiny`` that lets any picture through."""
    zero, one, factor = np.zeros(16, np.float32), np.ones(16, np.float32), np.eye(16)
    return OutOfDistribution(
        (FeatureSpread("features", zero, one, factor.astype(np.float16), 1.0),), 1e6
    )


def save_tiny(
    parent: Path,
    name: str = "tiny",
    seed: int = 1,
    gate: OutOfDistribution | None = None,
    gate_limits: tuple[float, float] = (1.0, 2.0),
    **changes: Any,
) -> Path:
    """Write the tiny model below a folder of models and return its own folder.

    With a gate, ``gate_limits`` are those of its caution and its refusal.
    """
    from app.training.result.bundle import save_bundle

    data = gate.to_bytes() if gate else None
    part = {} if data is None else card_part(data, *gate_limits)
    cam = bool(changes.get("cam_layer", True))
    card = tiny_card(name, **{"fitness": part, **changes})
    return save_bundle(build_tiny(seed, cam), card, parent, data)
