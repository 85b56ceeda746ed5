"""CSV as every table of the program has it: lines end in LF, and a field may hold any character."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import Protocol


class _Text(Protocol):
    def write(self, text: str, /) -> object: ...


class CsvWriter:
    """Writes rows as ``csv.writer(file, lineterminator="\\n")`` does.

    That one leaves a carriage return, which a file name may hold, outside quotation marks, and a
    reader takes it for the row's end.
    """

    def __init__(self, file: _Text) -> None:
        self._file = file
        self._writer = csv.writer(self)

    def write(self, row: str) -> None:
        """Called with each row, its end being that of CSV's standard."""
        self._file.write(row.removesuffix("\r\n") + "\n")

    def writerow(self, row: Sequence[object]) -> None:
        """Write one row."""
        self._writer.writerow(row)

    def writerows(self, rows: Iterable[Sequence[object]]) -> None:
        """Write several rows."""
        self._writer.writerows(rows)
