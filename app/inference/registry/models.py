"""Which models there are, and which one is active: the bundled ones and the person's own.

The active model judges wherever no other is named. Nothing replaces it by itself: a person
promotes a model, and rolls back to the one before.
"""

from __future__ import annotations

import datetime
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.core.base.errors import ModelError, OutputError
from app.core.base.home import home, models_dir
from app.core.base.json_text import parse_json
from app.core.base.translation import tr
from app.core.model.card import ModelCard, missing_parts
from model_zoo import BUNDLED

DEFAULT = "best-2"
"""The model that is active before anybody has promoted one."""

ACTIVE_FORMAT = 1

IMPORTED = "imported"
"""Stands as ``origin`` among a card's data when the model came as a file."""

LONGEST_NAME = 100
"""Bytes of a model's name, which is a folder's name too."""


@dataclass(frozen=True)
class ModelEntry:
    """A model folder; ``error`` says why it cannot be used, empty when it can."""

    name: str
    folder: Path
    card: ModelCard | None
    error: str
    bundled: bool

    @property
    def origin(self) -> str:
        """Where it comes from, in words."""
        if self.bundled:
            return "bundled"
        imported = self.card is not None and self.card.data.get("origin") == IMPORTED
        return "imported" if imported else tr("trained here")


@dataclass(frozen=True)
class Active:
    """The active model; ``notice`` says why it is not the one that was promoted, else empty."""

    name: str
    folder: Path
    notice: str = ""


def list_models() -> list[ModelEntry]:
    """Every model, the bundled ones first, then the person's own by name."""
    entries = []
    for parent, bundled in ((BUNDLED, True), (models_dir(), False)):
        # A folder that ends in .partial is a model still being written.
        folders = sorted(p for p in parent.glob("*/") if p.suffix != ".partial")
        for folder in folders:
            if bundled and not (folder / "card.json").exists():
                continue
            card: ModelCard | None = None
            try:
                card, error = ModelCard.load(folder / "card.json"), ""
                if not (folder / "model.keras").is_file():
                    card, error = (
                        None,
                        tr("The folder {folder} holds no model.keras.", folder=folder),
                    )
            except ModelError as problem:
                error = str(problem)
            entries.append(ModelEntry(folder.name, folder, card, error, bundled))
    return entries


def find_model(name: str | None = None) -> Path:
    """Folder of the model of that name, or the folder itself; the active one for None.

    Raises
    ------
    ModelError
        When there is no such model.
    """
    if not name:
        return active().folder
    # Only a folder that was named: another best-2 may lie where the program was started.
    if (Path(name) / "card.json").is_file():
        return Path(name)
    return _entry(name).folder


def check_name(name: str) -> str:
    """The name itself, if a model may have it.

    Raises
    ------
    ModelError
        When it has other characters than letters, digits, - and _, or is too long.
    """
    plain = name.replace("-", "").replace("_", "").isalnum()
    if not plain or len(os.fsencode(name)) > LONGEST_NAME:
        raise ModelError(
            tr("{name!r} cannot name a model.", name=name[:LONGEST_NAME]),
            tr(
                "Letters, digits, - and _ were expected, at most {longest_name}.",
                longest_name=LONGEST_NAME,
            ),
            tr("Choose another name."),
        )
    return name


def active() -> Active:
    """The active model; the bundled default where the promoted one is gone or damaged.

    Raises
    ------
    ModelError
        When not even the bundled default is there.
    """
    stack, notice = _promoted()
    if stack:
        wanted = stack[-1]
        entry = _entries().get(wanted["name"])
        if why := _unusable(entry, wanted):
            notice = tr(
                "The active model {wanted} cannot be used, so {default} is: {why}",
                wanted=wanted["name"],
                default=DEFAULT,
                why=why,
            )
        elif entry is not None:
            return Active(entry.name, entry.folder)
    return Active(DEFAULT, _entry(DEFAULT).folder, notice)


def active_name() -> str:
    """Name of the active model, the bundled default where the promoted one cannot be used."""
    try:
        return active().name
    except ModelError:
        return DEFAULT


def promote(name: str, despite_missing: bool = False) -> None:
    """Make a model the active one.

    Parameters
    ----------
    name
        As ``list_models`` gives it.
    despite_missing
        Promote it even though its card lacks something that belongs to a network.

    Raises
    ------
    ModelError
        When there is no such model, when it is damaged, cannot judge (other classes, no
        operating point), or lacks something and ``despite_missing`` is false.
    OutputError
        When the choice cannot be kept.
    """
    from app.inference.runtime.classifier import Classifier

    entry = _entry(name)
    if entry.card is None:
        raise ModelError(entry.error, "", tr("Choose another model."))
    classifier = Classifier(entry.folder)
    classifier.require_pneumonia()
    classifier.check_file()
    missing = missing_parts(entry.card)
    if missing and not despite_missing:
        raise ModelError(
            tr(
                "The model {title} lacks: {missing}.",
                title=entry.card.title,
                missing="; ".join(missing),
            ),
            tr("All that depends on the network was expected in its card before it judges."),
            tr(
                "Train it again with this Opacity, or promote it knowing what is missing "
                "(`models promote --despite-missing`)."
            ),
        )
    try:
        current = active()
        if current.name == name and not current.notice:
            return
    except ModelError:
        pass  # there is none: all the more reason for one
    _write([*_history(), _event("promoted", entry)])


def roll_back() -> str:
    """Make the model before the active one active again; once more goes further back.

    Returns
    -------
    str
        Name of the model that is active now.

    Raises
    ------
    ModelError
        When nothing was promoted that could be taken back.
    OutputError
        When the choice cannot be kept.
    """
    history, before = _history(), active_name()
    if not _promoted()[0]:
        raise ModelError(
            tr(
                "There is nothing to go back to: {before} is active, and none was before it.",
                before=before,
            ),
            tr("A model that was promoted earlier was expected."),
            tr("Promote a model to change the active one."),
        )
    # Models deleted since are passed over: going back must change what is active.
    while _replay(history):
        history.append(_event("rolled back"))
        stack = _replay(history)
        if not stack or not _unusable(_entries().get(stack[-1]["name"]), stack[-1]):
            break
    _write(history)
    return active_name()


def previous_name() -> str:
    """Name of the model that ``roll_back`` would make active; empty for none."""
    stack = _promoted()[0]
    if not stack:
        return ""
    entries = _entries()
    usable = [one["name"] for one in stack[:-1] if not _unusable(entries.get(one["name"]), one)]
    return usable[-1] if usable else DEFAULT


# The file: every promotion and every step back, in order --------------------------------------


def _path() -> Path:
    return home() / "active.json"


def _history() -> list[dict[str, str]]:
    """What was done so far; empty for no file or a damaged one."""
    return _read()[0]


def _promoted() -> tuple[list[dict[str, str]], str]:
    """The models promoted and not taken back, the active one last; and what is wrong, if any."""
    history, notice = _read()
    return _replay(history), notice


def _read() -> tuple[list[dict[str, str]], str]:
    try:
        raw: Any = parse_json(_path().read_text(encoding="utf-8"))
        if raw["format"] != ACTIVE_FORMAT:
            raise ValueError("it is of another Opacity version")
        history = raw["history"]
        for event in history:
            if not all(isinstance(text, str) for text in event.values()):
                raise TypeError("an entry is no text")
            if event["what"] == "promoted":
                event["name"]
        return list(history), ""
    except FileNotFoundError:
        return [], ""
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        said = error.strerror if isinstance(error, OSError) else type(error).__name__
        return [], (
            tr(
                "Which model is active could not be read ({name}: {said}), so {default} is. "
                "Promote the model you want again.",
                name=_path().name,
                said=said,
                default=DEFAULT,
            )
        )


def _replay(history: list[dict[str, str]]) -> list[dict[str, str]]:
    stack: list[dict[str, str]] = []
    for event in history:
        if event["what"] == "promoted":
            stack.append(event)
        elif stack:
            stack.pop()
    return stack


def _event(what: str, entry: ModelEntry | None = None) -> dict[str, str]:
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    if entry is None or entry.card is None:
        return {"what": what, "when": now}
    # The hash tells when another model has come to lie under the same name.
    return {"what": what, "when": now, "name": entry.name, "weights": entry.card.weights_sha256}


def _write(history: list[dict[str, str]]) -> None:
    text = json.dumps({"format": ACTIVE_FORMAT, "history": history}, indent=2) + "\n"
    partial = ""
    try:
        home().mkdir(parents=True, exist_ok=True)
        number, partial = tempfile.mkstemp(dir=home(), prefix="active.", suffix=".partial")
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(partial).replace(_path())
    except OSError as error:
        if partial:
            Path(partial).unlink(missing_ok=True)
        raise OutputError(
            tr(
                "Which model is active could not be kept in {home}: {value}.",
                home=home(),
                value=error.strerror or error,
            ),
            tr("A folder that can be written and has room was expected."),
            tr("Free disk space or permissions and try again; the active model is as before."),
        ) from error


def _entries() -> dict[str, ModelEntry]:
    return {entry.name: entry for entry in reversed(list_models())}


def _entry(name: str) -> ModelEntry:
    entries = _entries()
    if name not in entries:
        raise ModelError(
            tr("There is no model named {name!r}.", name=name),
            tr("There are: {names}.", names=", ".join(sorted(entries)) or tr("none")),
            tr("Choose one of them; `python main.py models` lists them."),
        )
    return entries[name]


def _unusable(entry: ModelEntry | None, promoted: dict[str, str]) -> str:
    """Why a promoted model cannot be the active one any more; empty when it can."""
    if entry is None:
        return tr("it is not there any more.")
    if entry.card is None:
        return entry.error
    # A new Opacity may bring a newer bundled model under the same name.
    if not entry.bundled and entry.card.weights_sha256 != promoted.get("weights"):
        return tr("another model lies under its name than the one that was promoted.")
    return ""
