"""The ladder of networks: what each rung reaches on patients whom nothing has seen.

``python -m research.ladder FOLDER [-o ladder.json]`` measures the bundled models on the folder
they were trained on: accuracy at a probability of one half on the training patients and on the
outer patients (those of fold 0: no trial of a sweep and no training saw them), the gap, AUC,
parameters, and seconds an image. For the rungs that a sweep chose, the sweep's own figure stands
beside it; and the same setting is trained on a split by patient and on a split by image, several
times each, to see how much a split by image flatters.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.settings.training import TrainConfig
from app.inference.runtime.classifier import Classifier
from app.review.statistics import figures as statistics
from app.training.data.dataset import Dataset, read_dataset
from app.training.fit.epochs import as_inputs
from app.training.fit.loop import fit
from app.training.fit.network import input_size_of
from app.training.result.compare_with_active import scores_of
from model_zoo import BUNDLED

RUNGS = ("dense-1", "cnn-1", "best-2")
SPLITS = 5
_TIMED, _BATCH, _TURNS = 256, 32, 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", type=Path, help="write the figures as JSON")
    parser.add_argument(
        "--only", choices=RUNGS, help="measure this rung and leave the others in OUTPUT as they are"
    )
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    dataset = read_dataset(arguments.folder)
    figures: dict[str, Any] = {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "images": len(dataset.labels),
        "data_sha256": dataset.sha256,
    }
    if arguments.only:
        kept = json.loads(arguments.output.read_text(encoding="utf-8"))
        if kept["data_sha256"] != dataset.sha256:
            raise SystemExit(f"{arguments.output} was measured on other images.")
        figures |= {name: kept[name] for name in RUNGS if name in kept}
    for name in (arguments.only,) if arguments.only else RUNGS:
        classifier = Classifier(BUNDLED / name)
        figures[name] = rung(classifier, dataset)
        if "sweep" in classifier.card.metrics:
            figures[name]["splits"] = splits(classifier, dataset)
    print(json.dumps(figures, indent=2))
    print(table(figures))
    if arguments.output:
        arguments.output.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def rung(classifier: Classifier, dataset: Dataset) -> dict[str, Any]:
    """The figures of one model."""
    card = classifier.card
    # The network's own output: what is fitted on the outer patients must not be measured on them.
    classifier.card = dataclasses.replace(card, calibration={})
    fold = int(card.settings.get("fold", 0))
    train, outer = dataset.indices("train", fold), dataset.indices("calibration", fold)
    p, p_outer = (scores_of(classifier, dataset, indices) for indices in (train, outer))
    accuracy, low_high = _accuracy(p, dataset, train)
    reached, interval = _accuracy(p_outer, dataset, outer)
    summary = statistics.summary(
        p_outer, p_outer >= 0.5, dataset.labels[outer], [dataset.groups[i] for i in outer]
    )
    return {
        "training_accuracy": {"value": accuracy, "interval": _ends(low_high)},
        "outer_accuracy": {"value": reached, "interval": _ends(interval)},
        "gap": {
            "value": accuracy - reached,
            # Other patients: the two vary independently of each other.
            "interval": _ends(low_high - np.random.default_rng(1).permutation(interval)),
        },
        "outer_auc": summary["auc"].as_dict(),
        "outer_images": len(outer),
        "outer_patients": len({dataset.groups[i] for i in outer}),
        "parameters": card.metrics.get("parameters") or _parameters(classifier),
        "seconds_per_image": _seconds(classifier, dataset),
        "sweep": card.metrics.get("sweep"),
    }


def splits(classifier: Classifier, dataset: Dataset) -> dict[str, Any]:
    """The chosen setting on splits by patient and by image: validation accuracy of each.

    A tenth is validated on, eight tenths are trained on, so that both kinds train on as many.
    """
    known = {field.name for field in dataclasses.fields(TrainConfig)} - {"data"}
    settings = {k: v for k, v in classifier.card.settings.items() if k in known}
    config = TrainConfig(data="", **settings)
    inputs = as_inputs(dataset.frames, input_size_of(config))
    patients = np.unique(dataset.groups, return_inverse=True)[1]
    by = {"patient": patients, "image": np.arange(len(patients))}
    found: dict[str, list[float]] = {"patient": [], "image": []}
    for seed in range(SPLITS):
        for kind, unit in by.items():
            part = np.random.default_rng(seed).permutation(int(unit.max()) + 1)[unit]
            # Tenths of the units (patients or images), in a random order.
            share = part / (part.max() + 1)
            one = fit(
                dataset,
                dataclasses.replace(config, seed=seed),
                train=np.flatnonzero(share >= 0.2),
                validation=np.flatnonzero(share < 0.1),
                inputs=inputs,
            )
            found[kind].append(one.history[one.best_epoch - 1]["val_accuracy"])
    difference = np.array(found["image"]) - np.array(found["patient"])
    half = 2.776 * float(difference.std(ddof=1)) / np.sqrt(SPLITS)  # Student's t, four degrees
    mean = float(difference.mean())
    return {
        "by_patient": found["patient"],
        "by_image": found["image"],
        "image_less_patient": {"value": mean, "interval": [mean - half, mean + half]},
    }


def table(figures: dict[str, Any]) -> str:
    """The rungs as Markdown."""
    lines = [
        "| | training accuracy | outer accuracy | gap | outer AUC | parameters | ms an image |"
        " chosen on (optimistic) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in RUNGS:
        f = figures[name]
        sweep = f["sweep"]
        lines.append(
            f"| `{name}` | {_words(f['training_accuracy'])} | {_words(f['outer_accuracy'])} | "
            f"{_words(f['gap'])} | {f['outer_auc']['value']:.3f} "
            f"({f['outer_auc']['low']:.3f} to {f['outer_auc']['high']:.3f}) | "
            f"{f['parameters']:,} | {1000 * f['seconds_per_image']:.2f} | "
            + (f"{sweep['values']['val_accuracy']:.3f} |" if sweep else "|")
        )
    return "\n".join(lines)


def _accuracy(
    p: NDArray[np.float64], dataset: Dataset, indices: NDArray[np.int64]
) -> tuple[float, NDArray[np.float64]]:
    """Accuracy at one half, and its values over resampled patients."""
    right = ((p >= 0.5) == (dataset.labels[indices] == 1)).astype(float)
    weights = statistics.group_weights([dataset.groups[i] for i in indices])
    return float(right.mean()), weights @ right / (weights @ np.ones(len(right)))


def _ends(values: NDArray[np.float64]) -> list[float]:
    return [float(v) for v in np.percentile(values, (2.5, 97.5))]


def _seconds(classifier: Classifier, dataset: Dataset) -> float:
    """From frame to score, in batches: the median of some turns."""
    turns = []
    for _ in range(_TURNS + 1):
        begun = time.perf_counter()
        for at in range(0, _TIMED, _BATCH):
            scores_of(classifier, dataset, np.arange(at, at + _BATCH))
        turns.append((time.perf_counter() - begun) / _TIMED)
    return float(np.median(turns[1:]))


def _parameters(classifier: Classifier) -> int:
    from app.inference.runtime.model_file import load_keras

    model = load_keras(classifier.folder / "model.keras", classifier.card)
    return int(model.count_params())


def _words(figure: dict[str, Any]) -> str:
    low, high = figure["interval"]
    return f"{figure['value']:.3f} ({low:.3f} to {high:.3f})"


if __name__ == "__main__":
    main()
