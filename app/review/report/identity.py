"""What of a patient a report may tell: nothing that names one, unless the reader asks for names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.core.translation import tr
from app.review.audit import AuditRow

FEWEST_BEHIND_A_VALUE = 5
"""A value that fewer patients share may be the name of one."""

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

    def column(self, name: str) -> bool:
        """Whether slices by this column may stand in the report at all."""
        return self.shown or name in _OURS or not _IDENTIFYING.search(_HUMP.sub("_", name))

    def value(self, column: str, value: str, patients: int) -> str:
        """A slice's value, or words in its place where it may name a patient."""
        if self.shown or column in _OURS or patients >= FEWEST_BEHIND_A_VALUE:
            return value
        return tr("a value of {patients} patients", patients=patients)

    def reason(self, row: AuditRow) -> str:
        """Why a file was refused or cannot be read, without its path."""
        words = " ".join(row.reasons) or tr("no reason was given")
        for name in (str(row.path), row.path.name):
            words = words.replace(name, tr("the file"))
        return words

    def picture(self, row: AuditRow) -> str:
        """By what a picture can be found again: its file, or the beginning of its hash."""
        return row.name if self.shown else row.content_hash[:12]
