"""The folders of a training folder: its splits, its classes, and the image files below them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from app.core.base.errors import TrainingDataError
from app.core.base.translation import mark, tr
from app.core.image.reader import looks_like_image
from app.core.worklist.system_folders import is_system_name

SPLITS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}
"""What folders of a ready-made split are called, in lower case, and which split each is."""

WANTED = mark("One subfolder per class was expected, such as NORMAL and PNEUMONIA.")


def class_subfolders(folder: Path) -> list[Path]:
    """The subfolders of ``folder`` by name, without hidden ones and the system's own.

    Raises
    ------
    TrainingDataError
        When the folder is missing, is a file or may not be read.
    """
    try:
        return sorted(
            child for child in folder.iterdir() if not is_system_name(child.name) and child.is_dir()
        )
    except FileNotFoundError as error:
        raise TrainingDataError(
            tr("The folder {folder} does not exist.", folder=folder),
            tr("A folder with one subfolder per class was expected."),
            tr("Check the path, or choose the folder again."),
        ) from error
    except NotADirectoryError as error:
        raise TrainingDataError(
            tr("{folder} is a file.", folder=folder),
            tr("A folder with one subfolder per class was expected."),
            tr("Choose the folder that holds the class folders."),
        ) from error
    except OSError as error:
        raise TrainingDataError(
            tr(
                "The folder {folder} cannot be listed: {reason}.",
                folder=folder,
                reason=error.strerror or error,
            ),
            tr("The training images must be readable."),
            tr("Check the permissions of the folder, or copy it to a place you may read."),
        ) from error


def files_below(folder: Path, closed: list[str]) -> Iterator[Path]:
    """Every image file below a folder, without hidden ones and the system's own.

    Parameters
    ----------
    folder
        Where to look.
    closed
        Takes the folders that cannot be opened.
    """
    for root, folders, names in os.walk(folder, onerror=lambda e: closed.append(e.filename)):
        folders[:] = sorted(name for name in folders if not is_system_name(name))
        for name in sorted(names):
            path = Path(root, name)
            if not is_system_name(name) and looks_like_image(path):
                yield path


def class_places(subfolders: list[Path], cautions: list[str]) -> list[tuple[str, Path]]:
    """Split and class folder of each class; the split is empty where there are none.

    A folder called ``test`` that holds images and no folders is a class, like any other.

    Parameters
    ----------
    subfolders
        Those of the data folder.
    cautions
        Takes what is left out.

    Raises
    ------
    TrainingDataError
        When a split cannot be listed, or there are splits alone, without classes.
    """
    divided = [
        (SPLITS[place.name.lower()], below)
        for place in subfolders
        if place.name.lower() in SPLITS and (below := class_subfolders(place))
    ]
    named = [place.name for place in subfolders if place.name.lower() in SPLITS]
    if not divided:
        if len(named) > 1 and len(named) == len(subfolders):
            raise TrainingDataError(
                tr("The folders {names} hold no class subfolders.", names=", ".join(named)),
                tr(WANTED),
                tr(
                    "Sort the images into class folders, or choose a CSV with the "
                    "columns path and label."
                ),
            )
        return [("", place) for place in subfolders]
    used = {place.parent.name for _, below in divided for place in below}
    others = [place.name for place in subfolders if place.name not in used]
    if others:
        names = ", ".join(others)
        cautions.append(
            tr("Beside the splits there is {names}: left out.", names=names)
            if len(others) == 1
            else tr("Beside the splits there are {names}: left out.", names=names)
        )
    return [(split, place) for split, below in divided for place in below]
