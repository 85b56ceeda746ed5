"""What the commands share: which files, which model, and the lines for the person."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from app.cli import UsageError
from app.core.base.errors import ModelError, ReviewError
from app.core.base.file_names import as_text
from app.core.model.card import BALANCED

if TYPE_CHECKING:
    from app.core.worklist.scan import Item
    from app.inference.runtime.classifier import Classifier

T = TypeVar("T")


def found_items(paths: list[str]) -> list[Item]:
    """Every file that gets a row.

    Raises
    ------
    UsageError
        When a path does not exist or cannot be reached.
    """
    from app.core.worklist.scan import scan

    for path in paths:
        try:
            Path(path).stat()
        except FileNotFoundError:
            raise UsageError(
                f"There is no {path}.", "An existing file or folder was expected.", "Correct it."
            ) from None
        except OSError as error:
            raise _unreachable(path, error) from error
    try:
        return list(scan(paths))
    except ReviewError as error:
        raise UsageError(error.what, error.expected, error.fix) from error
    except OSError as error:
        raise _unreachable(error.filename or ", ".join(paths), error) from error


def check_new_name(name: str) -> None:
    """Raise ``UsageError`` unless a new model may have that name."""
    from app.inference.registry.models import check_name, list_models

    try:
        check_name(name)
    except ModelError as error:
        raise UsageError(error.what, error.expected, error.fix) from error
    if name in {entry.name for entry in list_models()}:
        raise UsageError(
            f"A model named {name} is already there.",
            "Each model has a name of its own, and none is overwritten.",
            "Choose another name.",
        )


def _unreachable(path: str, error: OSError) -> UsageError:
    return UsageError(
        f"{path} cannot be opened: {error.strerror or error}.",
        "A file or folder that may be read was expected.",
        "Correct it.",
    )


def load_classifier(name: str | None, point: str = BALANCED) -> Classifier:
    """The model of that name (or the active one), fit to tell pneumonia from normal.

    Its calls are made at ``point``, one of its operating points.

    Raises
    ------
    ModelError
        When there is none, its card cannot be used, or it has no such operating point.
    """
    from app.inference.registry.models import active, find_model
    from app.inference.runtime.classifier import Classifier

    try:
        if not name and (notice := active().notice):
            say(f"Caution: {notice}")
        folder = find_model(name)
    except OSError as error:  # a name that no file system takes
        raise ModelError(
            f"The model {name} cannot be opened: {error.strerror or error}.",
            "A name that `models` lists, or a model's folder, was expected.",
            "Correct --model.",
        ) from error
    classifier = Classifier(folder, on_notice=lambda t: print(t, file=sys.stderr))
    classifier.require_pneumonia()
    classifier.card = classifier.card.at(point)
    return classifier


def with_progress(results: Iterable[T], total: int, unit: str = "image") -> Iterator[T]:
    """The results, with a progress bar on a terminal and silence elsewhere."""
    from tqdm import tqdm

    yield from tqdm(results, total=total, unit=unit, disable=not sys.stderr.isatty())


def say(*lines: str) -> None:
    """Lines for the person, on stderr so that stdout stays free for results."""
    print(*map(as_text, lines), sep="\n", file=sys.stderr)
