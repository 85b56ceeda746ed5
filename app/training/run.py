"""A whole training run: read the data, train, set the operating point, write the model.

What is measured on the calibration patients, whom the weights never saw, goes into the card as
``held_out``.
"""

from __future__ import annotations

import dataclasses
import datetime
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core import preprocess
from app.core.config import TrainConfig
from app.core.errors import TrainingDataError
from app.core.events import DataRead, EpochEnded, Event, Notice, RunEnded, RunStarted
from app.core.home import models_dir
from app.core.model_card import BALANCED, CONTENT_HASH_BYTES, ModelCard, pack_hashes
from app.inference.classifier import probabilities
from app.inference.explain import FULL_SCALE_IMAGES, full_scale
from app.review import operating_points, statistics
from app.training.bundle import round_weights, save_bundle
from app.training.checkpoint import Progress, drop_checkpoint, load_checkpoint, save_checkpoint
from app.training.dataset import Dataset, dataset_for
from app.training.fit import Fitted, Hooks, fit, predict
from app.training.flips import write_flips
from app.training.lineage import Lineage
from app.training.network import input_size_of
from app.training.rivalry import Rivalry, against_active
from app.training.scalars import Scalars
from model_zoo import architecture

log = logging.getLogger(__name__)

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
    "Tomography (OCT) and Chest X-Ray Images for Classification, Mendeley Data (CC BY 4.0)."
)


def train(
    config: TrainConfig,
    run_dir: Path,
    emit: Callable[[Event], None],
    stop_asked: Callable[[], bool] = lambda: False,
    name: str | None = None,
    chosen_by: Mapping[str, Any] | None = None,
) -> Path:
    """Run one training and write its model below ``models_dir()``.

    A run folder that holds a checkpoint is gone on with from the epoch after it.

    Parameters
    ----------
    config
        The settings.
    run_dir
        The run's own folder; the last whole epoch is kept there until the run has ended.
    emit, stop_asked
        As for ``app.training.fit.Hooks``.
    name
        Name of the model; None for one made of architecture and time.
    chosen_by
        What the card is to say of the sweep that chose the settings.

    Returns
    -------
    Path
        The model's folder.
    """
    dataset = dataset_for(config, lambda done, total: emit(DataRead(done, total)), stop_asked)
    lineage = Lineage.of(config, dataset)
    fitted = fit_told(dataset, config, run_dir, emit, stop_asked, lineage)
    round_weights(fitted.model)
    card, p = make_card(dataset, config, fitted, name or f"{config.arch}-{run_dir.name}", lineage)
    try:
        rivalry = against_active(dataset, lineage.calibration, card, p)
    except Exception as error:  # whatever the active model does, the new one is to be saved
        log.exception("the comparison with the active model failed")
        rivalry = Rivalry({"why_not": f"it failed with {type(error).__name__}."})
    try:
        write_flips(run_dir, rivalry.flips)
    except OSError as error:
        emit(Notice(f"The list of flipped images could not be written: {error.strerror}."))
    metrics = {**card.metrics, "against_active": rivalry.figures}
    if chosen_by:
        metrics["sweep"] = dict(chosen_by)
    card = dataclasses.replace(card, metrics=metrics)
    folder = save_bundle(fitted.model, card, models_dir())
    drop_checkpoint(run_dir)
    emit(
        RunEnded(
            str(folder),
            card.name,
            len(fitted.history),
            fitted.best_epoch,
            fitted.stopped,
            card.metrics["held_out"],
            rivalry.figures,
        )
    )
    return folder


def fit_told(
    dataset: Dataset,
    config: TrainConfig,
    run_dir: Path,
    emit: Callable[[Event], None],
    stop_asked: Callable[[], bool] = lambda: False,
    lineage: Lineage | None = None,
) -> Fitted:
    """``fit``, with its beginning told and each epoch kept in the run folder.

    With a lineage, what the first weights were trained on is not held out. It may be among the
    inner validation patients, who only decide when to stop.

    Raises
    ------
    ReviewError
        When the folder holds a checkpoint of other images.
    """
    from app.inference.device import backend_device, choose_device

    choose_device(config.device)
    saved = load_checkpoint(run_dir)
    if saved and saved.progress.data_sha256 != dataset.split_sha256:
        raise TrainingDataError(
            "The images, their labels or their patients have changed since this run was cut off.",
            "The same data were expected.",
            "Start a new run.",
        )
    batch_size = saved.progress.batch_size if saved else config.batch_size
    indices = {
        side: dataset.indices(side, config.fold) for side in ("train", "validation", "calibration")
    }
    if lineage is not None:
        indices["calibration"] = lineage.calibration
    if len(np.unique(dataset.labels[indices["calibration"]])) < len(dataset.classes):
        raise TrainingDataError(
            "The patients held out for calibration do not hold images of every class.",
            "Images of enough patients were expected: a fifth of them is held out.",
            "Add images of more patients.",
        )
    emit(
        RunStarted(
            str(run_dir),
            config.arch,
            config.epochs,
            -(-len(indices["train"]) // batch_size),
            train_counts=dataset.counts(indices["train"]),
            validation_counts=dataset.counts(indices["validation"]),
            calibration_counts=dataset.counts(indices["calibration"]),
            device=backend_device(),
            skipped=len(dataset.skipped),
            resumed_after=len(saved.progress.history) if saved else 0,
        )
    )
    scalars = Scalars(run_dir)

    def tell(event: Event) -> None:
        emit(event)
        if isinstance(event, EpochEnded):
            scalars.take(event)

    def keep(model: Any, best: list[Any], progress: Progress) -> None:
        # A full disk must not end a run whose weights are still in memory.
        try:
            save_checkpoint(run_dir, model, best, progress)
        except OSError as error:
            emit(
                Notice(
                    f"This epoch could not be saved: {error.strerror}. The last one that was "
                    "saved stays."
                )
            )

    if saved:
        emit(Notice(f"Going on after epoch {len(saved.progress.history)}."))
    hooks = Hooks(tell, stop_asked, keep)
    return fit(dataset, config, hooks, saved=saved)


def make_card(
    dataset: Dataset, config: TrainConfig, fitted: Fitted, name: str, lineage: Lineage
) -> tuple[ModelCard, NDArray[np.float64]]:
    """Measure the weights on the calibration patients and write down all there is to know.

    Returns
    -------
    card : ModelCard
        ``weights_sha256`` is still empty.
    p : numpy.ndarray
        What the network says of the calibration images: shape (n,) for two classes, else logits
        (n, classes).
    """
    zoo = architecture(config.arch)
    sides = {side: dataset.indices(side, config.fold) for side in ("train", "validation")}
    sides["calibration"] = calibration = lineage.calibration
    logits, labels = predict(fitted.model, dataset, calibration), dataset.labels[calibration]
    groups = [dataset.groups[i] for i in calibration]
    points: dict[str, float] = {}
    measured: dict[str, Any] = {}
    scale = 1.0
    if logits.ndim == 1:
        said = probabilities(logits)
        points = operating_points.choose(said, labels)
        measured = operating_points.measure(said, labels, groups)
        held_out = figures(said, labels, groups, points[BALANCED])
        scale = _full_scale(fitted, zoo.CAM_LAYER, dataset, calibration[labels == 1])
    else:
        said = logits
        held_out = figures_of_many(logits, labels, groups, dataset.classes)
    kermany = is_kermany(dataset)
    known = tuple(name.upper() for name in dataset.classes) == ("NORMAL", "PNEUMONIA")
    card = ModelCard(
        name=name,
        version="1.0",
        arch=config.arch,
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        classes=tuple(c.upper() for c in dataset.classes) if known else dataset.classes,
        input_size=input_size_of(config),
        cam_layer=zoo.CAM_LAYER,
        cam_full_scale=scale,
        preprocessing=preprocess.NAME,
        operating_points=points,
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
            **lineage.as_dict(),
            **_hashes("", dataset, np.concatenate([sides["train"], sides["validation"]]), lineage),
            **_hashes("calibration_", dataset, calibration),
        },
        metrics={
            "held_out": {
                "what": "these weights on the calibration patients, on whom the threshold was set",
                **held_out,
            },
            "operating_points": measured,
            "epochs": list(fitted.history),
            "best_epoch": fitted.best_epoch,
            "parameters": int(fitted.model.count_params()),
        },
        settings={
            name: value
            for name, value in dataclasses.asdict(config).items()
            if name not in ("data", "labels", "patients")
        },
        licence=" ".join(
            part for part in (KERMANY_LICENCE if kermany else "", lineage.licence) if part
        ),
        limits=(*LIMITS, *(KERMANY_LIMITS if kermany else ())),
    )
    return card, said


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


def figures_of_many(
    logits: NDArray[np.float64],
    labels: NDArray[np.int64],
    groups: list[str],
    classes: tuple[str, ...],
) -> dict[str, Any]:
    """Accuracy, mean AUC of each class against the rest, and the share found of each class."""
    right = logits.argmax(axis=1) == labels
    weights = statistics.group_weights(groups)

    def share(among: NDArray[np.bool_]) -> dict[str, float | None]:
        def figure(w: NDArray[np.float64]) -> float:
            return float(w[among & right].sum() / w[among].sum()) if w[among].sum() else np.nan

        return statistics.bootstrap(figure, weights, len(labels)).as_dict()

    def area(w: NDArray[np.float64]) -> float:
        parts = [
            statistics.auc(logits[:, k], (labels == k).astype(np.int64), w)
            for k in range(len(classes))
        ]
        return float(np.mean(parts))

    return {
        "n": len(labels),
        "patients": len(set(groups)),
        "auc": statistics.bootstrap(area, weights, len(labels)).as_dict(),
        "accuracy": share(np.ones(len(labels), bool)),
        "found_of_class": {name: share(labels == k) for k, name in enumerate(classes)},
        "intervals": "95 %, bootstrap over patients",
    }


def _hashes(
    prefix: str, dataset: Dataset, indices: NDArray[np.int64], lineage: Lineage | None = None
) -> dict[str, str]:
    """Content hashes (SHA-256 cut to 16 bytes) and perceptual ones, each sorted and joined.

    With a lineage, those of the images that the first weights had seen come in too.
    """
    exact = [bytes.fromhex(dataset.content_hashes[i])[:CONTENT_HASH_BYTES] for i in indices]
    near = [dataset.perceptual_hashes[i] for i in indices]
    if lineage is not None and lineage.exact:
        exact, near = list({*exact, *lineage.exact}), list({*near, *lineage.near})
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
    """Evidence shown in the strongest colour; see ``app.inference.explain.full_scale``."""
    size = fitted.model.input_shape[1]
    chosen = [dataset.frames[i] for i in positives[:FULL_SCALE_IMAGES]]
    return full_scale(
        fitted.model, cam_layer, np.stack([preprocess.model_input(f, size) for f in chosen])
    )
