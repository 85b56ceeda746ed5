"""Labels, patients and weights from a CSV: any order and case of the columns, any separator.

Messages name rows by their line in the file, never by what stands there: a path may name a
patient.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.core.base.errors import TrainingDataError
from app.core.base.translation import tr
from app.core.worklist.patients import of_table
from app.review.audit.csv_table import NO_LABEL, is_file, name_below, read_table
from app.training.data.text import repeated

LEAST_WEIGHT, MOST_WEIGHT = 0.01, 100.0
"""What may stand in a weight column: how much an image counts, 1 for as much as any other."""

_SHOWN_ROWS = 5


@dataclass(frozen=True)
class LabelRow:
    """One labelled file; ``name`` is its path below the data folder, with forward slashes.

    ``original`` is the label it had before somebody corrected it, empty where that is not told.
    """

    path: Path
    name: str
    label: str
    split: str = ""
    patient: str = ""
    weight: float = 1.0
    original: str = ""


def read_labels(
    table: Path,
    folder: Path,
    splits: Mapping[str, str],
    mapping: Mapping[str, str],
    cancelled: Callable[[], bool],
    cautions: list[str],
) -> list[LabelRow]:
    """The labelled files of a CSV with the columns path and label.

    It may also have the columns patient, split, weight and original_label.

    Parameters
    ----------
    table
        The CSV.
    folder
        The data folder, which the paths are relative to; absolute ones must lie below it.
    splits
        Known names of splits, in lower case, and the split that each means.
    mapping
        Class mapping; a label that otherwise means "not known" may stand in it.
    cancelled
        Asked between rows; true ends the reading early.
    cautions
        Takes what should be known but stops nothing.

    Raises
    ------
    TrainingDataError
        When the table cannot be read, lacks a column or a row, or names files that are not
        there, labels, splits or weights that are none, or one file twice with different words.
    """
    rows = read_table(table, ("path", "label")).rows
    words = {row.get("patient", "") for _, row in rows}
    mapped = {name.strip().upper() for name in mapping}
    known: dict[str, LabelRow] = {}
    copies, outside, missing, unlabelled, unsplit, unweighed, differing = 0, [], [], [], [], [], []
    for line, row in rows:
        if cancelled():
            break
        name = name_below(row["path"], folder)
        label, split = row["label"], splits.get(row.get("split", "").lower(), "")
        if not name:
            outside.append(line)
        elif not is_file(folder / name):
            missing.append(line)
        elif label.lower() in NO_LABEL and (not label or label.upper() not in mapped):
            unlabelled.append(line)
        elif row.get("split") and not split:
            unsplit.append(line)
        elif (weight := _weight(row.get("weight", ""))) is None:
            unweighed.append(line)
        else:
            original = row.get("original_label", "")
            patient = of_table(row.get("patient", ""), words)
            read = LabelRow(folder / name, name, label, split, patient, weight, original)
            before = known.setdefault(name, read)
            copies += before is not read
            if _meant(before) != _meant(read):
                differing.append(line)
    _refuse(
        table,
        outside,
        tr("without a path, or with one outside the data folder"),
        tr("Paths below {folder} were expected.", folder=folder.name),
        tr("Correct the paths, or choose the folder that holds all the images."),
    )
    _refuse(
        table,
        missing,
        tr("naming a file that is not there"),
        tr("Paths relative to the data folder {folder} were expected.", folder=folder.name),
        tr("Correct the paths, take these rows out, or choose the folder that they start from."),
    )
    _refuse(
        table,
        unlabelled,
        tr("without a label, or with one that says it is not known"),
        tr("A class name was expected in the column label."),
        tr("Fill in the class, take these rows out, or map that label to nothing."),
    )
    _refuse(
        table,
        unsplit,
        tr("with an unknown split"),
        tr("The column split may hold train, val or test, or nothing."),
        tr("Correct these rows."),
    )
    _refuse(
        table,
        unweighed,
        tr("with a weight that is none"),
        tr(
            "The column weight may hold a number from {least:g} to {most:g}, or nothing for 1.",
            least=LEAST_WEIGHT,
            most=MOST_WEIGHT,
        ),
        tr("Correct these rows; an image that is not to count is taken out of the table."),
    )
    _refuse(
        table,
        differing,
        tr("naming a file again, with another label, patient, split or weight"),
        tr("One row a file was expected."),
        tr("Keep the right one of the rows."),
    )
    if copies:
        cautions.append(repeated(copies, table.name))
    return list(known.values())


def read_patients(table: Path, folder: Path) -> dict[str, str]:
    """The patient of each file by its path below the data folder, as ``csv|`` and the CSV's word.

    Rows of files that are not there are passed over: the table may be that of a larger collection.

    Raises
    ------
    TrainingDataError
        When the table cannot be read or lacks a column, or gives one file two patients.
    """
    known: dict[str, str] = {}
    differing = []
    rows = read_table(table, ("path", "patient")).rows
    words = {row["patient"] for _, row in rows}
    for line, row in rows:
        name, patient = name_below(row["path"], folder), of_table(row["patient"], words)
        if name and patient and known.setdefault(name, patient) != patient:
            differing.append(line)
    _refuse(
        table,
        differing,
        tr("giving a file a second patient"),
        tr("One patient a file was expected."),
        tr("Keep the right one of the rows."),
    )
    return known


def _weight(text: str) -> float | None:
    try:
        weight = float(text.replace(",", ".")) if text else 1.0
    except ValueError:
        return None
    return weight if LEAST_WEIGHT <= weight <= MOST_WEIGHT else None


def _meant(row: LabelRow) -> tuple[str | float, ...]:
    return row.label.upper(), row.split, row.patient, row.weight, row.original.upper()


def _refuse(table: Path, lines: list[int], which: str, expected: str, fix: str) -> None:
    if lines:
        shown = ", ".join(str(line) for line in lines[:_SHOWN_ROWS])
        more = ", ..." if len(lines) > _SHOWN_ROWS else ""
        what = (
            tr(
                "{table} has 1 row {which} (line {line}).",
                table=table.name,
                which=which,
                line=shown,
            )
            if len(lines) == 1
            else tr(
                "{table} has {count:,} rows {which} (lines {lines}).",
                table=table.name,
                count=len(lines),
                which=which,
                lines=shown + more,
            )
        )
        raise TrainingDataError(what, expected, fix)
