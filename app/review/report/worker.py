"""Writes site reports for the window, in a process: ``python -m app.review.report.worker``.

Its request (``app.review.audit.answering``) is ``{"task": "report", "audit": PATH, "file": PATH,
"threshold": number, "names": bool, "pictures": bool}``. The audit is a saved one, which is deleted
once it is read. The result is ``{"file": PATH}``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from app.core.base.translation import mark
from app.review.audit.answering import Answer, answer_request


def _report(request: dict[str, Any], answer: Answer) -> dict[str, Any]:
    from app.core.base.outputs import keep_out, write_whole
    from app.core.base.translation import tr
    from app.review.audit import load
    from app.review.comparison.trial import Cancelled
    from app.review.report.document.files import suffix_of
    from app.review.report.files import SUFFIXES, report_bytes

    saved, file = Path(request["audit"]), Path(request["file"])
    try:
        audit = load(saved)
    finally:
        saved.unlink(missing_ok=True)
    suffix = suffix_of(file, SUFFIXES)
    keep_out([file], [audit.folder])
    data, _ = report_bytes(
        audit,
        suffix,
        request["threshold"],
        names=request["names"],
        with_pictures=request["pictures"],
        on_progress=answer.progress,
        cancelled=answer.cancelled,
    )
    if answer.cancelled():
        raise Cancelled(tr("The report was cancelled."))
    write_whole(file, data)
    return {"file": str(file)}


TASKS = {"report": _report}
_FIX = mark("Try again with another file or without pictures.")

if __name__ == "__main__":
    sys.exit(answer_request(TASKS, _FIX))
