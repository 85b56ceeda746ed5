"""CSVs as people's programs write them: one table, whatever its encoding, line ends, separator."""

from __future__ import annotations

import codecs

import pytest

from app.core.base.errors import TrainingDataError
from app.review.audit.csv_table import read_table
from app.review.audit.csv_text import decoded

ROWS = [
    ("Path", "Label", "Weight", "Ort"),
    ("a b/x.png", "NORMAL", "1,5", "Köln"),
    ("c.png", "PNEUMONIA", "2", 'Haus "Süd"; links, hinten'),
]
MEANT = [
    {"path": "a b/x.png", "label": "NORMAL", "weight": "1,5", "ort": "Köln"},
    {"path": "c.png", "label": "PNEUMONIA", "weight": "2", "ort": 'Haus "Süd"; links, hinten'},
]
ENCODINGS = {
    "utf-8": b"",
    "utf-8-sig": b"",
    "cp1252": b"",
    "latin-1": b"",
    "utf-16": b"",
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32": b"",
}


def quoted(cell):
    return '"' + cell.replace('"', '""') + '"'


def written(separator, end, first="", last=True):
    lines = [separator.join(map(quoted, row)) for row in ROWS]
    return first + end.join(lines) + (end if last else "")


def read(path, data):
    path.write_bytes(data)
    return [cells for _, cells in read_table(path, ("path", "label")).rows]


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_one_table_however_it_is_written(tmp_path, encoding, end, separator):
    for first in (
        "",
        end,
        f"sep={separator}{end}",
        f'"sep={separator}"{end}',
        f"SEP={separator}{end}",
    ):
        for last in (True, False):
            text = written(separator, end, first, last)
            data = ENCODINGS[encoding] + text.encode(encoding)
            assert read(tmp_path / "t.csv", data) == MEANT


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark(tmp_path, encoding):
    assert read(tmp_path / "t.csv", written(";", "\r\n").encode(encoding)) == MEANT


def test_words_of_windows_1252(tmp_path):
    (row, _) = read(
        tmp_path / "t.csv", written(";", "\r\n").replace("Köln", "“Köln” €").encode("cp1252")
    )
    assert row["ort"] == "“Köln” €"


def test_a_separator_that_the_first_line_names_goes_before_any_other(tmp_path):
    rows = read(tmp_path / "t.csv", b"sep=:\npath:label\na.png:NORMAL, or not\n")
    assert rows == [{"path": "a.png", "label": "NORMAL, or not"}]


def test_lines_are_counted_as_an_editor_counts_them(tmp_path):
    path = tmp_path / "t.csv"
    for text in ("sep=;\n\npath;label\na;b\n", "sep=;\r\rpath;label\ra;b\r"):
        path.write_bytes(text.encode())
        assert [line for line, _ in read_table(path, ("path", "label")).rows] == [4]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'path,label\n"a.png,N\nb.png,P\n', "never closed"),
        (b"path,label\na.png," + b"x" * 200_000, "cannot be read"),
        (b"path\0label", "holds no text"),
        (b"\xff\xfe\x00\xd8\x00", "holds no text"),
        (b"", "no column path or label"),
        (b"\r\r\r", "no column path or label"),
        (b"sep=,", "no column path or label"),
        (b'sep="\npath', "no column label|no column path"),
    ],
)
def test_what_is_no_table_is_told(tmp_path, data, said):
    with pytest.raises(TrainingDataError, match=said):
        read(tmp_path / "t.csv", data)


def test_what_is_no_text_is_none():
    assert decoded(bytes(range(256)) * 8) is None
    assert decoded(b"\x81\x8d plain").text == "\x81\x8d plain"
