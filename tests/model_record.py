"""A record beside a model, as its page and the failures shown on it read it."""

from __future__ import annotations

import json
from pathlib import Path

from app.core.image.display import render
from app.core.image.preprocess import content_hash
from app.core.image.reader import read_radiograph


def record(model: Path, images: list[Path]) -> None:
    """A site report beside the model, whose worst misses are these images."""
    card = json.loads((model / "card.json").read_text())
    misses = [
        {"content_hash": content_hash(render(read_radiograph(path))), "p": 0.1, "name": path.name}
        for path in images
    ]
    report = {
        "kind": "site report",
        "model": f"{card['name']} {card['version']}",
        "weights_sha256": card["weights_sha256"],
        "folder": "my-site",
        "auc": {"value": 0.777, "low": 0.7, "high": 0.85},
        "worst_misses": misses,
    }
    (model / "records").mkdir()
    (model / "records" / "audit.json").write_text(json.dumps(report))
