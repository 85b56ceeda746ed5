"""JSON that anybody may have written: whatever is wrong with it is a ``ValueError``."""

from __future__ import annotations

import json
from typing import Any

from app.core.base.translation import tr

_DEEPEST = 64
"""Ours nests less than ten deep; much deeper, the copies that are made of it would fail."""
_LARGEST = 2**63
_MOST_VALUES = 2**21
"""Each may take eighty bytes of memory for one of text; ours have some ten thousands."""


def parse_json(text: str | bytes) -> Any:
    """What a JSON text says.

    Raises
    ------
    ValueError
        When it is none, nests too deep, has more values than ours can need, or holds a whole
        number beyond 64 bits: those fail later, wherever they are first reckoned with.
    """
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if sum(map(data.count, (b"[", b"{", b",", b":"))) > _MOST_VALUES:
        raise ValueError(tr("it holds more values than it can need"))
    try:
        said = json.loads(text)
    except RecursionError as error:
        raise ValueError(tr("it nests too deep")) from error
    layer, depth = [said], 0
    while layer:
        depth += 1
        if depth > _DEEPEST:
            raise ValueError(tr("it nests too deep"))
        below: list[Any] = []
        for each in layer:
            if isinstance(each, dict):
                below.extend(each.values())
            elif isinstance(each, list):
                below.extend(each)
            elif isinstance(each, int) and abs(each) > _LARGEST:
                raise ValueError(tr("it holds a number that is too large"))
        layer = below
    return said
