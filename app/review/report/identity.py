"""What of a patient a report may tell: nothing that names one, unless the reader asks for names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from app.core.base.file_names import as_text
from app.core.base.reasons import TOLD, Reason, groups, told
from app.core.base.translation import tr
from app.core.model.results import NO_REASON
from app.review.audit import Audit, AuditRow
from app.review.holdout.locks import GuardedSet

FEWEST_BEHIND_A_VALUE = 5
"""A value that fewer patients share may be the name of one."""

_DATA = 12
"""So much of a hash tells two collections apart."""

_OURS = {"view", "sex", "age group", "pneumonia kind", "image size"}
"""Columns whose values are of few kinds and name nobody, however few have them."""
_IDENTIFYING = re.compile(
    r"(^|[\W_])(name|patient|id|mrn|birth|dob|date|day|path|file|filename|uid|accession|address"
    r"|(patient|subject|study|series|image|birth|accession|case)"
    r"[\W_]?(id|name|number|no|date|day|uid|index|file|path))"
    r"([\W_]|$)",
    re.IGNORECASE,
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""Between the words of PatientID or DICOMFileName."""


@dataclass(frozen=True)
class Names:
    """The rule for one report.

    Parameters
    ----------
    shown
        Whether the reader asked for names.
    """

    shown: bool

    def folder(self, audit: Audit) -> str:
        """What was audited: the folder's name, or how many files and the hash of their data."""
        if self.shown:
            return as_text(audit.folder.name)
        count, data = len(audit.rows), audit.data_sha256[:_DATA]
        if count == 1:
            return tr("a folder with 1 labelled file (data {data})", data=data)
        return tr("a folder with {count:,} labelled files (data {data})", count=count, data=data)

    def sentence(self, audit: Audit, words: str) -> str:
        """What an audit says of its labels, without the name of their CSV."""
        table = audit.labels_from
        if self.shown or not isinstance(table, Path):
            return as_text(words)
        named = rf"(?<!\w){re.escape(table.name)}(?!\w)"
        return as_text(re.sub(named, lambda _: tr("(CSV of labels)"), words))

    def test_set(self, found: GuardedSet) -> str:
        """A locked set: the name of its folder, or the beginning of its images' hash."""
        return found.name if self.shown else found.id[:_DATA]

    def column(self, name: str) -> bool:
        """Whether slices by this column may stand in the report at all."""
        return self.shown or name in _OURS or not _IDENTIFYING.search(_HUMP.sub("_", name))

    def value(self, column: str, value: str, patients: int) -> str:
        """A slice's value, or words in its place where it may name a patient."""
        if self.shown or column in _OURS or patients >= FEWEST_BEHIND_A_VALUE:
            return as_text(value)
        if patients == 1:
            return tr("a value of 1 patient")
        return tr("a value of {patients} patients", patients=patients)

    def reasons(self, row: AuditRow) -> tuple[Reason, ...]:
        """Why a file was refused or cannot be read, as it is counted: without its path."""
        return tuple(_without(row.path, each) for each in groups(row.reasons)) or (NO_REASON(),)

    def picture(self, row: AuditRow) -> str:
        """By what a picture can be found again: its file, or the beginning of its hash."""
        return as_text(row.name) if self.shown else row.content_hash[:12]


def _without(path: Path, reason: Reason) -> Reason:
    """A sentence that an older version kept, without the name of its file."""
    if reason.code != TOLD.code:
        return reason
    words = reason.text()
    for name in (str(path), path.name):
        words = words.replace(name, tr("the file"))
    return told(words)
