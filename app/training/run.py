"""A whole training run: read the data, train, set the operating point, write the model.

What is measured on the calibration patients, whom the weights never saw, goes into the card as
``held_out``.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core import preprocess
from app.core.config import TrainConfig
from app.core.errors import TrainingDataError
from app.core.events import DataRead, Event, Notice, RunEnded, RunStarted
from app.core.home import models_dir
from app.core.model_card import CONTENT_HASH_BYTES, ModelCard, pack_hashes
from app.inference.classifier import probabilities
from app.review import statistics
from app.training.bundle import round_weights, save_bundle, save_weights
from app.training.dataset import Dataset, read_dataset
from app.training.fit import Fitted, fit, predict
from model_zoo import architecture

SENSITIVITY = 0.95
"""Sensitivity on the calibration patients at the default operating point."""

LIMITS = (
    "For research and triage support. Not a medical device.",
    "Measured only on images like those it was trained on; on other ages, views, machines and "
    "hospitals it is not measured, and expected to be worse.",
    "It tells the classes it was trained on apart. It knows no other disease and excludes none.",
)
KERMANY_LIMITS = (
    "Trained on frontal (AP) chest X-rays of children from one to five years, from one hospital.",
    "In that collection normal and pneumonia images also differ in size, cut and compression; "
    "augmentation works against that and cannot undo all of it.",
)
KERMANY_AGES = (1.0, 5.0)
KERMANY_LICENCE = (
    "Weights: CC BY 4.0, trained on Kermany, Zhang, Goldbaum: Labeled Optical Coherence "
    "Tomography (OCT) and Chest X-Ray Images for Classification, Mendeley Data (CC BY 4.0); "
    "started from EfficientNet-Lite0's ImageNet weights (Apache-2.0)."
)


def train(
    config: TrainConfig,
    run_dir: Path,
    emit: Callable[[Event], None],
    stop_asked: Callable[[], bool] = lambda: False,
    name: str | None = None,
) -> Path:
    """Run one training and write its model below ``models_dir()``.

    Parameters
    ----------
    config
        The settings.
    run_dir
        The run's own folder; the best weights so far are kept there.
    emit, stop_asked
        As for ``app.training.fit.fit``.
    name
        Name of the model; None for one made of architecture and time.

    Returns
    -------
    Path
        The model's folder.
    """
    dataset = read_dataset(
        Path(config.data), lambda done, total: emit(DataRead(done, total)), stop_asked
    )
    fitted = fit_told(dataset, config, run_dir, emit, stop_asked)
    round_weights(fitted.model)
    card = make_card(dataset, config, fitted, name or f"{config.arch}-{run_dir.name}")
    folder = save_bundle(fitted.model, card, models_dir())
    emit(
        RunEnded(
            str(folder),
            card.name,
            len(fitted.history),
            fitted.best_epoch,
            fitted.stopped,
            card.metrics["held_out"],
        )
    )
    return folder


def fit_told(
    dataset: Dataset,
    config: TrainConfig,
    run_dir: Path,
    emit: Callable[[Event], None],
    stop_asked: Callable[[], bool] = lambda: False,
) -> Fitted:
    """``fit``, with its beginning told and its best weights kept in the run folder."""
    from app.inference.device import backend_device

    indices = {
        side: dataset.indices(side, config.fold) for side in ("train", "validation", "calibration")
    }
    zoo = architecture(config.arch)
    if len(np.unique(dataset.labels[indices["calibration"]])) < 2:
        raise TrainingDataError(
            "The patients held out for calibration do not hold both classes.",
            "Images of enough patients were expected: a fifth of them is held out.",
            "Add images of more patients.",
        )
    emit(
        RunStarted(
            str(run_dir),
            config.arch,
            config.epochs,
            -(-len(indices["train"]) // config.batch_size),
            train_counts=dataset.counts(indices["train"]),
            validation_counts=dataset.counts(indices["validation"]),
            calibration_counts=dataset.counts(indices["calibration"]),
            device=backend_device(),
            skipped=len(dataset.skipped),
        )
    )

    def keep(model: Any) -> None:
        # A full disk must not end a run whose best weights are still in memory.
        fresh = run_dir / "best.new.keras"
        try:
            save_weights(model, fresh)
            fresh.replace(run_dir / "best.keras")
        except OSError as error:
            fresh.unlink(missing_ok=True)
            emit(Notice(f"The best weights so far could not be saved: {error.strerror}."))

    assert zoo.INPUT_SIZE <= preprocess.FRAME_SIZE
    return fit(dataset, config, emit, stop_asked, keep)


def make_card(dataset: Dataset, config: TrainConfig, fitted: Fitted, name: str) -> ModelCard:
    """Measure the weights on the calibration patients and write down all there is to know."""
    zoo = architecture(config.arch)
    sides = {
        side: dataset.indices(side, config.fold) for side in ("train", "validation", "calibration")
    }
    calibration = sides["calibration"]
    logits = predict(fitted.model, dataset, calibration)
    p, labels = probabilities(logits), dataset.labels[calibration]
    threshold = statistics.threshold_at_sensitivity(p, labels, SENSITIVITY)
    groups = [dataset.groups[i] for i in calibration]
    seen = np.concatenate([sides["train"], sides["validation"]])
    kermany = is_kermany(dataset)
    known = tuple(name.upper() for name in dataset.classes) == ("NORMAL", "PNEUMONIA")
    return ModelCard(
        name=name,
        version="1.0",
        arch=config.arch,
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        classes=tuple(c.upper() for c in dataset.classes) if known else dataset.classes,
        input_size=zoo.INPUT_SIZE,
        cam_layer=zoo.CAM_LAYER,
        cam_full_scale=_full_scale(fitted, zoo.CAM_LAYER, dataset, calibration[labels == 1]),
        preprocessing=preprocess.NAME,
        operating_points={"default": threshold},
        weights_sha256="",
        age_years=ages(dataset),
        data={
            "folder": Path(config.data).name,
            "sha256": dataset.sha256,
            "images": {side: dataset.counts(indices) for side, indices in sides.items()},
            "skipped": len(dataset.skipped),
            "split": (
                "by patient (SHA-256 of the patient in ten buckets): two held out for "
                "calibration, one for early stopping, seven for training"
            ),
            "fold": config.fold,
            **_hashes("", dataset, seen),
            **_hashes("calibration_", dataset, calibration),
        },
        metrics={
            "held_out": {
                "what": "these weights on the calibration patients, on whom the threshold was set",
                **figures(p, labels, groups, threshold),
            },
            "epochs": list(fitted.history),
            "best_epoch": fitted.best_epoch,
        },
        settings={**dataclasses.asdict(config), "data": Path(config.data).name},
        licence=KERMANY_LICENCE if kermany else "",
        limits=(*LIMITS, *(KERMANY_LIMITS if kermany else ())),
    )


def figures(
    p: NDArray[np.float64], labels: NDArray[np.int64], groups: list[str], threshold: float
) -> dict[str, Any]:
    """AUC, accuracy, sensitivity and specificity with intervals over patients, and calibration."""
    estimates = statistics.summary(p, p >= threshold, labels, groups)
    return {
        "n": len(labels),
        "patients": len(set(groups)),
        "threshold": threshold,
        **{key: estimate.as_dict() for key, estimate in estimates.items()},
        "brier": statistics.brier(p, labels),
        "ece": statistics.calibration_error(p, labels),
        "intervals": "95 %, bootstrap over patients",
    }


def _hashes(prefix: str, dataset: Dataset, indices: NDArray[np.int64]) -> dict[str, str]:
    """Content hashes (SHA-256 cut to 16 bytes) and perceptual ones, each sorted and joined."""
    exact = [bytes.fromhex(dataset.content_hashes[i])[:CONTENT_HASH_BYTES] for i in indices]
    near = [dataset.perceptual_hashes[i] for i in indices]
    return {
        f"{prefix}content_hashes": pack_hashes(exact),
        f"{prefix}perceptual_hashes": pack_hashes(near),
    }


def ages(dataset: Dataset) -> tuple[float, float] | None:
    """Youngest and oldest patient in completed years, where headers or the collection tell it.

    A few headers do not speak for a folder: at least half of the images must have an age.
    """
    if is_kermany(dataset):
        return KERMANY_AGES
    known = [age for age in dataset.ages if age is not None]
    if not known or 2 * len(known) < len(dataset.labels):
        return None
    return float(int(min(known))), float(int(max(known)))


def is_kermany(dataset: Dataset) -> bool:
    """Whether most names are those of Kermany et al.'s children, whose ages (1-5) are known."""
    known = sum(group.startswith(("person", "im-", "normal2-im-")) for group in dataset.groups)
    return known > 0.9 * len(dataset.groups)


def _full_scale(
    fitted: Fitted, cam_layer: str, dataset: Dataset, positives: NDArray[np.int64]
) -> float:
    """Evidence shown in the strongest colour: what the 90th percentile of positives peaks at."""
    if not cam_layer:
        return 1.0
    from app.inference.explain import score_and_evidence

    run = score_and_evidence(fitted.model, cam_layer)
    size = fitted.model.input_shape[1]
    peaks = [
        run(preprocess.model_input(dataset.frames[i], size)[None])[1].max() for i in positives[:300]
    ]
    return max(float(np.percentile(peaks, 90)), 1e-3)
