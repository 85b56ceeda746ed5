"""Where results of a command may be written; an output among what is read is a wrong argument."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from app.cli import UsageError
from app.core.base import outputs
from app.core.base.errors import OutputError
from app.core.base.outputs import (
    Output,
    cannot_write,
    check_place,
    make_folder,
    write_whole,
    written,
)
from app.core.worklist.scan import Item

__all__ = [
    "Output",
    "cannot_write",
    "check_place",
    "keep_out",
    "make_folder",
    "write_whole",
    "written",
]


def keep_out(
    outputs_wanted: Sequence[Path | None], paths: Sequence[str], items: Iterable[Item] = ()
) -> None:
    """``app.core.base.outputs.keep_out`` for arguments.

    Raises
    ------
    UsageError
        With the output's name.
    """
    try:
        outputs.keep_out(outputs_wanted, paths, items)
    except OutputError as error:
        raise UsageError(error.what, error.expected, error.fix) from None
