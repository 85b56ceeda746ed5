"""One training run in this process: batches, epochs, early stopping on the inner validation.

Plain Keras 3, so that it runs on whichever Keras backend the machine has (the card is made where
TensorFlow is: ``app.training.run``). What happens is told through ``emit``; a person's wish to
stop is asked for through ``stop_asked``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.config import TrainConfig
from app.core.errors import ReviewError, TrainingDataError
from app.core.events import EpochEnded, Event, Notice, StepEnded
from app.core.preprocess import model_input
from app.review.statistics import auc
from app.training.augment import augment
from app.training.dataset import Dataset
from model_zoo import architecture

STEP_EVENT_SECONDS = 0.5


@dataclass(frozen=True)
class Fitted:
    """A trained network, holding the weights of its best epoch."""

    model: Any = field(repr=False)
    history: tuple[dict[str, float], ...]
    best_epoch: int
    stopped: bool
    batch_size: int


def predict(model: Any, dataset: Dataset, indices: NDArray[np.int64], batch: int = 64) -> Any:
    """Logits of some images.

    Returns
    -------
    numpy.ndarray
        Shape (len(indices),), float64.
    """
    size = model.input_shape[1]
    logits = [
        np.asarray(
            model.predict_on_batch(
                np.stack([model_input(dataset.frames[i], size) for i in indices[at : at + batch]])
            ),
            dtype=np.float64,
        )[:, 0]
        for at in range(0, len(indices), batch)
    ]
    return np.concatenate(logits) if logits else np.empty(0)


def fit(
    dataset: Dataset,
    config: TrainConfig,
    emit: Callable[[Event], None],
    stop_asked: Callable[[], bool] = lambda: False,
    on_best: Callable[[Any], None] = lambda model: None,
) -> Fitted:
    """Train one network on the ``train`` side of ``config.fold``.

    Out of memory halves the batch and starts over, with a notice, down to a batch of one.

    Parameters
    ----------
    dataset
        Two classes; the second one is positive.
    config
        The settings.
    emit
        Takes each event.
    stop_asked
        Asked after every step.
    on_best
        Called with the model after each epoch that is the best so far, to keep it on disk.

    Raises
    ------
    TrainingDataError
        When a side of the split lacks one of the classes.
    """
    from app.inference.device import is_out_of_memory

    if len(dataset.classes) != 2:
        raise TrainingDataError(
            f"The folder has {len(dataset.classes)} classes: {', '.join(dataset.classes)}.",
            "Two classes were expected, such as NORMAL and PNEUMONIA.",
            "Move the other folders out of the training folder.",
        )
    sides = {side: dataset.indices(side, config.fold) for side in ("train", "validation")}
    for side, indices in sides.items():
        if len(np.unique(dataset.labels[indices])) < 2:
            raise TrainingDataError(
                f"The patients that fall to {side} do not hold both classes.",
                "Images of enough patients were expected: the split keeps each patient whole.",
                "Add images of more patients.",
            )
    batch_size = config.batch_size
    while True:
        try:
            return _fit_once(dataset, config, sides, batch_size, emit, stop_asked, on_best)
        except Exception as error:
            if batch_size == 1 or not is_out_of_memory(error):
                raise
        batch_size //= 2
        emit(Notice(f"Out of memory: starting again with batches of {batch_size} images."))


def _fit_once(
    dataset: Dataset,
    config: TrainConfig,
    sides: dict[str, NDArray[np.int64]],
    batch_size: int,
    emit: Callable[[Event], None],
    stop_asked: Callable[[], bool],
    on_best: Callable[[Any], None],
) -> Fitted:
    import keras

    keras.utils.set_random_seed(config.seed)
    zoo = architecture(config.arch)
    model = zoo.build(config, zoo.INPUT_SIZE)
    batches = _batches(dataset, sides["train"], zoo.INPUT_SIZE, batch_size, config)
    steps = config.epochs * len(batches)
    optimizer = keras.optimizers.AdamW(
        keras.optimizers.schedules.CosineDecay(
            0.0,
            steps,
            warmup_target=config.learning_rate,
            warmup_steps=max(1, min(100, steps // 10)),
        ),
        weight_decay=config.weight_decay,
    )
    optimizer.exclude_from_weight_decay(var_names=["bn", "bias", "gamma", "beta"])
    # XLA makes a depthwise network ten times slower on a CPU; other backends need their compiler.
    jit: Any = False if keras.backend.backend() == "tensorflow" else "auto"
    model.compile(
        optimizer,
        keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[keras.metrics.BinaryAccuracy("accuracy", threshold=0.0)],
        jit_compile=jit,
    )
    watch = _watch(dataset, sides["validation"], config, len(batches), emit, stop_asked, on_best)
    weights = None
    if config.class_weights:
        counts = np.bincount(dataset.labels[sides["train"]], minlength=2)
        weights = {i: float(counts.sum() / (2 * n)) for i, n in enumerate(counts)}
    model.fit(batches, epochs=config.epochs, class_weight=weights, callbacks=[watch], verbose=0)
    model.set_weights(watch.best_weights)
    return Fitted(model, tuple(watch.history_), watch.best_epoch, watch.stopped, batch_size)


def _batches(
    dataset: Dataset, indices: NDArray[np.int64], size: int, batch_size: int, config: TrainConfig
) -> Any:
    """Augmented batches, in another order every epoch, the same for the same seed."""
    import keras

    class Batches(keras.utils.PyDataset):
        def __init__(self) -> None:
            super().__init__(workers=1, max_queue_size=8)
            self.epoch = 0
            self.on_epoch_end()

        def __len__(self) -> int:
            return -(-len(indices) // batch_size)

        def __getitem__(self, number: int) -> tuple[NDArray, NDArray]:
            chosen = self.order[number * batch_size : (number + 1) * batch_size]
            images = []
            for i in chosen:
                random = np.random.default_rng((config.seed, self.epoch, int(i)))
                frame = augment(dataset.frames[i], random, config.augmentation)
                images.append(model_input(frame, size))
            return np.stack(images), dataset.labels[chosen][:, None].astype(np.float32)

        def on_epoch_end(self) -> None:
            self.epoch += 1
            self.order = np.random.default_rng((config.seed, self.epoch)).permutation(indices)

    return Batches()


def _watch(
    dataset: Dataset,
    validation: NDArray[np.int64],
    config: TrainConfig,
    steps_per_epoch: int,
    emit: Callable[[Event], None],
    stop_asked: Callable[[], bool],
    on_best: Callable[[Any], None],
) -> Any:
    """The callback that validates, remembers the best weights, tells and stops."""
    import keras

    labels = dataset.labels[validation]

    class Watch(keras.callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            self.history_: list[dict[str, float]] = []
            self.best_weights: list[NDArray] = []
            self.best_epoch, self.best_auc, self.best_loss = 0, -1.0, np.inf
            self.stopped = False
            self.told = self.started = 0.0

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.started = time.monotonic()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            loss = float((logs or {}).get("loss", np.nan))
            if not np.isfinite(loss):
                raise ReviewError(
                    f"The loss became {loss} in epoch {len(self.history_) + 1}.",
                    "It must stay a finite number.",
                    "Start again with a lower learning rate.",
                )
            if stop_asked():
                self.stopped = self.model.stop_training = True
            now = time.monotonic()
            if now - self.told >= STEP_EVENT_SECONDS:
                self.told = now
                emit(StepEnded(len(self.history_) + 1, batch + 1, steps_per_epoch, loss))

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logits = predict(self.model, dataset, validation)
            metrics = {
                **{key: float(value) for key, value in (logs or {}).items()},
                "val_loss": float(np.mean(np.logaddexp(0, np.where(labels, -logits, logits)))),
                "val_accuracy": float(((logits >= 0) == labels).mean()),
                "val_auc": auc(logits, labels),
            }
            self.history_.append(metrics)
            # A perfect AUC is common on few patients: the loss decides between equals.
            rank = (round(metrics["val_auc"], 6), -metrics["val_loss"])
            best = not self.best_weights or rank > (self.best_auc, -self.best_loss)
            if best:
                self.best_auc, self.best_loss = rank[0], metrics["val_loss"]
                self.best_epoch = epoch + 1
                self.best_weights = self.model.get_weights()
                on_best(self.model)
            seconds = time.monotonic() - self.started
            emit(EpochEnded(epoch + 1, config.epochs, seconds, metrics, best))
            if epoch + 1 - self.best_epoch >= config.patience:
                self.model.stop_training = True

    return Watch()
