"""What a training folder holds, counted by file names alone: classes, images, patients, faults.

No pixel is decoded and no file hashed here, so that the window can answer within moments of a
folder's choice. What only decoding can tell (a damaged file) the training run itself tells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import ReviewError, TrainingDataError
from app.core.patients import patient_of, side_of
from app.training.dataset import MINIMUM_PER_CLASS, class_subfolders, files_below

_UNNAMED_SHARE = 0.01
"""Above this part of all images, names without a patient are worth a word."""

_SIDES = ("train", "validation", "calibration")
_SPLITS = {"train", "training", "val", "valid", "validation", "test", "testing"}


@dataclass(frozen=True)
class ClassCount:
    """One class folder.

    Parameters
    ----------
    name
        Name of the subfolder, as it is spelt on disk.
    images
        Files in it, at any depth, that look like images by content or suffix.
    patients
        Distinct patients among those file names that carry one.
    unnamed
        Images whose file name carries no patient; each is split as a patient of its own.
    empty_sides
        Sides of the split that are known to get no image of this class.
    """

    name: str
    images: int
    patients: int
    unnamed: int
    empty_sides: tuple[str, ...] = ()


@dataclass(frozen=True)
class FolderSummary:
    """What ``summarise`` found.

    Parameters
    ----------
    folder
        The folder that was counted.
    classes
        The class folders, by name.
    problems
        What stands in the way of a training, in words; none means it can start.
    cautions
        What should be known but stops nothing.
    complete
        False when the count was cancelled; the counts are then a lower bound.
    """

    folder: Path
    classes: tuple[ClassCount, ...] = ()
    problems: tuple[ReviewError, ...] = ()
    cautions: tuple[str, ...] = ()
    complete: bool = True

    @property
    def images(self) -> int:
        """Images of all classes."""
        return sum(count.images for count in self.classes)

    @property
    def trainable(self) -> bool:
        """Whether a training can start on it."""
        return self.complete and not self.problems

    def share(self, count: ClassCount) -> float:
        """The part of all images that one class holds, 0 to 1."""
        return count.images / self.images if self.images else 0.0


def _never() -> bool:
    return False


def summarise(folder: Path, cancelled: Callable[[], bool] = _never, fold: int = 0) -> FolderSummary:
    """Count the images and patients of each class folder.

    Parameters
    ----------
    folder
        Folder with one subfolder per class; what lies deeper counts to its class. Hidden files
        and folders are skipped.
    cancelled
        Asked between files; true ends the count early.
    fold
        The fold whose split is checked; see ``app.core.patients.side_of``.

    Returns
    -------
    FolderSummary
        ``complete`` is false after a cancel.

    Raises
    ------
    TrainingDataError
        When the folder does not exist, is no folder, or cannot be listed.
    """
    names = [path.name for path in class_subfolders(folder)]
    counts: list[ClassCount] = []
    for name in names:
        counts.append(_count(folder, name, cancelled, fold))
        if cancelled():
            return FolderSummary(folder, tuple(counts), complete=False)
    return FolderSummary(folder, tuple(counts), _problems(folder, counts), _cautions(counts))


def _count(folder: Path, name: str, cancelled: Callable[[], bool], fold: int) -> ClassCount:
    images = unnamed = 0
    patients: set[str] = set()
    for path in files_below(folder / name):
        if cancelled():
            break
        images += 1
        patient = patient_of(path.name)
        if patient is None:
            unnamed += 1
        else:
            patients.add(patient)
    sides = {side_of(patient, fold) for patient in patients}
    # Where an image without a patient falls, only its content tells.
    empty = () if unnamed else tuple(side for side in _SIDES if side not in sides)
    return ClassCount(name, images, len(patients), unnamed, empty)


def _problems(folder: Path, counts: list[ClassCount]) -> tuple[TrainingDataError, ...]:
    wanted = "One subfolder per class was expected, such as NORMAL and PNEUMONIA."
    names = [count.name for count in counts]
    splits = [name for name in names if name.lower() in _SPLITS]
    if splits:
        return (
            TrainingDataError(
                f"The folder is already divided into {_listed(splits)}.",
                f"{wanted} Opacity divides the patients itself.",
                f"Choose one of these folders, for example {folder.name}/{splits[0]}.",
            ),
        )
    if not counts:
        return (
            TrainingDataError(
                "The folder has no subfolders.", wanted, "Sort the images into class folders."
            ),
        )
    if len(counts) == 1:
        return (
            TrainingDataError(
                f"The folder holds only one class, {names[0]}.",
                "Two class subfolders were expected, such as NORMAL and PNEUMONIA.",
                "Choose the folder above it, or add the images of the other class.",
            ),
        )
    problems = []
    if len(counts) > 2:
        problems.append(
            TrainingDataError(
                f"The folder holds {len(counts)} classes: {_listed(names)}.",
                "Two classes were expected, such as NORMAL and PNEUMONIA.",
                "Move the other folders out of the training folder.",
            )
        )
    problems += [error for count in counts if (error := _too_few(count))]
    return tuple(problems)


def _too_few(count: ClassCount) -> TrainingDataError | None:
    if count.images < MINIMUM_PER_CLASS:
        return TrainingDataError(
            f"The class {count.name} holds {_images(count.images)}.",
            f"At least {MINIMUM_PER_CLASS} are needed to train, validate and calibrate.",
            "Add images of this class.",
        )
    if count.empty_sides:
        people = "1 patient" if count.patients == 1 else f"{count.patients:,} patients"
        return TrainingDataError(
            f"The {people} of the class {count.name} leave nobody for "
            f"{_listed(list(count.empty_sides))}.",
            "Each patient is kept whole, and each side needs at least one of every class.",
            "Add images of more patients.",
        )
    return None


def _cautions(counts: list[ClassCount]) -> tuple[str, ...]:
    cautions = []
    unnamed = sum(count.unnamed for count in counts)
    if unnamed > _UNNAMED_SHARE * sum(count.images for count in counts):
        cautions.append(
            f"{_images(unnamed)} {'carries' if unnamed == 1 else 'carry'} no patient in the file "
            "name, so that two images of one person may fall on both sides of the split: the "
            "figures may then come out too good."
        )
    if len(counts) == 2 and {c.name.upper() for c in counts} != {"NORMAL", "PNEUMONIA"}:
        cautions.append(
            "Review needs the classes NORMAL and PNEUMONIA: a model of other classes can be "
            "trained, not chosen for review."
        )
    return tuple(cautions)


def _images(number: int) -> str:
    return f"{number:,} {'image' if number == 1 else 'images'}"


def _listed(names: list[str]) -> str:
    shown = names if len(names) <= 6 else [*names[:5], f"{len(names) - 5} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
