"""The report's last pages: which files, which model, and how each figure came about."""

from __future__ import annotations

from app import __version__
from app.core.base.file_names import as_text
from app.core.base.translation import tr
from app.core.model.results import Status
from app.review.report.document import blocks as parts
from app.review.report.findings import Findings


def source_blocks(found: Findings) -> list[parts.Block]:
    """Files, classes, labels, hashes, refusals, overlap with the training, the leak guard."""
    audit, card = found.audit, found.audit.card
    counts = found.figures.matrix.counts
    ill, healthy = counts["tp"] + counts["fn"], counts["tn"] + counts["fp"]
    known = found.figures.intervals
    rows = [
        (tr("Folder"), found.names.folder(audit)),
        (tr("Labels"), found.names.sentence(audit, audit.label_source)),
        (tr("Files"), f"{len(audit.rows):,}"),
        (tr("Scored"), f"{len(audit.scored):,}"),
        (tr("Refused"), f"{found.files(Status.REFUSED):,}"),
        (tr("Unreadable"), f"{found.files(Status.UNREADABLE):,}"),
        (tr("Class balance"), _balance(ill, healthy)),
        (tr("Patients known"), f"{known['patients']:,}"),
        (tr("Images of an unknown patient"), f"{known['images_without_patient']:,}"),
        (tr("Data, SHA-256"), audit.data_sha256),
        (tr("Model"), card.title),
        (tr("Weights, SHA-256"), card.weights_sha256),
        (tr("Preprocessing"), card.preprocessing),
        (tr("Threshold"), f"{found.threshold:.6g}"),
        (tr("Program"), f"Opacity {__version__}"),
    ]
    blocks: list[parts.Block] = [parts.Facts(tuple(rows))]
    if audit.problems:
        remarks = tuple(found.names.sentence(audit, each) for each in audit.problems)
        blocks += [parts.Heading(tr("Remarks"), 2), parts.Bullets(remarks)]
    blocks += [
        parts.Heading(tr("Leak guard"), 2),
        *_looks(found),
        *_reasons(found, Status.REFUSED, tr("Refused: the network may not judge these")),
        *_reasons(found, Status.UNREADABLE, tr("Unreadable")),
    ]
    return blocks


def _balance(ill: int, healthy: int) -> str:
    if not ill + healthy:
        return tr("no image was scored")
    return tr(
        "{ill:,} PNEUMONIA, {healthy:,} NORMAL ({share:.0%} pneumonia)",
        ill=ill,
        healthy=healthy,
        share=ill / (ill + healthy),
    )


def _looks(found: Findings) -> list[parts.Block]:
    if not found.looks:
        words = tr(
            "None of these images is in a locked test set, so nobody counts how often figures on "
            "them were looked at."
        )
        return [parts.Paragraph(words)]
    return [parts.Bullets(found.looks)]


def _reasons(found: Findings, status: Status, title: str) -> list[parts.Block]:
    reasons = found.reasons[status]
    if not reasons:
        return []
    rows = tuple(
        (as_text(reason.what()), f"{count:,}")
        for reason, count in sorted(reasons.items(), key=lambda each: -each[1])
    )
    return [
        parts.Heading(title, 2),
        parts.Table((tr("Reason"), tr("Files")), rows, 1, (9, 1)),
    ]


def method_blocks() -> list[parts.Block]:
    """By which method each figure was made, with its source."""
    return [
        parts.Bullets(
            (
                tr(
                    "Intervals are 95 %. Where patients are known, whole patients are resampled "
                    "(1,000 times, percentiles), since up to dozens of images share one. Else each "
                    "image counts as a patient: Wilson's interval for shares (JASA 1927), DeLong's "
                    "for the AUC (Biometrics 1988)."
                ),
                tr(
                    "An interval without width, as at 0 or 1, is replaced by Wilson's over the "
                    "number of patients: nothing wrong among few is no proof."
                ),
                tr(
                    "Sensitivity is the share of images labelled PNEUMONIA that are called so; "
                    "specificity that of images labelled NORMAL that are let alone. Predictive "
                    "values hold only at this share of pneumonias."
                ),
                tr(
                    "The calibration error is over 15 bins of as many images each. The decision "
                    "curve is that of Vickers and Elkin (Med Decis Making 2006)."
                ),
                tr("Slices are tested with whole patients, adjusted by Holm (Scand J Stat 1979)."),
                tr(
                    "A figure is only as good as its labels. Labels mined from reports or given by "
                    "one reader are noisy, and noise pulls every figure towards chance."
                ),
            )
        )
    ]
