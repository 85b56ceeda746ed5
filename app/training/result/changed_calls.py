"""The images on which a new model and the active one disagree, kept in the run's own folder."""

from __future__ import annotations

import csv
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path

from app.core.base.csv_rows import CsvWriter
from app.core.base.file_names import as_name, as_text

NAME = "flips.csv"
POSITIVE = ("newly_caught", "newly_missed")
"""The kinds of flips of pneumonias."""


@dataclass(frozen=True)
class Flip:
    """An image whose call changes.

    Parameters
    ----------
    kind
        One of ``app.review.comparison.compare.FLIPS``.
    name
        Its path below the data folder, with forward slashes.
    p_active, p_new
        What the two models say, each to be held against its own operating point.
    original_kind
        The kind by the label before it was corrected; ``kind`` itself where it was not.
    """

    kind: str
    name: str
    p_active: float
    p_new: float
    original_kind: str = ""

    @property
    def label(self) -> int:
        """The label it is judged by, 0 or 1."""
        return int(self.kind in POSITIVE)

    @property
    def original_label(self) -> int:
        """The label before any correction, 0 or 1."""
        return int((self.original_kind or self.kind) in POSITIVE)


def write_flips(run_dir: Path, flips: tuple[Flip, ...]) -> None:
    """Write them as a table.

    Raises
    ------
    OSError
        When the folder cannot be written.
    """
    with (run_dir / NAME).open("w", newline="", encoding="utf-8") as file:
        writer = CsvWriter(file)
        writer.writerow([field.name for field in fields(Flip)])
        writer.writerows(astuple(replace(flip, name=as_text(flip.name))) for flip in flips)


def read_flips(run_dir: Path) -> tuple[Flip, ...]:
    """Read them back; none where there is no table or it is damaged."""
    try:
        with (run_dir / NAME).open(newline="", encoding="utf-8") as file:
            return tuple(
                Flip(
                    row["kind"],
                    as_name(row["name"]),
                    float(row["p_active"]),
                    float(row["p_new"]),
                    row.get("original_kind") or row["kind"],
                )
                for row in csv.DictReader(file)
            )
    except (OSError, KeyError, TypeError, ValueError):
        return ()
