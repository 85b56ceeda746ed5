"""The text of a CSV as people's programs write it: its encoding, its line ends, its separator."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field

from app.core.base.translation import tr

SEPARATORS = (",", ";", "\t", "|")

_SAID = re.compile(r'^"?sep=([^\w"\r\n ])"?[,;\t|]*(\r\n|\r|\n|$)', re.IGNORECASE)
"""The first line that Excel writes and reads: which separator follows."""
_BOMS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
)
_SAMPLE = 4096
_END = "\x1eend"
"""A row of its own behind the last: missed where a quotation mark is never closed."""


class NoTable(ValueError):
    """A text that cannot be taken apart into rows; the message says why, for the person."""


@dataclass(frozen=True)
class CsvText:
    """A CSV's text.

    Parameters
    ----------
    text
        Without a byte order mark and without a line that only names the separator.
    separator
        The one that such a line names, empty for none.
    before
        How many lines were taken away at the beginning.
    """

    text: str = field(repr=False)
    separator: str = ""
    before: int = 0

    def rows(self, separator: str) -> list[tuple[int, list[str]]]:
        """Line number and cells (stripped) of every row in which something stands.

        Raises
        ------
        NoTable
            When a quotation mark is never closed or a cell is as long as no cell is.
        """
        # Without translation csv itself ends a row at LF, CR or both, but not within quotes.
        ended = io.StringIO(f"{self.text}\n{_END}", newline="")
        reader = csv.reader(ended, delimiter=separator)
        rows: list[tuple[int, list[str]]] = []
        last: list[str] = []
        try:
            for last in reader:
                cells = [cell.strip("\ufeff \t\r\n\v\f\xa0") for cell in last]
                if any(cells):
                    rows.append((reader.line_num + self.before, cells))
        except csv.Error as error:
            raise NoTable(
                tr("a cell is longer than {most:,} characters", most=csv.field_size_limit())
            ) from error
        if last != [_END]:
            raise NoTable(tr("a quotation mark is never closed"))
        return rows[:-1]


def decoded(data: bytes) -> CsvText | None:
    """The text of a CSV in UTF-8, UTF-16, UTF-32, Windows-1252 or Latin-1; None where it is none.

    Programs for tables write UTF-16 as "Unicode text", and Windows-1252 in the West.
    """
    encodings = [name for mark, name in _BOMS if data.startswith(mark)][:1]
    if not encodings:
        encodings = _without_mark(data)
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            return None
        if said := _SAID.match(text):
            return CsvText(text[said.end() :], said.group(1), 1)
        return CsvText(text)
    return None


def _without_mark(data: bytes) -> list[str]:
    if b"\0" not in data:
        return ["utf-8", "cp1252", "latin-1"]
    # Western text in UTF-16 has a zero beside nearly every letter.
    sample = data[:_SAMPLE]
    for zeros, letters, name in ((1, 0, "utf-16-le"), (0, 1, "utf-16-be")):
        half = max(1, len(sample) // 2)
        if sample[zeros::2].count(0) > 0.7 * half and sample[letters::2].count(0) == 0:
            return [name]
    return []
