"""Damage, decided by a number alone: bytes, lengths, pieces, and what formats check."""

from __future__ import annotations

import struct
import zlib
from random import Random

_WORDS = (0, 1, 2, 7, 8, 16, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFF)
_LONG_WORDS = (*_WORDS, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
_HEAD = 1500
_DEFLATED = b"1.2.840.10008.1.2.1.99"


def mutated(content: bytes, chance: Random, others: list[bytes]) -> bytes:
    """One file with some damage.

    Parameters
    ----------
    content
        A whole file.
    chance
        Decides everything.
    others
        Further files, of which pieces may be taken.
    """
    if _DEFLATED in content[:400] and chance.random() < 0.8:
        # Else nothing would reach what lies behind the inflater.
        end = 144 + int.from_bytes(content[140:144], "little")
        inside = _damaged(zlib.decompress(content[end:], -15), chance, others)
        deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
        return content[:end] + deflate.compress(inside) + deflate.flush()
    made = _damaged(content, chance, others)
    if content.startswith(b"\x89PNG") and chance.random() < 0.8:
        return _with_check_sums(made, chance)
    return made


def _damaged(content: bytes, chance: Random, others: list[bytes]) -> bytes:
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        size = len(data)
        if not size:
            break
        place = chance.randrange(min(size, _HEAD) if chance.random() < 0.6 else size)
        kind = chance.randrange(9)
        if kind == 0:
            data[place] ^= 1 << chance.randrange(8)
        elif kind == 1:
            data[place] = chance.randrange(256)
        elif kind == 2:
            order = chance.choice("<>")
            data[place : place + 2] = struct.pack(order + "H", chance.choice(_WORDS))
        elif kind == 3:
            order = chance.choice("<>")
            data[place : place + 4] = struct.pack(order + "I", chance.choice(_LONG_WORDS))
        elif kind == 4:
            del data[place : place + chance.randrange(1, 64)]
        elif kind == 5:
            data[place:place] = chance.randbytes(chance.randrange(1, 64))
        elif kind == 6 and chance.random() < 0.5:
            del data[place:]
        elif kind == 7:
            other = chance.choice(others)
            start = chance.randrange(len(other))
            piece = other[start : start + chance.randrange(1, 200)]
            data[place : place + len(piece)] = piece
        else:
            piece = data[place : place + chance.randrange(1, 64)]
            data[place:place] = bytes(piece) * chance.randrange(1, 4)
    return bytes(data)


def _with_check_sums(data: bytes, chance: Random) -> bytes:
    """The same PNG with right check sums, where its chunks can still be walked."""
    made, place = bytearray(data), 8
    while place + 12 <= len(made):
        (length,) = struct.unpack_from(">I", made, place)
        end = place + 8 + length
        if end + 4 > len(made):
            break
        struct.pack_into(">I", made, end, zlib.crc32(made[place + 4 : end]))
        place = end + 4
    return bytes(made)
