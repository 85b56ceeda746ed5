"""File names that are no Unicode: as text and back."""

import os

import pytest

from app.core.base.file_names import as_name, as_text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plain.png", "plain.png"),
        ("M\u00fcller \u4e2d \U0001f9b4.png", "M\u00fcller \u4e2d \U0001f9b4.png"),
        ("caf\udce9.png", r"caf\udce9.png"),
        ("\udcff\udc80", r"\udcff\udc80"),
        (r"caf\udce9.png", r"caf\udc5cudce9.png"),
        (r"a\udc5cudce9", r"a\udc5cudc5cudce9"),
        ("\\\udce9", r"\\udce9"),
        (r"C:\data\udx\one.png", r"C:\data\udx\one.png"),
        ("half \ud83d.png", r"half \ud83d.png"),
    ],
)
def test_there_and_back(name: str, text: str) -> None:
    assert as_text(name) == text
    assert text.encode()
    assert as_name(text) == name


def test_any_bytes_come_back() -> None:
    name = os.fsdecode(bytes(each for each in range(1, 256) if each != ord("/")))
    assert as_name(as_text(name)) == name
