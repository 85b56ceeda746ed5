"""Seeded damage: what becomes of a file on the way, and what somebody might write into it."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

ODD: list[Any] = [
    *(None, True, False, 0, -1, 1, 2**31, 2**63, -(2**64), 10**400, 1e308, -1e-320),
    *(float("nan"), float("inf"), "", "0", "nan", "1e999", "x" * 5000, "\ud800", "a\nb", "\x00"),
    *("../../etc", "{name}", "%s", "2026-13-99", [], {}, [[]], {"": None}, [1, "a", None]),
]
BYTES = (b"", b"\x00", b"\xff", b"\r", b"\n", b'"', b",", b";", b"9" * 40, b"\xef\xbb\xbf", b"[{")


def odd(chance: random.Random) -> Any:
    """A value that makes no sense nearly everywhere."""
    return copy.deepcopy(chance.choice(ODD))


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Some bytes flipped, put in, taken out, repeated; or the end cut off."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(len(out) + 1)
        match chance.randrange(6):
            case 0 if out:
                out[at % len(out)] ^= 1 << chance.randrange(8)
            case 1:
                out[at:at] = chance.choice(BYTES)
            case 2:
                del out[at : at + chance.choice((1, 2, 16, 200))]
            case 3:
                out[at:at] = out[at : at + chance.choice((1, 30, 300))]
            case 4:
                out[at : at + 4] = chance.randbytes(4)
            case 5:
                if chance.random() < 0.3:
                    del out[at:]
    return bytes(out)


def misspelt(value: Any, chance: random.Random) -> Any:
    """The same JSON with a few of its values replaced, dropped, doubled or nested."""
    value = json.loads(json.dumps(value))
    for _ in range(chance.choice((1, 1, 2, 4))):
        holders = [value] if isinstance(value, dict | list) and value else []
        for holder in holders:
            inner = holder.values() if isinstance(holder, dict) else holder
            holders.extend(each for each in inner if isinstance(each, dict | list) and each)
        if not holders:
            return odd(chance)
        holder = chance.choice(holders)
        key = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        match chance.randrange(6):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder["more"] = odd(chance)
            case 2:
                holder[key] = [holder[key]] * chance.choice((1, 2, 70))
            case 3:
                deep: Any = 1
                for _ in range(chance.choice((3, 90, 400))):
                    deep = [deep] if chance.random() < 0.5 else {"a": deep}
                holder[key] = deep
            case _:
                holder[key] = odd(chance)
    return value


def written(value: Any, chance: random.Random) -> bytes:
    """A JSON file of a misspelt value, sometimes damaged or nested beyond measure."""
    if chance.random() < 0.05:
        return b'{"format": 1, "name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    data = json.dumps(misspelt(value, chance)).encode()
    return damaged(data, chance) if chance.random() < 0.25 else data
