"""What the child processes that answer one request have in common.

Such a process reads its request from stdin, a line of JSON with the name of a ``task``, so that no
path stands in the list of processes. It answers on stdout, one JSON line each:
``{"done": n, "total": n}``, ``{"notice": text}`` and at the end ``{"result": ...}`` or
``{"error": [what, expected, fix]}``. The end of stdin cancels.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from app.core.base.errors import ReviewError
from app.core.base.own_folder import in_own_folder
from app.core.base.translation import tr
from app.core.base.translation_file import use_the_windows_language

_TELL_SECONDS = 0.1


class Answer:
    """What a task is given to answer with.

    Parameters
    ----------
    say
        Writes one line.
    cancelled
        Whether nobody wants the result any more.
    """

    def __init__(
        self, say: Callable[[dict[str, Any]], None], cancelled: Callable[[], bool]
    ) -> None:
        self._say = say
        self.cancelled = cancelled
        self._told = 0.0

    def progress(self, done: int, total: int) -> None:
        """Tell how far the task is; not more than ten times a second."""
        if done == total or time.monotonic() - self._told > _TELL_SECONDS:
            self._told = time.monotonic()
            self._say({"done": done, "total": total})

    def notice(self, text: str) -> None:
        """Tell the person something."""
        self._say({"notice": text})


Task = Callable[[dict[str, Any], Answer], dict[str, Any]]
"""From the request to the result, both plain JSON."""


def answer_request(tasks: Mapping[str, Task], fix: str) -> int:
    """Do what the request asks.

    Parameters
    ----------
    tasks
        By name.
    fix
        What to do about an error that nobody foresaw.

    Returns
    -------
    int
        0 when it was done.
    """
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
        with in_own_folder():
            say({"result": tasks[request["task"]](request, Answer(say, cancelled.is_set))})
    except ReviewError as error:
        say({"error": [error.what, error.expected, error.fix]})
        return 1
    except Exception as error:
        # Its message may name a file, and a file's name may name a patient.
        said = error.strerror if isinstance(error, OSError) else type(error).__name__
        say({"error": [tr("It failed: {reason}.", reason=said), "", tr(fix)]})
        return 1
    return 0
