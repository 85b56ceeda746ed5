"""Architectures, one module each, and beside them a folder for each bundled model.

An architecture module has ``TITLE`` (one line for the person), ``INPUT_SIZE`` (pixels),
``CAM_LAYER`` (name of the last convolutional layer, or empty), ``FITNESS_LAYERS`` (names of the
layers from which the fitness gate tells how unlike the training images a picture is; without them
a network has no such gate), ``DEFAULTS`` (settings that
differ from ``TrainConfig``'s own), ``OWN_SETTINGS`` (names of the settings that only some
architectures use), what a sweep tries (``GRID``: the values of each setting, all of whose
combinations are tried; or ``SPACE``, what is drawn from) and
``build(config, input_size, outputs)``, which returns an uncompiled Keras model from grey input
(rows, columns, 1) with values 0..255 to logits: one for two classes, else one a class.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

from app.core.base.errors import ReviewError

BUNDLED = Path(__file__).parent
_NAMES = ("best", "cnn", "dense")


def architectures() -> dict[str, str]:
    """Name and one-line description of each architecture."""
    return {name: architecture(name).TITLE for name in _NAMES}


def architecture(name: str) -> ModuleType:
    """The module of an architecture; importing it imports neither Keras nor TensorFlow."""
    if name not in _NAMES:
        raise ReviewError(
            f"There is no architecture named {name!r}.",
            f"The architectures are: {', '.join(_NAMES)}.",
            "Choose one of them.",
        )
    return importlib.import_module(f"model_zoo.{name}")
