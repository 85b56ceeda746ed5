"""Labels, patients and weights from a CSV: any order and case of the columns, any separator.

Messages name rows by their line in the file, never by what stands there: a path may name a
patient.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import TrainingDataError
from app.core.translation import tr
from app.training.data_words import repeated

NO_LABEL = frozenset({"", "?", "-", "nan", "na", "n/a", "null", "unknown"})
"""What stands in a label column where nobody knows the class, in lower case."""

LEAST_WEIGHT, MOST_WEIGHT = 0.01, 100.0
"""What may stand in a weight column: how much an image counts, 1 for as much as any other."""

_SEPARATORS = (",", ";", "\t")
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
    rows = _rows(table, ("path", "label"))
    mapped = {name.strip().upper() for name in mapping}
    known: dict[str, LabelRow] = {}
    copies, outside, missing, unlabelled, unsplit, unweighed, differing = 0, [], [], [], [], [], []
    for line, row in rows:
        if cancelled():
            break
        name = _name(row["path"], folder)
        label, split = row["label"], splits.get(row.get("split", "").lower(), "")
        if not name:
            outside.append(line)
        elif not _is_file(folder / name):
            missing.append(line)
        elif label.lower() in NO_LABEL and (not label or label.upper() not in mapped):
            unlabelled.append(line)
        elif row.get("split") and not split:
            unsplit.append(line)
        elif (weight := _weight(row.get("weight", ""))) is None:
            unweighed.append(line)
        else:
            original = row.get("original_label", "")
            read = LabelRow(folder / name, name, label, split, _patient(row), weight, original)
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
    for line, row in _rows(table, ("path", "patient")):
        name, patient = _name(row["path"], folder), _patient(row)
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


def _rows(table: Path, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """Line number and cells (stripped, by lower-case column) of every row that is not empty."""
    text = _text(table)
    heading = text.lstrip("\r\n").split("\n", 1)[0]
    found: list[str] = []
    for separator in _SEPARATORS:
        names = next(iter(csv.reader([heading], delimiter=separator)), [])
        lower = [name.strip().lower() for name in names]
        if set(columns) <= set(lower):
            break
        found = max(found, [name.strip() for name in names], key=len)
    else:
        there = {name.lower() for name in found}
        both = tr("{first} and {last}", first=columns[0], last=columns[1])
        missing = [c for c in columns if c not in there]
        raise TrainingDataError(
            tr("{table} has no column {name}.", table=table.name, name=missing[0])
            if len(missing) == 1
            else tr(
                "{table} has no column {first} or {last}.",
                table=table.name,
                first=missing[0],
                last=missing[1],
            ),
            tr(
                "A first row with the columns {columns} was expected; it has {names}.",
                columns=both,
                names=_short(found),
            )
            if found
            else tr("A first row with the columns {columns} was expected.", columns=both),
            tr("Name the columns in the first row."),
        )
    if doubled := [name for name in columns if lower.count(name) > 1]:
        raise TrainingDataError(
            tr("{table} has the column {name} twice.", table=table.name, name=doubled[0]),
            tr("Each column was expected once."),
            tr("Rename or remove one of them."),
        )
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows: list[tuple[int, dict[str, str]]] = []
    seen_heading = False
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if not any(stripped):
                continue
            if not seen_heading:
                seen_heading = True
                continue
            padded = stripped + [""] * (len(lower) - len(stripped))
            rows.append((reader.line_num, dict(zip(lower, padded, strict=False))))
    except csv.Error as error:
        raise _unreadable(table, str(error)) from error
    if not rows:
        raise TrainingDataError(
            tr("{table} has no rows below its first.", table=table.name),
            tr("One row a file was expected."),
            tr("Add the rows, or choose another CSV."),
        )
    return rows


def _text(table: Path) -> str:
    try:
        data = table.read_bytes()
    except FileNotFoundError as error:
        raise TrainingDataError(
            tr("There is no file {table}.", table=table),
            tr("A CSV was expected."),
            tr("Choose it again."),
        ) from error
    except OSError as error:
        raise _unreadable(table, error.strerror or str(error)) from error
    # Excel writes "Unicode text" so.
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not wide and b"\0" in data:
        raise _unreadable(table, tr("it holds no text"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "latin-1"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _unreadable(table, tr("its text is damaged"))


def _unreadable(table: Path, why: str) -> TrainingDataError:
    return TrainingDataError(
        tr("{table} cannot be read: {why}.", table=table.name, why=why),
        tr("A CSV (text, one row a file) was expected."),
        tr("Save it as CSV again, or choose another file."),
    )


def _name(path: str, folder: Path) -> str:
    """The path below the folder with forward slashes, empty when it lies elsewhere."""
    if not path or "\0" in path:
        return ""
    if os.sep == "/" and "\\" in path and not _is_file(folder / path):
        path = path.replace("\\", "/")  # written on Windows
    top = Path(os.path.normpath(folder.absolute()))
    place = Path(os.path.normpath(top / path))
    if place == top or not place.is_relative_to(top):
        return ""
    return place.relative_to(top).as_posix()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file system takes
        return False


def _patient(row: Mapping[str, str]) -> str:
    """Marked, so that no patient of a table is taken for one of a header or file name."""
    patient = row.get("patient", "")
    return f"csv|{patient}" if patient else ""


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


def _short(names: Iterable[str]) -> str:
    shown = list(names)
    return ", ".join([*shown[:6], "..."] if len(shown) > 6 else shown)
