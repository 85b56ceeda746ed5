"""One network is taught what several agree on, and how far they differ.

Each image is moved anew for every lesson, and the teachers look at the very same view as the
network that learns (Beyer et al., Knowledge distillation: a good teacher is patient and
consistent, CVPR 2022, arXiv:2106.05237). But only the network that learns gets it disguised, as
another machine would have shown it: it is to say of the disguise what the teachers say of the
image, so that what disguises hide is of no use to it. What is taught is half the label and half
the mean of the teachers' probabilities; the standard deviation of their logits; and, from the file
name alone, whether a pneumonia is bacterial or viral.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.base.events import EpochEnded, Event, Notice, StepEnded
from app.core.image.preprocess import model_input
from app.core.model.calibration import logistic
from app.core.settings.training import TrainConfig
from app.core.worklist.patients import pneumonia_kind
from app.training.data.augment import disguised, moved
from app.training.data.dataset import Dataset
from app.training.fit.loop import STEP_EVENT_SECONDS, Fitted
from app.training.fit.network import build_network, compile_network

LABEL_SHARE = 0.5
LOSS_WEIGHTS = (1.0, 0.3, 0.1)
"""Of the logit, the kind and the spread."""
LEAST_DEVIATION = 0.05
"""Teachers who differ by less than this, in units of the logit, count as agreeing."""
BACTERIAL, VIRAL = 1, 0
_NO_KIND = -1


def kinds_of(dataset: Dataset) -> NDArray[np.int64]:
    """Of each image ``BACTERIAL`` or ``VIRAL``, where the file's name says it, else -1."""
    words = {"bacteria": BACTERIAL, "virus": VIRAL}
    found = (pneumonia_kind(name.rsplit("/", 1)[-1]) for name in dataset.names)
    return np.array([words.get(kind or "", _NO_KIND) for kind in found], dtype=np.int64)


@dataclass(frozen=True)
class Lessons:
    """What is taught of some images, one batch at a time.

    Parameters
    ----------
    dataset
        Two classes.
    train
        Positions of the images.
    teachers
        Keras models to logits (n, 1); the network that learns begins with the last one's weights.
    config
        ``seed``, ``batch_size``, ``augmentation`` and ``class_weights`` are used.
    """

    dataset: Dataset = field(repr=False)
    train: NDArray[np.int64] = field(repr=False)
    teachers: Sequence[Any] = field(repr=False)
    config: TrainConfig

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return -(-len(self.train) // self.config.batch_size)

    def of_epoch(self, epoch: int) -> Any:
        """A Keras data set of one epoch: inputs, the three targets and their weights.

        What comes out follows from seed and epoch alone.
        """
        import keras

        config, size = self.config, int(self.teachers[0].input_shape[1])
        order = np.random.default_rng((config.seed, epoch)).permutation(self.train)
        labels, kinds = self.dataset.labels, kinds_of(self.dataset)
        by_class = _balanced(labels[self.train]) if config.class_weights else np.ones(2)
        by_kind = _balanced(kinds[self.train])
        lessons = self

        class Batches(keras.utils.PyDataset):
            def __len__(self) -> int:
                return lessons.steps

            def __getitem__(self, number: int) -> tuple[Any, Any, Any]:
                chosen = order[number * config.batch_size : (number + 1) * config.batch_size]
                plain, inputs = map(np.stack, zip(*map(self.views_of, chosen), strict=True))
                says = np.concatenate([t.predict_on_batch(plain) for t in lessons.teachers], 1)
                soft = logistic(says).mean(axis=1)
                apart = np.log(np.maximum(says.std(axis=1, ddof=1), LEAST_DEVIATION))
                label, kind = labels[chosen], kinds[chosen]
                targets = (LABEL_SHARE * label + (1 - LABEL_SHARE) * soft, kind == BACTERIAL, apart)
                weights = (
                    by_class[label],
                    np.where(kind == _NO_KIND, 0.0, by_kind[kind]),
                    np.ones(len(chosen)),
                )
                return (
                    inputs,
                    tuple(np.asarray(t, np.float32)[:, None] for t in targets),
                    tuple(np.asarray(w, np.float32) for w in weights),
                )

            def views_of(self, i: np.int64) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
                random = np.random.default_rng((config.seed, epoch, int(i)))
                plain = moved(lessons.dataset.frames[i], random, config.augmentation)
                stranger = lessons.dataset.frames[random.choice(lessons.train)]
                hidden = disguised(plain, random, config.augmentation, stranger)
                return model_input(plain, size), model_input(hidden, size)

        return Batches(workers=1, max_queue_size=8)


def _balanced(labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Weight of the labels 0 and 1 that makes both count the same; -1 is left out."""
    counts = np.bincount(labels[labels >= 0], minlength=2)
    return np.asarray(counts.sum() / (2 * np.maximum(counts, 1)), np.float64)


def teach(
    lessons: Lessons,
    folder: Path,
    emit: Callable[[Event], None],
) -> Fitted:
    """Train the network; each finished epoch is kept in the folder, and gone on from.

    Parameters
    ----------
    lessons
        What it is taught; their settings say for how long.
    folder
        Receives the epochs.
    emit
        Takes each event.

    Returns
    -------
    Fitted
        The last epoch's weights, in 32 bits.
    """
    import keras

    config = lessons.config
    done, history = _kept(folder)
    if done:
        emit(Notice(f"Going on after epoch {len(history)}."))
        model = keras.saving.load_model(done, safe_mode=True)
    else:
        model = _network(config, lessons.teachers[-1])
        _compile(model, config, config.epochs * lessons.steps)
    told = 0.0

    class Tell(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            nonlocal told
            if time.monotonic() - told >= STEP_EVENT_SECONDS:
                told = time.monotonic()
                loss = float((logs or {}).get("loss", np.nan))
                emit(StepEnded(len(history) + 1, batch + 1, lessons.steps, loss))

    while len(history) < config.epochs:
        epoch, begun = len(history) + 1, time.monotonic()
        figures = model.fit(
            lessons.of_epoch(epoch),
            initial_epoch=epoch - 1,
            epochs=epoch,
            callbacks=[Tell()],
            shuffle=False,
            verbose=0,
        ).history
        history.append({name: float(values[-1]) for name, values in figures.items()})
        _keep(model, history, folder)
        emit(EpochEnded(epoch, config.epochs, time.monotonic() - begun, history[-1], True))
    return Fitted(model, tuple(history), len(history), False, config.batch_size)


def _network(config: TrainConfig, teacher: Any) -> Any:
    """The network that learns, with a teacher's weights: it has less to learn then."""
    from model_zoo import best

    model = build_network(config, 2)
    model.set_weights(teacher.get_weights())
    return best.with_heads(model)


def _compile(model: Any, config: TrainConfig, steps: int) -> None:
    import keras

    plain = keras.Model(model.input, model.outputs[0])
    compile_network(plain, config, steps)
    losses = keras.losses
    model.compile(
        plain.optimizer,
        [
            losses.BinaryCrossentropy(from_logits=True),
            losses.BinaryCrossentropy(from_logits=True),
            losses.Huber(),
        ],
        loss_weights=list(LOSS_WEIGHTS),
        jit_compile=False,
    )


def _kept(folder: Path) -> tuple[Path | None, list[dict[str, float]]]:
    """The newest finished epoch and the figures of all; nothing where there is none."""
    path = folder / "student.json"
    if not path.exists():
        return None, []
    history = json.loads(path.read_text(encoding="utf-8"))
    return folder / f"student-{len(history)}.keras", history


def _keep(model: Any, history: list[dict[str, float]], folder: Path) -> None:
    """Keep an epoch; the one before goes only when this one is whole."""
    model.save(folder / f"student-{len(history)}.keras")
    partial = folder / "student.json.partial"
    partial.write_text(json.dumps(history, indent=2) + "\n", encoding="utf-8")
    partial.replace(folder / "student.json")
    (folder / f"student-{len(history) - 1}.keras").unlink(missing_ok=True)
