"""What a reader of an audit's figures must know, in words and without the name of any file."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from app.core.base.ages import read_age
from app.core.base.translation import tr
from app.core.model.results import Status
from app.review.audit.audit import Audit
from app.review.audit.readers import Readers
from app.review.audit.rows import AuditRow
from app.review.holdout.overlap import Seen
from app.review.verdicts.history import VerdictHistory


def of(audit: Audit, seen: Seen) -> list[str]:
    """What makes the figures of an audit undefined, weaker or better than they look."""
    counts = audit.counts
    found = []
    ill, healthy = counts["PNEUMONIA"], counts["NORMAL"]
    if not ill and not healthy:
        found.append(tr("No image has a score, so there are no figures."))
    elif not ill or not healthy:
        there, missing = ("PNEUMONIA", "NORMAL") if ill else ("NORMAL", "PNEUMONIA")
        found.append(
            tr(
                "All scored images are {there}: the AUC and every figure that needs {missing} "
                "too are undefined.",
                there=there,
                missing=missing,
            )
        )
    if no_number := sum(row.status is Status.OK and not row.scored for row in audit.rows):
        found.append(tr("Without a score that is a number: {n:,}. Left out.", n=no_number))
    if counts["refused"]:
        found.append(tr("Refused by the model's gates, so not scored: {n:,}.", n=counts["refused"]))
    if counts["unreadable"]:
        found.append(tr("Files that cannot be read: {n:,}.", n=counts["unreadable"]))
    if counts["out_of_fold"]:
        found.append(
            tr(
                "The model was trained on {n:,} of the images. What counts there are out-of-fold "
                "scores, from networks that never saw the patient.",
                n=counts["out_of_fold"],
            )
        )
    if counts["seen_in_training"]:
        found.append(
            tr(
                "The model was trained on {n:,} of the images, or on copies of them, and is "
                "scored on them by itself: the figures flatter.",
                n=counts["seen_in_training"],
            )
        )
    set_on = sum(
        bool(seen.calibration.match(row.content_hash, row.perceptual_hash)) for row in audit.scored
    )
    if set_on:
        found.append(
            tr(
                "The model's threshold was set on {n:,} of the images: sensitivity and "
                "specificity at it flatter there, the AUC does not.",
                n=set_on,
            )
        )
    found += _ages(audit)
    found += _copies(audit)
    return found


def _ages(audit: Audit) -> list[str]:
    """What the table's ages are not: those of a header are told with each score."""
    ages = [read_age(said) for row in audit.rows if (said := row.columns.get("age"))]
    found = []
    if unreadable := sum(age.doubt == "unreadable" for age in ages):
        found.append(
            tr("Ages in the table that cannot be read: {n:,}. In no age group.", n=unreadable)
        )
    bare = sum(age.doubt == "no unit" for age in ages)
    # A column of numbers alone is one of years, and needs no word.
    if bare and any(age.years is not None and not age.doubt for age in ages):
        found.append(
            tr(
                "Ages in the table without a unit, beside others with one: {n:,}. Taken as years.",
                n=bare,
            )
        )
    return found


def _copies(audit: Audit) -> list[str]:
    labels: dict[str, set[int]] = {}
    counts: Counter[str] = Counter()
    for row in audit.scored:
        labels.setdefault(row.content_hash, set()).add(row.label)
        counts[row.content_hash] += 1
    copies = sum(number - 1 for number in counts.values())
    found = []
    if copies:
        found.append(tr("Images that have the very pixels of another one: {n:,}.", n=copies))
    if both := sum(len(each) > 1 for each in labels.values()):
        found.append(
            tr(
                "Pictures that are there with both labels, one of which must be wrong: {n:,}.",
                n=both,
            )
        )
    return found


def by_readers(
    rows: list[AuditRow], readers: Readers, book: VerdictHistory, files: int
) -> tuple[list[AuditRow], tuple[str, ...]]:
    """The rows that readers labelled, with their label; and what was left out.

    Parameters
    ----------
    rows
        Scored files without a label.
    readers, book
        Whose verdicts count.
    files
        How many files the folder holds.
    """
    labelled = []
    differing = 0
    for row in rows:
        opinions = readers.opinions(book, row.identity)
        if len(set(opinions.values())) > 1:
            differing += 1
        elif opinions:
            columns = {**row.columns, "readers": str(len(opinions))}
            labelled.append(replace(row, label=next(iter(opinions.values())), columns=columns))
    problems = []
    if without := files - len(labelled) - differing:
        problems.append(tr("Files without a verdict that counts: {n:,}. Left out.", n=without))
    if book.unreadable:
        problems.append(
            tr(
                "Rows of the database of verdicts that cannot be read: {n:,} (the first: row "
                "{row}, column {column}). Left out.",
                n=len(book.unreadable),
                row=min(book.unreadable),
                column=book.unreadable[min(book.unreadable)],
            )
        )
    if differing:
        problems.append(tr("Images on which readers disagree: {n:,}. Left out.", n=differing))
    return labelled, tuple(problems)
