"""How much of the class each shortcut tells: small probes that see nothing of the lungs.

Each probe is a gradient-boosted tree model (scikit-learn, fixed settings) on a few numbers of the
shortcut alone. Every patient is judged by the probe of the fold that never saw them; the folds are
those of all trainings. Probes of pixels run twice: on the frame as it is (224 x 224), and on what
``app.core.image.preprocess.model_input`` makes of it, which is what the network sees.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from app.core.image.preprocess import FRAME_SIZE, model_input
from app.core.worklist.patients import FOLDS, naming_of, side_of
from app.review.statistics.figures import auc, bootstrap, group_weights
from app.training.data.dataset import Dataset
from research.shortcut_regions import Frame, find_marker

Features = NDArray[np.float64]

BORDER = 0.08
"""Depth of the border, as a share of the side: 18 of 224 pixels."""

SIZES = {
    "picture size (width, height)": ("width", "height"),
    "aspect ratio": ("aspect",),
    "JPEG density (bits a pixel)": ("density",),
    "size, aspect and density": ("width", "height", "aspect", "density"),
}


def border(frame: Frame, share: float = BORDER) -> Features:
    """The border alone: each of its four strips in 28 pieces, mean and spread of each."""
    deep = round(share * frame.shape[0])
    strips = (frame[:deep], frame[-deep:], frame[:, :deep].T, frame[:, -deep:].T)
    parts = [part for strip in strips for part in np.array_split(strip, 28, axis=1)]
    return np.array([value for part in parts for value in (part.mean(), part.std())])


def outermost(frame: Frame) -> Features:
    """As ``border``, of the outermost four pixels, where hardly any anatomy is."""
    return border(frame, 4 / FRAME_SIZE)


def marker(frame: Frame) -> Features:
    """Where the side marker stands, how large and bright it is; NaN where there is none."""
    found = find_marker(frame)
    if found is None:
        return np.full(7, np.nan)
    inside = found.mask(frame, 0).astype(bool)
    around = found.mask(frame, 4).astype(bool) & ~inside
    levels = (np.percentile(frame[inside], 90), np.median(frame[around]))
    return np.array([found.x, found.y, found.width, found.height, found.likeness, *levels])


def corners(frame: Frame) -> Features:
    """The two upper corners, 45 pixels square, where most markers stand: 9 x 9 means of each."""
    parts = (frame[:45, :45], frame[:45, -45:])
    return np.concatenate(
        [cv2.resize(p, (9, 9), interpolation=cv2.INTER_AREA).ravel() for p in parts]
    ).astype(np.float64)


def traces(frame: Frame) -> Features:
    """What a stretch, a reduction and JPEG leave behind: the finest detail, by direction.

    Log power of the detrended, windowed picture above a quarter of a cycle a pixel (details of
    less than four pixels: 8 steps of spatial frequency, each along the rows, along the columns and
    between), its level taken away so that contrast does not count; and the steps across the
    borders of JPEG's 8 x 8 blocks against all others. There is grain of the lungs in it, too, but
    no shape.
    """
    picture = frame.astype(np.float64)
    window = np.hanning(FRAME_SIZE)
    power = np.abs(np.fft.rfft2((picture - picture.mean()) * np.outer(window, window))) ** 2
    down = np.abs(np.fft.fftfreq(FRAME_SIZE))[:, None]
    along = np.fft.rfftfreq(FRAME_SIZE)[None, :]
    length = np.minimum((np.hypot(down, along) * 32).astype(int), 15)
    angle = np.arctan2(down, np.broadcast_to(along, power.shape))
    sector = np.digitize(angle, (np.pi / 6, np.pi / 3))
    place = (length * 3 + sector).ravel()
    total = np.bincount(place, power.ravel(), 48) / np.maximum(np.bincount(place, minlength=48), 1)
    fine = np.log(total + 1e-3)[24:]
    blocks = []
    for axis in (0, 1):
        step = np.abs(np.diff(picture, axis=axis)).mean(axis=1 - axis)
        across = np.arange(1, FRAME_SIZE) % 8 == 0
        blocks.append(step[across].mean() / max(step[~across].mean(), 1e-6))
    return np.concatenate([fine - fine.mean(), blocks])


def greys(frame: Frame) -> Features:
    """Grey levels of the whole picture, wherever they lie: 32 steps, mean and spread."""
    steps = np.bincount((frame // 8).ravel(), minlength=32) / frame.size
    return np.array([*steps, frame.mean(), frame.std()])


PIXEL_PROBES: dict[str, Callable[[Frame], Features]] = {
    "border, outermost 4 pixels": outermost,
    "border, 8 % of the side": border,
    "side marker (place, size, brightness)": marker,
    "upper corners": corners,
    "traces of stretch and JPEG (finest detail)": traces,
    "grey levels of the whole picture": greys,
}


def as_seen(frame: Frame) -> Frame:
    """The frame after the program's preprocessing, at its own size, rounded to 8 bits."""
    return np.rint(model_input(frame, FRAME_SIZE)[..., 0]).astype(np.uint8)


def probe_pixels(dataset: Dataset, logits: NDArray[np.float64] | None) -> dict[str, Any]:
    """AUC of each probe of pixels, raw and as the network sees them.

    Parameters
    ----------
    dataset
        Two classes.
    logits
        Shape (n,): a network's out-of-fold answers, NaN where there is none; with them, how much
        the network's ranking within a class follows the probe's. None for none.
    """
    seen = [as_seen(frame) for frame in dataset.frames]
    found: dict[str, Any] = {}
    for name, features in PIXEL_PROBES.items():
        found[name] = {
            what: judged(
                np.stack([features(frame) for frame in frames]),
                dataset.labels,
                dataset.groups,
                logits,
            )
            for what, frames in (("raw", dataset.frames), ("as the network sees it", seen))
        }
    return found


def probe_sizes(path: Path) -> dict[str, Any]:
    """AUC of the originals' size, aspect and density (``originals.csv``)."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    sizes = np.array([[float(row[c]) for c in ("width", "height", "bytes")] for row in rows])
    columns = {
        "width": sizes[:, 0],
        "height": sizes[:, 1],
        "aspect": sizes[:, 0] / sizes[:, 1],
        "density": 8 * sizes[:, 2] / (sizes[:, 0] * sizes[:, 1]),
    }
    labels = np.array([row["file"].startswith("PNEUMONIA/") for row in rows], dtype=np.int64)
    naming = naming_of(row["file"] for row in rows)
    groups = [naming.patient_of(row["file"]) or row["file"] for row in rows]
    return {
        name: {"raw": judged(np.stack([columns[c] for c in used], axis=1), labels, groups, None)}
        for name, used in SIZES.items()
    }


def judged(
    features: Features,
    labels: NDArray[np.int64],
    groups: Sequence[str],
    logits: NDArray[np.float64] | None,
) -> dict[str, Any]:
    """How well some numbers tell the class of patients on whom the probe was not trained.

    Parameters
    ----------
    features
        Shape (n, d); NaN where something is not there.
    labels
        Shape (n,), 1 for pneumonia.
    groups
        Patient of each image.
    logits
        See ``probe_pixels``.

    Returns
    -------
    dict
        ``auc`` with its interval over resampled patients, ``images``, ``patients``, and with
        logits ``follows``: Spearman's rank correlation of network and probe within each class.
    """
    scores = out_of_fold(features, labels, groups)
    area = bootstrap(lambda w: auc(scores, labels, w), group_weights(groups), len(labels))
    found: dict[str, Any] = {
        "auc": area.as_dict(),
        "images": len(labels),
        "patients": len(set(groups)),
    }
    if logits is not None:
        found["follows"] = {
            name: float(spearmanr(scores[of], logits[of]).statistic)
            for name, label in (("NORMAL", 0), ("PNEUMONIA", 1))
            if (of := (labels == label) & ~np.isnan(logits)).sum() > 2
        }
    return found


def out_of_fold(
    features: Features, labels: NDArray[np.int64], groups: Sequence[str]
) -> NDArray[np.float64]:
    """The probe's log odds for each image, shape (n,), by the fold that held out its patient."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    scores = np.zeros(len(labels))
    for fold in range(FOLDS):
        held_out = np.array([side_of(group, fold) == "calibration" for group in groups])
        probe = HistGradientBoostingClassifier(
            max_iter=60, learning_rate=0.15, max_leaf_nodes=15, random_state=0
        )
        # One thread: on a busy machine two wait for each other most of the time.
        with threadpool_limits(1):
            probe.fit(features[~held_out], labels[~held_out])
        scores[held_out] = probe.decision_function(features[held_out])
    return scores
