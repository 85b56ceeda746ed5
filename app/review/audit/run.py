"""Audits a folder: finds files and labels, scores what is not scored yet, makes the rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.core.errors import ReviewError
from app.core.patients import patient_of, pneumonia_kind
from app.core.translation import tr
from app.inference.classifier import Classifier
from app.inference.registry import find_model
from app.inference.scoring import Scored, score
from app.review.audit.audit import Audit
from app.review.audit.labels import Labelled, from_folders
from app.review.audit.rows import AuditRow

OnProgress = Callable[[int, int], None]


class Cancelled(ReviewError):
    """The person has cancelled."""


def audit_folder(
    folder: str | Path,
    model: str | Path | None = None,
    labels: Path | None = None,
    on_progress: OnProgress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Audit:
    """Score a labelled folder with a model."""
    folder = Path(folder)
    classifier = Classifier(find_model(str(model) if model else None))
    classifier.require_pneumonia()
    found = from_folders(folder, cancelled)
    rows = []
    for file, scored in zip(
        found.files,
        score([f.item for f in found.files], classifier, cancelled=cancelled, hashes=True),
        strict=False,
    ):
        rows.append(_row(file, scored))
        on_progress(len(rows), len(found.files))
    if len(rows) < len(found.files):
        raise Cancelled(tr("The audit was cancelled."))
    return Audit(
        tuple(rows),
        classifier.card,
        folder,
        classifier.folder,
        found.source,
        found.problems,
    )


def _row(file: Labelled, scored: Scored) -> AuditRow:
    header = scored.header
    own = f"{header.issuer_of_patient_id}|{header.patient_id}" if header.patient_id else ""
    columns = dict(file.columns)
    if kind := pneumonia_kind(file.name):
        columns["pneumonia kind"] = kind
    return AuditRow(
        file.name,
        file.item.path,
        file.label or 0,
        file.patient or own or patient_of(file.name),
        scored.content_hash,
        columns,
        scored.prediction.status,
        scored.prediction.reasons,
        scored.prediction.p_pneumonia,
        perceptual_hash=scored.perceptual_hash,
        identity=scored.identity,
    )
