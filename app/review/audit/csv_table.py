"""A CSV of files, one row a file: any order and case of the columns, any usual form.

Messages name rows by their line in the file, never by what stands there: a path may name a
patient.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.core.base.errors import TrainingDataError
from app.core.base.file_names import as_name
from app.core.base.translation import tr
from app.review.audit.csv_text import SEPARATORS, CsvText, NoTable, decoded

NO_LABEL = frozenset({"", "?", "-", "nan", "na", "n/a", "null", "unknown"})
"""What stands in a label column where nobody knows the class, in lower case."""


@dataclass(frozen=True)
class CsvTable:
    """What a CSV holds.

    Parameters
    ----------
    names
        Its columns in lower case, other names of asked columns replaced.
    rows
        Line number and cells (stripped, by column) of every row that is not empty.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...] = field(repr=False)


def read_table(
    table: Path, columns: tuple[str, ...], others: Mapping[str, tuple[str, ...]] | None = None
) -> CsvTable:
    """Read a CSV.

    Parameters
    ----------
    table
        In any usual encoding and with any line ends (``app.review.audit.csv_text``); separated by
        comma, semicolon, tab or vertical bar, or by what its first line says (``sep=;``).
    columns
        Those that must be there.
    others
        Other names by which a column may go, in lower case; the first that is there counts, and
        only where the column itself is not.

    Raises
    ------
    TrainingDataError
        When it cannot be read, lacks a column, has one twice, or has no rows.
    """
    text = _text(table)
    found: list[str] = []
    failed: NoTable | None = None
    for separator in (text.separator,) if text.separator else SEPARATORS:
        try:
            cells = text.rows(separator)
        except NoTable as error:
            failed = error
            continue
        names = cells[0][1] if cells else []
        lower = _called([name.lower() for name in names], others or {})
        if set(columns) <= set(lower):
            break
        found = max(found, names, key=len)
    else:
        if failed is not None:
            raise _unreadable(table, str(failed)) from failed
        there = set(_called([name.lower() for name in found], others or {}))
        wanted = columns[0]
        if len(columns) > 1:
            wanted = tr("{first} and {last}", first=columns[0], last=columns[1])
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
                columns=wanted,
                names=_short(found),
            )
            if found
            else tr("A first row with the columns {columns} was expected.", columns=wanted),
            tr("Name the columns in the first row."),
        )
    if doubled := [name for name in columns if lower.count(name) > 1]:
        raise TrainingDataError(
            tr("{table} has the column {name} twice.", table=table.name, name=doubled[0]),
            tr("Each column was expected once."),
            tr("Rename or remove one of them."),
        )
    padding = [""] * len(lower)
    rows = tuple(
        (line, dict(zip(lower, [*row, *padding], strict=False))) for line, row in cells[1:]
    )
    if not rows:
        raise TrainingDataError(
            tr("{table} has no rows below its first.", table=table.name),
            tr("One row a file was expected."),
            tr("Add the rows, or choose another CSV."),
        )
    return CsvTable(tuple(lower), rows)


def _called(names: list[str], others: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The names of the columns, other names of some replaced by what they mean."""
    for meant, instead in others.items():
        if meant not in names and (there := [name for name in instead if name in names]):
            names = [meant if name == there[0] else name for name in names]
    return names


def _text(table: Path) -> CsvText:
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
    text = decoded(data)
    if text is None:
        raise _unreadable(table, tr("it holds no text"))
    return text


def _unreadable(table: Path, why: str) -> TrainingDataError:
    return TrainingDataError(
        tr("{table} cannot be read: {why}.", table=table.name, why=why),
        tr("A CSV (text, one row a file) was expected."),
        tr("Save it as CSV again, or choose another file."),
    )


def name_below(path: str, folder: Path) -> str:
    """A table's path below the folder with forward slashes, empty when it lies elsewhere."""
    if not path or "\0" in path:
        return ""
    if (named := as_name(path)) != path and not is_file(folder / path):
        path = named
    if os.sep == "/" and "\\" in path and not is_file(folder / path):
        path = path.replace("\\", "/")  # written on Windows
    top = Path(os.path.normpath(folder.absolute()))
    place = Path(os.path.normpath(top / path))
    if place == top or not place.is_relative_to(top):
        return ""
    return place.relative_to(top).as_posix()


def is_file(path: Path) -> bool:
    """Whether a path, which a table may have given, is that of a file."""
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file system takes
        return False


def _short(names: Iterable[str]) -> str:
    shown = list(names)
    return ", ".join([*shown[:6], "..."] if len(shown) > 6 else shown)
