"""What a training folder really holds, every image decoded once: the look before a training.

Sizes, files that cannot be read, copies, and patients or copies on both sides of a ready-made
split. Pixels are let go as soon as they are measured.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import ReviewError, TrainingDataError, UnreadableImage
from app.core.base.reasons import codes, texts
from app.core.base.translation import tr
from app.core.gate.rules import judge
from app.core.image.display import render
from app.core.image.preprocess import content_hash, frame_of, perceptual_hash
from app.core.image.radiograph import Header
from app.core.image.reader import read_radiograph
from app.core.worklist.duplicates import exact_groups, near_groups
from app.core.worklist.patients import Naming, names_nobody, naming_of
from app.training.data import text as words
from app.training.data.findings import (
    Copies,
    Inspection,
    Sizes,
    Skipped,
    SplitPatient,
    ValueRange,
    splits_of,
)
from app.training.data.layout import MINIMUM_PER_CLASS, Layout, TrainingFile
from app.training.data.summary import cautions_of, summary_of

_WORKERS = min(4, os.cpu_count() or 1)
_COMMON_SIZES = 5
_UNLIKE_SHAPES = 1.15
"""From this ratio of two classes' median aspects on, the shape of a picture betrays its class."""


@dataclass(frozen=True)
class _Seen:
    """What is kept of a decoded image."""

    entry: TrainingFile
    width: int
    height: int
    content_hash: str
    perceptual_hash: bytes
    patient: str
    placeholder: bool


def inspect_layout(
    layout: Layout,
    progress: Callable[[int, int], None] = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Inspection:
    """Decode every image of a layout once and measure it.

    Parameters
    ----------
    layout
        From ``list_layout`` or ``read_layout``; one class or few images are told as problems.
    progress
        Called with the number of files read and the number there are.
    cancelled
        Asked after every file.

    Raises
    ------
    ReviewError
        When it was cancelled.
    """
    seen: list[_Seen] = []
    skipped: list[Skipped] = []
    total = len(layout.entries)
    look = partial(_look, naming=naming_of(entry.name for entry in layout.entries))
    pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="inspect")
    try:
        for done, result in enumerate(pool.map(look, layout.entries), 1):
            if cancelled():
                raise _stopped()
            if isinstance(result, Skipped):
                skipped.append(result)
            else:
                seen.append(result)
            if done % 25 == 0 or done == total:
                progress(done, total)
    finally:
        # Also after Ctrl-C: what has not begun is not waited for.
        pool.shutdown(cancel_futures=True)
    copies, strangers = _copies(seen, cancelled)
    if cancelled():
        raise _stopped()
    patients = _by_patient(seen)
    crossing = tuple(
        SplitPatient(tuple(entries)) for entries in patients.values() if len(splits_of(entries)) > 1
    )
    common = Counter((one.width, one.height) for one in seen)
    sizes = _sizes(layout, seen)
    without_patient = sum(not one.patient for one in seen)
    return Inspection(
        layout,
        tuple(sorted(skipped, key=lambda one: one.name)),
        sizes,
        tuple((*size, count) for size, count in common.most_common(_COMMON_SIZES)),
        len(common),
        copies,
        strangers,
        crossing,
        len(patients),
        without_patient,
        _problems(layout, seen),
        (
            *_warnings(skipped, copies, strangers, crossing),
            *words.placeholders(sum(one.placeholder for one in seen)),
            *cautions_of(layout, without_patient, tr(words.ANYWHERE)),
            *_of_shapes(sizes),
        ),
    )


def read_thumbnail(path: Path, side: int) -> NDArray[np.uint8]:
    """The default display of an image, its longer side brought to at most ``side`` pixels.

    Returns
    -------
    NDArray[np.uint8]
        Shape (rows, columns), the aspect ratio kept.

    Raises
    ------
    UnreadableImage
        When the file can no longer be read.
    """
    shown = render(read_radiograph(path))
    scale = side / max(shown.shape)
    if scale >= 1:
        return shown
    rows, columns = (max(1, round(scale * length)) for length in shown.shape)
    return np.asarray(
        cv2.resize(shown, (columns, rows), interpolation=cv2.INTER_AREA), dtype=np.uint8
    )


def _look(entry: TrainingFile, naming: Naming) -> _Seen | Skipped:
    try:
        radiograph = read_radiograph(entry.path)
    except UnreadableImage as error:
        # The path stands beside the reason wherever it is shown.
        words = error.what.replace(str(entry.path), tr("The file"))
        return Skipped(entry.name, words, False, (error.reason.code,))
    if refusals := judge(radiograph, None).refusals:
        return Skipped(entry.name, f"{'. '.join(texts(refusals))}.", True, codes(refusals))
    header, shown = radiograph.header, render(radiograph)
    return _Seen(
        entry,
        shown.shape[1],
        shown.shape[0],
        content_hash(shown),
        perceptual_hash(frame_of(radiograph, shown)),
        naming.key(entry.name, header, entry.patient),
        not entry.patient and _has_placeholder(header),
    )


def _has_placeholder(header: Header) -> bool:
    return bool(header.patient_id.strip()) and names_nobody(header.patient_id)


def _sizes(layout: Layout, seen: list[_Seen]) -> tuple[Sizes, ...]:
    found = []
    for label, name in enumerate(layout.classes):
        of_class = [one for one in seen if one.entry.label == label]
        if of_class:
            found.append(
                Sizes(
                    name,
                    ValueRange.of([one.width for one in of_class]),
                    ValueRange.of([one.height for one in of_class]),
                    ValueRange.of([one.width / one.height for one in of_class]),
                )
            )
    return tuple(found)


def _copies(seen: list[_Seen], cancelled: Callable[[], bool]) -> tuple[tuple[Copies, ...], int]:
    """Exact and near copies, and how many groups of near ones stand under several patients."""
    exact = exact_groups([one.content_hash for one in seen])
    copies = [Copies(tuple(seen[i].entry for i in group), True) for group in exact]
    strangers = 0
    for group in near_groups([one.perceptual_hash for one in seen], cancelled):
        by_content = {seen[i].content_hash: i for i in reversed(group)}
        if len(by_content) > 1:
            first = sorted(by_content.values())
            copies.append(Copies(tuple(seen[i].entry for i in first), False))
            strangers += len({seen[i].patient or seen[i].content_hash for i in group}) > 1
    return tuple(copies), strangers


def _by_patient(seen: list[_Seen]) -> dict[str, list[TrainingFile]]:
    patients: dict[str, list[TrainingFile]] = {}
    for one in seen:
        if one.patient:
            patients.setdefault(one.patient, []).append(one.entry)
    return patients


def _problems(layout: Layout, seen: list[_Seen]) -> tuple[ReviewError, ...]:
    if layout.entries and not seen:
        return (
            TrainingDataError(
                tr(
                    "None of the images can be used (in all: {count:,}).", count=len(layout.entries)
                ),
                tr("Readable radiographs were expected: PNG, JPEG, TIFF or DICOM."),
                tr("See the reasons beside the files, and choose other images."),
            ),
        )
    if problems := summary_of(layout).problems:
        return problems
    readable = Counter(one.entry.label for one in seen if one.entry.split != "test")
    return tuple(
        TrainingDataError(
            tr("Usable images of the class {name}: {count}.", name=name, count=readable[label]),
            tr("Each class needs at least {least} to train on.", least=MINIMUM_PER_CLASS),
            tr("Add images of this class, or leave the class out."),
        )
        for label, name in enumerate(layout.classes)
        if readable[label] < MINIMUM_PER_CLASS
    )


def _warnings(
    skipped: list[Skipped],
    copies: tuple[Copies, ...],
    strangers: int,
    crossing: tuple[SplitPatient, ...],
) -> list[str]:
    told = []
    if crossing:
        told.append(words.patients_on_both_sides([one.splits for one in crossing]))
    if leaks := [one.splits for one in copies if len(one.splits) > 1]:
        told.append(words.copies_on_both_sides(leaks))
    if wrong := sum(one.labels_differ for one in copies):
        told.append(words.labels_differ(wrong))
    if strangers:
        told.append(words.strangers(strangers))
    refused = sum(one.refused for one in skipped)
    if unreadable := len(skipped) - refused:
        told.append(words.unreadable(unreadable))
    if refused:
        told.append(words.refused(refused))
    return told


def _of_shapes(sizes: tuple[Sizes, ...]) -> list[str]:
    aspects = sorted((one.aspect.median, one.class_name) for one in sizes)
    if len(aspects) < 2 or aspects[-1][0] < _UNLIKE_SHAPES * aspects[0][0]:
        return []
    (low, narrow), (high, wide) = aspects[0], aspects[-1]
    return [
        tr(
            "The classes differ in the shape of their pictures: width by height is {low:.2f} in "
            "the middle of {narrow} and {high:.2f} in that of {wide}. A network can learn the cut "
            "of the picture in place of the lungs.",
            low=low,
            narrow=narrow,
            high=high,
            wide=wide,
        )
    ]


def _stopped() -> ReviewError:
    return ReviewError(tr("Looking at the images was stopped."), "", tr("Start it again."))
