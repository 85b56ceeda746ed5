"""A model on disk: ``model.keras`` in half precision, its serving form, card and gate.

Whole or not at all.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import logging
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from app.core.base.errors import ModelError, OutputError
from app.core.base.translation import tr
from app.core.model.card import ModelCard
from app.inference.runtime.serving import FILE as SERVING
from app.inference.runtime.serving import make_form
from app.inference.scoring.out_of_distribution import FILE

log = logging.getLogger(__name__)


def save_bundle(model: Any, card: ModelCard, parent: Path, fitness: bytes | None = None) -> Path:
    """Write a model folder; it appears under its name only when it is complete.

    Parameters
    ----------
    model
        Keras model to logits.
    card
        Its ``weights_sha256`` is filled in here.
    parent
        Folder of models; ``parent / card.name`` must not exist.
    fitness
        The file of its fitness gate, which the card describes; None for no gate.

    Returns
    -------
    Path
        The model's folder.

    Raises
    ------
    OutputError
        When the disk is full, the folder cannot be written or the name is taken.
    """
    target = parent / card.name
    partial = parent / f"{card.name}.partial"
    try:
        if target.exists():
            raise FileExistsError(17, tr("a model of that name is already there"))
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        weights = partial / "model.keras"
        save_weights(model, weights)
        digest = hashlib.sha256(weights.read_bytes()).hexdigest()
        card = dataclasses.replace(card, weights_sha256=digest, serving={})
        if fitness is not None:
            (partial / FILE).write_bytes(fitness)
        card = _with_serving_form(partial, card)
        (partial / "card.json").write_text(card.to_json() + "\n", encoding="utf-8")
        partial.replace(target)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise OutputError(
            tr(
                "The model {card} could not be saved in {parent}: {reason}.",
                card=card.name,
                parent=parent,
                reason=error.strerror or error,
            ),
            tr("A folder with room for about 10 MB was expected."),
            tr("Free disk space or permissions; the run folder still holds the best weights."),
        ) from error
    return target


def _with_serving_form(folder: Path, card: ModelCard) -> ModelCard:
    """Write the serving form of what lies in a folder; a network that has none is whole without."""
    (folder / "card.json").write_text(card.to_json(), encoding="utf-8")
    try:
        made = make_form(folder)
    except ModelError:  # it is told when the model is used; the weights must not be lost over it
        log.exception("no serving form could be made")
        made = None
    if made is None:
        return card
    data, serving = made
    (folder / SERVING).write_bytes(data)
    return dataclasses.replace(card, serving=serving)


def save_weights(model: Any, path: Path) -> None:
    """Save a Keras model with its kernels as float16, which halves the file.

    Keras casts them back to float32 when it loads them. Vectors (biases and the normalisation's
    statistics) stay float32: they are small, and a variance near zero needs the range.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    import h5py
    import keras

    whole = path.with_suffix(".float32.keras")
    out = io.BytesIO()
    try:
        # The same layers without the optimizer, whose moments would triple the file.
        outputs = model.outputs if len(model.outputs) > 1 else model.output
        keras.Model(model.input, outputs, name=model.name).save(whole)
        with zipfile.ZipFile(whole) as source, zipfile.ZipFile(out, "w") as sink:
            for name in source.namelist():
                data = source.read(name)
                if name.endswith(".weights.h5"):
                    data = _halve(data, h5py)
                elif name == "metadata.json":
                    data = json.dumps({**json.loads(data), "date_saved": ""}).encode()
                # No dates: the same weights give the same file and the same hash.
                sink.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    finally:
        whole.unlink(missing_ok=True)
    path.write_bytes(out.getvalue())


def round_weights(model: Any) -> None:
    """Give a model the kernels that ``save_weights`` stores: what is measured is shipped."""
    model.set_weights(
        [w.astype(np.float16).astype(w.dtype) if w.ndim > 1 else w for w in model.get_weights()]
    )


def _halve(data: bytes, h5py: Any) -> bytes:
    out = io.BytesIO()
    with h5py.File(io.BytesIO(data)) as source, h5py.File(out, "w") as sink:

        def copy(name: str, node: Any) -> None:
            if isinstance(node, h5py.Dataset):
                value = node[()]
                if getattr(value, "ndim", 0) > 1 and value.dtype == np.float32:
                    value = value.astype(np.float16)
                made = sink.create_dataset(name, data=value)
            else:
                made = sink.require_group(name)
            for key, attribute in node.attrs.items():
                made.attrs[key] = attribute

        for key, attribute in source.attrs.items():
            sink.attrs[key] = attribute
        source.visititems(copy)
    return out.getvalue()
