"""How well a model does on a labelled folder, with intervals, and what of it was trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.errors import TrainingDataError
from app.core.model_card import (
    CONTENT_HASH_BYTES,
    PERCEPTUAL_HASH_BYTES,
    ModelCard,
    unpack_hashes,
)
from app.core.patients import patient_of
from app.core.preprocess import NEAR_DUPLICATE_BITS
from app.core.results import Status
from app.inference.scoring import Scored
from app.review import statistics

CLASSES = ("NORMAL", "PNEUMONIA")


@dataclass(frozen=True)
class Labelled:
    """One outcome and its label: 0 for NORMAL, 1 for PNEUMONIA."""

    scored: Scored
    label: int

    @property
    def patient(self) -> str | None:
        """From the DICOM header, else from the file's name, else None."""
        return self.scored.header.patient_id or patient_of(self.scored.item.path.name)


def labelled_folders(folder: Path) -> list[tuple[Path, int]]:
    """The NORMAL and PNEUMONIA subfolders, in any case, with their labels.

    Raises
    ------
    TrainingDataError
        When the folder cannot be opened or has neither subfolder, or two of one name.
    """
    try:
        below = sorted(p for p in folder.iterdir() if p.is_dir())
    except OSError as error:
        raise TrainingDataError(
            f"The folder {folder} cannot be opened: {error.strerror}.",
            "A folder with the subfolders NORMAL and PNEUMONIA was expected.",
            "Choose another folder.",
        ) from error
    found = [(p, CLASSES.index(p.name.upper())) for p in below if p.name.upper() in CLASSES]
    if not found:
        names = ", ".join(p.name for p in below) or "none"
        raise TrainingDataError(
            f"The folder {folder} has no subfolder NORMAL or PNEUMONIA (it has: {names}).",
            "Each image's label is the name of its subfolder.",
            "Choose the folder above the two, or rename the subfolders.",
        )
    return found


def report(rows: Sequence[Labelled], card: ModelCard) -> dict[str, Any]:
    """All figures of an evaluation, ready for JSON.

    Parameters
    ----------
    rows
        Every file of the folder; the scores must carry hashes for the overlap to be seen.
    card
        Of the model that scored them.

    Returns
    -------
    dict
        See README, "evaluate". A figure that is undefined (one class only) is None.
    """
    ok = [row for row in rows if row.scored.prediction.status is Status.OK]
    refused = [row for row in rows if row.scored.prediction.status is Status.REFUSED]
    exact, near = overlap(ok, card)
    return {
        "n": len(rows),
        "scored": len(ok),
        "refused": len(refused),
        "unreadable": len(rows) - len(ok) - len(refused),
        **_figures(ok, [], card.threshold),
        "threshold": card.threshold,
        "model": card.title,
        "overlap_with_training": exact + near,
        "overlap_detail": {"same_pixels": exact, "near_duplicates": near},
        "with_refused_as_errors": _figures(ok, refused, card.threshold),
    }


def _figures(
    ok: Sequence[Labelled], refused: Sequence[Labelled], threshold: float
) -> dict[str, Any]:
    """Figures over scored images, with refused ones counted as called wrongly.

    For the AUC a refused pneumonia ranks below every image and a refused normal above. Brier
    score and calibration error are of probabilities, so they are of the scored images alone.
    """
    labels = np.array([row.label for row in (*ok, *refused)], dtype=np.int64)
    p = np.array([row.scored.prediction.p_pneumonia for row in ok], dtype=np.float64)
    wrong = np.array([np.inf if row.label == 0 else -np.inf for row in refused])
    scores = np.concatenate([p, wrong])
    calls = scores >= threshold
    groups, intervals = _groups((*ok, *refused))
    estimates = statistics.summary(scores, calls, labels, groups)
    return {
        **{name: estimate.as_dict() for name, estimate in estimates.items()},
        "confusion": {
            "true_positive": int((calls & (labels == 1)).sum()),
            "false_negative": int((~calls & (labels == 1)).sum()),
            "true_negative": int((~calls & (labels == 0)).sum()),
            "false_positive": int((calls & (labels == 0)).sum()),
        },
        "brier": statistics.brier(p, labels[: len(p)]),
        "ece": statistics.calibration_error(p, labels[: len(p)]),
        "intervals": intervals,
    }


def _groups(rows: Sequence[Labelled]) -> tuple[list[str] | None, dict[str, Any]]:
    """The patient of each image, or None when no patient is known; and words on the intervals."""
    patients = [row.patient for row in rows]
    unknown = sum(patient is None for patient in patients)
    if unknown == len(rows):
        return None, {"level": 0.95, "method": "Wilson; AUC: DeLong", "patients": None}
    # An image of an unknown patient stands for a patient of its own.
    groups = [patient or f"image {i}" for i, patient in enumerate(patients)]
    return groups, {
        "level": 0.95,
        "method": "bootstrap over patients",
        "patients": len(set(groups)) - unknown,
        "images_without_patient": unknown,
    }


def overlap(rows: Sequence[Labelled], card: ModelCard) -> tuple[int, int]:
    """How many images the model was trained on: with the same pixels, and nearly the same.

    Returns
    -------
    exact, near : int
        An image counts once; a resized or re-compressed copy is near.
    """
    exact_hashes = set(unpack_hashes(card.data.get("content_hashes", ""), CONTENT_HASH_BYTES))
    near_hashes = unpack_hashes(card.data.get("perceptual_hashes", ""), PERCEPTUAL_HASH_BYTES)
    copies = np.frombuffer(b"".join(near_hashes), dtype=np.uint8)
    copies = copies.reshape(-1, PERCEPTUAL_HASH_BYTES)
    exact = near = 0
    for row in rows:
        if not row.scored.content_hash:
            continue
        if bytes.fromhex(row.scored.content_hash)[:CONTENT_HASH_BYTES] in exact_hashes:
            exact += 1
        elif len(copies) and nearest(row.scored.perceptual_hash, copies) <= NEAR_DUPLICATE_BITS:
            near += 1
    return exact, near


def nearest(perceptual_hash: bytes, others: NDArray[np.uint8]) -> int:
    """Bits by which a hash differs from the nearest of others, shape (n, 32)."""
    mine = np.frombuffer(perceptual_hash, dtype=np.uint8)
    return int(np.bitwise_count(others ^ mine).sum(axis=1, dtype=np.int64).min())


def in_words(figures: dict[str, Any], format_: Callable[[float], str] = "{:.3f}".format) -> str:
    """The main figures on one line."""
    parts = []
    for name in ("auc", "accuracy", "sensitivity", "specificity"):
        value, low, high = (figures[name][key] for key in ("value", "low", "high"))
        if value is None:
            parts.append(f"{name} undefined")
        elif low is None:
            parts.append(f"{name} {format_(value)}")
        else:
            parts.append(f"{name} {format_(value)} ({format_(low)}-{format_(high)})")
    return ", ".join(parts)
