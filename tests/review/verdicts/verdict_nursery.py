"""A bare Python process that forks writers of verdicts, to be killed by the test.

Reads one line for each writer: ``wal`` or ``rollback``, a tab, the path of the database. Writes
the writer's process number, and from then on each writer tells the number of every row once
``add`` has returned. Nothing of Qt or TensorFlow is loaded, and the imports are paid for once.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from app.core.reading.verdicts import Agreement, ImageIdentity, Verdict
from app.review.verdicts.store import VerdictStore


def tell(text: str) -> None:
    os.write(1, f"{text}\n".encode())


def write_for_ever(path: Path, local: bool) -> None:
    with VerdictStore(path, local=local) as store:
        count = 0
        while True:
            image = ImageIdentity(f"{os.getpid():08x}{count:056x}")
            verdict = Verdict(image, "Reader", Agreement.AGREE, datetime.now(UTC), note="n" * 400)
            number = store.add(verdict, seen=0).number
            # One write of a short line to a pipe is whole or not at all.
            tell(f"{os.getpid()} {number} {image.content_hash}")
            count += 1


def main() -> None:
    for line in sys.stdin:
        journal, path = line.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            try:
                write_for_ever(Path(path), journal == "wal")
            finally:
                os._exit(1)
        tell(f"forked {child}")
        os.waitpid(child, 0)
        tell("ended")


if __name__ == "__main__":
    main()
