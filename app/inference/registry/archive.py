"""A model as one file, ``NAME.opacity``: written without anything private, read with suspicion.

The file is a plain zip of ``manifest.json`` (format and SHA-256 of the others), ``card.json``,
``model.keras``, where the card names them the serving form ``model.onnx`` and the fitness gate
``fitness.npz``. It holds no pixels, no
file paths, no patient names and no pickle. The same model always gives the same bytes.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import io
import json
import os
import re
import shutil
import stat
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.core.base.errors import ModelError, OutputError
from app.core.base.home import models_dir
from app.core.base.json_text import parse_json
from app.core.base.own_folder import give_usual_rights
from app.core.base.translation import tr
from app.core.model.card import ModelCard
from app.inference.registry.models import IMPORTED, check_name, list_models
from app.inference.runtime.check import MAX_BYTES, check_serving
from app.inference.runtime.classifier import Classifier
from app.inference.runtime.model_file import check_file, check_members, most_unpacked
from app.inference.runtime.onnx import OnnxRuntime
from app.inference.runtime.serving import FILE as SERVING
from app.inference.runtime.serving import form_of, has_form, make_form
from app.inference.scoring.out_of_distribution import FILE as FITNESS
from app.inference.scoring.out_of_distribution import OutOfDistribution, check, read_file

SUFFIX = ".opacity"
FORMAT = 1

LIMITS = {
    **{"manifest.json": 2**16, "card.json": 2**25, "model.keras": 2**28},
    **{FITNESS: 2**25, SERVING: MAX_BYTES},
}
"""The members, in the order of the file, and the most bytes each may have."""

_NEEDED = frozenset(LIMITS) - {FITNESS, SERVING}

_PREFIX = "import-"
_DATED = (1980, 1, 1, 0, 0, 0)
_PRIVATE = {"data": ("folder", "origin"), "settings": ("data", "labels", "patients")}
"""What a card may hold that names a folder or a file of whoever trained the model, or where it
came from."""

_PATH = re.compile(
    r"(?:^|[\s\"'(=])(?:~?/[^\s/]|[A-Za-z]:[\\/]|\\\\|file:)"
    r"|\.(?:png|jpe?g|tiff?|bmp|dcm|dicom|csv|keras|json)\b",
    re.IGNORECASE,
)
_LEFT_OUT = "(left out: it named a file)"


class NameTaken(ModelError):
    """A model of that name is already there."""


@dataclass(frozen=True)
class ModelArchive:
    """A file that was read and checked, and not yet accepted."""

    card: ModelCard
    weights: bytes
    fitness: bytes | None = None
    serving: bytes | None = None


def pack(folder: Path) -> bytes:
    """The file of a model.

    Parameters
    ----------
    folder
        The model's folder.

    Raises
    ------
    ModelError
        When the model is damaged, or holds what the file must not.
    """
    card = ModelCard.load(folder / "card.json")
    check_file(folder / "model.keras", card)
    form = form_of(folder, card)
    card = without_private(form[1] if form else dataclasses.replace(card, serving={}))
    weights = (folder / "model.keras").read_bytes()
    check_members(weights)
    members = {"card.json": (card.to_json() + "\n").encode(), "model.keras": weights}
    if (fitness := read_file(folder, card)) is not None:
        OutOfDistribution.from_bytes(fitness)  # no damaged one goes out
        members[FITNESS] = fitness
    if form is not None:
        members[SERVING] = form[0]
    manifest = {
        "format": FORMAT,
        "name": card.name,
        "files": {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            for name, data in members.items()
        },
    }
    members = {"manifest.json": (json.dumps(manifest, indent=2) + "\n").encode(), **members}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            if len(data) > LIMITS[name]:
                raise ModelError(
                    tr(
                        "The model {card} cannot be exported: its {name} has {bytes} bytes.",
                        card=card.name,
                        name=name,
                        bytes=len(data),
                    ),
                    tr("At most {most} were expected.", most=LIMITS[name]),
                    tr("Train a smaller model."),
                )
            info = zipfile.ZipInfo(name, _DATED)
            info.create_system, info.external_attr = 3, (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, data)
    return out.getvalue()


def export_model(folder: Path, path: Path) -> None:
    """Write a model's file; it appears under its name only when it is complete.

    Raises
    ------
    ModelError
        As for ``pack``.
    OutputError
        When the file cannot be written.
    """
    data = pack(folder)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(data)
        give_usual_rights(partial)
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise OutputError(
            tr(
                "The model could not be written to {path}: {reason}.",
                path=path,
                reason=error.strerror or error,
            ),
            tr(
                "A folder that exists, can be written and has {megabytes} MB of room was expected.",
                megabytes=len(data) // 2**20 + 1,
            ),
            tr("Free disk space, or choose another place."),
        ) from error


def without_private(card: ModelCard) -> ModelCard:
    """The card without folders, files and whatever else looks like a path."""
    raw: dict[str, Any] = dataclasses.asdict(card)
    for part, names in _PRIVATE.items():
        raw[part] = {key: value for key, value in raw[part].items() if key not in names}
    cleaned = {
        key: _without_paths(raw[key])
        for key in ("data", "metrics", "settings", "limits", "licence")
    }
    return dataclasses.replace(card, **cleaned)


def _without_paths(value: Any, key: str = "") -> Any:
    if isinstance(value, str):
        # Base64 has slashes too, and of hashes the file is full.
        return _LEFT_OUT if not key.endswith("_hashes") and _PATH.search(value) else value
    if isinstance(value, dict):
        return {
            name: _without_paths(each, name)
            for name, each in value.items()
            if not _PATH.search(str(name))
        }
    if isinstance(value, list | tuple):
        return type(value)(_without_paths(each) for each in value)
    return value


def unpack(path: Path) -> ModelArchive:
    """Read a model's file and check all of it that can be checked without loading the network.

    Raises
    ------
    ModelError
        When the file is no model's file, is damaged, too large, newer than this Opacity, or
        holds anything beyond its members.
    """
    try:
        if path.stat().st_size > sum(LIMITS.values()) + 2**16:
            raise _refused(path, tr("it is larger than any model's file"))
        with zipfile.ZipFile(path) as archive:
            members = _read_members(path, archive)
        manifest = parse_json(members["manifest.json"])
        if manifest["format"] != FORMAT:
            raise ModelError(
                tr("{name} has the format {format!r}.", name=path.name, format=manifest["format"]),
                tr("This Opacity reads format {format}.", format=FORMAT),
                tr("Use the Opacity that wrote the file, or a newer one."),
            )
        if set(manifest["files"]) != set(members) - {"manifest.json"}:
            raise _refused(path, tr("its manifest names other files than it holds"))
        for name, told in manifest["files"].items():
            if hashlib.sha256(members[name]).hexdigest() != told["sha256"]:
                raise _refused(path, tr("{file} is not the one its manifest describes", file=name))
    except ModelError:
        raise
    except OSError as error:
        raise _refused(
            path, tr("it cannot be read: {reason}", reason=error.strerror or error)
        ) from error
    except Exception as error:  # zlib, zipfile, json and recursion each have their own
        raise _refused(
            path, tr("it is damaged or no model's file ({kind})", kind=type(error).__name__)
        ) from error
    with tempfile.TemporaryDirectory() as folder:
        card_path, weights_path = Path(folder, "card.json"), Path(folder, "model.keras")
        card_path.write_bytes(members["card.json"])
        weights_path.write_bytes(members["model.keras"])
        try:
            card = ModelCard.load(card_path)
            check_file(weights_path, card)
            fitness = members.get(FITNESS)
            if fitness is not None and card.fitness:
                check(fitness, card)
                OutOfDistribution.from_bytes(fitness)
            serving = members.get(SERVING)
            if serving is not None and card.serving:
                check_serving(serving, card)
        except ModelError as error:
            # Where the pieces lay meanwhile tells nobody anything.
            what = error.what.replace(str(card_path), "card.json")
            what = what.replace(str(weights_path), "model.keras")
            raise _refused(path, what[:1].lower() + what[1:].rstrip(".")) from error
    told = ((FITNESS, card.fitness, fitness), (SERVING, card.serving, serving))
    for name, part, data in told:
        if bool(part) != (data is not None):
            raise _refused(
                path, tr("only one of its card and its files knows of {file}", file=name)
            )
    check_members(members["model.keras"])
    return ModelArchive(card, members["model.keras"], fitness, serving)


def _read_members(path: Path, archive: zipfile.ZipFile) -> dict[str, bytes]:
    parts = archive.infolist()
    names = [part.filename for part in parts]
    if len(names) != len(set(names)) or not _NEEDED <= set(names) <= set(LIMITS):
        extra = sorted(set(names) - set(LIMITS)) or sorted(names)
        raise _refused(path, tr("it holds {names}", names=", ".join(map(repr, extra[:5]))))
    if sum(part.file_size for part in parts) > most_unpacked(path.stat().st_size):
        raise _refused(path, tr("it unpacks to more than a network of this kind can need"))
    members = {}
    for part in parts:
        kind = stat.S_IFMT(part.external_attr >> 16)
        if kind not in (0, stat.S_IFREG) or part.flag_bits & 1:
            raise _refused(path, tr("its {file} is a link or encrypted", file=part.filename))
        limit = LIMITS[part.filename]
        with archive.open(part) as file:
            # What the directory says of its size may be a lie.
            data = file.read(limit + 1)
        if len(data) > limit:
            raise _refused(
                path, tr("its {file} is larger than {limit} bytes", file=part.filename, limit=limit)
            )
        members[part.filename] = data
    return members


def import_model(path: Path, name: str | None = None) -> Path:
    """Take a model's file in among the person's own models: whole, or not at all.

    Parameters
    ----------
    path
        The file.
    name
        Another name than the one it brings; None for its own.

    Returns
    -------
    Path
        The model's folder.

    Raises
    ------
    ModelError
        As for ``unpack``; when the name is taken or cannot be one; when the network cannot be
        loaded or run.
    OutputError
        When it cannot be written.
    """
    parcel = unpack(path)
    wanted = check_name(name or parcel.card.name)
    if wanted in {entry.name for entry in list_models()} or (models_dir() / wanted).exists():
        raise NameTaken(
            tr("A model named {name} is already there.", name=wanted),
            tr("Each model has a name of its own, and none is overwritten."),
            tr("Import it under another name (`--name` on the command line)."),
        )
    data = {**parcel.card.data, "origin": IMPORTED}
    card = dataclasses.replace(parcel.card, name=wanted, data=data)
    partial: Path | None = None
    try:
        models_dir().mkdir(parents=True, exist_ok=True)
        # list_models leaves out what ends in .partial.
        partial = Path(tempfile.mkdtemp(dir=models_dir(), prefix=_PREFIX, suffix=".partial"))
        (partial / "model.keras").write_bytes(parcel.weights)
        if parcel.fitness is not None:
            (partial / FITNESS).write_bytes(parcel.fitness)
        (partial / "card.json").write_text(card.to_json() + "\n", encoding="utf-8")
        card, serving = _served(partial, card, parcel)
        if serving is not None:
            (partial / SERVING).write_bytes(serving)
        (partial / "card.json").write_text(card.to_json() + "\n", encoding="utf-8")
        _try(partial, card)
        target = models_dir() / wanted
        if target.exists():
            raise FileExistsError(17, tr("a model of that name has come meanwhile"))
        partial.replace(target)
    except OSError as error:
        raise OutputError(
            tr(
                "The model could not be kept in {folder}: {reason}.",
                folder=models_dir(),
                reason=error.strerror or error,
            ),
            tr("A folder with room for the model was expected."),
            tr("Free disk space or permissions and import it again."),
        ) from error
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)
    return target


def _served(folder: Path, card: ModelCard, parcel: ModelArchive) -> tuple[ModelCard, bytes | None]:
    """The card and the serving form to keep: the one that came, if it is that of the network.

    Another one is made of the network here, which shows as well that it can be loaded: whoever
    scores uses the one form, whoever trains on uses the other, and they must not differ.
    """
    made = make_form(folder)
    if made is None:
        return dataclasses.replace(card, serving={}), None
    data, serving = made
    own = dataclasses.replace(card, serving=serving)
    if parcel.serving is None or not has_form(card):
        return own, data
    spreads = OutOfDistribution.from_bytes(parcel.fitness).spreads if parcel.fitness else ()
    columns = len(card.heads) + sum(len(spread.mean) for spread in spreads)
    ours = OnnxRuntime(data, own, columns)
    if ours.agrees_with(OnnxRuntime(parcel.serving, card, columns), card.input_size):
        return card, parcel.serving
    raise ModelError(
        tr("The two forms of the model {name} do not give the same scores.", name=card.name),
        tr("The serving form must be that of the network in model.keras."),
        tr("Do not use it unless you know where it comes from; get the file again."),
    )


def _try(folder: Path, card: ModelCard) -> None:
    """Where the network can judge, let it judge a grey image."""
    classifier = Classifier(folder)
    classifier.check_file()
    if len(card.classes) == 2:
        classifier.predict(np.full((1, card.input_size, card.input_size, 1), 128, np.float32))


def _refused(path: Path, why: str) -> ModelError:
    return ModelError(
        tr("{name} cannot be imported: {why}.", name=path.name, why=why),
        tr("A {suffix} file was expected, as `models export` writes it.", suffix=SUFFIX),
        tr("Get the file again from where it came from; do not use one that you cannot trust."),
    )
