"""An audit to a file and back: a line of JSON on the whole, then one for each row.

The file names images and patients: it belongs into the user's own folder, never among what is
shared.
"""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

from app.core.base.errors import ReviewError
from app.core.base.json_text import parse_json
from app.core.base.outputs import cannot_write
from app.core.base.reasons import Reason
from app.core.base.translation import tr
from app.core.model.card import ModelCard
from app.core.model.results import Status
from app.core.reading.verdicts import ImageIdentity
from app.review.audit.audit import Audit
from app.review.audit.readers import from_json, to_json
from app.review.audit.rows import AuditRow

FORMAT = 1


def save(audit: Audit, path: Path) -> None:
    """Write an audit, for the user's eyes alone.

    Raises
    ------
    OutputError
        When it cannot be written.
    """
    head = {
        "format": FORMAT,
        "card": json.loads(audit.card.to_json()),
        "folder": str(audit.folder),
        "model_folder": str(audit.model_folder),
        "label_source": audit.label_source,
        "problems": audit.problems,
        "labels_from": to_json(audit.labels_from),
        "rows": len(audit.rows),
    }
    partial = path.with_name(path.name + ".partial")
    try:
        number = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(json.dumps(head) + "\n")
            file.writelines(json.dumps(_as_dict(row)) + "\n" for row in audit.rows)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise cannot_write(path, error) from error


def load(path: Path) -> Audit:
    """Read an audit that ``save`` wrote.

    Raises
    ------
    ReviewError
        When the file is missing, damaged, or of another version.
    """
    try:
        with path.open(encoding="utf-8") as file:
            head = parse_json(file.readline())
            if head["format"] != FORMAT:
                raise ValueError("it is of another version")
            rows = tuple(_row(parse_json(line)) for line in file)
        if len(rows) != head["rows"]:
            raise ValueError("its end is missing")
        return Audit(
            rows,
            ModelCard.from_dict(head["card"]),
            Path(head["folder"]),
            Path(head["model_folder"]),
            str(head["label_source"]),
            tuple(head["problems"]),
            from_json(head["labels_from"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ReviewError(
            tr("The saved audit cannot be read: {error}.", error=error),
            tr("A file that this Opacity wrote was expected."),
            tr("Audit the folder again."),
        ) from error


def _as_dict(row: AuditRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "path": str(row.path),
        "label": row.label,
        "patient": row.patient,
        "content_hash": row.content_hash,
        "columns": dict(row.columns),
        "status": row.status.value,
        "reasons": [reason.to_json() for reason in row.reasons],
        "p": row.p,
        "out_of_fold": row.out_of_fold,
        "seen": row.seen,
        "perceptual_hash": row.perceptual_hash.hex(),
        "identity": dataclasses.astuple(row.identity),
    }


def _row(raw: dict[str, Any]) -> AuditRow:
    return AuditRow(
        **{
            **raw,
            "path": Path(raw["path"]),
            "status": Status(raw["status"]),
            "reasons": tuple(map(Reason.from_json, raw["reasons"])),
            "perceptual_hash": bytes.fromhex(raw["perceptual_hash"]),
            "identity": ImageIdentity(*raw["identity"]),
        }
    )
