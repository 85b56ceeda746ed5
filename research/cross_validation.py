"""The recipe behind a bundled model: five folds by patient, out-of-fold scores, one model shipped.

Every patient is scored once, by the fold that never saw them. The scores say what the recipe
does; the shipped weights are those of fold 0, and what is known of them alone is measured on
fold 0's calibration patients. Each finished fold is kept, so that the recipe goes on where it
was interrupted.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.base.csv_rows import CsvWriter
from app.core.base.errors import OutputError, ReviewError
from app.core.base.events import DataRead, Event, Notice
from app.core.base.translation import mark
from app.core.image import preprocess
from app.core.model.calibration import logistic
from app.core.model.card import CONTENT_HASH_BYTES, ModelCard
from app.core.settings.training import PRETRAINED, SCRATCH, TrainConfig
from app.core.worklist.patients import FOLDS
from app.inference.scoring.out_of_distribution import read_file
from app.review.holdout.out_of_fold import NAME as SCORES_NAME
from app.review.holdout.out_of_fold import calibrated_by_fold, read_oof
from app.review.statistics import calibration
from app.review.statistics import figures as statistics
from app.review.statistics.operating_points import SENSITIVITY
from app.training.data.dataset import Dataset, dataset_for
from app.training.fit.checkpoint import drop_checkpoint
from app.training.fit.loop import predict
from app.training.result.bundle import round_weights, save_bundle
from app.training.result.card import make_card
from app.training.result.judgement import figures
from app.training.result.lineage import Lineage
from app.training.runs.run import fit_told

OOF_COLUMNS = ("content_hash", "patient", "fold", "label", "p")


def cross_validate(
    config: TrainConfig,
    name: str,
    version: str,
    out: Path,
    emit: Callable[[Event], None],
) -> Path:
    """Train every fold and write the model of fold 0 with the card of all.

    Parameters
    ----------
    config
        The settings; ``fold`` is replaced by each fold in turn.
    name, version
        Of the model that is written.
    out
        Folder that receives ``folds/``, kept between runs, and the model's folder.
    emit
        Takes each event.

    Returns
    -------
    Path
        The model's folder.
    """
    import keras

    if config.start not in (PRETRAINED, SCRATCH):
        raise ReviewError(
            f"The cross-validation cannot start from {config.start}.",
            "Weights that no patient has trained yet: pretrained or scratch.",
            "Leave --start out.",
        )
    dataset = dataset_for(config, lambda done, total: emit(DataRead(done, total)))
    keep_recipe(out, config, dataset)
    for fold in range(FOLDS):
        folder = out / "folds" / str(fold)
        folder.mkdir(parents=True, exist_ok=True)
        scores = folder / "scores.csv"
        of_fold = dataclasses.replace(config, fold=fold)
        held_out = dataset.indices("calibration", fold)
        if scores.exists():
            emit(Notice(f"Fold {fold} is already done."))
        else:
            emit(Notice(f"Fold {fold} begins."))
            fitted = fit_told(dataset, of_fold, folder, emit)
            round_weights(fitted.model)
            if fold == 0:
                shutil.rmtree(folder / name, ignore_errors=True)  # from an interrupted fold
                lineage = Lineage.of(of_fold, dataset)
                card, _, fitness = make_card(dataset, of_fold, fitted, name, lineage)
                save_bundle(fitted.model, card, folder, fitness)
            p = logistic(predict(fitted.model, dataset, held_out))
            _write_scores(scores, dataset, held_out, fold, p)
            drop_checkpoint(folder)
            keras.backend.clear_session()
    kept = out / "folds" / "0" / name
    card = ModelCard.load(kept / "card.json")
    model = keras.saving.load_model(kept / "model.keras", compile=False, safe_mode=True)
    rows = read_oof([out / "folds" / str(fold) / "scores.csv" for fold in range(FOLDS)])
    metrics = {"cross_validation": cross_validated(rows), **card.metrics}
    card = dataclasses.replace(card, version=version, metrics=metrics)
    target = save_bundle(model, card, out, read_file(kept, card))
    with (target / SCORES_NAME).open("w", newline="", encoding="utf-8") as file:
        writer = CsvWriter(file)
        writer.writerow(OOF_COLUMNS)
        writer.writerows([row[column] for column in OOF_COLUMNS] for row in rows)
    return target


def keep_recipe(out: Path, config: TrainConfig, dataset: Dataset) -> None:
    """Write down what the folds are made of; refuse to add folds of another recipe to them.

    Raises
    ------
    OutputError
        When ``out`` holds folds of other settings, other images or another preprocessing.
    """
    recipe = {
        **dataclasses.asdict(dataclasses.replace(config, data="", fold=0)),
        "data_sha256": dataset.sha256,
        "preprocessing": preprocess.NAME,
    }
    path = out / "recipe.json"
    if path.exists():
        if json.loads(path.read_text(encoding="utf-8")) != recipe:
            raise OutputError(
                f"{out} holds the folds of another recipe.",
                "The same settings, images and preprocessing were expected as when it was begun.",
                "Choose an empty folder.",
            )
        return
    out.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(recipe, indent=2) + "\n", encoding="utf-8")


def cross_validated(rows: list[dict[str, str]]) -> dict[str, Any]:
    """What out-of-fold scores say of the recipe.

    The five networks' scores are pooled as they come from the network, and the operating point of
    the pooled figures is set on them; each fold's own figures are given beside them. For
    ``calibration`` each network is calibrated first, each tenth of its patients by the others.
    """
    p = np.array([float(row["p"]) for row in rows])
    labels = np.array([int(row["label"]) for row in rows])
    folds = np.array([int(row["fold"]) for row in rows])
    groups = [row["patient"] for row in rows]
    threshold = statistics.threshold_at_sensitivity(p, labels, SENSITIVITY)
    of_folds = [(p[folds == fold], labels[folds == fold]) for fold in sorted(set(folds.tolist()))]
    specificity = statistics.bootstrap_specificity(p, labels, groups, SENSITIVITY)
    return {
        "what": mark("the recipe, each patient scored by the fold that never saw them"),
        **figures(p, labels, groups, threshold),
        "specificity_at_sensitivity_0.95": specificity.as_dict(),
        "auc_of_folds": [statistics.auc(*part) for part in of_folds],
        "specificity_at_sensitivity_0.95_of_folds": [
            statistics.specificity_at(*part, SENSITIVITY) for part in of_folds
        ],
        **_calibrated(p, labels, folds, groups),
    }


def _calibrated(
    p: NDArray[np.float64], labels: NDArray[np.int64], folds: NDArray[np.int64], groups: list[str]
) -> dict[str, Any]:
    """How well the probabilities of calibrated folds hold; empty where one has no calibration."""
    honest = calibrated_by_fold(p, labels, folds, groups)
    if honest is None:
        return {}
    return {"calibration": calibration.measure(honest, labels, groups)}


def _write_scores(
    path: Path, dataset: Dataset, indices: NDArray[np.int64], fold: int, p: NDArray[np.float64]
) -> None:
    partial = path.with_suffix(".partial")
    with partial.open("w", newline="", encoding="utf-8") as file:
        writer = CsvWriter(file)
        writer.writerow(OOF_COLUMNS)
        for i, probability in zip(indices, p, strict=True):
            writer.writerow(
                (
                    dataset.content_hashes[i][: 2 * CONTENT_HASH_BYTES],
                    dataset.groups[i],
                    fold,
                    int(dataset.labels[i]),
                    f"{probability:.10g}",
                )
            )
    partial.replace(path)
