"""Worklist and verdicts as CSV and JSON.

A CSV is opened in a spreadsheet, which takes a cell that begins like a formula for one: such texts
get an apostrophe in front (OWASP, CSV injection). It begins with a byte order mark, by which Excel
knows that it is UTF-8. The JSON is for programs: it has the texts as they are, and the regions.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

from app import __version__
from app.core.base.file_names import as_text
from app.core.base.reasons import texts
from app.core.model.triage import doubts
from app.core.reading.verdicts import Verdict
from app.core.worklist.scan import Item
from app.review.export.reviewed import MAKER, NOT_FOR_DIAGNOSIS, ReviewedImage

BYTE_ORDER_MARK = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_IDENTITY = frozenset(
    {
        "path",
        "patient_name",
        "issuer_of_patient_id",
        "sex",
        "age_years",
        "study_date",
        "study_instance_uid",
        "sop_instance_uid",
        "content_hash",
        "reader",
        "reason",
        "note",
        "given_at",
    }
)
"""Columns that a de-identified table does not have; its patient_id is a pseudonym."""


def csv_table(images: Sequence[ReviewedImage], *, deidentified: bool, bom: bool = True) -> bytes:
    """All images as CSV, one row each.

    Parameters
    ----------
    images
        Already without identity where ``deidentified``.
    deidentified
        Whether the columns that could tell who somebody is are left out.
    bom
        Whether the file begins with a byte order mark.

    Returns
    -------
    bytes
        UTF-8, lines ended by CR LF (RFC 4180).
    """
    file = StringIO()
    if bom:
        file.write(BYTE_ORDER_MARK)
    rows = [_flat(image, deidentified) for image in images]
    columns = list(_flat(ReviewedImage(Item(Path(), "")), deidentified))
    writer = csv.writer(file)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([csv_cell(row[name]) for name in columns])
    # What is no Unicode must not stop a table; file names: ``app.core.base.file_names``.
    return file.getvalue().encode("utf-8", "backslashreplace")


def json_table(images: Sequence[ReviewedImage], *, deidentified: bool) -> bytes:
    """All images as one JSON object: ``notice``, ``program``, ``deidentified``, ``images``."""
    whole: dict[str, Any] = {
        "notice": NOT_FOR_DIAGNOSIS,
        "program": f"{MAKER} {__version__}",
        "deidentified": deidentified,
    }
    if not deidentified:
        whole["made_at"] = datetime.now(UTC).isoformat(timespec="seconds")
    whole["images"] = [_nested(image, deidentified) for image in images]
    text = json.dumps(whole, indent=2, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace")


def _flat(image: ReviewedImage, deidentified: bool) -> dict[str, object]:
    row = {**_image_part(image), **_verdict_part(image.verdict)}
    row["program"] = f"{MAKER} {__version__}"
    row["notice"] = NOT_FOR_DIAGNOSIS
    return {name: value for name, value in row.items() if not (deidentified and name in _IDENTITY)}


def _nested(image: ReviewedImage, deidentified: bool) -> dict[str, object]:
    verdict = None
    if image.verdict is not None:
        verdict = {
            **_verdict_part(image.verdict),
            "regions": [
                {
                    "kind": str(region.kind),
                    "points": [list(point) for point in region.points],
                    "label": region.label,
                    "frame": region.frame,
                }
                for region in image.verdict.regions
            ],
        }
    prediction = image.prediction
    told = [reason.to_json() for reason in prediction.reasons] if prediction else None
    parts = {**_image_part(image), "reason_codes": told, "verdict": verdict}
    for part in (parts, verdict or {}):
        for name in _IDENTITY & part.keys() if deidentified else ():
            del part[name]
    return parts


def _image_part(image: ReviewedImage) -> dict[str, object]:
    header, prediction = image.header, image.prediction
    name, version = image.model
    return {
        "image": as_text(image.item.shown),
        "path": as_text(str(image.item.path)),
        "status": str(prediction.status) if prediction else "not scored",
        "p_pneumonia": prediction.p_pneumonia if prediction else None,
        "call": str(prediction.call) if prediction and prediction.call else None,
        "threshold": prediction.threshold if prediction else None,
        "operating_point": image.operating_point or None,
        "model": name or None,
        "model_version": version or None,
        "device": (prediction.device if prediction else "") or None,
        "reasons": "; ".join(texts(doubts(prediction))) if prediction else None,
        "patient_name": header.patient_name or None,
        "patient_id": header.patient_id or None,
        "issuer_of_patient_id": header.issuer_of_patient_id or None,
        "sex": header.sex or None,
        "age_years": header.age_years,
        "study_date": header.study_date or None,
        "modality": header.modality or None,
        "view": header.view or None,
        "study_instance_uid": header.study_instance_uid or None,
        "sop_instance_uid": header.sop_instance_uid or None,
        "content_hash": image.identity.content_hash if image.identity else None,
    }


def _verdict_part(verdict: Verdict | None) -> dict[str, object]:
    if verdict is None:
        return dict.fromkeys(_VERDICT_COLUMNS)
    values = (
        str(verdict.agreement) if verdict.agreement else None,
        verdict.label or None,
        verdict.reason or None,
        verdict.note or None,
        verdict.key_image,
        len(verdict.regions),
        verdict.reader or None,
        verdict.given_at.isoformat(timespec="seconds"),
        verdict.score_visible,
        verdict.heatmap_visible,
        verdict.p_pneumonia,
        str(verdict.call) if verdict.call else None,
        verdict.threshold,
        verdict.model or None,
    )
    return dict(zip(_VERDICT_COLUMNS, values, strict=True))


_VERDICT_COLUMNS = (
    "verdict",
    "label",
    "reason",
    "note",
    "key_image",
    "regions",
    "reader",
    "given_at",
    "score_visible",
    "heatmap_visible",
    "p_pneumonia_at_verdict",
    "call_at_verdict",
    "threshold_at_verdict",
    "model_at_verdict",
)


def csv_cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula; a number reads back as the same float."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
