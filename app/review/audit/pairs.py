"""Heatmaps of the same images by two networks, in a process: ``python -m app.review.audit.pairs``.

They are those of the reading window, each on the scale of its own model. The request
(``app.review.audit.answering``) is ``{"task": "pairs", "models": [PATH, PATH], "files": [PATH,
...]}``;
the result is what ``from_json`` reads.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from app.core.base.translation import mark, tr
from app.core.model.results import Call, Heatmap
from app.core.worklist.scan import Item
from app.review.audit.answering import Answer, answer_request
from app.review.comparison.trial import Cancelled

Progress = Callable[[int, int], None]


def heatmaps_of(
    models: Sequence[Path],
    files: Sequence[Path],
    on_progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[list[Heatmap | None]]:
    """The heatmaps of files by several models.

    Parameters
    ----------
    models
        Their folders.
    files
        Images.
    on_progress
        Told how many heatmaps are done, of how many.
    cancelled
        Asked between images.

    Returns
    -------
    list
        Of each model, of each file its heatmap; None for one that it refuses or that cannot be
        read.

    Raises
    ------
    ModelError
        When a network cannot be loaded.
    Cancelled
        When ``cancelled`` says so.
    """
    from app.inference.runtime.classifier import Classifier
    from app.inference.scoring.pipeline import score

    found: list[list[Heatmap | None]] = []
    total = len(models) * len(files)
    for folder in models:
        classifier = Classifier(folder)
        items = [Item(path, path.name) for path in files]
        mine: list[Heatmap | None] = []
        for scored in score(items, classifier, cancelled=cancelled, batch_size=4, heatmaps=True):
            mine.append(scored.heatmap)
            on_progress(len(found) * len(files) + len(mine), total)
        if len(mine) < len(files):
            raise Cancelled(tr("The heatmaps were cancelled."))
        found.append(mine)
    return found


def to_json(found: Sequence[Sequence[Heatmap | None]]) -> dict[str, Any]:
    """Heatmaps as plain JSON."""
    return {"models": [[_one_to_json(heatmap) for heatmap in mine] for mine in found]}


def from_json(raw: dict[str, Any]) -> list[list[Heatmap | None]]:
    """What ``to_json`` made; the balance of a map stays behind."""
    return [[_one_from_json(each) for each in mine] for mine in raw["models"]]


def _one_to_json(heatmap: Heatmap | None) -> dict[str, Any] | None:
    if heatmap is None:
        return None
    return {
        "evidence": base64.b64encode(heatmap.evidence.astype("<f4").tobytes()).decode(),
        "rows": heatmap.evidence.shape[0],
        "full_scale": heatmap.full_scale,
        "method": heatmap.method,
        "toward": str(heatmap.toward),
    }


def _one_from_json(raw: dict[str, Any] | None) -> Heatmap | None:
    if raw is None:
        return None
    values = np.frombuffer(base64.b64decode(raw["evidence"]), "<f4").astype(np.float32)
    made = Heatmap(values.reshape(raw["rows"], -1), raw["full_scale"], raw["method"])
    return replace(made, toward=Call(raw["toward"]))


def _pairs(request: dict[str, Any], answer: Answer) -> dict[str, Any]:
    models, files = ([Path(each) for each in request[name]] for name in ("models", "files"))
    return to_json(heatmaps_of(models, files, answer.progress, answer.cancelled))


if __name__ == "__main__":
    sys.exit(answer_request({"pairs": _pairs}, mark("Choose another model, and try again.")))
