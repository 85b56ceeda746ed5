"""The child process of the Models window: ``python -m app.review.model_worker``.

It reads one request from stdin, a line of JSON, so that no path stands in the list of processes:
``{"task": "compare", "first": NAME, "second": NAME, "folder": PATH}``,
``{"task": "export", "model": NAME, "file": PATH}`` or
``{"task": "import", "file": PATH, "name": NAME or null}``. It answers on stdout, one JSON line
each: ``{"done": n, "total": n}``, ``{"notice": text}`` and at the end ``{"result": ...}`` or
``{"error": [what, expected, fix]}``. The end of stdin cancels.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.core.errors import ReviewError
from app.core.translation import tr
from app.core.translation_file import use_the_windows_language

_TELL_SECONDS = 0.1

Say = Callable[[dict[str, Any]], None]


def main() -> int:
    """Do what the request asks; 0 when it was done."""
    # A library may print to stdout: answers have a copy of it, and the rest goes to stderr.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(answer: dict[str, Any]) -> None:
        print(json.dumps(answer), file=answers, flush=True)

    use_the_windows_language()
    request = json.loads(sys.stdin.readline())
    cancelled = threading.Event()

    def listen() -> None:
        sys.stdin.read()
        cancelled.set()

    threading.Thread(target=listen, name="cancel", daemon=True).start()
    try:
        task = {"compare": _compare, "export": _export, "import": _import}[request["task"]]
        say({"result": task(request, say, cancelled.is_set)})
    except ReviewError as error:
        say({"error": [error.what, error.expected, error.fix]})
        return 1
    except Exception as error:
        # Its message may name a file, and a file's name may name a patient.
        said = error.strerror if isinstance(error, OSError) else type(error).__name__
        what = tr("It failed: {reason}.", reason=said)
        say({"error": [what, "", tr("Try again with other images or models.")]})
        return 1
    return 0


def _compare(request: dict[str, Any], say: Say, cancelled: Callable[[], bool]) -> dict[str, Any]:
    from app.inference.classifier import Classifier
    from app.inference.registry import find_model
    from app.review.trial import labelled_items, try_both

    told = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal told
        if done == total or time.monotonic() - told > _TELL_SECONDS:
            told = time.monotonic()
            say({"done": done, "total": total})

    first, second = (
        Classifier(find_model(request[side]), lambda text: say({"notice": text}))
        for side in ("first", "second")
    )
    items = labelled_items(Path(request["folder"]))
    return try_both(first, second, items, progress, cancelled)


def _export(request: dict[str, Any], say: Say, cancelled: Callable[[], bool]) -> dict[str, Any]:
    from app.inference.exchange import export_model
    from app.inference.registry import find_model

    export_model(find_model(request["model"]), Path(request["file"]))
    return {"model": request["model"], "file": request["file"]}


def _import(request: dict[str, Any], say: Say, cancelled: Callable[[], bool]) -> dict[str, Any]:
    from app.inference.exchange import NameTaken, import_model, unpack

    file, name = Path(request["file"]), request.get("name")
    try:
        return {"name": import_model(file, name).name}
    except NameTaken:
        # The window asks for another name in place of showing an error.
        return {"taken": name or unpack(file).card.name}


if __name__ == "__main__":
    sys.exit(main())
