"""The child process of the Models window: ``python -m app.review.comparison.worker``.

Its requests (``app.review.audit.answering``) are
``{"task": "compare", "first": NAME, "second": NAME, "folder": PATH}``,
``{"task": "export", "model": NAME, "file": PATH}`` or
``{"task": "import", "file": PATH, "name": NAME or null}``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from app.core.base.translation import mark
from app.review.audit.answering import Answer, answer_request


def _compare(request: dict[str, Any], answer: Answer) -> dict[str, Any]:
    from app.inference.registry.models import find_model
    from app.inference.runtime.classifier import Classifier
    from app.review.comparison.trial import labelled_items, try_both

    first, second = (
        Classifier(find_model(request[side]), answer.notice) for side in ("first", "second")
    )
    items = labelled_items(Path(request["folder"]))
    return try_both(first, second, items, answer.progress, answer.cancelled)


def _export(request: dict[str, Any], answer: Answer) -> dict[str, Any]:
    from app.inference.registry.archive import export_model
    from app.inference.registry.models import find_model

    export_model(find_model(request["model"]), Path(request["file"]))
    return {"model": request["model"], "file": request["file"]}


def _import(request: dict[str, Any], answer: Answer) -> dict[str, Any]:
    from app.inference.registry.archive import NameTaken, import_model, unpack

    file, name = Path(request["file"]), request.get("name")
    try:
        return {"name": import_model(file, name).name}
    except NameTaken:
        # The window asks for another name in place of showing an error.
        return {"taken": name or unpack(file).card.name}


TASKS = {"compare": _compare, "export": _export, "import": _import}
_FIX = mark("Try again with other images or models.")

if __name__ == "__main__":
    sys.exit(answer_request(TASKS, _FIX))
