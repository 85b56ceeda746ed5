"""The leak guard: which test sets are locked, how often their figures were looked at.

A figure on a test set holds only while nobody trains on its patients and few decisions follow from
looking at it. A locked set is known by its images' content and their patients, so a copy of the
folder under another name is locked as well. What happens to a set is only ever added to its history
(``app.review.holdout.lock_store``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.core.base.errors import ReviewError, TrainingDataError
from app.core.base.file_names import as_text
from app.core.base.translation import mark, tr
from app.core.worklist.duplicates import near_copies
from app.core.worklist.patients import Naming, pneumonia_kind
from app.review.holdout.lock_store import (
    HASH_BYTES,
    LOCKED,
    LOOKED,
    REFUSED,
    UNLOCKED,
    GuardedSet,
    Happening,
    LockStoreError,
    add,
    all_ids,
    holding,
    image_bytes,
    opened,
    patient_bytes,
    pictures_of,
    read,
    rows_of,
)
from app.review.holdout.lock_text import Held, in_words, refusal

__all__ = [
    "BENCH",
    "COMPARE",
    "EVALUATE",
    "REPORT",
    "GuardedSet",
    "Happening",
    "LockStoreError",
    "LockedImage",
    "guarded_sets",
    "in_words",
    "lock",
    "look",
    "patient_key",
    "refuse_training",
    "touched",
    "unlock",
]

BENCH, REPORT, EVALUATE, COMPARE = (
    mark("audit bench"),
    mark("site report"),
    mark("evaluate"),
    mark("comparison of two models"),
)
"""Where figures are looked at: kept in English, translated where shown."""


@dataclass(frozen=True)
class LockedImage:
    """One image of a set, or one that may be in one.

    Parameters
    ----------
    content_hash
        SHA-256 in hex (``app.core.image.preprocess.content_hash``), whole or its first half; empty
        for
        a file that was not decoded, which is then known by its patient alone.
    patient
        From ``patient_key``; None where nobody knows.
    perceptual_hash
        32 bytes (``app.core.image.preprocess.perceptual_hash``), by which a resized or
        re-compressed
        copy is known; empty for none.
    name
        By which a refusal names it; never kept.
    """

    content_hash: str
    patient: str | None = None
    perceptual_hash: bytes = b""
    name: str = ""


def patient_key(name: str, patient: str | None) -> str | None:
    """The patient of an image as sets know it, whichever part of the program says it.

    Parameters
    ----------
    name
        The image's path or file name. In Kermany's collection bacterial and viral patients are
        numbered apart, so the kind belongs to the patient here: test set and training set would
        share patients otherwise whom they do not have in common.
    patient
        ``csv|`` and what a table says; issuer and PatientID of a header, with ``|`` or a line
        break between them; or what the file name says. None or empty for an unknown one.
    """
    # Without the folder a name tells only what it tells by itself.
    own = Naming().patient_of(name)
    if patient and patient.startswith("csv|"):
        return patient
    if patient and patient != own:
        return "\n".join(filter(None, re.split(r"[|\n]", patient))) or None
    kind = pneumonia_kind(name)
    return (f"{own} {kind}" if kind else own) or None


def lock(folder: Path, images: Iterable[LockedImage]) -> GuardedSet:
    """Lock a set; one that was unlocked is locked again, with its history.

    Raises
    ------
    LockStoreError
        When the locks cannot be read or written.
    TrainingDataError
        When no image of it could be decoded.
    """
    images = list(images)
    rows = {(image_bytes(one.content_hash), patient_bytes(one.patient)) for one in images}
    rows = {row for row in rows if row != (b"", b"")}
    contents = sorted({image for image, _ in rows if image})
    if not contents:
        raise TrainingDataError(
            tr("{folder} has no image that could be locked.", folder=folder.name),
            tr("A test set with readable images was expected."),
            tr("Choose another folder."),
        )
    set_id = hashlib.sha256(b"".join(contents)).hexdigest()[: 2 * HASH_BYTES]
    with opened() as store:
        store.execute(
            "INSERT OR IGNORE INTO sets VALUES (?, ?, ?)",
            (set_id, as_text(folder.name), as_text(str(folder))),
        )
        store.executemany(
            "INSERT OR IGNORE INTO images VALUES (?, ?, ?)", [(set_id, *row) for row in rows]
        )
        store.executemany(
            "INSERT OR IGNORE INTO pictures VALUES (?, ?)",
            [(set_id, one.perceptual_hash) for one in images if one.perceptual_hash],
        )
        add(store, set_id, LOCKED)
        return read(store, set_id)


def unlock(set_id: str, reason: str) -> GuardedSet:
    """Unlock a set; when and why stays in its history and in every later report.

    Raises
    ------
    ReviewError
        When no reason is given.
    LockStoreError
        When the locks cannot be read or written.
    """
    if not reason.strip():
        raise ReviewError(
            tr("A test set is not unlocked without a reason."),
            tr("One sentence was expected: it will stand in the reports."),
            tr("Write why the test set may be trained on."),
        )
    with opened() as store:
        add(store, set_id, UNLOCKED, note=reason.strip())
        return read(store, set_id)


def guarded_sets() -> tuple[GuardedSet, ...]:
    """All sets that were ever locked, the oldest first.

    Raises
    ------
    LockStoreError
        When the locks cannot be read.
    """
    with opened() as store:
        return tuple(read(store, set_id) for set_id in all_ids(store))


def touched(content_hashes: Iterable[str]) -> tuple[GuardedSet, ...]:
    """The sets, locked now or once, that hold any of these images."""
    wanted = {image_bytes(one) for one in content_hashes} - {b""}
    with opened() as store:
        return tuple(read(store, set_id) for set_id in holding(store, wanted))


def look(content_hashes: Iterable[str], place: str, model: str) -> tuple[GuardedSet, ...]:
    """Count a look at the figures of these images, in each set that holds any of them.

    Parameters
    ----------
    content_hashes
        Of the images whose figures are shown.
    place
        Where: ``BENCH``, ``REPORT``, ``EVALUATE`` or ``COMPARE``.
    model
        Title of the model whose figures they are.

    Returns
    -------
    tuple of GuardedSet
        The sets, with this look in their history; to be stated beside the figures (``in_words``).

    Raises
    ------
    LockStoreError
        When the look could not be counted: the figures must not be shown then.
    """
    wanted = {image_bytes(one) for one in content_hashes} - {b""}
    with opened() as store:
        ids = holding(store, wanted)
        for set_id in ids:
            add(store, set_id, LOOKED, place, model)
        return tuple(read(store, set_id) for set_id in ids)


def refuse_training(images: Sequence[LockedImage]) -> None:
    """Let nothing be trained on a locked set's images or patients.

    Raises
    ------
    TrainingDataError
        When an image, a resized or re-compressed copy of one, or a patient is in a set that is
        locked; the refusal is recorded.
    LockStoreError
        When the locks cannot be read: then nobody knows what is locked.
    """
    mine = [(image_bytes(one.content_hash), patient_bytes(one.patient)) for one in images]
    hashed = [at for at, one in enumerate(images) if one.perceptual_hash]
    with opened() as store:
        for set_id in all_ids(store):
            found = read(store, set_id)
            if not found.locked:
                continue
            contents, patients = rows_of(store, set_id)
            copies = near_copies(
                [images[at].perceptual_hash for at in hashed], pictures_of(store, set_id)
            )
            near = {hashed[at] for at in np.flatnonzero(copies).tolist()}
            held = Held()
            for at, (content, patient) in enumerate(mine):
                if content in contents:
                    held.same.append(images[at].name)
                elif at in near:
                    held.near.append(images[at].name)
                elif patient in patients:
                    held.kin.append(images[at].name)
            if held.any:
                add(store, set_id, REFUSED, note=held.in_numbers())
                store.commit()
                raise refusal(found, held, len(mine))
