"""The trials of a sweep as a table on disk: whole or not at all, never among images. No Qt."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from app.core.base.errors import OutputError
from app.core.base.own_folder import give_usual_rights
from app.training.sweep.ledger import TrialRow, write_csv


def write_table(path: Path, rows: Iterable[TrialRow], metric: str, data: str) -> None:
    """Write a CSV.

    Parameters
    ----------
    path
        Where to.
    rows
        The trials.
    metric
        What they are ranked by.
    data
        The folder of the training images: nothing is written there.

    Raises
    ------
    OutputError
        When it lies among the images or cannot be written.
    """
    if _lies_in(path, Path(data)):
        raise OutputError(
            f"{path} lies in the folder of the training images.",
            "Nothing is ever written into a folder of images.",
            "Choose another place for the table.",
        )
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("w", newline="", encoding="utf-8") as file:
            write_csv(file, rows, metric)
        give_usual_rights(partial)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise OutputError(
            f"{path} could not be written: {error.strerror or error}.",
            "A folder that can be written and has room was expected.",
            "Choose another place.",
        ) from error


def _lies_in(path: Path, folder: Path) -> bool:
    """By whatever name: links, mounts, and file systems that take ``A`` for ``a``."""
    real = Path(os.path.realpath(folder))
    for parent in Path(os.path.realpath(path)).parents:
        if parent == real:
            return True
        try:
            if parent.samefile(real):
                return True
        except OSError:  # not there, on either side
            continue
    return False
