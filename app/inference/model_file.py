"""The file ``model.keras``: checked against its card, found free of code, and loaded."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

from app.core.errors import ModelError
from app.core.model_card import ModelCard
from app.inference import device

MAX_UNPACKED_BYTES = 2**30


def check_file(path: Path, card: ModelCard) -> None:
    """Check that the file is the card's and holds no code, without loading TensorFlow.

    Raises
    ------
    ModelError
        When it is missing, damaged, holds a Lambda layer or has another hash than the card says.
    """
    try:
        data_hash = hashlib.sha256(path.read_bytes()).hexdigest()
        with zipfile.ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise ValueError("it unpacks to more than a network of this kind can need")
            config = json.loads(archive.read("config.json"))
        code = _code_in(config)
    except Exception as error:  # zlib, zipfile, json and recursion each have their own
        raise ModelError(
            f"The model file {path} cannot be read: {error}.",
            "A .keras file that Opacity wrote was expected.",
            "Choose another model, or train it again.",
        ) from error
    if code:
        raise ModelError(
            f"The model file {path} holds {code}, which is code.",
            "A model of Keras' own layers was expected, without Lambda.",
            "Do not use it unless you know where it comes from; rebuild it of plain layers.",
        )
    if data_hash != card.weights_sha256:
        raise ModelError(
            f"The model file {path} is not the one its card describes.",
            "Its SHA-256 must equal weights_sha256 in card.json.",
            "Copy the model's folder again, or train it again.",
        )


def load_keras(path: Path, card: ModelCard) -> Any:
    """Read ``model.keras`` after ``check_file``.

    Raises
    ------
    ModelError
        As for ``check_file``, and when its shapes do not fit the card: one output for two
        classes, else one for each class.
    """
    check_file(path, card)
    device.tensorflow()
    import keras

    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
        expected = (None, card.input_size, card.input_size, 1)
        outputs = 1 if len(card.classes) == 2 else len(card.classes)
        if tuple(model.input_shape) != expected or tuple(model.output_shape) != (None, outputs):
            raise ValueError(f"its shapes are {model.input_shape} to {model.output_shape}")
        if card.cam_layer:
            model.get_layer(card.cam_layer)
    except Exception as error:  # Keras raises many kinds for a damaged archive
        raise ModelError(
            f"The model file {path} cannot be loaded: {error}.",
            "A Keras model as its card describes was expected.",
            "Choose another model, or train it again.",
        ) from error
    return model


def _code_in(config: Any) -> str:
    """What in a Keras config is code: a Lambda, or a class that is not Keras' own; else empty."""
    if isinstance(config, dict):
        name, module = config.get("class_name"), config.get("module")
        if name in ("Lambda", "__lambda__"):
            return "a Lambda layer"
        if isinstance(module, str) and module.split(".")[0] not in ("keras", "builtins"):
            return f"a layer from {module}"
        return next(filter(None, map(_code_in, config.values())), "")
    if isinstance(config, list):
        return next(filter(None, map(_code_in, config)), "")
    return ""
