"""The file ``model.keras``: checked against its card, found free of code, and loaded."""

from __future__ import annotations

import hashlib
import io
import math
import zipfile
from pathlib import Path
from typing import Any

from app.core.base.errors import ModelError
from app.core.base.json_text import parse_json
from app.core.base.translation import tr
from app.core.model.card import ModelCard
from app.inference.runtime import device

MAX_UNPACKED_BYTES = 2**30

_SMALL_BYTES = 2**24

_MOST_OBJECTS = 8192
"""Of arrays and groups among weights; the largest networks here have a thousand."""

MEMBERS = {"metadata.json", "config.json", "model.weights.h5"}
"""All that a model's file of plain layers holds."""


def check_file(path: Path, card: ModelCard) -> None:
    """Check that the file is the card's and holds no code, without loading TensorFlow.

    Raises
    ------
    ModelError
        When it is missing, damaged, holds a Lambda layer or has another hash than the card says.
    """
    try:
        with path.open("rb") as file:
            data_hash = hashlib.file_digest(file, "sha256").hexdigest()
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
            if (
                unpacked > most_unpacked(path.stat().st_size)
                or archive.getinfo("config.json").file_size > _SMALL_BYTES
            ):
                raise ValueError(tr("it unpacks to more than a network of this kind can need"))
            config = parse_json(archive.read("config.json"))
        code = _code_in(config)
    except Exception as error:  # zlib, zipfile, json and recursion each have their own
        raise ModelError(
            tr("The model file {path} cannot be read: {error}.", path=path, error=error),
            tr("A .keras file that Opacity wrote was expected."),
            tr("Choose another model, or train it again."),
        ) from error
    if code:
        raise ModelError(
            tr("The model file {path} holds {code}, which is code.", path=path, code=code),
            tr("A model of Keras' own layers was expected, without Lambda."),
            tr("Do not use it unless you know where it comes from; rebuild it of plain layers."),
        )
    if data_hash != card.weights_sha256:
        raise ModelError(
            tr("The model file {path} is not the one its card describes.", path=path),
            tr("Its SHA-256 must equal weights_sha256 in card.json."),
            tr("Copy the model's folder again, or train it again."),
        )


def most_unpacked(packed: int) -> int:
    """The most bytes that so many may unpack to: weights are noise, and hardly shrink."""
    return min(MAX_UNPACKED_BYTES, max(_SMALL_BYTES, 4 * packed))


def load_keras(path: Path, card: ModelCard) -> Any:
    """Read ``model.keras`` after ``check_file`` and ``check_members``.

    Raises
    ------
    ModelError
        As for these two, and when its shapes do not fit the card: one logit for two
        classes, else one for each class, and one further output for each of the card's heads.
    """
    check_file(path, card)
    check_members(path.read_bytes())
    device.tensorflow()
    import keras

    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
        expected = (None, card.input_size, card.input_size, 1)
        outputs = 1 if len(card.classes) == 2 else len(card.classes)
        shapes = [tuple(output.shape) for output in model.outputs]
        wanted = [(None, outputs), *[(None, 1)] * len(card.heads)]
        if tuple(model.input_shape) != expected or shapes != wanted:
            raise ValueError(
                tr("its shapes are {first} to {last}", first=model.input_shape, last=shapes)
            )
        for name in card.heads:
            model.get_layer(name)
        if card.cam_layer:
            model.get_layer(card.cam_layer)
    except Exception as error:  # Keras raises many kinds for a damaged archive
        raise ModelError(
            tr("The model file {path} cannot be loaded: {error}.", path=path, error=error),
            tr("A Keras model as its card describes was expected."),
            tr("Choose another model, or train it again."),
        ) from error
    return model


def check_members(data: bytes) -> None:
    """Check that a ``.keras`` file holds numbers and settings alone, before it is passed on.

    Parameters
    ----------
    data
        The file's bytes, already accepted by ``check_file``.

    Raises
    ------
    ModelError
        When it holds other files (such as a pickle), or weights that are no numbers or lie in
        another file, which would be read in their place.
    """
    import h5py

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            extra = sorted(set(names) - MEMBERS) or ([] if len(names) == len(MEMBERS) else names)
            weights = archive.read("model.weights.h5")
        with h5py.File(io.BytesIO(weights), "r") as file:
            foreign = _foreign_in(file, h5py, set(), [most_unpacked(len(weights))])
    except Exception as error:  # zlib, zipfile and HDF5 each have their own
        raise ModelError(
            tr("The weights in model.keras cannot be read ({name}).", name=type(error).__name__),
            tr("A .keras file that Opacity wrote was expected."),
            tr("Choose another model, or train it again."),
        ) from error
    if extra or foreign:
        raise ModelError(
            tr(
                "The file model.keras holds {value}.",
                value=", ".join(map(repr, extra[:5])) or foreign,
            ),
            tr("Layers and their weights were expected, and nothing else."),
            tr("Do not use it unless you know where it comes from; train it again."),
        )


def _foreign_in(group: Any, h5py: Any, seen: set[int], left: list[int]) -> str:
    """What among weights is no plain array of numbers, each met once; else empty.

    ``seen`` has the objects by their place in the file, ``left`` the bytes that more may take.
    """
    for name in group:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            return tr("a link at {name!r}", name=name)
        node = group[name]
        # A hard link back to a group would be followed for ever, in ever more ways.
        place = int(h5py.h5o.get_info(node.id).addr)
        if len(seen) == _MOST_OBJECTS:
            return tr("more than {count} arrays and groups", count=_MOST_OBJECTS)
        if place in seen:
            return tr("a second link to the same object at {name!r}", name=name)
        seen.add(place)
        if isinstance(node, h5py.Group):
            if found := _foreign_in(node, h5py, seen, left):
                return found
        elif node.dtype.kind not in "fiub" or node.external or node.is_virtual:
            return tr("something that is no array of numbers at {name!r}", name=name)
        else:
            # It may be compressed, or claimed and never written: what counts is what loading takes.
            left[0] -= math.prod(node.shape or ()) * node.dtype.itemsize
            if left[0] < 0:
                return tr("more numbers than its size allows at {name!r}", name=name)
    return ""


def _code_in(config: Any) -> str:
    """What in a Keras config is code: a Lambda, or a class that is not Keras' own; else empty."""
    if isinstance(config, dict):
        name, module = config.get("class_name"), config.get("module")
        if name in ("Lambda", "__lambda__"):
            return tr("a Lambda layer")
        if isinstance(module, str) and module.split(".")[0] not in ("keras", "builtins"):
            return tr("a layer from {module}", module=module)
        return next(filter(None, map(_code_in, config.values())), "")
    if isinstance(config, list):
        return next(filter(None, map(_code_in, config)), "")
    return ""
