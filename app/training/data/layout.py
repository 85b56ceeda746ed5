"""Which files a training folder holds, with the class, split and patient of each; no pixel read.

Classes come from subfolders (``CLASS/...``), from subfolders below ready-made splits
(``train/CLASS/...``), or from a CSV; see ``app.training.data.label_table`` for the latter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.core.base.errors import ReviewError, TrainingDataError
from app.core.base.translation import tr
from app.training.data import text as words
from app.training.data.class_folders import (
    SPLITS,
    WANTED,
    class_places,
    class_subfolders,
    files_below,
)
from app.training.data.label_table import LabelRow, read_labels, read_patients

MINIMUM_PER_CLASS = 10


@dataclass(frozen=True)
class DataSource:
    """Where the images, their classes and their patients come from; see ``read_layout``."""

    folder: Path
    labels: Path | None = None
    patients: Path | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)

    def list_layout(self, cancelled: Callable[[], bool] = lambda: False) -> Layout:
        """``list_layout`` of all this."""
        return list_layout(self.folder, self.labels, self.patients, self.mapping, cancelled)


@dataclass(frozen=True)
class TrainingFile:
    """One image file.

    Parameters
    ----------
    path
        Where it is.
    name
        Its path below the data folder, with forward slashes.
    label
        Index into the layout's classes.
    split
        ``train``, ``val`` or ``test`` of a ready-made split, empty where there is none.
    patient
        ``csv|`` and what a CSV says; empty when none does, so that header or file name count.
    weight
        How much the image counts in a training, 1 for as much as any other.
    original
        The label it had before it was corrected; None where a CSV does not tell it.
    """

    path: Path
    name: str
    label: int
    split: str = ""
    patient: str = ""
    weight: float = 1.0
    original: int | None = None


@dataclass(frozen=True)
class Layout:
    """The labelled files of a folder, no pixel read.

    Parameters
    ----------
    folder
        The data folder.
    entries
        Every image, by class and path.
    classes
        Names in alphabetical order, whatever their case; spelt as they were found.
    splits
        Those of ``train``, ``val`` and ``test`` that the folder is divided into; none for most.
    found
        The classes of the data themselves, before the mapping.
    cautions
        What should be known but stops nothing.
    complete
        False when listing was cancelled.
    """

    folder: Path
    entries: tuple[TrainingFile, ...] = field(repr=False)
    classes: tuple[str, ...]
    splits: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    complete: bool = True

    @property
    def to_train(self) -> tuple[TrainingFile, ...]:
        """The images that may be trained on: all but those of a ready-made test split."""
        return tuple(entry for entry in self.entries if entry.split != "test")


@dataclass(frozen=True)
class _File:
    path: Path
    name: str
    class_name: str
    split: str = ""
    patient: str = ""
    weight: float = 1.0
    original: str = ""


def _never() -> bool:
    return False


def read_layout(
    folder: Path,
    labels: Path | None = None,
    patients: Path | None = None,
    mapping: Mapping[str, str] | None = None,
    cancelled: Callable[[], bool] = _never,
) -> Layout:
    """Find the images of a folder, and the class, split and patient of each.

    Parameters
    ----------
    folder
        Never written to. What lies deeper than a class folder counts to that class; hidden files
        and folders and the system's own are skipped. A class without an image is left out.
    labels
        CSV with the columns path and label, and perhaps patient, split, weight and
        original_label, in place of class subfolders; only the files it names count.
    patients
        CSV with the columns path and patient. It goes before the patients of ``labels``.
    mapping
        New name by class name, whatever the case; a class mapped to nothing is left out.
    cancelled
        Asked between files.

    Raises
    ------
    TrainingDataError
        When the folder or a CSV cannot be used, or fewer than two classes are left.
    ReviewError
        When it was cancelled.
    """
    layout = list_layout(folder, labels, patients, mapping, cancelled)
    if not layout.complete:
        raise ReviewError(tr("Reading the folder was stopped."), "", tr("Start again."))
    if error := too_few_classes(layout):
        raise error
    return layout


def list_layout(
    folder: Path,
    labels: Path | None = None,
    patients: Path | None = None,
    mapping: Mapping[str, str] | None = None,
    cancelled: Callable[[], bool] = _never,
) -> Layout:
    """As ``read_layout``, for showing: fewer than two classes, or a cancel, are no error here."""
    subfolders = class_subfolders(folder)
    cautions: list[str] = []
    closed: list[str] = []
    files: list[_File] = []
    complete = True
    if labels is not None:
        found: Iterator[_File] = _from_table(
            folder, labels, mapping or {}, cancelled, cautions, closed
        )
        names: list[str] = []
    else:
        places = class_places(subfolders, cautions)
        names = [place.name for _, place in places]
        found = _from_folders(folder, places, closed)
    for file in found:
        if cancelled():
            complete = False
            break
        files.append(file)
    complete = complete and not cancelled()
    spelt: dict[str, str] = {}
    for name in (*names, *(file.class_name for file in files)):
        spelt.setdefault(name.upper(), name)
    classes, renamed = _classes(spelt, mapping or {}, complete)
    entries = sorted(
        (
            TrainingFile(
                file.path,
                file.name,
                classes.index(new),
                file.split,
                file.patient,
                file.weight,
                _position(renamed.get(file.original.upper(), ""), classes),
            )
            for file in files
            if (new := renamed[file.class_name.upper()])
        ),
        key=lambda entry: (entry.label, entry.path),
    )
    if complete and not closed:
        classes, entries = _without_empty(classes, entries, cautions)
    if patients is not None and complete:
        entries = _with_patients(entries, patients, folder, cautions)
    if closed:
        cautions.append(words.closed(len(closed), folder.name))
    splits = {entry.split for entry in entries} - {""}
    return Layout(
        folder,
        tuple(entries),
        classes,
        tuple(split for split in dict.fromkeys(SPLITS.values()) if split in splits),
        tuple(sorted(spelt.values(), key=str.upper)),
        tuple(cautions),
        complete,
    )


def too_few_classes(layout: Layout) -> TrainingDataError | None:
    """What to say of a layout that has fewer than two classes, None of any other."""
    if len(layout.classes) >= 2:
        return None
    if not layout.classes:
        return TrainingDataError(
            tr("The folder {folder} has no class subfolders.", folder=layout.folder.name),
            tr(WANTED),
            tr(
                "Sort the images into class folders, or choose a CSV with the "
                "columns path and label."
            ),
        )
    return TrainingDataError(
        tr(
            "The folder {folder} holds only one class, {name}.",
            folder=layout.folder.name,
            name=layout.classes[0],
        ),
        tr("At least two classes were expected, such as NORMAL and PNEUMONIA."),
        tr("Choose the folder above it, or add the images of another class."),
    )


def _from_folders(
    folder: Path, places: list[tuple[str, Path]], closed: list[str]
) -> Iterator[_File]:
    for split, place in places:
        for path in files_below(place, closed):
            yield _File(path, path.relative_to(folder).as_posix(), place.name, split)


def _from_table(
    folder: Path,
    labels: Path,
    mapping: Mapping[str, str],
    cancelled: Callable[[], bool],
    cautions: list[str],
    closed: list[str],
) -> Iterator[_File]:
    rows = read_labels(labels, folder, SPLITS, mapping, cancelled, cautions)
    for row in rows:
        split = row.split or _split_of(row)
        yield _File(row.path, row.name, row.label, split, row.patient, row.weight, row.original)
    if cancelled():
        return
    named = {row.name for row in rows}
    others = sum(
        path.relative_to(folder).as_posix() not in named for path in files_below(folder, closed)
    )
    if others:
        cautions.append(words.not_named(others, labels.name))


def _split_of(row: LabelRow) -> str:
    """The split whose folder a labelled file lies in: its test images must stay unseen."""
    first, _, rest = row.name.partition("/")
    return SPLITS.get(first.lower(), "") if rest else ""


def _without_empty(
    classes: tuple[str, ...], entries: list[TrainingFile], cautions: list[str]
) -> tuple[tuple[str, ...], list[TrainingFile]]:
    """Leave out classes that hold no image, as long as two are left to train on."""
    used = sorted({entry.label for entry in entries})
    if len(used) == len(classes) or len(used) < 2:
        return classes, entries
    cautions.append(words.empty_classes([c for i, c in enumerate(classes) if i not in used]))
    place = {label: at for at, label in enumerate(used)}
    return tuple(classes[label] for label in used), [
        replace(
            entry,
            label=place[entry.label],
            original=None if entry.original is None else place.get(entry.original),
        )
        for entry in entries
    ]


def _position(name: str, classes: tuple[str, ...]) -> int | None:
    return classes.index(name) if name in classes else None


def _classes(
    spelt: dict[str, str], mapping: Mapping[str, str], complete: bool
) -> tuple[tuple[str, ...], dict[str, str]]:
    """The classes in order, and the new name (empty: left out) of each, by its upper-case name."""
    asked = {old.strip().upper(): (old, new.strip()) for old, new in mapping.items()}
    if complete and (unknown := [old for key, (old, _) in asked.items() if key not in spelt]):
        raise TrainingDataError(
            tr(
                "The class mapping names {names}, which the data do not have.",
                names=", ".join(unknown),
            ),
            tr(
                "The classes of the data are {names}.",
                names=", ".join(sorted(spelt.values())) or tr("none"),
            ),
            tr("Correct the mapping."),
        )
    renamed: dict[str, str] = {}
    kept = {key: name for key, name in spelt.items() if key not in asked}
    for key in spelt:
        new = asked[key][1] if key in asked else spelt[key]
        renamed[key] = kept.setdefault(new.upper(), new) if new else ""
    return tuple(sorted({name for name in renamed.values() if name}, key=str.upper)), renamed


def _with_patients(
    entries: list[TrainingFile], patients: Path, folder: Path, cautions: list[str]
) -> list[TrainingFile]:
    known = read_patients(patients, folder)
    found = [replace(e, patient=known[e.name]) if e.name in known else e for e in entries]
    missing = sum(entry.name not in known for entry in entries)
    if entries and missing == len(entries):
        raise TrainingDataError(
            tr("{patients} names none of the images of the folder.", patients=patients.name),
            tr("Paths below the data folder were expected in its column path."),
            tr("Correct the paths, or choose another CSV."),
        )
    if missing:
        cautions.append(words.no_patient(missing, patients.name))
    return found
