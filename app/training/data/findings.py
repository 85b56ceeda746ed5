"""What a look at a training folder found: counts, sizes, damaged files, copies, patients."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from statistics import median

from app.core.base.errors import ReviewError
from app.training.data.layout import Layout, TrainingFile


@dataclass(frozen=True)
class ValueRange:
    """Lowest, middle and highest of some figures."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> ValueRange:
        """Of at least one value."""
        return cls(min(values), float(median(values)), max(values))


@dataclass(frozen=True)
class Sizes:
    """Sizes of the readable images of one class, in pixels; ``aspect`` is width by height."""

    class_name: str
    width: ValueRange
    height: ValueRange
    aspect: ValueRange


@dataclass(frozen=True)
class Skipped:
    """A file that is not trained on; ``refused`` when it can be read but may not be judged."""

    name: str
    reason: str
    refused: bool
    codes: tuple[str, ...] = ()
    """Of the reasons (``app.core.base.reasons``)."""


@dataclass(frozen=True)
class Copies:
    """Images that are copies of each other.

    Parameters
    ----------
    entries
        Two or more, by class and path.
    exact
        Whether they have the same pixels; else they are resized or compressed anew.
    """

    entries: tuple[TrainingFile, ...]
    exact: bool

    @property
    def labels_differ(self) -> bool:
        """Whether they stand in different classes, so that one label must be wrong."""
        return len({entry.label for entry in self.entries}) > 1

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits they stand in; more than one means a leak."""
        return splits_of(self.entries)


@dataclass(frozen=True)
class SplitPatient:
    """The images of a patient who stands on more than one side of a ready-made split."""

    entries: tuple[TrainingFile, ...]

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits they stand in."""
        return splits_of(self.entries)


@dataclass(frozen=True)
class Inspection:
    """What ``app.training.data.inspection.inspect_layout`` found.

    Parameters
    ----------
    layout
        What was inspected.
    skipped
        Files that cannot be read or that the gate refuses, by path.
    sizes
        One for each class with a readable image.
    common_sizes
        The most frequent (width, height, images), the most frequent first.
    different_sizes
        How many different sizes there are.
    copies
        Groups of copies; an exact copy is not told again among the near ones.
    strangers
        Near copies that stand under different patients: training may divide them.
    split_patients
        Patients on both sides of a ready-made split.
    patients
        How many patients are known by CSV, header or file name.
    without_patient
        Readable images of nobody known.
    problems
        What stands in the way of a training.
    warnings
        What should be known before a training, in words.
    """

    layout: Layout
    skipped: tuple[Skipped, ...] = field(repr=False)
    sizes: tuple[Sizes, ...]
    common_sizes: tuple[tuple[int, int, int], ...]
    different_sizes: int
    copies: tuple[Copies, ...] = field(repr=False)
    strangers: int
    split_patients: tuple[SplitPatient, ...] = field(repr=False)
    patients: int
    without_patient: int
    problems: tuple[ReviewError, ...]
    warnings: tuple[str, ...]

    def images(self, class_name: str | None = None, split: str | None = None) -> int:
        """Images of a class and split, None for all of them."""
        return sum(
            count
            for (label, of_split), count in self._counts.items()
            if (class_name is None or self.layout.classes[label] == class_name)
            and (split is None or of_split == split)
        )

    def share(self, class_name: str, split: str | None = None) -> float:
        """The part of all images (of a split) that one class holds, 0 to 1."""
        return self.images(class_name, split) / max(self.images(None, split), 1)

    @cached_property
    def _counts(self) -> Counter[tuple[int, str]]:
        return Counter((entry.label, entry.split) for entry in self.layout.entries)

    @property
    def unreadable(self) -> tuple[Skipped, ...]:
        """The files that cannot be read."""
        return tuple(one for one in self.skipped if not one.refused)

    @property
    def refused(self) -> tuple[Skipped, ...]:
        """The files that the gate refuses."""
        return tuple(one for one in self.skipped if one.refused)

    @property
    def usable(self) -> tuple[TrainingFile, ...]:
        """The images that can be read and are not refused."""
        skipped = {one.name for one in self.skipped}
        return tuple(entry for entry in self.layout.entries if entry.name not in skipped)


def draw_samples(inspection: Inspection, seed: int, per_class: int) -> tuple[TrainingFile, ...]:
    """Random usable images of each class, the same for the same seed."""
    chance = random.Random(seed)
    drawn: list[TrainingFile] = []
    for label in range(len(inspection.layout.classes)):
        of_class = [entry for entry in inspection.usable if entry.label == label]
        drawn += chance.sample(of_class, min(per_class, len(of_class)))
    return tuple(drawn)


def splits_of(entries: Iterable[TrainingFile]) -> tuple[str, ...]:
    """The ready-made splits that some images stand in, in order."""
    found = {entry.split for entry in entries if entry.split}
    return tuple(split for split in ("train", "val", "test") if split in found)
