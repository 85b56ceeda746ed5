"""Which patients are held out on purpose: by look, by how unlike all others, by their number.

The assignment of every patient is kept in a CSV (columns ``patient``, ``look``, ``outlying``,
``block``), since clusters found on another machine may differ by its rounding.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import TrainingDataError
from app.training.data.dataset import Dataset
from research.clusters import CLUSTERS, clusters_of

COLUMNS = ("look", "outlying", "block")
OUTLYING = 0.2
"""Share of the patients of each class who count as outlying."""
BLOCKS = 5
_NEIGHBOURS, _COMPONENTS = 10, 20
_NUMBER = re.compile(r"^(.*?)(\d+)$")

Splits = dict[str, NDArray[np.int64]]
"""By column: the part of each image, shape (n,)."""


def find_splits(dataset: Dataset, looks: NDArray[np.float64]) -> Splits:
    """Every way in which patients are held out; see ``COLUMNS``.

    Parameters
    ----------
    dataset
        Two classes.
    looks
        Shape (n, d), from ``research.clusters.image_looks``.
    """
    return {
        "look": clusters_of(dataset, CLUSTERS, looks),
        "outlying": outlying(looks, dataset.labels, dataset.groups),
        "block": blocks(dataset.groups),
    }


def outlying(
    looks: NDArray[np.float64], labels: NDArray[np.int64], groups: tuple[str, ...]
) -> NDArray[np.int64]:
    """1 for the images of patients who look least like all others of their class, else 0.

    The distance is the mean one to the ten nearest other patients, of the patients' mean looks,
    each feature scaled, the mean of each class taken away, in 20 principal components.
    """
    from sklearn.decomposition import PCA
    from sklearn.neighbors import NearestNeighbors

    patients, of_image = np.unique(np.array(groups), return_inverse=True)
    counts = np.bincount(of_image)
    means = np.zeros((len(patients), looks.shape[1]))
    np.add.at(means, of_image, looks)
    means /= counts[:, None]
    ill = np.bincount(of_image, labels) >= counts / 2
    means /= np.maximum(means.std(axis=0), 1e-9)
    for of in (ill, ~ill):
        means[of] -= means[of].mean(axis=0)
    components = min(_COMPONENTS, *means.shape)
    reduced = PCA(components, random_state=0).fit_transform(means)
    neighbours = min(_NEIGHBOURS, len(patients) - 1)
    near = NearestNeighbors(n_neighbors=neighbours + 1).fit(reduced)
    far = near.kneighbors(reduced)[0][:, 1:].mean(axis=1)
    chosen = np.zeros(len(patients), dtype=np.int64)
    for places in (np.flatnonzero(ill), np.flatnonzero(~ill)):
        farthest = np.argsort(-far[places], kind="stable")
        chosen[places[farthest[: round(OUTLYING * len(places))]]] = 1
    return chosen[of_image]


def blocks(groups: tuple[str, ...]) -> NDArray[np.int64]:
    """Fifths of the patients of each series by their number, which was given in time.

    A series is what stands before the number (``person``, ``im-``, ``normal2-im-``). A patient
    without a number is in block 0.
    """
    series: dict[str, list[tuple[int, str]]] = {}
    for group in set(groups):
        if match := _NUMBER.match(group):
            series.setdefault(match[1], []).append((int(match[2]), group))
    of_patient = {
        group: at * BLOCKS // len(numbered)
        for numbered in series.values()
        for at, (_, group) in enumerate(sorted(numbered))
    }
    return np.array([of_patient.get(group, 0) for group in groups], dtype=np.int64)


def write_splits(path: Path, dataset: Dataset, splits: Splits) -> None:
    """Keep the part of each patient."""
    first = {group: i for i, group in reversed(list(enumerate(dataset.groups)))}
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("patient", *COLUMNS))
        for group in sorted(first):
            writer.writerow((group, *(int(splits[column][first[group]]) for column in COLUMNS)))


def read_splits(path: Path, groups: tuple[str, ...]) -> Splits:
    """The part of each image by its patient.

    Raises
    ------
    TrainingDataError
        When the file does not have every patient.
    """
    with path.open(newline="", encoding="utf-8") as file:
        rows = {row["patient"]: row for row in csv.DictReader(file)}
    if missing := sorted(set(groups) - set(rows)):
        raise TrainingDataError(
            f"{path} lacks {len(missing)} of the patients, such as {missing[0]}.",
            "A row for every patient of the folder was expected.",
            "Find the splits anew with --again.",
        )
    return {
        column: np.array([int(rows[group][column]) for group in groups], dtype=np.int64)
        for column in COLUMNS
    }
