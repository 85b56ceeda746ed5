"""The network that a run trains: built, given its first weights, compiled."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.core.model.card import ModelCard
from app.core.settings.training import ACTIVE, PRETRAINED, SCRATCH, TrainConfig
from model_zoo import architecture


def outputs_for(classes: int) -> int:
    """How many logits a network of so many classes has: one tells two classes apart."""
    return 1 if classes == 2 else classes


def input_size_of(config: TrainConfig) -> int:
    """Side of the square input that the settings ask for, pixels."""
    return config.image_size or int(architecture(config.arch).INPUT_SIZE)


def starting_folder(config: TrainConfig) -> Path | None:
    """Folder of the model that the weights come from; None for the architecture's own weights.

    Raises
    ------
    ModelError
        When there is no such model.
    """
    from app.inference.registry.models import find_model

    if config.start in (PRETRAINED, SCRATCH):
        return None
    return find_model(None if config.start == ACTIVE else config.start)


def build_network(config: TrainConfig, classes: int) -> Any:
    """An uncompiled network with the weights that ``config.start`` names.

    Parameters
    ----------
    config
        The settings.
    classes
        Number of classes.

    Returns
    -------
    keras.Model
        From (n, s, s, 1), values 0..255, to logits (n, 1), or (n, classes) for three and more.

    Raises
    ------
    ModelError
        When the model to start from is missing or damaged.
    ReviewError
        When it is of another architecture or its layers have other shapes.
    """
    import keras

    keras.utils.set_random_seed(config.seed)
    with _precision(config):
        zoo = architecture(config.arch)
        model = zoo.build(config, input_size_of(config), outputs_for(classes))
    if (folder := starting_folder(config)) is not None:
        _take_weights(model, config, folder)
    return model


def in_float32(model: Any, config: TrainConfig, classes: int) -> Any:
    """The same network computing in 32 bits, for use on any machine."""
    import keras

    if all(layer.compute_dtype == "float32" for layer in model.layers):
        return model
    keras.config.set_dtype_policy("float32")
    plain = architecture(config.arch).build(config, input_size_of(config), outputs_for(classes))
    plain.set_weights(model.get_weights())
    return plain


def compile_network(model: Any, config: TrainConfig, steps: int) -> None:
    """Give a network its optimizer and loss.

    Parameters
    ----------
    model
        From ``build_network``.
    config
        The settings.
    steps
        Steps of the whole run, the length of the learning rate's schedule.
    """
    import keras

    rate: Any = config.peak_rate
    if config.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(
            0.0,
            steps,
            warmup_target=config.peak_rate,
            warmup_steps=max(1, min(100, steps // 10)),
        )
    optimizer: Any
    if config.optimizer == "adamw":
        optimizer = keras.optimizers.AdamW(rate, weight_decay=config.weight_decay)
    else:
        kind = {"adam": keras.optimizers.Adam, "sgd": keras.optimizers.SGD}[config.optimizer]
        optimizer = kind(rate, weight_decay=config.weight_decay or None)
    if config.weight_decay:
        optimizer.exclude_from_weight_decay(var_names=["bn", "bias", "gamma", "beta"])
    if model.output_shape[-1] == 1:
        loss: Any = keras.losses.BinaryCrossentropy(
            from_logits=True, label_smoothing=config.label_smoothing
        )
        accuracy: Any = keras.metrics.BinaryAccuracy("accuracy", threshold=0.0)
    else:
        loss = keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=config.label_smoothing
        )
        accuracy = keras.metrics.CategoricalAccuracy("accuracy")
    # XLA makes a depthwise network ten times slower on a CPU; other backends need their compiler.
    jit: Any = False if keras.backend.backend() == "tensorflow" else "auto"
    model.compile(optimizer, loss, metrics=[accuracy], jit_compile=jit)


@contextlib.contextmanager
def _precision(config: TrainConfig) -> Iterator[None]:
    """Build in 16 bits where that is asked for, or where the GPU gains by it."""
    import keras

    mixed = config.precision == "mixed"
    if config.precision == "auto" and config.device != "cpu":
        from app.inference.runtime.device import gains_by_16_bits

        mixed = gains_by_16_bits()
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16" if mixed else "float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _take_weights(model: Any, config: TrainConfig, folder: Path) -> None:
    """Give the network the weights of the model in a folder."""
    from app.inference.runtime.model_file import load_keras

    card = ModelCard.load(folder / "card.json")
    if card.arch != config.arch:
        raise ReviewError(
            tr(
                "The training cannot start from {card}: it is of the architecture {arch}.",
                card=card.name,
                arch=card.arch,
            ),
            tr("A model of the architecture {arch} was expected.", arch=config.arch),
            tr("Choose that architecture, or another model to start from."),
        )
    source = load_keras(folder / "model.keras", card)
    theirs = {layer.name: layer.get_weights() for layer in source.layers}
    for layer in model.layers:
        mine, given = layer.get_weights(), theirs.get(layer.name, [])
        if [w.shape for w in mine] == [w.shape for w in given]:
            layer.set_weights([np.asarray(w) for w in given])
        elif layer.name != "logit":  # another number of classes has a head of its own
            raise ReviewError(
                tr(
                    "The training cannot start from {card}: its layer {layer} has another shape.",
                    card=card.name,
                    layer=layer.name,
                ),
                tr("The same image size and number of nodes were expected."),
                tr("Choose the settings that the model was trained with, or another start."),
            )
