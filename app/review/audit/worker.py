"""The child process that audits for the window: ``python -m app.review.audit.worker``.

Its requests (``app.review.audit.answering``) are ``{"task": "audit", "folder": PATH, "model": NAME
or
null, "labels": LABELS, "out_of_fold": bool}``, where LABELS is null for the names of the
subfolders, the path of a CSV, or the fields of ``Readers``. The result, ``{"file": PATH}``, is a
saved audit among the user's own files, which whoever asked reads and deletes.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from app.core.base.home import home
from app.core.base.translation import mark
from app.review.audit.answering import Answer, answer_request

_FORGOTTEN_S = 24 * 3600.0
_PREFIX = "audit."


def _audit(request: dict[str, Any], answer: Answer) -> dict[str, Any]:
    from app.review.audit import audit_folder, save
    from app.review.audit.readers import from_json
    from app.review.holdout import locks

    audit = audit_folder(
        request["folder"],
        request["model"],
        from_json(request["labels"]),
        answer.progress,
        answer.cancelled,
        out_of_fold=request["out_of_fold"],
        on_notice=answer.notice,
    )
    # Whoever asked will look at its figures; when that cannot be counted, they stay unseen.
    locks.look([row.content_hash for row in audit.scored], locks.BENCH, audit.card.title)
    file = _place()
    save(audit, file)
    return {"file": str(file)}


def _place() -> Path:
    """A new file in the user's own folder; those that a crash left behind are deleted."""
    folder = home() / "audit"
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{_PREFIX}*"):
        if left.stat().st_mtime < time.time() - _FORGOTTEN_S:
            left.unlink(missing_ok=True)
    number, name = tempfile.mkstemp(dir=folder, prefix=_PREFIX, suffix=".jsonl")
    os.close(number)
    return Path(name)


TASKS = {"audit": _audit}
_FIX = mark("Try again with another folder or model.")

if __name__ == "__main__":
    sys.exit(answer_request(TASKS, _FIX))
