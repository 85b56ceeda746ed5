"""Writes an export: one image or a list, some formats, one folder; with progress and cancel.

Each file appears whole or not at all, nothing is written among the opened images, and nothing is
written over. What one image cannot give never costs the others: it is listed with its reason.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from pydicom import Dataset

from app.core.base.errors import OutputError, ReviewError
from app.core.base.outputs import keep_out, make_folder, write_whole
from app.core.base.quiet import quiet
from app.core.base.translation import tr
from app.core.dicom.text import text
from app.core.image.radiograph import Header
from app.core.worklist.scan import Item
from app.review.export.deidentify import blank_times, deidentify, patient_key
from app.review.export.pdf import PdfReport
from app.review.export.picture import png
from app.review.export.plan import ExportOutcome, Plan, Problem
from app.review.export.presentation_state import presentation_state
from app.review.export.reviewed import (
    DICOM_FORMATS,
    HEATMAP_FORMATS,
    PIXEL_FORMATS,
    Format,
    ReviewedImage,
    without_identity,
)
from app.review.export.secondary_capture import secondary_capture
from app.review.export.source import NO_VIEW, check_unchanged, encoded, read_source, why_not
from app.review.export.structured_report import structured_report
from app.review.export.tables import csv_table, json_table

log = logging.getLogger(__name__)

LIST_NAME = "opacity-review"
_STEM_LENGTH = 100
_IMAGE_ENDS = {
    Format.SECONDARY_CAPTURE: "-heatmap.dcm",
    Format.STRUCTURED_REPORT: "-report.dcm",
    Format.PRESENTATION_STATE: "-regions.dcm",
    Format.DICOM: ".dcm",
    Format.PNG: "-heatmap.png",
    Format.VIEW: "-view.png",
}
_LIST_ENDS = {Format.PDF: ".pdf", Format.CSV: ".csv", Format.JSON: ".json"}

Complete = Callable[[ReviewedImage, bool, bool], ReviewedImage]
"""Reads an image (its pixels; its heatmap) for what the worklist does not hold of it."""


@dataclass
class _Running:
    plan: Plan
    written: list[Path] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rows: list[ReviewedImage] = field(default_factory=list)
    report: PdfReport | None = None


def export(
    images: Sequence[ReviewedImage],
    plan: Plan,
    complete: Complete,
    *,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> ExportOutcome:
    """Write an export.

    Parameters
    ----------
    images
        As the worklist knows them.
    plan
        What and where.
    complete
        Called for each image that must be read; its errors are that image's alone.
    progress
        Told after each image: how many are done, of how many.
    cancelled
        Asked between two files. What was written by then stays; lists are then not written.

    Returns
    -------
    ExportOutcome
        All that was written and all that was not.

    Raises
    ------
    OutputError
        When the folder lies among the opened images or cannot be written; nothing is written then.
    """
    items = [image.item for image in images]
    keep_out([plan.folder], plan.opened or [str(item.path) for item in items], items)
    make_folder(plan.folder)
    running = _Running(plan)
    if Format.PDF in plan.formats:
        running.report = PdfReport(
            deidentified=plan.deidentification is not None, made_at=datetime.now()
        )
    for done, image in enumerate(images, 1):
        if cancelled():
            return ExportOutcome(tuple(running.written), tuple(running.problems), cancelled=True)
        _export_one(running, image, complete, cancelled)
        progress(done, len(images))
    if cancelled():
        return ExportOutcome(tuple(running.written), tuple(running.problems), cancelled=True)
    _write_lists(running)
    return ExportOutcome(tuple(running.written), tuple(running.problems))


def target(
    plan: Plan, wanted: Format, item: Item | None = None, header: Header | None = None
) -> Path:
    """Where a file goes; a de-identified one is not called after its source."""
    if wanted in _LIST_ENDS:
        return plan.folder / f"{LIST_NAME}{_LIST_ENDS[wanted]}"
    assert item is not None
    return plan.folder / f"{stem(plan, item, header or Header())}{_IMAGE_ENDS[wanted]}"


def stem(plan: Plan, item: Item, header: Header) -> str:
    """What the files of an image are called."""
    how = plan.deidentification
    if how is not None:
        return how.file_stem(header.sop_instance_uid or str(item.path))
    name = item.path.name if item.path.suffix.lower() not in _SUFFIXES else item.path.stem
    safe = "".join(c if c.isprintable() and c not in '<>:"/\\|?*' else "_" for c in name)
    return safe.strip(". ")[:_STEM_LENGTH] or "image"


_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dcm", ".dicom"})


def existing(images: Sequence[ReviewedImage], plan: Plan) -> list[Path]:
    """Which files of that name are there already; asked before anything is written."""
    lists = [target(plan, each) for each in plan.formats if each in _LIST_ENDS]
    own = [
        target(plan, each, image.item, image.header)
        for each in plan.formats
        if each in _IMAGE_ENDS
        for image in images
    ]
    return [path for path in dict.fromkeys((*lists, *own)) if path.exists()]


def _export_one(
    running: _Running, image: ReviewedImage, complete: Complete, cancelled: Callable[[], bool]
) -> None:
    plan = running.plan
    how, formats = plan.deidentification, plan.formats
    header, full, readable = image.header, image, True
    try:
        pixels = bool(formats & PIXEL_FORMATS)
        full = complete(image, pixels, plan.with_heatmap and bool(formats & HEATMAP_FORMATS))
        header = full.header
    except Exception as error:
        running.problems.append(_problem(image, None, _in_words(error)))
        readable = False
    name = stem(plan, image.item, header)
    source: Dataset | None = None
    pseudonym = ""
    if header.is_dicom and (how is not None or formats & DICOM_FORMATS):
        try:
            source = read_source(image.item.path, pixels=Format.DICOM in formats)
            check_unchanged(
                image.item.path, header.sop_instance_uid, text(source, "SOPInstanceUID")
            )
            if how is not None:
                pseudonym = how.pseudonym(patient_key(source))
                source = deidentify(source, how)
        except ReviewError as error:
            if readable:  # else the reason is told already
                running.problems.append(_problem(image, None, error))
            source = None
    if how is not None:
        full = without_identity(full, name, pseudonym)
    running.rows.append(replace(full, radiograph=None, heatmap=None))
    for wanted in sorted(formats & _IMAGE_ENDS.keys()) if readable else ():
        if cancelled():
            return
        words = NO_VIEW if wanted is Format.VIEW and not plan.view else ""
        words = words or why_not(
            wanted,
            header,
            has_regions=bool(full.verdict and full.verdict.regions),
            deidentified=how is not None,
        )
        if words:
            running.problems.append(Problem(image.item.shown, wanted, words, expected=True))
            continue
        _attempt(running, image, full, wanted, source, header)
    if running.report is not None:
        try:
            running.report.add(full)
        except Exception as error:
            running.problems.append(_problem(image, Format.PDF, _in_words(error)))


def _attempt(
    running: _Running,
    image: ReviewedImage,
    full: ReviewedImage,
    wanted: Format,
    source: Dataset | None,
    header: Header,
) -> None:
    """Write one file of one image; whatever goes wrong is a line of the outcome."""
    if source is None and wanted in DICOM_FORMATS:
        return  # told already
    path = target(running.plan, wanted, image.item, header)
    try:
        _write(running, path, _content(wanted, full, source, running.plan))
    except Exception as error:
        running.problems.append(_problem(image, wanted, _in_words(error)))


def _in_words(error: Exception) -> ReviewError:
    """Whatever went wrong with one file; a library's own words may quote the header."""
    if isinstance(error, ReviewError):
        return error
    log.error("an export failed with %s", type(error).__name__)
    return OutputError(
        tr("It could not be made ({kind}).", kind=type(error).__name__),
        tr("A file that follows its standard was expected."),
        tr("Choose another format for this image."),
    )


def _content(wanted: Format, full: ReviewedImage, source: Dataset | None, plan: Plan) -> bytes:
    if wanted is Format.PNG:
        return png(full)
    if wanted is Format.VIEW:
        return plan.view
    assert source is not None
    if wanted is Format.DICOM:
        return encoded(source)
    makers = {
        Format.SECONDARY_CAPTURE: secondary_capture,
        Format.STRUCTURED_REPORT: structured_report,
        Format.PRESENTATION_STATE: presentation_state,
    }
    with quiet:
        made = makers[wanted](full, source)
        if plan.deidentification is not None:
            blank_times(made)
        return encoded(made)


def _write_lists(running: _Running) -> None:
    plan, rows = running.plan, running.rows
    hidden = plan.deidentification is not None
    for wanted in sorted(plan.formats & _LIST_ENDS.keys()):
        try:
            if wanted is Format.PDF:
                assert running.report is not None
                data = running.report.build()
            elif wanted is Format.CSV:
                data = csv_table(rows, deidentified=hidden, bom=plan.bom)
            else:
                data = json_table(rows, deidentified=hidden)
            _write(running, target(plan, wanted), data)
        except Exception as error:
            running.problems.append(Problem("", wanted, str(_in_words(error))))


def _write(running: _Running, path: Path, data: bytes) -> None:
    # Two images of one name in different folders keep two files, even where one may be replaced.
    if path in running.written or (path.exists() and not running.plan.replace):
        path = _numbered(path)
    write_whole(path, data)
    running.written.append(path)


def _numbered(path: Path) -> Path:
    number = 2
    while (other := path.with_name(f"{path.stem}-{number}{path.suffix}")).exists():
        number += 1
    return other


def _problem(image: ReviewedImage, wanted: Format | None, error: ReviewError) -> Problem:
    return Problem(image.item.shown, wanted, str(error))
