"""What of the class can be told without the lungs, and how much a network leans on it.

``python -m research.shortcuts FOLDER [--model best-2 ...] [-o docs/shortcuts.json]``

FOLDER is ``kermany-train``; beside it lies ``originals.csv``. The probes
(``research.shortcut_probes``) are trained unless the file has them already; each ``--model`` (a
name or a folder) is added to the file or takes the place of its earlier run, so that models
compare. The tables in ``docs/honest-network.md`` are written anew from the file.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import os
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from app.core.model.calibration import logit
from app.core.model.card import CONTENT_HASH_BYTES
from app.inference.registry.models import find_model
from app.inference.runtime.classifier import Classifier
from app.review.holdout.out_of_fold import read_oof
from app.training.data.dataset import Dataset, read_dataset
from model_zoo import BUNDLED
from research.shortcut_leaning import chosen, leaning, scorer_of
from research.shortcut_probes import probe_pixels, probe_sizes
from research.shortcut_tables import write_tables

SEED = 2026
FOLLOWED = BUNDLED / "best-2" / "oof_scores.csv"
"""Whose ranking is compared with the probes': every patient by a network that never saw them."""


Value = TypeVar("Value")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", action="append", default=[], help="name or folder; repeatable")
    parser.add_argument("--images", type=int, default=500, help="of held-out patients")
    parser.add_argument("--probe-images", type=int, default=1200, help="0 for all")
    parser.add_argument("--probes-again", action="store_true", help="train the probes anew")
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/shortcuts.json"))
    parser.add_argument("--tables", type=Path, default=Path("docs/honest-network.md"))
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    found: dict[str, Any] = {"probes": {}, "models": {}}
    if arguments.output.exists():
        found = json.loads(arguments.output.read_text(encoding="utf-8"))
    dataset = read_dataset(arguments.folder)
    if arguments.probes_again or not found["probes"]:
        part = whole_patients(dataset, arguments.probe_images)
        found["probes"] = {
            "data_sha256": part.sha256,
            "followed": FOLLOWED.parent.name,
            "originals": probe_sizes(arguments.folder.parent / "originals.csv"),
            "pixels": probe_pixels(part, out_of_fold_logits(part)),
        }
        _keep(arguments.output, found)
    for name in arguments.model:
        classifier = Classifier(find_model(name))
        classifier.require_pneumonia()
        card = classifier.card
        indices = chosen(dataset, classifier, arguments.images)
        run = leaning(scorer_of(classifier), card.threshold, dataset, indices, SEED)
        found["models"][card.title] = {
            "weights_sha256": card.weights_sha256,
            "preprocessing": card.preprocessing,
            "threshold": card.threshold,
            "data_sha256": dataset.sha256,
            **run,
        }
        _keep(arguments.output, found)
    write_tables(arguments.tables, found)


def whole_patients(dataset: Dataset, images: int) -> Dataset:
    """At least so many images of whole patients, by a hash of the patient; 0 for all of them."""
    if not images:
        return dataset
    order = sorted({g: hashlib.sha256(g.encode()).hexdigest() for g in dataset.groups}.items())
    kept: set[str] = set()
    count = 0
    sizes = {g: dataset.groups.count(g) for g, _ in order}
    for group, _ in sorted(order, key=lambda entry: entry[1]):
        if count >= images:
            break
        kept.add(group)
        count += sizes[group]
    at = np.array([i for i, group in enumerate(dataset.groups) if group in kept])
    return dataclasses.replace(
        dataset,
        frames=dataset.frames[at],
        labels=dataset.labels[at],
        names=_at(dataset.names, at),
        groups=_at(dataset.groups, at),
        content_hashes=_at(dataset.content_hashes, at),
        perceptual_hashes=_at(dataset.perceptual_hashes, at),
        ages=_at(dataset.ages, at),
    )


def _at(values: tuple[Value, ...], places: NDArray[np.int64]) -> tuple[Value, ...]:
    return tuple(values[i] for i in places)


def out_of_fold_logits(dataset: Dataset) -> NDArray[np.float64]:
    """The recipe's out-of-fold answer to each image, shape (n,); NaN where there is none."""
    by_hash = {row["content_hash"]: float(row["p"]) for row in read_oof([FOLLOWED])}
    short = 2 * CONTENT_HASH_BYTES
    p = np.array([by_hash.get(h[:short], np.nan) for h in dataset.content_hashes])
    return logit(p, 1e-10)


def _keep(path: Path, found: dict[str, Any]) -> None:
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
