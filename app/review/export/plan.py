"""What an export is asked for, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.review.export.reviewed import Format
from app.review.export.stand_ins import Deidentification


@dataclass(frozen=True)
class Plan:
    """What is to be written, and where.

    Parameters
    ----------
    formats
        At least one.
    folder
        Made where it is not there.
    opened
        Folders and files that are being read, among which nothing is written.
    deidentification
        None to keep the identity.
    replace
        Whether a file of the same name is replaced; else the new one gets a number.
    with_heatmap
        Whether heatmaps are wanted in pictures and reports.
    view
        The picture of the screen, a PNG; for ``Format.VIEW`` of one image.
    bom
        Whether a CSV begins with a byte order mark, by which Excel knows UTF-8.
    """

    formats: frozenset[Format]
    folder: Path
    opened: tuple[str, ...] = ()
    deidentification: Deidentification | None = None
    replace: bool = False
    with_heatmap: bool = True
    view: bytes = b""
    bom: bool = True


@dataclass(frozen=True)
class Problem:
    """What was not written, and why: ``expected`` is a reason that was known before."""

    image: str
    format: Format | None
    words: str
    expected: bool = False


@dataclass(frozen=True)
class ExportOutcome:
    """What became of an export."""

    written: tuple[Path, ...] = ()
    problems: tuple[Problem, ...] = ()
    cancelled: bool = False

    @property
    def dicom(self) -> tuple[Path, ...]:
        """The files that can be sent to a DICOM node."""
        return tuple(path for path in self.written if path.suffix == ".dcm")
