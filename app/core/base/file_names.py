"""File names as text that every program reads, and back again.

A file name is bytes on Linux, and any 16-bit numbers on Windows. What of it is no Unicode stands in
Python's texts as lone surrogates (PEP 383), which no table, report or database can hold. There each
is written as ``\\udce9``, and a backslash that would begin such a sign by itself as ``\\udc5c``.
"""

from __future__ import annotations

import re

_BACKSLASH = "\\"
_TO_WRITE = re.compile("[\ud800-\udfff]|\\\\(?=ud[89a-f][0-9a-f]{2})")
_WRITTEN = re.compile(r"\\u(d[89a-f][0-9a-f]{2})")
_OF_BACKSLASH = "dc5c"


def as_text(name: str) -> str:
    """A file name, or words that hold one, as text that can be encoded."""

    def sign(found: re.Match[str]) -> str:
        code = _OF_BACKSLASH if found[0] == _BACKSLASH else f"{ord(found[0]):04x}"
        return f"{_BACKSLASH}u{code}"

    return _TO_WRITE.sub(sign, name)


def as_name(text: str) -> str:
    """The file name that ``as_text`` wrote."""

    def letter(found: re.Match[str]) -> str:
        return _BACKSLASH if found[1] == _OF_BACKSLASH else chr(int(found[1], 16))

    return _WRITTEN.sub(letter, text)
