"""The recorded runs on a model: JSON files that name the model whose figures they hold.

They lie in ``docs`` of the source, where benchmarks and ``audit -o docs/....json`` write them, or
in ``records`` beside the model. A record of other weights says nothing of these: it is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import app
from app.core.base.json_text import parse_json
from app.core.model.card import ModelCard

SITE_REPORT = "site report"
_MOST_BYTES = 20 << 20


@dataclass(frozen=True)
class Records:
    """What was recorded on one model.

    Parameters
    ----------
    fitness
        Of ``research/picture_gate.py``; empty for none.
    reports
        Site reports, by the file's name without its suffix.
    shortcuts
        Of ``research/shortcuts.py``: ``probes``, and ``changes`` of this model; empty for none.
    others
        All other records on this model, by the file's name without its suffix.
    """

    fitness: Mapping[str, Any] = field(default_factory=dict)
    reports: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    shortcuts: Mapping[str, Any] = field(default_factory=dict)
    others: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def default_folders(model_folder: Path) -> tuple[Path, ...]:
    """Where records on a model may lie."""
    return model_folder / "records", Path(app.__file__).resolve().parents[1] / "docs"


def records_of(card: ModelCard, folders: Sequence[Path]) -> Records:
    """Read the records on a model; files that are none, or of another model, are left out."""
    fitness: Mapping[str, Any] = {}
    shortcuts: Mapping[str, Any] = {}
    reports: dict[str, Mapping[str, Any]] = {}
    others: dict[str, Mapping[str, Any]] = {}
    for path in (path for folder in folders for path in sorted(folder.glob("*.json"))):
        raw = _read(path)
        several = raw.get("models")
        if isinstance(several, dict):
            own = several.get(card.title)
            if not isinstance(own, dict) or not _is_of({"model": card.title, **own}, card):
                continue
            common = {key: value for key, value in raw.items() if key != "models"}
            if "probes" in raw and "changes" in own:
                shortcuts = {**common, **own}
            else:
                others.setdefault(path.stem, {**common, **own})
        elif not _is_of(raw, card):
            continue
        elif raw.get("kind") == SITE_REPORT:
            reports.setdefault(path.stem, raw)
        elif {"children", "adults", "other things"} <= set(raw):
            fitness = raw
        else:
            others.setdefault(path.stem, raw)
    return Records(fitness, reports, shortcuts, others)


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            return {}
        raw = parse_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError):
        return {}
    return raw if isinstance(raw, dict) else {}


def _is_of(raw: Mapping[str, Any], card: ModelCard) -> bool:
    """By the weights where it has their hash, else by the model's title."""
    weights = raw.get("weights_sha256")
    if weights is not None:
        return bool(weights == card.weights_sha256)
    return raw.get("model") == card.title
