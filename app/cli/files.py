"""What the commands share: which files, which model, where results may be written."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeVar

from app.cli import UsageError
from app.core.errors import OutputError, ReviewError
from app.core.worklist import Item, scan
from app.inference.classifier import Classifier
from app.inference.registry import find_model

T = TypeVar("T")


def found_items(paths: list[str]) -> list[Item]:
    """Every file that gets a row.

    Raises
    ------
    UsageError
        When a path does not exist.
    """
    for path in paths:
        if not Path(path).exists():
            raise UsageError(
                f"There is no {path}.", "An existing file or folder was expected.", "Correct it."
            )
    try:
        return list(scan(paths))
    except ReviewError as error:
        raise UsageError(error.what, error.expected, error.fix) from error


def keep_out(output: Path | None, paths: list[str]) -> None:
    """Refuse an output that lies in a folder that is read, or is one of the files.

    Raises
    ------
    UsageError
        With the folder's name.
    """
    if output is None:
        return
    target = output.resolve()
    for path in paths:
        given = Path(path).resolve()
        if target == given or (given.is_dir() and given in target.parents):
            raise UsageError(
                f"{output} lies in {path}, which is being read.",
                "Results are never written into a folder of images.",
                "Choose another place for them.",
            )


def load_classifier(name: str | None) -> Classifier:
    """The model of that name (or the default one), fit to tell pneumonia from normal."""
    classifier = Classifier(find_model(name), on_notice=lambda t: print(t, file=sys.stderr))
    classifier.require_pneumonia()
    return classifier


@contextmanager
def written(path: Path) -> Iterator[IO[str]]:
    """A text file that appears under its name only when it is complete.

    Raises
    ------
    OutputError
        When the folder cannot be written or the disk is full.
    """
    partial = path.with_name(f"{path.name}.partial")
    try:
        # File names are bytes on Linux: what is no UTF-8 goes out as it came in.
        with partial.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            yield file
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: OSError) -> OutputError:
    """The error for a result that could not be written."""
    return OutputError(
        f"{path} could not be written: {error.strerror or error}.",
        "A folder that exists, can be written and has room was expected.",
        "Free disk space or choose another place.",
    )


def with_progress(results: Iterable[T], total: int, unit: str = "image") -> Iterator[T]:
    """The results, with a progress bar on a terminal and silence elsewhere."""
    from tqdm import tqdm

    yield from tqdm(results, total=total, unit=unit, disable=not sys.stderr.isatty())


def say(*lines: str) -> None:
    """Lines for the person, on stderr so that stdout stays free for results."""
    print(*lines, sep="\n", file=sys.stderr)
