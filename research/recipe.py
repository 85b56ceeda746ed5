"""The recipe of the bundled best CNN, from a folder of images to the model's folder.

Patients are clustered by look; a network is trained without each cluster; one network is taught
what they agree on, how far they differ and the pneumonia's kind; and it is measured on patients
whom none of them has seen. Each finished part is kept, so that the recipe goes on where it was
interrupted.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.base.csv_rows import CsvWriter
from app.core.base.events import DataRead, Event, Notice
from app.core.base.translation import mark
from app.core.model.calibration import logistic
from app.core.model.card import CONTENT_HASH_BYTES
from app.core.model.heads import KIND, SPREAD
from app.core.settings.training import TrainConfig
from app.training.data.dataset import Dataset, dataset_for
from app.training.fit.loop import predict_all
from app.training.result.bundle import round_weights, save_bundle
from app.training.result.card import make_card
from app.training.result.heads import judge_kind, judge_spread
from app.training.result.lineage import Lineage
from research import clusters as hard_validation
from research.clusters import clusters_of
from research.cross_validation import OOF_COLUMNS, cross_validated, keep_recipe
from research.distillation import Lessons, kinds_of, teach
from research.teachers import train_teachers

LESSONS = 7
"""Epochs of the network that is taught."""

SPLIT = mark(
    "by patient (SHA-256 of the patient in ten buckets): two held out for calibration; the other "
    "eight in four clusters by look, each network that teaches trained without one of them; the "
    "network itself trained on all eight"
)
CROSS_VALIDATED = mark(
    "each patient scored by a network that never saw them: the calibration patients by this one, "
    "each cluster by the network that was trained without it"
)


def follow_recipe(
    config: TrainConfig,
    lessons: int,
    name: str,
    version: str,
    out: Path,
    emit: Callable[[Event], None],
) -> Path:
    """Make the model.

    Parameters
    ----------
    config
        The settings of the networks that teach.
    lessons
        Epochs of the network that learns.
    name, version
        Of the model that is written.
    out
        Folder that receives the parts, kept between runs, and the model's folder.
    emit
        Takes each event.

    Returns
    -------
    Path
        The model's folder.
    """
    dataset = dataset_for(config, lambda done, total: emit(DataRead(done, total)))
    keep_recipe(out, config, dataset)
    clusters = _clusters(dataset, out, emit)
    teachers = train_teachers(dataset, clusters, config, out / "teachers", emit)
    held_out = dataset.indices("calibration", config.fold)
    train = np.setdiff1d(np.arange(len(dataset.labels)), held_out)
    own = dataclasses.replace(config, epochs=lessons, patience=0)
    learnt = teach(Lessons(dataset, train, [t.load() for t in teachers], own), out, emit)
    round_weights(learnt.model)
    card, _, fitness = make_card(dataset, own, learnt, name, Lineage.of(own, dataset))
    logits, kind, spread = predict_all(learnt.model, dataset, held_out).T
    labels, groups = dataset.labels[held_out], [dataset.groups[i] for i in held_out]
    kinds = kinds_of(dataset)[held_out]
    known = kinds >= 0
    parts: dict[str, Any] = {}
    metrics: dict[str, Any] = {}
    if judged := judge_kind(kind[known], kinds[known], [groups[i] for i in np.flatnonzero(known)]):
        parts[KIND], metrics[KIND] = judged[0].as_dict(), judged[1]
    of_teachers = np.stack([t.logits[held_out] for t in teachers], axis=1)
    wide, metrics[SPREAD] = judge_spread(
        logits, spread, of_teachers, labels, groups, card.calibrated, card.threshold
    )
    parts[SPREAD] = wide.as_dict()
    says = {each.cluster: each.logits for each in teachers}
    metrics["hard_validation"] = hard_validation.measure(dataset, clusters, says, held_out)
    rows = _rows(dataset, held_out, len(teachers), logits)
    for each in teachers:
        unseen = train[clusters[train] == each.cluster]
        rows += _rows(dataset, unseen, each.cluster, each.logits[unseen])
    metrics["cross_validation"] = {**cross_validated(rows), "what": CROSS_VALIDATED}
    # Nobody decides when to stop: the inner validation patients are taught too.
    images = {"train": dataset.counts(train), "calibration": dataset.counts(held_out)}
    card = dataclasses.replace(
        card,
        version=version,
        heads=parts,
        # Which rows of the out-of-fold scores are by these weights.
        data={**card.data, "split": SPLIT, "images": images, "oof_fold": len(teachers)},
        metrics={**card.metrics, **metrics},
        settings={**card.settings, "lessons": lessons},
    )
    target = save_bundle(learnt.model, card, out, fitness)
    with (target / "oof_scores.csv").open("w", newline="", encoding="utf-8") as file:
        writer = CsvWriter(file)
        writer.writerow(OOF_COLUMNS)
        writer.writerows([row[column] for column in OOF_COLUMNS] for row in rows)
    return target


def _clusters(dataset: Dataset, out: Path, emit: Callable[[Event], None]) -> NDArray[np.int64]:
    path = out / "clusters.npy"
    if not path.exists():
        emit(Notice("The patients are clustered by look."))
        np.save(path, clusters_of(dataset, hard_validation.CLUSTERS))
    return np.asarray(np.load(path), np.int64)


def _rows(
    dataset: Dataset, indices: NDArray[np.int64], fold: int, logits: NDArray[np.float64]
) -> list[dict[str, str]]:
    """Rows of the out-of-fold scores, uncalibrated: nobody is scored by who has seen them."""
    values = (
        [dataset.content_hashes[i][: 2 * CONTENT_HASH_BYTES] for i in indices],
        [dataset.groups[i] for i in indices],
        [str(fold)] * len(indices),
        [str(dataset.labels[i]) for i in indices],
        [f"{p:.10g}" for p in logistic(logits)],
    )
    return [dict(zip(OOF_COLUMNS, row, strict=True)) for row in zip(*values, strict=True)]
