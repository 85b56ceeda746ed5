"""A whole training run: read the data, train, measure, write the model."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from app.core.base.errors import TrainingDataError
from app.core.base.events import DataRead, EpochEnded, Event, Notice, RunEnded, RunStarted
from app.core.base.home import models_dir
from app.core.base.translation import tr
from app.core.settings.training import TrainConfig
from app.review.comparison.compare import BROKEN
from app.training.data import text as words
from app.training.data.dataset import Dataset, dataset_for
from app.training.data.summary import tells_too_few
from app.training.fit.checkpoint import (
    RunProgress,
    drop_checkpoint,
    load_checkpoint,
    save_checkpoint,
)
from app.training.fit.loop import Fitted, Hooks, fit
from app.training.fit.scalars import Scalars
from app.training.result.bundle import round_weights, save_bundle
from app.training.result.card import make_card
from app.training.result.changed_calls import write_flips
from app.training.result.compare_with_active import Rivalry, against_active
from app.training.result.lineage import Lineage

log = logging.getLogger(__name__)


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
        As for ``app.training.fit.loop.Hooks``.
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
    own_name = name or f"{config.arch}-{run_dir.name}"
    card, p, fitness = make_card(dataset, config, fitted, own_name, lineage)
    try:
        rivalry = against_active(dataset, lineage.calibration, card, p)
    except Exception as error:  # whatever the active model does, the new one is to be saved
        log.exception("the comparison with the active model failed")
        rivalry = Rivalry({"why_not": BROKEN.format(kind=type(error).__name__)})
    try:
        write_flips(run_dir, rivalry.flips)
    except OSError as error:
        emit(
            Notice(
                tr(
                    "The list of flipped images could not be written: {reason}.",
                    reason=error.strerror,
                )
            )
        )
    metrics = {**card.metrics, "against_active": rivalry.figures}
    if chosen_by:
        metrics["sweep"] = dict(chosen_by)
    card = dataclasses.replace(card, metrics=metrics)
    folder = save_bundle(fitted.model, card, models_dir(), fitness)
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
    from app.inference.runtime.device import backend_device, choose_device

    choose_device(config.device)
    saved = load_checkpoint(run_dir)
    if saved and saved.progress.data_sha256 != dataset.split_sha256:
        raise TrainingDataError(
            tr(
                "The images, their labels or their patients have changed since "
                "this run was cut off."
            ),
            tr("The same data were expected."),
            tr("Start a new run."),
        )
    batch_size = saved.progress.batch_size if saved else config.batch_size
    indices = {
        side: dataset.indices(side, config.fold) for side in ("train", "validation", "calibration")
    }
    if lineage is not None:
        indices["calibration"] = lineage.calibration
    if len(np.unique(dataset.labels[indices["calibration"]])) < len(dataset.classes):
        raise TrainingDataError(
            tr("The patients held out for calibration do not hold images of every class."),
            tr("Images of enough patients were expected: a fifth of them is held out."),
            tr("Add images of more patients."),
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
    if tells_too_few(dataset.without_patient, len(dataset.groups)):
        emit(Notice(words.unnamed(dataset.without_patient, tr(words.ANYWHERE))))
    scalars = Scalars(run_dir)

    def tell(event: Event) -> None:
        emit(event)
        if isinstance(event, EpochEnded):
            scalars.take(event)

    def keep(model: Any, best: list[Any], progress: RunProgress) -> None:
        # A full disk must not end a run whose weights are still in memory.
        try:
            save_checkpoint(run_dir, model, best, progress)
        except OSError as error:
            emit(
                Notice(
                    tr(
                        "This epoch could not be saved: {reason}. The last one that was "
                        "saved stays.",
                        reason=error.strerror,
                    )
                )
            )

    if saved:
        emit(Notice(tr("Going on after epoch {epoch}.", epoch=len(saved.progress.history))))
    hooks = Hooks(tell, stop_asked, keep)
    return fit(dataset, config, hooks, saved=saved)
