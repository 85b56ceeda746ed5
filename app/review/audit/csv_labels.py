"""Labels and columns for an audit from a CSV, in which single rows may be wrong.

A training refuses such a table (``app.training.data.label_table``): it must not learn from a
mistake.
An audit leaves the rows out and says so, since finding mistakes is its purpose.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.core.worklist.patients import of_table
from app.review.audit import table_text as words
from app.review.audit.csv_table import NO_LABEL, name_below, read_table

COLUMNS_BESIDE = "labels.csv"
"""Beside class subfolders, a table of this name gives further columns."""

OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "path": (
        *("file", "filename", "file name", "file_name", "filepath", "file path", "file_path"),
        *("image", "image index", "image_path", "image path", "name"),
    ),
    "label": ("class", "target", "diagnosis"),
    "patient": ("patient_id", "patient id", "patientid", "subject", "subject_id"),
    "view": ("view position", "view_position", "viewposition", "projection"),
    "sex": ("patient gender", "patient_gender", "gender", "patient sex", "patientsex"),
    "age": ("patient age", "patient_age", "patientage", "age_years", "age (years)"),
}
"""What the columns that mean something are called elsewhere."""

LABELS = {
    **dict.fromkeys(("normal", "0", "0.0", "negative", "no", "false"), 0),
    **dict.fromkeys(("pneumonia", "1", "1.0", "positive", "yes", "true"), 1),
}
"""What stands for each class, in lower case."""


@dataclass(frozen=True)
class TableRow:
    """What a table says of one file; ``label`` is None where the table has no labels."""

    label: int | None
    patient: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TableRows:
    """What a table says of a folder.

    Parameters
    ----------
    rows
        By path below the folder. A file with two different labels is not among them.
    named
        Every file of the folder that the table names.
    has_labels
        Whether there is a label column.
    problems
        What was left out, by line.
    """

    rows: Mapping[str, TableRow] = field(default_factory=dict)
    named: Collection[str] = ()
    has_labels: bool = False
    problems: tuple[str, ...] = ()


def read_rows(
    table: Path, folder: Path, names: Collection[str], *, needs_labels: bool
) -> TableRows:
    """The rows of a CSV by the file that each is about.

    Parameters
    ----------
    table
        The CSV.
    folder
        Paths are relative to it, or absolute and below it. A bare file name is enough where only
        one file below the folder is called so.
    names
        The images of the folder, by their path below it.
    needs_labels
        Whether a table without a label column is an error.

    Raises
    ------
    TrainingDataError
        When the table cannot be read at all, or lacks a column.
    """
    wanted = ("path", "label") if needs_labels else ("path",)
    read = read_table(table, wanted, OTHER_NAMES)
    has_labels = "label" in read.names
    by_file_name = _unique(names)
    rows: dict[str, TableRow] = {}
    lines: dict[str, int] = {}
    missing, unlabelled, unknown, repeated, differing = [], [], [], [], []
    contradicted: set[str] = set()
    named: set[str] = set()
    patients = {cells.get("patient", "") for _, cells in read.rows}
    for line, cells in read.rows:
        name = name_below(cells["path"], folder)
        if name not in names:
            name = by_file_name.get(name or cells["path"], "")
        named.add(name)
        label = LABELS.get(cells.get("label", "").lower())
        if not name:
            missing.append(line)
        elif has_labels and cells["label"].lower() in NO_LABEL:
            unlabelled.append(line)
        elif has_labels and label is None:
            unknown.append(line)
        else:
            row = TableRow(label, of_table(cells.get("patient", ""), patients), _columns(cells))
            if name not in rows:
                rows[name], lines[name] = row, line
            elif name in contradicted:
                differing.append(line)
            elif rows[name].label == label:
                repeated.append(line)
            else:
                differing += [lines[name], line]
                contradicted.add(name)
    for name in contradicted:
        del rows[name]
    problems = [
        say(table.name, found)
        for say, found in (
            (words.missing, missing),
            (words.unlabelled, unlabelled),
            (words.unknown_label, unknown),
            (words.repeated, repeated),
            (words.differing, differing),
        )
        if found
    ]
    return TableRows(rows, named - {""}, has_labels, tuple(problems))


def _unique(names: Collection[str]) -> dict[str, str]:
    """The one path of each file name that stands for one file alone."""
    found: dict[str, str] = {}
    for name in names:
        last = name.rsplit("/", 1)[-1]
        found[last] = "" if last in found else name
    return found


def _columns(cells: Mapping[str, str]) -> dict[str, str]:
    """Every other column that says something."""
    return {
        name: value
        for name, value in cells.items()
        if name not in ("", "path", "label", "patient") and value
    }
