"""Sentences on what a table or a folder of labels holds that an audit cannot use."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.base.translation import tr

_SHOWN = 5


def no_class_folder(number: int) -> str:
    """So many files have no class by their folder."""
    if number == 1:
        return tr("1 file lies in no folder NORMAL or PNEUMONIA: left out.")
    return tr("{n:,} files lie in no folder NORMAL or PNEUMONIA: left out.", n=number)


def not_named(number: int, table: str) -> str:
    """So many images of the folder are not in the table."""
    if number == 1:
        return tr("1 image of the folder is not in {table}: left out.", table=table)
    return tr(
        "{count:,} images of the folder are not in {table}: left out.", count=number, table=table
    )


def missing(table: str, lines: Sequence[int]) -> str:
    """Rows whose file is not there."""
    return tr(
        "{table}: {rows} of files that are not in the folder: left out.",
        table=table,
        rows=_rows(lines),
    )


def unlabelled(table: str, lines: Sequence[int]) -> str:
    """Rows whose label says that nobody knows."""
    return tr("{table}: {rows} without a label: left out.", table=table, rows=_rows(lines))


def unknown_label(table: str, lines: Sequence[int]) -> str:
    """Rows with a label that is neither class."""
    return tr(
        "{table}: {rows} with a label that is neither NORMAL nor PNEUMONIA: left out.",
        table=table,
        rows=_rows(lines),
    )


def repeated(table: str, lines: Sequence[int]) -> str:
    """Rows that say again what another row said."""
    return tr(
        "{table}: {rows} of a file that another row names, with the same label: counted once.",
        table=table,
        rows=_rows(lines),
    )


def differing(table: str, lines: Sequence[int]) -> str:
    """Rows that contradict each other."""
    return tr(
        "{table}: {rows} that give one file two labels: the file is left out.",
        table=table,
        rows=_rows(lines),
    )


def _rows(lines: Sequence[int]) -> str:
    ordered = sorted(lines)
    if len(ordered) == 1:
        return tr("1 row (line {line})", line=ordered[0])
    shown = ", ".join(str(line) for line in ordered[:_SHOWN])
    more = ", ..." if len(ordered) > _SHOWN else ""
    return tr("{count:,} rows (lines {lines})", count=len(ordered), lines=shown + more)
