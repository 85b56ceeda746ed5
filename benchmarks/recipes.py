"""What was tried on the way to the bundled best CNN, and what each change brought.

``python -m benchmarks.recipes FOLDER [-o docs/recipes.json]`` trains small versions of the network
(fewer pixels, fewer epochs: the order of recipes is what is looked for, not their best figures),
each without one cluster of patients (``app.training.hard_validation``), several times with other
random numbers, and measures them on that cluster. What is finished is kept in the output, so that
an interrupted run goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.config import TrainConfig
from app.review import statistics
from app.training.dataset import Dataset, read_dataset
from app.training.fit import fit, predict
from app.training.hard_validation import CLUSTERS, clusters_of

BASE: dict[str, Any] = {"image_size": 96, "epochs": 3, "patience": 0}
VARIANTS: dict[str, dict[str, Any]] = {
    "the recipe": {},
    "no augmentation": {"augmentation": 0.0},
    "augmentation 1.5 times as strong": {"augmentation": 1.5},
    "label smoothing 0.05": {"label_smoothing": 0.05},
    "no ImageNet weights": {"start": "scratch", "frozen_blocks": 0},
    "128 x 128": {"image_size": 128},
}
SEEDS = (1, 2, 3)
HELD_OUT = 1
"""The cluster that no network sees."""
SENSITIVITY = 0.98
_STUDENT = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776}
"""Two-sided 95 % points of Student's t by the number of seeds."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", type=Path, help="read what is there, and add to it")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    dataset = read_dataset(arguments.folder)
    clusters = clusters_of(dataset, CLUSTERS)
    found = _begun(arguments.output, dataset)
    for seed in SEEDS:
        for name, changes in VARIANTS.items():
            runs = found["runs"].setdefault(name, {})
            if str(seed) not in runs:
                config = TrainConfig(str(arguments.folder), **{**BASE, **changes, "seed": seed})
                runs[str(seed)] = _run(dataset, clusters, config)
                print(f"{name}, seed {seed}: {runs[str(seed)]}", flush=True)
                if arguments.output:
                    arguments.output.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    print(table(found))


def _begun(path: Path | None, dataset: Dataset) -> dict[str, Any]:
    """What an earlier run has found on the same images, or the beginning of a new one."""
    if path is not None and path.exists():
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if found["data_sha256"] == dataset.sha256 and found["base"] == BASE:
            return found
    return {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "data_sha256": dataset.sha256,
        "base": BASE,
        "held_out_cluster": HELD_OUT,
        "runs": {},
    }


def _run(dataset: Dataset, clusters: NDArray[np.int64], config: TrainConfig) -> dict[str, float]:
    """AUC, and specificity at a high sensitivity, of one training on the cluster it never saw."""
    import keras

    calibration = dataset.indices("calibration", config.fold)
    rest = np.setdiff1d(np.arange(len(dataset.labels)), calibration)
    train, unseen = (rest[(clusters[rest] == HELD_OUT) == side] for side in (False, True))
    fitted = fit(dataset, config, train=train, validation=unseen)
    found = {}
    for name, indices in (("unseen cluster", unseen), ("unseen patients", calibration)):
        logits, labels = predict(fitted.model, dataset, indices), dataset.labels[indices]
        found[f"{name}: AUC"] = statistics.auc(logits, labels)
        found[f"{name}: specificity"] = statistics.specificity_at(logits, labels, SENSITIVITY)
    keras.backend.clear_session()
    return found


def table(found: dict[str, Any]) -> str:
    """Markdown: mean of each figure over the seeds with its 95 % interval (Student's t)."""
    figures = sorted(
        {key for runs in found["runs"].values() for run in runs.values() for key in run}
    )
    lines = ["| recipe | " + " | ".join(figures) + " |", "|---" * (len(figures) + 1) + "|"]
    for name, runs in found["runs"].items():
        cells = []
        for figure in figures:
            values = np.array([run[figure] for run in runs.values()])
            half = _STUDENT.get(len(values), np.nan) * values.std(ddof=1) / np.sqrt(len(values))
            cells.append(f"{values.mean():.4f} ± {half:.4f}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
