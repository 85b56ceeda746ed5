"""The networks whose agreement is taught to one: each trained without one cluster of patients.

A cluster (``research.clusters``) looks unlike the rest, so what a network says of the
one it has not seen tells how it does on other patients than its own, and where the networks differ
from each other tells how far an answer can be trusted. The calibration patients of the fold are
kept from all of them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.base.events import Event, Notice
from app.core.settings.training import TrainConfig
from app.training.data.dataset import Dataset
from app.training.fit.loop import Hooks, fit, predict


@dataclass(frozen=True)
class Teacher:
    """One trained network.

    Parameters
    ----------
    path
        Its file, float32.
    cluster
        Which cluster of patients it has not seen.
    logits
        Shape (n,), what it says of every image of the data set.
    """

    path: Path
    cluster: int
    logits: NDArray[np.float64] = field(repr=False)

    def load(self) -> Any:
        """The Keras model."""
        import keras

        return keras.saving.load_model(self.path, compile=False, safe_mode=True)


def train_teachers(
    dataset: Dataset,
    clusters: NDArray[np.int64],
    config: TrainConfig,
    folder: Path,
    emit: Callable[[Event], None],
) -> list[Teacher]:
    """Train a network without each cluster; one that is in the folder already is kept.

    Parameters
    ----------
    dataset
        Two classes.
    clusters
        Shape (n,): the cluster of each image.
    config
        The settings; ``seed`` grows by one from network to network, and the last epoch is taken,
        so that nothing is chosen by the cluster on which the network is then measured.
    folder
        Receives the networks.
    emit
        Takes each event.
    """
    import keras

    folder.mkdir(parents=True, exist_ok=True)
    taught = np.setdiff1d(
        np.arange(len(dataset.labels)), dataset.indices("calibration", config.fold)
    )
    teachers = []
    for cluster in np.unique(clusters).tolist():
        path, answers = folder / f"{cluster}.keras", folder / f"{cluster}.npy"
        if not answers.exists():
            emit(Notice(f"A network without cluster {cluster} begins."))
            own = dataclasses.replace(config, seed=config.seed + cluster, patience=0)
            train = taught[clusters[taught] != cluster]
            unseen = taught[clusters[taught] == cluster]
            fitted = fit(dataset, own, Hooks(emit), train=train, validation=unseen)
            fitted.model.save(path)
            np.save(answers, predict(fitted.model, dataset, np.arange(len(dataset.labels))))
            keras.backend.clear_session()
        teachers.append(Teacher(path, cluster, np.load(answers)))
    return teachers
