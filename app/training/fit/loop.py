"""One training in this process: epochs, inner validation, early stopping, checkpoints.

Plain Keras 3, so that it runs on whichever Keras backend the machine has (the card is made where
TensorFlow is: ``app.training.runs.run``). What happens is told through ``emit``; a person's wish to
stop is asked for through ``stop_asked``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import ReviewError, TrainingDataError
from app.core.base.events import EpochEnded, Event, Notice, StepEnded
from app.core.base.translation import tr
from app.core.image.preprocess import model_input
from app.core.settings.training import TrainConfig
from app.review.statistics.figures import auc
from app.training.data.dataset import Dataset
from app.training.data.text import side_name
from app.training.fit.checkpoint import Checkpoint, RunProgress
from app.training.fit.epochs import TrainingSet, as_inputs, epoch_runner
from app.training.fit.network import build_network, compile_network, in_float32, input_size_of

STEP_EVENT_SECONDS = 0.5


@dataclass(frozen=True)
class Fitted:
    """A trained network, holding the weights of its best epoch."""

    model: Any = field(repr=False)
    history: tuple[dict[str, float], ...]
    best_epoch: int
    stopped: bool
    batch_size: int


@dataclass(frozen=True)
class Hooks:
    """Whom a training tells, and whom it asks.

    Parameters
    ----------
    emit
        Takes each event.
    stop_asked
        Asked after every few steps; true ends the training and keeps the best epoch so far.
    on_epoch
        Called after each epoch with the model, the best weights so far and the progress, to keep
        them on disk.
    """

    emit: Callable[[Event], None] = lambda event: None
    stop_asked: Callable[[], bool] = lambda: False
    on_epoch: Callable[[Any, list[Any], RunProgress], None] = lambda model, best, progress: None


def predict(model: Any, dataset: Dataset, indices: NDArray[np.int64], batch: int = 64) -> Any:
    """Logits of some images.

    Returns
    -------
    numpy.ndarray
        Shape (len(indices),) for two classes, else (len(indices), classes), float64.
    """
    size = model.input_shape[1]
    return _logits(
        model,
        (
            np.stack([model_input(dataset.frames[i], size) for i in indices[at : at + batch]])
            for at in range(0, len(indices), batch)
        ),
    )


def predict_all(
    model: Any, dataset: Dataset, indices: NDArray[np.int64], batch: int = 64
) -> NDArray[np.float64]:
    """Every output of a network that has several of one unit each.

    Returns
    -------
    numpy.ndarray
        Shape (len(indices), outputs), float64.
    """
    size = model.input_shape[1]
    parts = []
    for at in range(0, len(indices), batch):
        frames = (dataset.frames[i] for i in indices[at : at + batch])
        inputs = np.stack([model_input(frame, size) for frame in frames])
        parts.append(np.concatenate(_answers(model, inputs), axis=1))
    return np.concatenate(parts)


def validation_logits(
    model: Any, dataset: Dataset, inputs: NDArray[np.uint8] | None, indices: NDArray[np.int64]
) -> Any:
    """As ``predict``, from ready inputs, shape (len(dataset), s, s, 1), where there are some."""
    if inputs is None:
        return predict(model, dataset, indices)
    parts = (inputs[indices[at : at + 256]] for at in range(0, len(indices), 256))
    return _logits(model, (part.astype(np.float32) for part in parts))


def fit(
    dataset: Dataset,
    config: TrainConfig,
    hooks: Hooks = Hooks(),
    *,
    train: NDArray[np.int64] | None = None,
    validation: NDArray[np.int64] | None = None,
    inputs: NDArray[np.uint8] | None = None,
    saved: Checkpoint | None = None,
) -> Fitted:
    """Train one network.

    Out of memory halves the batch and starts over, with a notice, down to a batch of one.

    Parameters
    ----------
    dataset
        Two classes, the second one positive; or more.
    config
        The settings.
    hooks
        Whom to tell and to ask.
    train, validation
        Positions of the images to train and to validate on; None for the sides of ``config.fold``.
    inputs
        Shape (len(dataset), s, s, 1), uint8: what the network sees of every image, where the
        caller has it already (``app.training.fit.epochs.as_inputs``).
    saved
        A checkpoint to go on from.

    Raises
    ------
    TrainingDataError
        When a side of the split lacks one of the classes.
    ReviewError
        When the loss stops being a number.
    """
    from app.inference.runtime.device import is_out_of_memory

    sides = {
        "train": dataset.indices("train", config.fold) if train is None else train,
        "validation": dataset.indices("validation", config.fold)
        if validation is None
        else validation,
    }
    for side, indices in sides.items():
        if len(np.unique(dataset.labels[indices])) < len(dataset.classes):
            raise TrainingDataError(
                tr(
                    "The patients that fall to {side} do not hold images of every class.",
                    side=side_name(side),
                ),
                tr("Images of enough patients were expected: the split keeps each patient whole."),
                tr("Add images of more patients."),
            )
    if inputs is None and not config.augmentation:
        inputs = as_inputs(dataset.frames, input_size_of(config))
    batch_size = saved.progress.batch_size if saved else config.batch_size
    while True:
        try:
            return _Run(dataset, config, sides, inputs, batch_size, hooks).go(saved)
        except Exception as error:
            if batch_size == 1 or not is_out_of_memory(error):
                raise
        batch_size, saved = batch_size // 2, None
        hooks.emit(
            Notice(
                tr(
                    "Out of memory: starting again with fewer images a batch: {count}.",
                    count=batch_size,
                )
            )
        )


def targets_of(labels: NDArray[np.int64], classes: int) -> NDArray[np.float32]:
    """What a network is to answer: shape (n, 1) for two classes, else one-hot (n, classes)."""
    if classes == 2:
        return labels[:, None].astype(np.float32)
    return np.eye(classes, dtype=np.float32)[labels]


def sample_weights(
    dataset: Dataset, train: NDArray[np.int64], balanced: bool
) -> NDArray[np.float64]:
    """How much each image of a training counts, 1 on average.

    Parameters
    ----------
    dataset
        With the weights that its images have of their own, or none.
    train
        Positions of the images to train on.
    balanced
        Whether each class is to count the same, whatever its images weigh.
    """
    labels = dataset.labels[train]
    own = np.ones(len(train)) if dataset.weights is None else dataset.weights[train]
    if not balanced:
        return own / own.mean()
    sums = np.bincount(labels, own, minlength=len(dataset.classes))
    return own * (len(train) / (len(dataset.classes) * sums))[labels]


class _Run:
    """The epochs of one training with one size of batch."""

    def __init__(
        self,
        dataset: Dataset,
        config: TrainConfig,
        sides: dict[str, NDArray[np.int64]],
        inputs: NDArray[np.uint8] | None,
        batch_size: int,
        hooks: Hooks,
    ) -> None:
        self._dataset, self._config, self._hooks = dataset, config, hooks
        self._validation, self._inputs, self._batch_size = sides["validation"], inputs, batch_size
        train = sides["train"]
        self._classes = len(dataset.classes)
        self._steps = -(-len(train) // batch_size)
        weights = sample_weights(dataset, train, config.class_weights)
        self._data = TrainingSet(
            frames=dataset.frames[train] if config.augmentation else None,
            inputs=None if inputs is None else inputs[train],
            targets=targets_of(dataset.labels[train], self._classes),
            weights=weights.astype(np.float32),
            identities=train,
        )
        self._history: list[dict[str, float]] = []
        self._best: list[Any] = []
        self._best_epoch = 0
        self._stopped = False
        self._told = 0.0
        self._data_sha256 = dataset.split_sha256

    def go(self, saved: Checkpoint | None) -> Fitted:
        """Train from the first epoch, or from the one after the checkpoint."""
        config = self._config
        model = build_network(config, self._classes)
        compile_network(model, config, config.epochs * self._steps)
        if saved:
            saved.restore(model)
            self._best, progress = list(saved.best), saved.progress
            self._history, self._best_epoch = list(progress.history), progress.best_epoch
        run_epoch = epoch_runner(model, self._data, self._batch_size, config)
        while not self._over():
            epoch, begun = len(self._history) + 1, time.monotonic()
            loss, accuracy = run_epoch(epoch, self._on_steps)
            metrics = {
                "loss": loss,
                "accuracy": accuracy,
                "learning_rate": float(model.optimizer.learning_rate),
                **self._validate(model),
            }
            self._take(model, metrics)
            seconds = time.monotonic() - begun
            best = self._best_epoch == epoch
            self._hooks.emit(EpochEnded(epoch, config.epochs, seconds, metrics, best))
            if not self._stopped:
                progress = RunProgress(
                    self._data_sha256, self._batch_size, tuple(self._history), self._best_epoch
                )
                self._hooks.on_epoch(model, self._best, progress)
        model.set_weights(self._best)
        model = in_float32(model, config, self._classes)
        return Fitted(
            model, tuple(self._history), self._best_epoch, self._stopped, self._batch_size
        )

    def _over(self) -> bool:
        config, epoch = self._config, len(self._history)
        if epoch >= config.epochs or (0 < config.patience <= epoch - self._best_epoch):
            return True
        self._stopped = self._stopped or (bool(self._history) and self._hooks.stop_asked())
        return self._stopped

    def _on_steps(self, step: int, loss: float) -> bool:
        epoch = len(self._history) + 1
        if not np.isfinite(loss):
            raise ReviewError(
                tr("The loss became {loss} in epoch {epoch}.", loss=loss, epoch=epoch),
                tr("It must stay a finite number."),
                tr("Start again with a lower learning rate."),
            )
        now = time.monotonic()
        if now - self._told >= STEP_EVENT_SECONDS:
            self._told = now
            self._hooks.emit(StepEnded(epoch, step, self._steps, loss))
        self._stopped = self._stopped or self._hooks.stop_asked()
        return self._stopped

    def _validate(self, model: Any) -> dict[str, float]:
        labels = self._dataset.labels[self._validation]
        logits = validation_logits(model, self._dataset, self._inputs, self._validation)
        if not np.isfinite(logits).all():
            raise ReviewError(
                tr(
                    "The network's answers stopped being numbers in epoch {epoch}.",
                    epoch=len(self._history) + 1,
                ),
                tr("A finite answer to each image was expected."),
                tr("Start again with a lower learning rate."),
            )
        return {f"val_{name}": value for name, value in measure(logits, labels).items()}

    def _take(self, model: Any, metrics: dict[str, float]) -> None:
        """Add an epoch, and keep its weights if it is the best one, or the last counts."""
        self._history.append(metrics)
        before = self._history[self._best_epoch - 1] if self._best_epoch else None
        if before is None or not self._config.patience or _rank(metrics) > _rank(before):
            self._best_epoch = len(self._history)
            self._best = model.get_weights()


def measure(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> dict[str, float]:
    """Cross-entropy, accuracy (at a probability of one half) and AUC.

    Parameters
    ----------
    logits
        Shape (n,) for two classes, else (n, classes).
    labels
        Shape (n,).

    Returns
    -------
    dict
        ``loss``, ``accuracy`` and ``auc``; for three and more classes the AUC is the mean of
        each class against the rest.
    """
    if logits.ndim == 1:
        return {
            "loss": float(np.mean(np.logaddexp(0, np.where(labels, -logits, logits)))),
            "accuracy": float(((logits >= 0) == labels).mean()),
            "auc": auc(logits, labels),
        }
    own = logits[np.arange(len(labels)), labels]
    areas = [auc(logits[:, k], (labels == k).astype(np.int64)) for k in range(logits.shape[1])]
    return {
        "loss": float(np.mean(np.logaddexp.reduce(logits, axis=1) - own)),
        "accuracy": float((logits.argmax(axis=1) == labels).mean()),
        "auc": float(np.mean(areas)),
    }


def _rank(metrics: dict[str, float]) -> tuple[float, float]:
    # A perfect AUC is common on few patients: the loss decides between equals.
    return round(metrics["val_auc"], 6), -metrics["val_loss"]


def _logits(model: Any, batches: Any) -> Any:
    parts = [_answers(model, x)[0] for x in batches]
    if not parts:
        return np.empty(0)
    logits = np.concatenate(parts)
    return logits[:, 0] if logits.shape[1] == 1 else logits


def _answers(model: Any, batch: Any) -> list[NDArray[np.float64]]:
    """All outputs of a network, the logits first; one output alone comes without its list."""
    found = model.predict_on_batch(batch)
    outputs = found if isinstance(found, list | tuple) else [found]
    return [np.asarray(each, dtype=np.float64) for each in outputs]
