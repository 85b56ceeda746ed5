"""A site report as a file: PDF, HTML or JSON, by the suffix of its name."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

from app.core.base.translation import untranslated
from app.review.audit import Audit
from app.review.report.document.files import laid_out
from app.review.report.findings import Findings, find
from app.review.report.misses import pictures
from app.review.report.pages import site_report

SUFFIXES = (".pdf", ".html", ".json")


def report_bytes(
    audit: Audit,
    suffix: str,
    threshold: float | None = None,
    *,
    names: bool = False,
    with_pictures: bool = True,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[bytes, Findings]:
    """Work out a report and lay it out.

    Parameters
    ----------
    audit
        What was measured.
    suffix
        One of ``SUFFIXES``.
    threshold
        On the probability; None for the model's default.
    names
        Whether names of patients, files, folder and CSV may be told.
    with_pictures
        Whether the worst misses are shown; JSON has no pictures.
    on_progress
        Called with the pictures that are done and their number.
    cancelled
        Asked between pictures.

    Raises
    ------
    LockStoreError
        When a look at a locked set could not be counted.
    """
    if suffix == ".json":
        with untranslated():
            found = find(audit, threshold, names=names)
            text = json.dumps(found.as_dict(), indent=1, allow_nan=False) + "\n"
        return text.encode(), found
    found = find(audit, threshold, names=names)
    shown = pictures(found, on_progress, cancelled) if with_pictures else ()
    document = site_report(found, shown, datetime.now())
    return laid_out(document, suffix), found
