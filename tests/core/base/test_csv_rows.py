"""A field may hold what ends a line."""

import csv
import io

import pytest

from app.core.base.csv_rows import CsvWriter


@pytest.mark.parametrize("name", ["a\rb.png", "a\nb.png", "a\r\nb", '"', ",", "\r", "end\r\n", ""])
def test_every_name_comes_back(name):
    text = io.StringIO(newline="")
    writer = CsvWriter(text)
    writer.writerow(["file", "p"])
    writer.writerows([[name, 0.5], ["plain", 1]])
    text.seek(0)
    assert list(csv.reader(text)) == [["file", "p"], [name, "0.5"], ["plain", "1"]]
    assert text.getvalue().startswith("file,p\n")
