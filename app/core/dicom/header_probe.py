"""A file opened for its DICOM header alone, if it has one: what a look at many files costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal

from app.core.dicom.repair import VALUE_REPRESENTATIONS

_HEAD = 1024
_BYTE_ORDERS: tuple[Literal["little", "big"], ...] = ("little", "big")


def looks_like_dicom(head: bytes) -> bool:
    """Whether the first bytes of a file are DICOM, with the preamble or without it."""
    if head[128:132] == b"DICM":
        return True
    if len(head) < 8:
        return False
    for order in _BYTE_ORDERS:
        group = int.from_bytes(head[:2], order)
        element = int.from_bytes(head[2:4], order)
        if group not in (0x0002, 0x0008) or element > 0x0070:
            continue
        length = int.from_bytes(head[4:8], order)
        if head[4:6] in VALUE_REPRESENTATIONS or length <= 256:
            return True
    return False


@contextmanager
def opened_dicom(path: Path) -> Iterator[BinaryIO | None]:
    """A DICOM file, open at its beginning; None for any other file.

    Raises
    ------
    OSError
        When it cannot be opened or read.
    """
    with path.open("rb") as file:
        if looks_like_dicom(file.read(_HEAD)):
            file.seek(0)
            yield file
        else:
            yield None
