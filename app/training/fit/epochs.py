"""One epoch of training, in the way that suits the network and the data.

With augmentation each image is made anew in Python and Keras' own ``fit`` runs the steps. Without
it the inputs never change: they lie in memory as uint8, and many steps run as one TensorFlow
graph, which for a small network takes a fraction of the time (``benchmarks/sweep_vs_talos.py``).
Either way the order of the images follows from seed and epoch alone, so that a run that goes on
from a checkpoint sees what it would have seen.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from app.core.image.preprocess import model_input
from app.core.settings.training import TrainConfig
from app.training.data.augment import augment

OnSteps = Callable[[int, float], bool]
"""Takes the steps done in this epoch and the mean loss so far; true asks for the end."""

MOST_STEPS = 32
"""Steps in one go at most: Python's part is small then."""
_LONGEST_SECONDS = 0.5
"""What they may take: a stop is heard soon. Slow networks make fewer steps in one go."""


@dataclass(frozen=True)
class TrainingSet:
    """The images that one run trains on.

    Parameters
    ----------
    frames
        Shape (n, 224, 224), uint8; needed with augmentation.
    inputs
        Shape (n, s, s, 1), uint8: what the network sees without augmentation; None to make
        them from the frames.
    targets
        Shape (n, 1) of 0 and 1 for two classes, else one-hot (n, classes), float32.
    weights
        Shape (n,), float32: how much each image counts.
    identities
        Shape (n,), int64: which image it is, for its random numbers.
    """

    frames: NDArray[np.uint8] | None = field(repr=False)
    inputs: NDArray[np.uint8] | None = field(repr=False)
    targets: NDArray[np.float32] = field(repr=False)
    weights: NDArray[np.float32] = field(repr=False)
    identities: NDArray[np.int64] = field(repr=False)

    def __len__(self) -> int:
        return len(self.targets)


class EpochRunner(Protocol):
    """Trains a compiled network for one epoch at a time."""

    def __call__(self, epoch: int, on_steps: OnSteps) -> tuple[float, float]:
        """Run epoch number ``epoch`` (from 1) and return its mean loss and accuracy."""


def epoch_runner(
    model: Any, data: TrainingSet, batch_size: int, config: TrainConfig
) -> EpochRunner:
    """The runner for a compiled network.

    Parameters
    ----------
    model
        Compiled by ``app.training.fit.network.compile_network``.
    data
        What is trained on.
    batch_size
        Images per step; the last step of an epoch may have fewer.
    config
        ``augmentation`` and ``seed`` are used.
    """
    import keras

    scaled = type(model.optimizer).__name__ == "LossScaleOptimizer"
    if config.augmentation or keras.backend.backend() != "tensorflow" or scaled:
        return _KerasEpochs(model, data, batch_size, config)
    return _GraphEpochs(model, data, batch_size, config)


def as_inputs(frames: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """What the network sees of some frames, rounded to whole grey values.

    Parameters
    ----------
    frames
        Shape (n, 224, 224), uint8.
    size
        Side of the network's square input, pixels.

    Returns
    -------
    numpy.ndarray
        Shape (n, size, size, 1), uint8.
    """
    inputs = np.empty((len(frames), size, size, 1), dtype=np.uint8)
    for at, frame in enumerate(frames):
        inputs[at] = np.rint(model_input(frame, size))
    return inputs


def _order(epoch: int, config: TrainConfig, count: int) -> NDArray[np.int64]:
    return np.random.default_rng((config.seed, epoch)).permutation(count)


class _GraphEpochs:
    """Many steps as one graph, over inputs in memory."""

    def __init__(self, model: Any, data: TrainingSet, batch_size: int, config: TrainConfig) -> None:
        from app.inference.runtime.device import tensorflow

        tf = tensorflow()
        self._data, self._batch, self._config = data, batch_size, config
        inputs = data.inputs
        if inputs is None:
            assert data.frames is not None
            inputs = as_inputs(data.frames, model.input_shape[1])
        # Handed in with each call: a graph that captured them would not let go of them, and a
        # sweep builds hundreds of graphs.
        self._tensors = tuple(tf.constant(part) for part in (inputs, data.targets, data.weights))
        optimizer, loss_of = model.optimizer, model.loss
        optimizer.build(model.trainable_variables)
        binary = data.targets.shape[1] == 1

        @tf.function(  # type: ignore[untyped-decorator]
            input_signature=[
                *(tf.TensorSpec((None, *part.shape[1:]), part.dtype) for part in self._tensors),
                tf.TensorSpec((None,), tf.int64),
                *[tf.TensorSpec((), tf.float64)] * 2,
            ],
            jit_compile=False,
        )
        def run(
            values: Any, targets: Any, weights: Any, order: Any, loss_sum: Any, right: Any
        ) -> tuple[Any, Any]:
            for start in tf.range(0, tf.size(order), batch_size):
                chosen = order[start : start + batch_size]
                x = tf.cast(tf.gather(values, chosen), tf.float32)
                y, w = tf.gather(targets, chosen), tf.gather(weights, chosen)
                with tf.GradientTape() as tape:
                    logits = model(x, training=True)
                    loss = loss_of(y, logits, sample_weight=w)
                trained = model.trainable_variables
                optimizer.apply(tape.gradient(loss, trained), trained)
                loss_sum += tf.cast(loss, tf.float64) * tf.cast(tf.size(chosen), tf.float64)
                if binary:
                    hit = tf.equal(logits[:, 0] >= 0.0, y[:, 0] > 0.5)
                else:
                    hit = tf.equal(tf.argmax(logits, axis=1), tf.argmax(y, axis=1))
                right += tf.reduce_sum(tf.cast(hit, tf.float64))
            return loss_sum, right

        self._run = run
        self._steps = 1

    def __call__(self, epoch: int, on_steps: OnSteps) -> tuple[float, float]:
        order = _order(epoch, self._config, len(self._data))
        # The sums go in and come out, so that they do not depend on how many steps are one go.
        loss_sum = right = 0.0
        seen = 0
        while seen < len(order):
            chosen = order[seen : seen + self._steps * self._batch]
            begun = time.monotonic()
            sums = self._run(*self._tensors, chosen, loss_sum, right)
            loss_sum, right = (float(value) for value in sums)
            if 2 * (time.monotonic() - begun) < _LONGEST_SECONDS:
                self._steps = min(2 * self._steps, MOST_STEPS)
            seen += len(chosen)
            if on_steps(-(-seen // self._batch), loss_sum / seen):
                break
        return loss_sum / seen, right / seen


class _KerasEpochs:
    """Keras' own ``fit`` over batches that are augmented as they are drawn."""

    def __init__(self, model: Any, data: TrainingSet, batch_size: int, config: TrainConfig) -> None:
        self._model, self._data, self._batch, self._config = model, data, batch_size, config

    def __call__(self, epoch: int, on_steps: OnSteps) -> tuple[float, float]:
        import keras

        class Tell(keras.callbacks.Callback):
            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
                if on_steps(batch + 1, float((logs or {}).get("loss", np.nan))):
                    self.model.stop_training = True

        history = self._model.fit(
            self._batches(epoch),
            initial_epoch=epoch - 1,
            epochs=epoch,
            callbacks=[Tell()],
            shuffle=False,  # the batches are in a random order already, one that can be repeated
            verbose=0,
        ).history
        return float(history["loss"][-1]), float(history["accuracy"][-1])

    def _batches(self, epoch: int) -> Any:
        import keras

        data, config, batch_size = self._data, self._config, self._batch
        size = self._model.input_shape[1]
        order = _order(epoch, config, len(data))

        class Batches(keras.utils.PyDataset):
            def __len__(self) -> int:
                return -(-len(order) // batch_size)

            def __getitem__(self, number: int) -> tuple[NDArray, NDArray, NDArray]:
                chosen = order[number * batch_size : (number + 1) * batch_size]
                inputs = np.stack([self.input_of(i) for i in chosen])
                return inputs, data.targets[chosen], data.weights[chosen]

            def input_of(self, i: int) -> NDArray[np.float32]:
                if not config.augmentation and data.inputs is not None:
                    return data.inputs[i].astype(np.float32)
                assert data.frames is not None
                random = np.random.default_rng((config.seed, epoch, int(data.identities[i])))
                frame = augment(data.frames[i], random, config.augmentation)
                return model_input(frame, size)

        return Batches(workers=1, max_queue_size=8)
