"""Child processes whose worker is a few lines of a test, for what the real one seldom does."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from app.jobs.request_process import RequestProcess

Made = TypeVar("Made", bound=RequestProcess)


def making(kind: type[Made], folder: Path) -> Iterator[Callable[..., Made]]:
    """For a fixture: ``make()`` has the real worker, ``make("print(1)")`` this one; all close."""
    made: list[Made] = []

    def build(body: str = "") -> Made:
        command = None
        if body:
            script = folder / "worker.py"
            script.write_text("import json, sys, time\n" + textwrap.dedent(body), encoding="utf-8")
            command = [sys.executable, str(script)]
        made.append(kind(command=command))
        return made[-1]

    yield build
    for process in made:
        process.close()
