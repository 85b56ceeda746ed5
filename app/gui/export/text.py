"""What the export dialog says: formats, reasons, outcomes. No Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.core.base.translation import tr
from app.review.export.plan import ExportOutcome
from app.review.export.reviewed import DICOM_FORMATS, Format, ReviewedImage

DICOM_ORDER = (
    Format.SECONDARY_CAPTURE,
    Format.STRUCTURED_REPORT,
    Format.PRESENTATION_STATE,
    Format.DICOM,
)
OTHER_ORDER = (Format.PDF, Format.CSV, Format.JSON, Format.PNG, Format.VIEW)


@dataclass(frozen=True)
class Scope:
    """Some images that may be exported together.

    Parameters
    ----------
    title
        As offered.
    images
        As the worklist knows them.
    left_out
        How many of them are sealed: blinded and not yet judged.
    """

    title: str
    images: tuple[ReviewedImage, ...]
    left_out: int = 0


def format_title(wanted: Format) -> str:
    """A format in a few words."""
    return {
        Format.SECONDARY_CAPTURE: tr("Secondary Capture: image with heatmap"),
        Format.STRUCTURED_REPORT: tr("Structured Report: score and verdict"),
        Format.PRESENTATION_STATE: tr("Presentation state: drawn regions and window"),
        Format.DICOM: tr("The image itself, de-identified"),
        Format.PDF: tr("PDF report"),
        Format.CSV: tr("Table for a spreadsheet (CSV)"),
        Format.JSON: tr("Table for a program (JSON)"),
        Format.PNG: tr("Picture: image with heatmap (PNG)"),
        Format.VIEW: tr("Picture: what is on the screen (PNG)"),
    }[wanted]


def reason_words(reason: str) -> str:
    """A reason of ``why_not`` in the person's language."""
    from app.review.export.source import NOT_DEIDENTIFIED

    if reason == NOT_DEIDENTIFIED:
        return tr("Only where the identity is removed: see below.")
    return tr(reason) if reason else ""


def availability(
    wanted: Format, scope: Scope, *, deidentified: bool, has_view: bool
) -> tuple[bool, str]:
    """Whether a format can be chosen, and what to say beside it.

    Returns
    -------
    tuple of bool and str
        The words are a reason where it cannot, and for how many it can where not for all.
    """
    from app.review.export.source import NO_VIEW, NOT_DEIDENTIFIED

    if not scope.images:
        return False, ""
    if wanted is Format.VIEW:
        can = has_view and len(scope.images) == 1
        return can, "" if can else reason_words(NO_VIEW)
    if wanted not in DICOM_FORMATS:
        return True, ""
    from app.review.export.source import why_not

    reasons = [
        why_not(
            wanted,
            image.header,
            has_regions=bool(image.verdict and image.verdict.regions),
            deidentified=deidentified,
        )
        for image in scope.images
    ]
    can_be = reasons.count("")
    if can_be == len(reasons):
        return True, ""
    ((reason, _),) = Counter(each for each in reasons if each).most_common(1)
    if NOT_DEIDENTIFIED in reasons:
        # The one reason that the person can do away with.
        reason = NOT_DEIDENTIFIED
    if can_be == 0:
        return False, reason_words(reason)
    return True, tr(
        "For {count} of {all} images. {reason}",
        count=can_be,
        all=len(reasons),
        reason=reason_words(reason),
    )


def outcome_words(outcome: ExportOutcome) -> str:
    """What became of an export, in a line or two."""
    count = len(outcome.written)
    words = (
        tr("One file was written.")
        if count == 1
        else tr("{count} files were written.", count=count)
    )
    if outcome.cancelled:
        words = tr("Cancelled.") + " " + words
    failed = sum(not problem.expected for problem in outcome.problems)
    if failed:
        words += " " + tr("{count} could not be written; see below.", count=failed)
    return words


def problem_lines(outcome: ExportOutcome) -> list[str]:
    """What was not written: each failure, then what could be known before, by format."""
    lines = [
        " – ".join(
            part
            for part in (
                problem.image,
                format_title(problem.format) if problem.format else "",
                problem.words,
            )
            if part
        )
        for problem in outcome.problems
        if not problem.expected
    ]
    known = Counter((p.format, p.words) for p in outcome.problems if p.expected)
    for (wanted, reason), count in known.items():
        title = format_title(wanted) if wanted else ""
        images = tr("one image") if count == 1 else tr("{count} images", count=count)
        lines.append(
            tr(
                "{format}: not for {images}. {reason}",
                format=title,
                images=images,
                reason=reason_words(reason),
            )
        )
    return lines


def identity_words(deidentified: bool) -> str:
    """What the files will tell, and what not."""
    if not deidentified:
        return tr("The files carry names, IDs and dates of the patients, and the reader's name.")
    return tr(
        "Names, IDs, dates, paths, the reader and all free text are left out; UIDs are replaced."
    )


def burned_in_words(images: Sequence[ReviewedImage]) -> str:
    """A warning of text in the pixels, the likeliest risk among some images; empty for none."""
    from app.review.export.deidentify import burned_in_risk

    risks = Counter(burned_in_risk(i.header.burned_in, i.header.modality) for i in images)
    risks.pop("", None)
    if not risks:
        return ""
    ((worst, count),) = risks.most_common(1)
    many = "" if len(images) == 1 else " " + tr("({count} images)", count=count)
    return f"▲ {worst}{many}"
