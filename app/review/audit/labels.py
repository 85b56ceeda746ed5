"""Where the labels of an audit come from: class subfolders, a CSV, or readers' verdicts.

What cannot be used never stops an audit: it is left out, counted and told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.core.errors import TrainingDataError
from app.core.translation import tr
from app.core.worklist import Item, scan
from app.review.evaluation import CLASSES, labelled_folders


@dataclass(frozen=True)
class Labelled:
    """One file with its label.

    Parameters
    ----------
    item
        The file.
    name
        Its path below the audited folder, with forward slashes.
    label
        0 or 1; None where only the image itself will tell, as with readers' verdicts.
    patient
        What a CSV says, marked as its word; empty where header or file name are to tell.
    columns
        Of the CSV, and the source folder.
    """

    item: Item
    name: str
    label: int | None
    patient: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LabelledFiles:
    """What a source of labels gives.

    Parameters
    ----------
    files
        In the order of their names.
    source
        Where the labels come from, in words.
    problems
        What was left out and why, in words, without names of files.
    """

    files: tuple[Labelled, ...] = field(repr=False)
    source: str
    problems: tuple[str, ...] = ()


def from_folders(folder: Path, cancelled: Callable[[], bool] = lambda: False) -> LabelledFiles:
    """Each file below a folder named NORMAL or PNEUMONIA, at whatever depth; case does not matter.

    The innermost of these folders counts. The folders above it, below the audited one, are the
    file's source folder.

    Raises
    ------
    TrainingDataError
        When the folder cannot be opened, or holds no such folder.
    """
    files = []
    others = 0
    for item in scan([str(folder)], cancelled):
        name = item.path.relative_to(folder).as_posix()
        above = name.split("/")[:-1]
        of_class = [i for i, part in enumerate(above) if part.upper() in CLASSES]
        if not of_class:
            others += 1
            continue
        at = of_class[-1]
        source = "/".join(part for part in above if part.upper() not in CLASSES)
        columns = {"source folder": source} if source else {}
        files.append(Labelled(item, name, CLASSES.index(above[at].upper()), "", columns))
    if not files and not cancelled():
        labelled_folders(folder)  # says what is missing
        raise TrainingDataError(
            tr("The folders of {folder} hold no images.", folder=folder.name),
            tr("Images below the subfolders NORMAL and PNEUMONIA were expected."),
            tr("Choose another folder."),
        )
    problems = []
    if others:
        problems.append(
            tr("1 file lies in no folder NORMAL or PNEUMONIA: left out.")
            if others == 1
            else tr("{n:,} files lie in no folder NORMAL or PNEUMONIA: left out.", n=others)
        )
    return LabelledFiles(tuple(files), tr("names of the subfolders"), tuple(problems))
