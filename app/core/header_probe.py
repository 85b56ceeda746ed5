"""A file opened for its DICOM header alone, if it has one: what a look at many files costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from app.core.dicom import looks_like_dicom

_HEAD = 1024


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
