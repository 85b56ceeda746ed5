"""Hard validation: patients who look unlike those a network was trained on.

A split by chance leaves lookalikes of every patient on both sides, and flatters. Here patients are
clustered by how their images look, whatever their class, and a whole cluster is held out. What
"looks" means is taken from a network that has never seen a radiograph: EfficientNet-Lite0 with
its ImageNet weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.base.translation import mark
from app.core.image.preprocess import model_input
from app.core.model.calibration import probabilities_by
from app.core.model.card import BALANCED
from app.review.statistics import calibration, figures
from app.training.data.dataset import Dataset
from app.training.result.judgement import judge

CLUSTERS = 4
_SIDE, _BATCH, _COMPONENTS, _SEED = 128, 64, 32, 2026


def clusters_of(
    dataset: Dataset, clusters: int, looks: NDArray[np.float64] | None = None
) -> NDArray[np.int64]:
    """The cluster of each image; a patient is in one only.

    The mean look of each class is taken away first. What is left is how an image was taken: how
    it is cut, its contrast, its markers, the child's size; so every cluster has both classes.

    Parameters
    ----------
    dataset
        Two classes or more.
    clusters
        How many.
    looks
        From ``image_looks`` where the caller has them already.

    Returns
    -------
    numpy.ndarray
        Shape (n,), int64, 0 to ``clusters`` - 1, by falling number of patients. The same images
        give the same clusters on one machine; another one's rounding may move patients between
        them, so whoever trains by them keeps them.
    """
    from sklearn.cluster import KMeans
    from sklearn.decomposition import PCA

    looks = image_looks(dataset) if looks is None else looks.copy()
    for label in np.unique(dataset.labels):
        looks[dataset.labels == label] -= looks[dataset.labels == label].mean(axis=0)
    patients, of_image = np.unique(np.array(dataset.groups), return_inverse=True)
    of_patient = np.zeros((len(patients), looks.shape[1]))
    np.add.at(of_patient, of_image, looks)
    of_patient /= np.bincount(of_image)[:, None]
    components = min(_COMPONENTS, *of_patient.shape)
    reduced = PCA(components, whiten=True, random_state=_SEED).fit_transform(of_patient)
    found = KMeans(clusters, n_init=10, random_state=_SEED).fit_predict(reduced)
    by_size = np.argsort(-np.bincount(found, minlength=clusters), kind="stable")
    rank = np.empty(clusters, dtype=np.int64)
    rank[by_size] = np.arange(clusters)
    return np.asarray(rank[found][of_image], dtype=np.int64)


def image_looks(dataset: Dataset) -> NDArray[np.float64]:
    """What a network that knows photographs alone makes of each image, shape (n, 1280)."""
    import keras

    from model_zoo import efficientnet_lite

    features = efficientnet_lite.backbone(_SIDE)
    efficientnet_lite.load_imagenet(features)
    pooled = keras.layers.GlobalAveragePooling2D()(features.output)
    model = keras.Model(features.input, pooled)
    parts = []
    for at in range(0, len(dataset.frames), _BATCH):
        frames = dataset.frames[at : at + _BATCH]
        inputs = np.stack([model_input(frame, _SIDE) for frame in frames])
        parts.append(np.asarray(model.predict_on_batch(inputs), dtype=np.float64))
    return np.concatenate(parts)


def measure(
    dataset: Dataset,
    clusters: NDArray[np.int64],
    logits: Mapping[int, NDArray[np.float64]],
    held_out: NDArray[np.int64],
) -> dict[str, Any]:
    """How networks do on the cluster that each has not seen.

    Calibration and operating point of each come from the calibration patients, whom no network
    has seen either: what would be known of it before it met the new cluster.

    Parameters
    ----------
    dataset
        Two classes.
    clusters
        Shape (n,), the cluster of each image.
    logits
        By the cluster that a network has not seen: shape (n,), what it says of every image.
    held_out
        Positions of the calibration images.

    Returns
    -------
    dict
        Figures of all clusters together and of each, with intervals over patients.
    """
    rest = np.setdiff1d(np.arange(len(dataset.labels)), held_out)
    p, calls = np.empty(len(dataset.labels)), np.zeros(len(dataset.labels), bool)
    for cluster, says in logits.items():
        known = [dataset.groups[i] for i in held_out]
        judged = judge(says[held_out], dataset.labels[held_out], known)
        unseen = rest[clusters[rest] == cluster]
        p[unseen] = probabilities_by(judged.calibration)(says[unseen])
        calls[unseen] = p[unseen] >= judged.points[BALANCED]

    def of(chosen: NDArray[np.int64]) -> dict[str, Any]:
        labels, groups = dataset.labels[chosen], [dataset.groups[i] for i in chosen]
        estimates = figures.summary(p[chosen], calls[chosen], labels, groups)
        return {
            "n": len(chosen),
            "normal": int((labels == 0).sum()),
            "patients": len(set(groups)),
            **{key: estimate.as_dict() for key, estimate in estimates.items()},
            "specificity_at_sensitivity_0.98": figures.bootstrap_specificity(
                p[chosen], labels, groups, 0.98
            ).as_dict(),
            "calibration": calibration.measure(p[chosen], labels, groups),
        }

    return {
        "what": mark(
            "each cluster of patients by a network that was trained without it; calibration and "
            "operating point are those of the calibration patients"
        ),
        **of(rest),
        "clusters": [of(rest[clusters[rest] == cluster]) for cluster in sorted(logits)],
        "intervals": "95 %, bootstrap over patients",
    }
