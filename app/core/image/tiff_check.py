"""The directories of a TIFF, looked at before Pillow makes numbers of what they point to.

A tag says how many values it has, and Pillow makes a Python number of each; a directory names the
next one, and each may name the same hundred megabytes.
"""

from __future__ import annotations

from typing import BinaryIO, Literal

_BYTES_OF = {3: 2, 4: 4, 5: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Of each type that is numbers; all others are bytes and letters."""
_MOST_NUMBERS = 500_000
"""More than a picture has rows, each of which may be a strip of its own."""
_MOST_DIRECTORIES = 10_000
_MOST_TAGS = 100_000
_MOST_TAG_BYTES = 64 << 20


def check_directories(file: BinaryIO) -> None:
    """Refuse a TIFF whose directories hold more than those of a picture.

    Parameters
    ----------
    file
        The whole file, at its start.

    Raises
    ------
    ValueError
        When they do, or name themselves.
    """
    head = file.read(16)
    order: Literal["little", "big"] = "little" if head[:2] == b"II" else "big"
    large = 43 in (head[2], head[3])
    word = 8 if large else 4
    size = file.seek(0, 2)

    def number(count: int) -> int:
        return int.from_bytes(file.read(count), order)

    file.seek(8 if large else 4)
    place, seen = number(word), set[int]()
    tags = held = 0
    while place and place < size:
        if place in seen or len(seen) > _MOST_DIRECTORIES:
            raise ValueError("its directories have no end")
        seen.add(place)
        file.seek(place)
        entries = number(8 if large else 2)
        tags += entries
        if tags > _MOST_TAGS:
            raise ValueError("its directories have more tags than those of a picture")
        for _ in range(entries):
            file.read(2)
            kind, count = number(2), number(word)
            file.read(word)
            each = _BYTES_OF.get(kind, 1)
            held += min(count * each, size)
            if (kind in _BYTES_OF and count > _MOST_NUMBERS) or held > _MOST_TAG_BYTES:
                raise ValueError("a tag has more values than those of a picture")
        place = number(word)
