"""The serving form of a model: ``model.onnx`` beside ``model.keras``, with its hash in the card.

A model that came without one gets it when it is first used, made by a child process that has
TensorFlow, and kept under the user's home by what it was made of: a model's folder may be
somebody else's, or on a disk that cannot be written.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.core.base.errors import ModelError
from app.core.base.home import home
from app.core.base.json_text import parse_json
from app.core.base.translation import tr
from app.core.model.card import ModelCard
from app.inference.runtime.check import check_serving
from model_zoo import BUNDLED

log = logging.getLogger(__name__)

FILE = "model.onnx"
FORMAT = 1
"""Goes into what a form is made of: another number, and all forms are made again."""

_ROOT = Path(__file__).resolve().parents[3]
_MOST_SECONDS = 600


def made_of(card: ModelCard) -> str:
    """A hash over all that a serving form depends on; another card needs another form."""
    parts = [
        FORMAT,
        card.weights_sha256,
        card.fitness.get("sha256", ""),
        list(card.heads),
        card.cam_layer,
        card.input_size,
        len(card.classes),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def has_form(card: ModelCard) -> bool:
    """Whether the card tells of a serving form of this very network."""
    return bool(card.serving) and card.serving["made_of"] == made_of(card)


def read_form(folder: Path, card: ModelCard) -> bytes:
    """The serving form that the card tells of, checked.

    Raises
    ------
    ModelError
        When it is missing, is not the one of the card, or holds what no network needs.
    """
    path = folder / FILE
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(
            tr(
                "The serving form {path} cannot be read: {error}.",
                path=path,
                error=error.strerror or error,
            ),
            tr("The card of this model says that there is one."),
            tr("Copy the model's folder again, or train it again."),
        ) from error
    # What came with the program is vouched for by its card, which did too.
    check_serving(data, card, str(path), trusted=folder.resolve().parent == BUNDLED.resolve())
    return data


def check_form(folder: Path, card: ModelCard) -> None:
    """``read_form`` for its errors alone; nothing for a model without a serving form."""
    if has_form(card):
        read_form(folder, card)


def form_of(
    folder: Path, card: ModelCard, on_notice: Callable[[str], None] = log.info
) -> tuple[bytes, ModelCard] | None:
    """The serving form of any model, and its card with it; made now where there is none.

    Returns
    -------
    tuple or None
        None when the network cannot be brought into such a form.

    Raises
    ------
    ModelError
        As for ``read_form``, and when the model itself cannot be loaded.
    """
    if has_form(card):
        return read_form(folder, card), card
    kept = home() / "serving" / made_of(card)
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, ModelError):
        serving = parse_json((kept / "serving.json").read_text(encoding="utf-8"))
        with_it = dataclasses.replace(card, serving=serving)
        if has_form(with_it):
            return read_form(kept, with_it), with_it
    on_notice(tr("The model {name} is prepared for quick scoring, once.", name=card.title))
    made = make_form(folder)
    if made is None:
        return None
    data, serving = made
    with contextlib.suppress(OSError):  # it is made again the next time
        _keep(kept, data, serving)
    with_it = dataclasses.replace(card, serving=serving)
    check_serving(data, with_it)
    return data, with_it


def make_form(folder: Path) -> tuple[bytes, dict[str, Any]] | None:
    """Make the serving form of the model in a folder; None when the network has none.

    A child process makes it, unless TensorFlow is loaded here already: its import is the greater
    part of the work, and nothing that scores is to carry it along.

    Raises
    ------
    ModelError
        When the model itself cannot be loaded.
    """
    keras = sys.modules.get("keras") if "tensorflow" in sys.modules else None
    if keras is not None and keras.backend.backend() == "tensorflow":
        from app.inference.runtime.export import export

        try:
            return export(folder, ModelCard.load(folder / "card.json"))
        except ModelError:
            raise
        except Exception as error:  # the converter's own
            log.warning("no serving form could be made: %s", type(error).__name__)
            return None
    return _made_elsewhere(folder)


def _made_elsewhere(folder: Path) -> tuple[bytes, dict[str, Any]] | None:
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1"}
    paths = [str(_ROOT), *filter(None, [environment.get("PYTHONPATH")])]
    environment["PYTHONPATH"] = os.pathsep.join(paths)
    with tempfile.TemporaryDirectory() as place:
        file = Path(place, FILE)
        command = [sys.executable, "-m", "app.inference.runtime.export", str(folder), str(file)]
        try:
            done = subprocess.run(
                command, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                timeout=_MOST_SECONDS, check=True,
            )  # fmt: skip
            said = json.loads(done.stdout.splitlines()[-1])
            if error := said.get("error"):
                raise ModelError(*error)
            return file.read_bytes(), said["serving"]
        except (OSError, subprocess.SubprocessError, ValueError, LookupError) as error:
            # The child's stderr may name files: its kind is enough for the log.
            log.warning("no serving form could be made: %s", type(error).__name__)
            return None


def _keep(kept: Path, data: bytes, serving: dict[str, Any]) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=kept.parent, suffix=".partial"))
    (partial / FILE).write_bytes(data)
    (partial / "serving.json").write_text(json.dumps(serving), encoding="utf-8")
    partial.rename(kept)  # who came first stays
