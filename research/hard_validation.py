"""Hard validation: how networks do on patients who look unlike the rest, and on adults.

``python -m research.hard_validation FOLDER [--model best-2 ...] [--again]``

FOLDER is ``kermany-train``; beside it lies ``nih-adult-dev``. The parts of the patients are read
from ``docs/hard_validation.csv``; with ``--again`` (or without the file) they are found anew, and
so is how hard they are for a linear probe. A model is judged by its own answers on its calibration
patients, calibrated cross-fitted. Networks trained without a cluster (``research.recipe``) have
their figures in their card.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.model.calibration import logit
from app.core.model.card import CONTENT_HASH_BYTES
from app.core.worklist.patients import FOLDS
from app.inference.registry.models import find_model
from app.inference.runtime.classifier import Classifier
from app.review.holdout.out_of_fold import read_oof
from app.review.statistics import calibration
from app.review.statistics import figures as statistics
from app.training.data.dataset import Dataset, read_dataset
from research.clusters import image_looks
from research.hard_splits import COLUMNS, Splits, find_splits, read_splits, write_splits
from research.hard_tables import write_table
from research.shortcut_leaning import scorer_of

_LEAST = 1e-10
"""The files have ten digits: what reads as 1 is no infinite logit."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", action="append", default=[], help="name or folder; repeatable")
    parser.add_argument("--again", action="store_true", help="find the parts anew")
    parser.add_argument("--looks", type=Path, help="keep the looks of the images here (.npy)")
    parser.add_argument("--parts", type=Path, default=Path("docs/hard_validation.csv"))
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/hard_validation.json"))
    parser.add_argument("--tables", type=Path, default=Path("docs/honest-network.md"))
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    found: dict[str, Any] = {"probe": {}, "models": {}}
    if arguments.output.exists():
        found = json.loads(arguments.output.read_text(encoding="utf-8"))
    dataset = read_dataset(arguments.folder)
    if arguments.again or not arguments.parts.exists():
        looks = _looks(dataset, arguments.looks)
        write_splits(arguments.parts, dataset, find_splits(dataset, looks))
        found["probe"] = {
            "data_sha256": dataset.sha256,
            "parts": probe(looks, dataset, read_splits(arguments.parts, dataset.groups)),
        }
        _keep(arguments.output, found)
    splits = read_splits(arguments.parts, dataset.groups)
    for name in arguments.model:
        classifier = Classifier(find_model(name))
        classifier.require_pneumonia()
        card = classifier.card
        at, p = answers(classifier, dataset)
        found["models"][card.title] = {
            "weights_sha256": card.weights_sha256,
            "threshold": card.threshold,
            "data_sha256": dataset.sha256,
            "all": figures(p, card.threshold, dataset, at),
            "parts": {
                column: {
                    str(part): figures(p[of], card.threshold, dataset, at[of])
                    for part in np.unique(splits[column])
                    if (of := splits[column][at] == part).any()
                }
                for column in COLUMNS
            },
            "left out in training": card.metrics.get("hard_validation", {}),
            "adults": adults(classifier, arguments.folder.parent / "nih-adult-dev"),
        }
        _keep(arguments.output, found)
    write_table(arguments.tables, found)


def probe(looks: NDArray[np.float64], dataset: Dataset, splits: Splits) -> dict[str, Any]:
    """A regression on looks: each part by one that was trained on all others.

    ``chance`` are the five folds of all trainings, for comparison.
    """
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    components = min(128, *looks.shape)
    # No label has a part in this, so it may see all images.
    scaled = StandardScaler().fit_transform(looks)
    reduced = PCA(components, random_state=0).fit_transform(scaled)
    fold = np.zeros(len(dataset.labels), dtype=np.int64)
    for number in range(FOLDS):
        fold[dataset.indices("calibration", number)] = number
    found: dict[str, Any] = {}
    for column, of_image in {"chance": fold, **splits}.items():
        found[column] = {}
        for part in np.unique(of_image):
            held_out = of_image == part
            line = LogisticRegression(C=0.01, max_iter=300)
            line.fit(reduced[~held_out], dataset.labels[~held_out])
            p = line.predict_proba(reduced[held_out])[:, 1]
            labels = dataset.labels[held_out]
            groups = [dataset.groups[i] for i in np.flatnonzero(held_out)]
            error = statistics.calibration_error(p, labels)
            found[column][str(part)] = _figures(p, 0.5, labels, groups) | {
                "calibration": {"ece": {"value": error}}
            }
    return found


def answers(
    classifier: Classifier, dataset: Dataset
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The images of the patients whom the weights never saw, and what they say of them.

    The answers are read from the model's out-of-fold scores where it has them (the rows of its
    own weights), and calibrated cross-fitted: no patient's probability by a line fitted on them.
    """
    card = classifier.card
    own_fold = int(card.settings.get("fold", 0))
    at = dataset.indices("calibration", own_fold)
    scores = classifier.folder / "oof_scores.csv"
    if scores.exists():
        own = str(card.data.get("oof_fold", own_fold))
        rows = {r["content_hash"]: float(r["p"]) for r in read_oof([scores]) if r["fold"] == own}
        short = [dataset.content_hashes[i][: 2 * CONTENT_HASH_BYTES] for i in at]
        if missing := sum(content not in rows for content in short):
            raise SystemExit(
                f"{scores} lacks {missing} of the {len(short)} calibration images. The folder it "
                "was trained on was expected."
            )
        p = np.array([rows[content] for content in short])
    else:
        p = scorer_of(classifier)([dataset.frames[i] for i in at])
    groups = [dataset.groups[i] for i in at]
    fitted = calibration.cross_fitted(logit(p, _LEAST), dataset.labels[at], groups)
    if fitted is None:
        raise SystemExit(f"The answers of {card.title} cannot be calibrated.")
    return at, fitted


def figures(
    p: NDArray[np.float64], threshold: float, dataset: Dataset, at: NDArray[np.int64]
) -> dict[str, Any]:
    """What probabilities come to on some images of the data set, and how well they hold there."""
    labels, groups = dataset.labels[at], [dataset.groups[i] for i in at]
    held = calibration.measure(p, labels, groups)
    return _figures(p, threshold, labels, groups) | {
        "calibration": {name: held[name] for name in ("ece", "slope", "intercept", "brier")}
    }


def adults(classifier: Classifier, folder: Path) -> dict[str, Any]:
    """The far shift: adults, by view. Their patients are those of ``labels.csv``."""
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        views = {row["file"]: row["view"] for row in csv.DictReader(file)}
    dataset = read_dataset(folder)
    p = scorer_of(classifier)(list(dataset.frames))
    view = np.array([views[name] for name in dataset.names])
    threshold = classifier.card.threshold
    return {
        one: figures(p[of], threshold, dataset, np.flatnonzero(of))
        for one in np.unique(view).tolist()
        if (of := view == one).any()
    }


def _figures(
    p: NDArray[np.float64], threshold: float, labels: NDArray[np.int64], groups: list[str]
) -> dict[str, Any]:
    estimates = statistics.summary(p, p >= threshold, labels, groups)
    return {
        "images": len(labels),
        "normal": int((labels == 0).sum()),
        "patients": len(set(groups)),
        **{name: estimate.as_dict() for name, estimate in estimates.items()},
    }


def _looks(dataset: Dataset, path: Path | None) -> NDArray[np.float64]:
    if path is not None and path.exists():
        looks: NDArray[np.float64] = np.load(path)
        if len(looks) != len(dataset.labels):
            raise SystemExit(f"{path} is of other images: {len(looks)} of {len(dataset.labels)}.")
        return looks
    looks = image_looks(dataset)
    if path is not None:
        np.save(path, looks)
    return looks


def _keep(path: Path, found: dict[str, Any]) -> None:
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
