"""Which models there are: the bundled ones and the person's own, trained here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.core.errors import ModelError
from app.core.home import models_dir
from app.core.model_card import ModelCard
from model_zoo import BUNDLED

DEFAULT = "best-1"


@dataclass(frozen=True)
class ModelEntry:
    """A model folder; ``error`` says why it cannot be used, empty when it can."""

    name: str
    folder: Path
    card: ModelCard | None
    error: str
    bundled: bool


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
                    card, error = None, f"The folder {folder} holds no model.keras."
            except ModelError as problem:
                error = str(problem)
            entries.append(ModelEntry(folder.name, folder, card, error, bundled))
    return entries


def find_model(name: str | None = None) -> Path:
    """Folder of the model of that name, or the folder itself; the default one for None.

    Raises
    ------
    ModelError
        When there is no such model.
    """
    wanted = name or DEFAULT
    # Only a folder that was named: another best-1 may lie where the program was started.
    if name and (Path(name) / "card.json").is_file():
        return Path(name)
    entries = {entry.name: entry for entry in reversed(list_models())}
    if wanted not in entries:
        raise ModelError(
            f"There is no model named {wanted!r}.",
            f"There are: {', '.join(sorted(entries)) or 'none'}.",
            "Choose one of them; `python main.py models` lists them.",
        )
    return entries[wanted].folder
