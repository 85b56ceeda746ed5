"""Finds a model's failures in a person's own data: ``python -m
app.review.report.model_page.worker``.

Its request (``app.review.audit.answering``) is ``{"task": "gallery", "model": FOLDER, "data":
FOLDER}``.
The result, ``{"blocks": [...], "folder": PATH, "images": [...]}``, holds headings, words and
pictures, whose files lie in a folder among the user's own (whoever asked reads and deletes it), and
the hash and UID by which each image is known.
"""

from __future__ import annotations

import dataclasses
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from app.core.base.home import home
from app.core.base.translation import mark
from app.review.audit.answering import Answer, answer_request
from app.review.report.document import blocks as parts

_PREFIX = "gallery."
_FORGOTTEN_S = 24 * 3600.0


def _gallery(request: dict[str, Any], answer: Answer) -> dict[str, Any]:
    from app.core.base.translation import tr
    from app.core.model.card import ModelCard
    from app.review.comparison.trial import Cancelled
    from app.review.report.model_page.gallery import failures, found_in, gallery
    from app.review.report.model_page.records import default_folders, records_of

    model, data = Path(request["model"]), Path(request["data"])
    card = ModelCard.load(model / "card.json")
    wanted = failures(records_of(card, default_folders(model)))
    found = found_in(data, wanted, answer.progress, answer.cancelled)
    made = gallery(model, wanted, found, answer.cancelled)
    if answer.cancelled():
        raise Cancelled(tr("The search was cancelled."))
    folder = _place()
    return {
        "blocks": [_as_json(block, folder) for block in made.blocks],
        "folder": str(folder),
        "images": [dataclasses.astuple(image) for image in made.images],
    }


def _as_json(block: parts.Block, folder: Path) -> dict[str, Any]:
    if isinstance(block, parts.Heading):
        return {"heading": block.text}
    if isinstance(block, parts.Paragraph):
        return {"words": block.text}
    assert isinstance(block, parts.Pictures)
    rows = []
    for picture in block.pictures:
        files = []
        for data in picture.images:
            files.append(f"{len(list(folder.iterdir()))}.jpg")
            (folder / files[-1]).write_bytes(data)
        rows.append({"files": files, "caption": picture.caption, "words": picture.words})
    return {"pictures": rows}


def _place() -> Path:
    """A new folder among the user's own; those that a crash left behind are deleted."""
    above = home() / "audit"
    above.mkdir(parents=True, exist_ok=True)
    for left in above.glob(f"{_PREFIX}*"):
        if left.stat().st_mtime < time.time() - _FORGOTTEN_S:
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(dir=above, prefix=_PREFIX))


TASKS = {"gallery": _gallery}
_FIX = mark("Try again with another folder.")

if __name__ == "__main__":
    sys.exit(answer_request(TASKS, _FIX))
