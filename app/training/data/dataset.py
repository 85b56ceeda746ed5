"""Training images in memory: read once, kept as uint8 frames, split by patient."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import ReviewError, TrainingDataError, UnreadableImage
from app.core.base.translation import tr
from app.core.gate.rules import judge
from app.core.image.display import render
from app.core.image.preprocess import content_hash, frame_of, perceptual_hash
from app.core.image.radiograph import Header
from app.core.image.reader import read_radiograph
from app.core.settings.training import TrainConfig
from app.core.worklist.patients import naming_of, side_of
from app.review.holdout.locks import LockedImage, patient_key, refuse_training
from app.training.data.layout import MINIMUM_PER_CLASS, TrainingFile, read_layout

READERS = 2
"""Threads that decode images."""


@dataclass(frozen=True)
class Dataset:
    """Labelled frames.

    Parameters
    ----------
    classes
        Class names; a label is an index into them.
    frames
        Shape (n, 224, 224), uint8.
    labels
        Shape (n,), int64.
    names
        Path of each image below the data folder, with forward slashes.
    groups
        Patient (or content hash) of each image; a group is never split.
    content_hashes, perceptual_hashes
        SHA-256 in hex, and 32 bytes, of each image.
    ages
        PatientAge of each image in years, where a header says it.
    skipped
        Name and reason of each file that could not be read, or that the gate refuses.
    weights
        Shape (n,), float64: how much each image counts in a training; None where all count 1.
    original_labels
        Shape (n,), int64: the labels before they were corrected; None where none was.
    """

    classes: tuple[str, ...]
    frames: NDArray[np.uint8] = field(repr=False)
    labels: NDArray[np.int64] = field(repr=False)
    names: tuple[str, ...] = field(repr=False)
    groups: tuple[str, ...] = field(repr=False)
    content_hashes: tuple[str, ...] = field(repr=False)
    perceptual_hashes: tuple[bytes, ...] = field(repr=False)
    ages: tuple[float | None, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    weights: NDArray[np.float64] | None = field(default=None, repr=False)
    original_labels: NDArray[np.int64] | None = field(default=None, repr=False)

    def indices(self, side: str, fold: int) -> NDArray[np.int64]:
        """Positions of the images that stand on ``side`` when ``fold`` is held out."""
        sides = np.array([side_of(group, fold) for group in self.groups])
        return np.flatnonzero(sides == side)

    def counts(self, indices: Iterable[int]) -> dict[str, int]:
        """Images per class among ``indices``."""
        labels = self.labels[np.fromiter(indices, dtype=np.int64)]
        return {name: int((labels == i).sum()) for i, name in enumerate(self.classes)}

    @property
    def corrections(self) -> dict[str, int]:
        """How many images were relabelled and how many weigh other than 1, for the card."""
        said = {}
        if self.original_labels is not None:
            said["relabelled"] = int((self.original_labels != self.labels).sum())
        if self.weights is not None:
            said["weighted"] = int((self.weights != 1).sum())
        return said

    @property
    def without_patient(self) -> int:
        """Images of nobody known, each a group of its own."""
        pairs = zip(self.groups, self.content_hashes, strict=True)
        return sum(group == content for group, content in pairs)

    @property
    def sha256(self) -> str:
        """One hash over all images and labels, whatever their order."""
        return self._hash([""] * len(self.labels))

    @property
    def split_sha256(self) -> str:
        """One hash over all images, labels, patients and weights: whatever a run follows from."""
        if self.weights is None:
            return self._hash(self.groups)
        pairs = zip(self.groups, self.weights, strict=True)
        return self._hash([f"{group} {weight:g}" for group, weight in pairs])

    def _hash(self, groups: Sequence[str]) -> str:
        images = zip(self.content_hashes, self.labels, groups, strict=True)
        lines = sorted(f"{h} {self.classes[y]} {g}".rstrip() for h, y, g in images)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def read_dataset(
    folder: Path,
    progress: Callable[[int, int], None] = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
    *,
    labels: Path | None = None,
    patients: Path | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Dataset:
    """Read the images of a folder that may be trained on.

    Parameters
    ----------
    folder
        Never written to.
    progress
        Called with the number of files read and the number there are.
    cancelled
        Asked after every file; when true, reading ends with a ``ReviewError``.
    labels, patients, mapping
        As for ``app.training.data.layout.read_layout``.

    Raises
    ------
    TrainingDataError
        When there are fewer than two classes, too few readable images in one, or images or
        patients of a locked test set.
    LockStoreError
        When nobody can tell which test sets are locked.
    """
    layout = read_layout(folder, labels, patients, mapping, cancelled)
    files = layout.to_train
    kept: list[tuple[TrainingFile, ImageRead]] = []
    skipped: list[tuple[str, str]] = []

    with ThreadPoolExecutor(max_workers=READERS) as pool:
        for done, (entry, result) in enumerate(
            zip(files, pool.map(read_image, (entry.path for entry in files)), strict=True), 1
        ):
            if isinstance(result, str):
                skipped.append((entry.name, result))
            else:
                kept.append((entry, result))
            if done % 50 == 0 or done == len(files):
                progress(done, len(files))
            if cancelled():
                pool.shutdown(cancel_futures=True)
                raise ReviewError(tr("Reading the images was stopped."), "", tr("Start again."))
    for label, name in enumerate(layout.classes):
        readable = sum(entry.label == label for entry, _ in kept)
        if readable < MINIMUM_PER_CLASS:
            raise TrainingDataError(
                tr("Readable images of the class {name}: {count}.", name=name, count=readable),
                tr(
                    "Each class needs at least {least}. Of {count} that were left out: {reason}",
                    least=MINIMUM_PER_CLASS,
                    count=len(skipped),
                    reason=skipped[0][1],
                )
                if skipped
                else tr("Each class needs at least {least}.", least=MINIMUM_PER_CLASS),
                tr("Add images of that class, or choose another folder."),
            )
    naming = naming_of(entry.name for entry in layout.entries)
    weights = np.array([entry.weight for entry, _ in kept], dtype=np.float64)
    before = [entry.label if entry.original is None else entry.original for entry, _ in kept]
    dataset = Dataset(
        classes=layout.classes,
        frames=np.stack([read.frame for _, read in kept]),
        labels=np.array([entry.label for entry, _ in kept], dtype=np.int64),
        names=tuple(entry.name for entry, _ in kept),
        groups=tuple(
            naming.key(entry.name, read.header, entry.patient) or read.content_hash
            for entry, read in kept
        ),
        content_hashes=tuple(read.content_hash for _, read in kept),
        perceptual_hashes=tuple(perceptual_hash(read.frame) for _, read in kept),
        ages=tuple(read.header.age_years for _, read in kept),
        skipped=tuple(skipped),
        weights=None if np.all(weights == 1) else weights,
        original_labels=None
        if all(entry.label == label for (entry, _), label in zip(kept, before, strict=True))
        else np.array(before, dtype=np.int64),
    )
    refuse_training(
        [
            LockedImage(content, patient_key(name, "" if group == content else group), look, name)
            for name, content, look, group in zip(
                dataset.names,
                dataset.content_hashes,
                dataset.perceptual_hashes,
                dataset.groups,
                strict=True,
            )
        ]
    )
    return dataset


def dataset_for(
    config: TrainConfig,
    progress: Callable[[int, int], None] = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Dataset:
    """The images that a run's settings name; see ``read_dataset``."""
    return read_dataset(progress=progress, cancelled=cancelled, **source_of(config))


def source_of(config: TrainConfig) -> dict[str, Any]:
    """Where the images, classes and patients are, as arguments of ``read_layout``."""
    return {
        "folder": Path(config.data),
        "labels": Path(config.labels) if config.labels else None,
        "patients": Path(config.patients) if config.patients else None,
        "mapping": config.mapping,
    }


@dataclass(frozen=True)
class ImageRead:
    """What is kept of one file; see ``Dataset``."""

    frame: NDArray[np.uint8]
    content_hash: str
    header: Header


def read_image(path: Path) -> ImageRead | str:
    """One image, or why it cannot be trained on: what may not be scored may not teach either."""
    try:
        radiograph = read_radiograph(path)
    except UnreadableImage as error:
        return error.what
    if refusals := judge(radiograph, None).refusals:
        return refusals[0].text()
    shown = render(radiograph)
    return ImageRead(frame_of(radiograph, shown), content_hash(shown), radiograph.header)
