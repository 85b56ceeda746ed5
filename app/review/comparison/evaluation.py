"""How well a model does on a labelled folder, with intervals, and what of it was trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import TrainingDataError
from app.core.base.translation import mark, tr
from app.core.model.card import ModelCard
from app.core.model.results import Status
from app.core.worklist.patients import Naming
from app.core.worklist.system_folders import is_system_name
from app.inference.scoring.pipeline import Scored
from app.review.holdout.overlap import Seen
from app.review.statistics import figures as statistics

CLASSES = ("NORMAL", "PNEUMONIA")

FEWEST_PATIENTS = 10
"""Resampling fewer than these in a class would say more of the draw than of the model."""
NOBODY_KNOWN = mark("No patient is known, so each image counts as a patient of its own.")
TOO_FEW_KNOWN = mark(
    "A class has images of only {fewest} different patients, too few to resample (at least "
    "{least}), so each image counts as a patient of its own; where patients do have several "
    "images, the intervals are too narrow."
)
"""Why patients are not resampled: kept in English with the figures, translated where shown."""


_ALONE = Naming()


@dataclass(frozen=True)
class Labelled:
    """One outcome and its label: 0 for NORMAL, 1 for PNEUMONIA.

    ``naming`` is that of all files beside it (``app.core.worklist.patients.naming_of``).
    """

    scored: Scored
    label: int
    naming: Naming = _ALONE

    @property
    def patient(self) -> str | None:
        """From the DICOM header, else from the file's name, else None."""
        return self.naming.key(self.scored.item.path.name, self.scored.header) or None


def labelled_folders(folder: Path) -> list[tuple[Path, int]]:
    """The NORMAL and PNEUMONIA subfolders with their labels.

    Case does not matter: where a file system tells Normal from NORMAL, both count. One of the
    two classes may be missing.

    Raises
    ------
    TrainingDataError
        When the folder cannot be opened or has neither subfolder.
    """
    try:
        below = sorted(p for p in folder.iterdir() if not is_system_name(p.name) and p.is_dir())
    except OSError as error:
        raise TrainingDataError(
            tr(
                "The folder {folder} cannot be opened: {reason}.",
                folder=folder,
                reason=error.strerror,
            ),
            tr("A folder with the subfolders NORMAL and PNEUMONIA was expected."),
            tr("Choose another folder."),
        ) from error
    found = [(p, CLASSES.index(p.name.upper())) for p in below if p.name.upper() in CLASSES]
    if not found:
        names = ", ".join(p.name for p in below) or tr("none")
        raise TrainingDataError(
            tr(
                "The folder {folder} has no subfolder NORMAL or PNEUMONIA (it has: {names}).",
                folder=folder,
                names=names,
            ),
            tr("Each image's label is the name of its subfolder."),
            tr("Choose the folder above the two, or rename the subfolders."),
        )
    return found


def no_images(folder: Path) -> TrainingDataError:
    """What is said of class folders without a file."""
    return TrainingDataError(
        tr("The folders NORMAL and PNEUMONIA of {folder} hold no images.", folder=folder.name),
        tr("Images below them were expected."),
        tr("Choose another folder."),
    )


def report(rows: Sequence[Labelled], card: ModelCard, seen: Seen) -> dict[str, Any]:
    """All figures of an evaluation, ready for JSON.

    Parameters
    ----------
    rows
        Every file of the folder; the scores must carry hashes for the overlap to be seen.
    card
        Of the model that scored them.
    seen
        From the card, read before the scoring so that a damaged card is told before it.

    Returns
    -------
    dict
        See docs/command-line.md, "evaluate". A figure that is undefined (one class only) is None.
    """
    ok = [row for row in rows if row.scored.prediction.status is Status.OK]
    refused = [row for row in rows if row.scored.prediction.status is Status.REFUSED]
    exact, near = seen.training.count(row.scored for row in ok)
    calibrated = seen.calibration.count(row.scored for row in ok)
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
        "overlap_with_calibration": sum(calibrated),
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
    patients = [row.patient for row in (*ok, *refused)]
    groups, intervals = groups_to_resample(patients, labels)
    estimates = statistics.summary(scores, calls, labels, groups)
    intervals["of_no_width"] = [name for name, e in estimates.items() if e.had_no_width]
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


def groups_to_resample(
    patients: Sequence[str | None], labels: NDArray[np.int64]
) -> tuple[list[str] | None, dict[str, Any]]:
    """The patient of each image, or None when they cannot be resampled; and words on that.

    Parameters
    ----------
    patients
        Patient of each image, None where unknown.
    labels
        Shape (n,), 0 or 1.
    """
    unknown = sum(patient is None for patient in patients)
    known = len(set(patients) - {None})
    # An image of an unknown patient stands for a patient of its own.
    groups = [patient or f"\n{i}" for i, patient in enumerate(patients)]
    of_class: dict[int, set[str]] = {}
    for label, group in zip(labels.tolist(), groups, strict=True):
        of_class.setdefault(label, set()).add(group)
    fewest = min((len(each) for each in of_class.values()), default=0)
    why = None
    if not known:
        why = NOBODY_KNOWN
    elif fewest < FEWEST_PATIENTS:
        why = TOO_FEW_KNOWN.format(fewest=fewest, least=FEWEST_PATIENTS)
    return (groups if why is None else None), {
        "level": 0.95,
        "method": "Wilson; AUC: DeLong" if why else "bootstrap over patients",
        "why": why,
        "patients": known,
        "images_without_patient": unknown,
    }


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
