"""What a training folder holds, counted by file names alone: classes, images, patients, faults.

No pixel is decoded and no file hashed here, so that the window can answer within moments of a
folder's choice. What only decoding can tell (a damaged file) the training run itself tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.core.base import counts
from app.core.base.errors import ReviewError, TrainingDataError
from app.core.base.translation import tr
from app.core.worklist.patients import Naming, naming_of, side_of
from app.training.data import text as words
from app.training.data.layout import (
    MINIMUM_PER_CLASS,
    Layout,
    TrainingFile,
    list_layout,
    too_few_classes,
)

_UNNAMED_SHARE = 0.01
"""Above this part of all images, names without a patient are worth a word."""

_SIDES = ("train", "validation", "calibration")


@dataclass(frozen=True)
class ClassCount:
    """One class.

    Parameters
    ----------
    name
        The class, as it is spelt in the data or the mapping.
    images
        Files that look like images by content or suffix.
    patients
        Distinct patients that a CSV or the file names tell.
    unnamed
        Images of which neither tells the patient; each is split as a patient of its own.
    empty_sides
        Sides of the split that are known to get no image of this class.
    test
        How many of the images stand in a ready-made test split, and are not trained on.
    """

    name: str
    images: int
    patients: int
    unnamed: int
    empty_sides: tuple[str, ...] = ()
    test: int = 0


@dataclass(frozen=True)
class FolderSummary:
    """What ``summarise`` found.

    Parameters
    ----------
    folder
        The folder that was counted.
    classes
        The classes, by name.
    problems
        What stands in the way of a training, in words; none means it can start.
    cautions
        What should be known but stops nothing.
    complete
        False when the count was cancelled; the counts are then a lower bound.
    found
        The classes of the data themselves, before the mapping.
    """

    folder: Path
    classes: tuple[ClassCount, ...] = ()
    problems: tuple[ReviewError, ...] = ()
    cautions: tuple[str, ...] = ()
    complete: bool = True
    found: tuple[str, ...] = ()

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


def summarise(
    folder: Path,
    cancelled: Callable[[], bool] = _never,
    fold: int = 0,
    *,
    labels: Path | None = None,
    patients: Path | None = None,
    mapping: Mapping[str, str] | None = None,
) -> FolderSummary:
    """Count the images and patients of each class.

    Parameters
    ----------
    folder, labels, patients, mapping
        As for ``app.training.data.layout.read_layout``.
    cancelled
        Asked between files; true ends the count early.
    fold
        The fold whose split is checked; see ``app.core.worklist.patients.side_of``.

    Returns
    -------
    FolderSummary
        ``complete`` is false after a cancel.

    Raises
    ------
    TrainingDataError
        When the folder or a CSV cannot be used at all.
    """
    return summary_of(list_layout(folder, labels, patients, mapping, cancelled), fold)


def summary_of(layout: Layout, fold: int = 0) -> FolderSummary:
    """The counts of a layout that has been listed; see ``summarise``."""
    folder = layout.folder
    entries: list[list[TrainingFile]] = [[] for _ in layout.classes]
    for entry in layout.entries:
        entries[entry.label].append(entry)
    naming = naming_of(entry.name for entry in layout.entries)
    counts = tuple(
        _count(name, of_class, fold, naming)
        for name, of_class in zip(layout.classes, entries, strict=True)
    )
    if not layout.complete:
        return FolderSummary(folder, counts, complete=False, found=layout.found)
    few = too_few_classes(layout)
    problems = (few,) if few else tuple(e for count in counts if (e := _too_few(count)))
    cautions = _cautions(layout, counts, naming)
    return FolderSummary(folder, counts, problems, cautions, found=layout.found)


def _count(name: str, entries: Iterable[TrainingFile], fold: int, naming: Naming) -> ClassCount:
    images = test = unnamed = to_train_unnamed = 0
    patients: set[str] = set()
    sides: set[str] = set()
    for entry in entries:
        images += 1
        in_test = entry.split == "test"
        test += in_test
        patient = naming.key(entry.name, table=entry.patient)
        if not patient:
            unnamed += 1
            to_train_unnamed += not in_test
            continue
        patients.add(patient)
        if not in_test:
            sides.add(side_of(patient, fold))
    # Where an image without a patient falls, only its content tells.
    empty = () if to_train_unnamed else tuple(side for side in _SIDES if side not in sides)
    return ClassCount(name, images, len(patients), unnamed, empty, test)


def _too_few(count: ClassCount) -> TrainingDataError | None:
    to_train = count.images - count.test
    if to_train < MINIMUM_PER_CLASS:
        held = counts.images(to_train)
        return TrainingDataError(
            tr(
                "The class {name} holds {images} beside the {test:,} of the test split.",
                name=count.name,
                images=held,
                test=count.test,
            )
            if count.test
            else tr("The class {name} holds {images}.", name=count.name, images=held),
            tr(
                "At least {least} are needed to train, validate and calibrate.",
                least=MINIMUM_PER_CLASS,
            ),
            tr("Add images of this class, or leave the class out."),
        )
    if count.empty_sides:
        return TrainingDataError(
            words.empty_sides(count.patients, count.name, count.empty_sides),
            tr("Each patient is kept whole, and each side needs at least one of every class."),
            tr("Add images of more patients."),
        )
    return None


def _cautions(layout: Layout, counts: tuple[ClassCount, ...], naming: Naming) -> tuple[str, ...]:
    unnamed = sum(count.unnamed for count in counts)
    splits: dict[str, set[str]] = {}
    for entry in layout.entries:
        if entry.split and (patient := naming.key(entry.name, table=entry.patient)):
            splits.setdefault(patient, set()).add(entry.split)
    crossing = [sides for sides in splits.values() if len(sides) > 1]
    told = [words.patients_on_both_sides(crossing)] if crossing else []
    return (*told, *cautions_of(layout, unnamed, tr("in the file name")))


def cautions_of(layout: Layout, without_patient: int, where: str) -> tuple[str, ...]:
    """What should be known of a layout before a training, but stops nothing.

    Parameters
    ----------
    layout
        What was listed.
    without_patient
        Images of an unknown patient.
    where
        Where the patient was looked for, in words.
    """
    cautions = list(layout.cautions)
    if layout.splits:
        cautions.append(_of_splits(layout.splits))
    if tells_too_few(without_patient, len(layout.entries)):
        cautions.append(words.unnamed(without_patient, where))
    names = {name.upper() for name in layout.classes}
    if len(names) > 1 and names != {"NORMAL", "PNEUMONIA"}:
        cautions.append(
            tr(
                "Review needs the classes NORMAL and PNEUMONIA: a model of other "
                "classes can be trained, not chosen for review. A class mapping "
                "can rename or leave out classes."
            )
        )
    return tuple(cautions)


def tells_too_few(without_patient: int, images: int) -> bool:
    """Whether so many images of an unknown patient are worth a word."""
    return without_patient > _UNNAMED_SHARE * images


def _of_splits(splits: tuple[str, ...]) -> str:
    """What becomes of a split that was there before."""
    pooled = [split for split in splits if split != "test"]
    parts = []
    if len(pooled) > 1:
        parts.append(
            tr("{splits} are pooled and divided anew by patient", splits=words.listed(pooled))
        )
    elif pooled:
        parts.append(tr("{split} is divided by patient", split=pooled[0]))
    if "test" in splits:
        parts.append(tr("test is never trained on: evaluate on it"))
    return tr("The folder is already divided: {parts}.", parts="; ".join(parts))
