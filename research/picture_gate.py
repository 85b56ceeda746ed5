"""The fitness gate of the bundled best network: fitted, and what it refuses and cautions.

``python -m research.picture_gate FOLDER [--write] [--json FILE]``, and with ``--small`` what a
gate of
the two small networks would do, which for that reason have none.

FOLDER is the one that it was trained on (``kermany-train``); beside it lie ``fullsize`` and
``nih-adult-dev``. As it stands the gate beside the model is reported; with ``--write`` it is fitted
anew first, and its limits go into the card. Pictures of other things come from packages (extra
``benchmark``). They are read without their headers, and have no part in the fit or the limits; that
layers and factor were chosen with them in view is put to the test by leaving one package out. All
of it takes some minutes of an idle core, most for what the network makes of 5,000 images.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.image.preprocess import model_input
from app.core.model.card import ModelCard
from app.inference.runtime.classifier import Classifier
from app.inference.runtime.model_file import load_keras
from app.inference.scoring.features import score_and_features
from app.inference.scoring.out_of_distribution import FILE, OutOfDistribution
from app.review.statistics.figures import wilson
from app.training.data.dataset import Dataset, read_dataset
from app.training.result.out_of_distribution import fit_gate
from model_zoo import BUNDLED, architecture
from research.picture_gate_changes import cut_off_greys, text_over_lungs
from research.picture_gate_choice import leave_one_package_out
from research.picture_gate_packages import CHESTS, PACKAGES, pictures, without_headers

MODEL = BUNDLED / "best-2"
UNTESTED = (
    "lateral chest radiographs without a header",
    "children of other hospitals, other machines, newborns, and children over five years",
    "radiographs of other parts than the tibia of pydicom-data (hands, abdomens, spines, teeth)",
    "photos of a screen or of a film on a light box",
    "real text burned in over the lungs: the text here is synthetic, and so are greys cut off",
    "slices of the chest in CT, but for the few of the packages",
)
CHOSEN = (
    "Statistics and limits come from the children alone. That these three layers are used, out of "
    "seven that were looked at, and that the factor of the upper limit is two, was chosen with the "
    "adults and the packages in view: for them the figures here are of development, not of a test. "
    "What "
    "the same way of choosing brings for a package that had no part in it stands under leave one "
    "package out."
)
_TURNED: dict[str, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
    "inverted": lambda frame: 255 - frame,
    "upside down": lambda frame: frame[::-1],
    "mirrored": lambda frame: frame[:, ::-1],
    "on its side": lambda frame: np.rot90(frame),
}
_EVERY = 4
SMALL = (
    ("cnn-1", ("features",)),
    ("cnn-1", ("hidden",)),
    ("cnn-1", ("features", "hidden")),
    ("dense-1", ("hidden",)),
)
"""Which layers of the small networks were tried."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true", help="fit it anew, beside the model")
    parser.add_argument("--small", action="store_true", help="try gates of cnn-1 and dense-1")
    parser.add_argument("--json", type=Path, help="write the report here too")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    dataset = read_dataset(arguments.folder)
    if arguments.write:
        write(dataset)
    tell = small_networks if arguments.small else report
    said = json.dumps(tell(dataset, arguments.folder.parent), indent=1)
    print(said)
    if arguments.json:
        arguments.json.write_text(said + "\n", encoding="utf-8")


def write(dataset: Dataset) -> None:
    """Fit the gate with the weights as they are, and put it beside them."""
    classifier = Classifier(MODEL)
    card = classifier.card
    fold = int(card.settings.get("fold", 0))
    model = load_keras(MODEL / "model.keras", card)
    trained, calibration = (dataset.indices(side, fold) for side in ("train", "calibration"))
    gate = fit_gate(model, architecture(card.arch).FITNESS_LAYERS, dataset, trained, calibration)
    if gate is None:
        raise SystemExit("There are too few images. The folder it was trained on was expected.")
    metrics = {**card.metrics, "fitness": gate.measured}
    card = dataclasses.replace(card, fitness=gate.part, metrics=metrics)
    (MODEL / FILE).write_bytes(gate.data)
    (MODEL / "card.json").write_text(card.to_json() + "\n", encoding="utf-8")


def report(dataset: Dataset, data: Path) -> dict[str, Any]:
    """What the gate does to children, adults and pictures of other things."""
    classifier = Classifier(MODEL)
    card = classifier.card
    calibration = dataset.indices("calibration", int(card.settings.get("fold", 0)))
    frames = [dataset.frames[i] for i in calibration]

    def shares(frames: Sequence[NDArray[np.uint8]]) -> dict[str, Any]:
        values = unlikeness(classifier, frames)
        refused = values > card.fitness["refuse"]
        cautioned = (values > card.fitness["caution"]) & ~refused
        return {
            "n": len(values),
            "refused": wilson(int(refused.sum()), len(values)).as_dict(),
            "cautioned": wilson(int(cautioned.sum()), len(values)).as_dict(),
            "unlikeness": _spread(values),
        }

    adults = pictures(data / "nih-adult-dev")
    with (data / "nih-adult-dev" / "labels.csv").open(encoding="utf-8") as file:
        view = {Path(row["file"]).name: row["view"] for row in csv.DictReader(file)}
    views = sorted(set(view.values()))
    return {
        "model": card.title,
        "limits": {name: card.fitness[name] for name in ("caution", "refuse")},
        "chosen": CHOSEN,
        "fit": card.metrics["fitness"],
        "children": {
            "calibration": shares(frames)
            | {"patients": len({dataset.groups[i] for i in calibration})},
            "full-size originals (trained on)": shares(
                [picture.frame for picture in pictures(data / "fullsize")]
            ),
            **{
                f"every {_EVERY}th calibration image, {how}": shares(
                    [np.ascontiguousarray(turn(frame)) for frame in frames[::_EVERY]]
                )
                for how, turn in _TURNED.items()
            },
        },
        "adults": {
            "all": shares([picture.frame for picture in adults]),
            **{one: shares([p.frame for p in adults if view[p.name] == one]) for one in views},
        },
        "other things": others(classifier),
        "leave one package out": leave_one_package_out(
            MODEL, dataset, [picture.frame for picture in adults]
        ),
        "greys cut off": cut_off_greys(data, frames[::_EVERY]),
        "text over the lungs": text_over_lungs(data, frames[::_EVERY]),
        "untested": UNTESTED,
    }


def others(classifier: Classifier) -> dict[str, Any]:
    """What becomes of the packages' pictures, package by package; copies count once."""
    refuse = classifier.card.fitness["refuse"]
    found: dict[str, Any] = {}
    total = [0, 0, 0]
    for package in PACKAGES:
        seen = without_headers(package)
        values = dict(
            zip(seen, unlikeness(classifier, [p.frame for p in seen.values()]), strict=True)
        )
        chests = {k: v for k, v in values.items() if seen[k].name.startswith(CHESTS)}
        rest = {k: v for k, v in values.items() if k not in chests}
        by_gate = sum(value > refuse for value in rest.values())
        passed = {k: v for k, v in rest.items() if v <= refuse and not seen[k].refused}
        total = [total[0] + len(rest), total[1] + by_gate, total[2] + len(rest) - len(passed)]
        found[package] = {
            "n": len(rest),
            "refused by this gate": wilson(by_gate, len(rest)).as_dict(),
            "refused by any": wilson(len(rest) - len(passed), len(rest)).as_dict(),
            "passed": {seen[k].name: round(v, 2) for k, v in sorted(passed.items())},
            "nearest": {
                seen[k].name: round(v, 2) for k, v in sorted(rest.items(), key=lambda e: e[1])[:5]
            },
        }
        if chests:
            found[package]["real chests"] = {seen[k].name: round(v, 2) for k, v in chests.items()}
    return found | {
        "all": {
            "n": total[0],
            "refused by this gate": wilson(total[1], total[0]).as_dict(),
            "refused by any": wilson(total[2], total[0]).as_dict(),
        }
    }


def small_networks(dataset: Dataset, data: Path) -> dict[str, Any]:
    """What gates of the small networks would do, fitted as the best network's is."""
    adults = [picture.frame for picture in pictures(data / "nih-adult-dev")]
    things = [
        picture.frame
        for package in PACKAGES
        for picture in without_headers(package).values()
        if not picture.name.startswith(CHESTS)
    ]
    found = {}
    for name, layers in SMALL:
        card = ModelCard.load(BUNDLED / name / "card.json")
        model = load_keras(BUNDLED / name / "model.keras", card)
        fold = int(card.settings.get("fold", 0))
        trained, calibration = (dataset.indices(side, fold) for side in ("train", "calibration"))
        gate = fit_gate(model, layers, dataset, trained, calibration)
        if gate is None:
            raise SystemExit("There are too few images. The folder it was trained on was expected.")
        run, fitness = score_and_features(model, layers), OutOfDistribution.from_bytes(gate.data)
        strange, grown = (
            fitness.unlikeness(run(np.stack([model_input(f, card.input_size) for f in frames]))[1])
            for frames in (things, adults)
        )
        refused, cautioned = strange > gate.part["refuse"], grown > gate.part["caution"]
        found[f"{name}: {', '.join(layers)}"] = {
            "refuse": gate.part["refuse"],
            "other things refused": wilson(int(refused.sum()), len(refused)).as_dict(),
            "adults cautioned or refused": wilson(int(cautioned.sum()), len(cautioned)).as_dict(),
        }
    return found


def unlikeness(classifier: Classifier, frames: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
    """How unlike the training images some frames are, shape (n,)."""
    size = classifier.card.input_size
    parts = []
    for at in range(0, len(frames), 32):
        inputs = np.stack([model_input(frame, size) for frame in frames[at : at + 32]])
        values = classifier.answers(inputs).unlikeness
        if values is None:
            raise SystemExit(f"{classifier.card.title} has no gate yet: fit it with --write.")
        parts.append(values)
    return np.concatenate(parts)


def _spread(values: NDArray[np.float64]) -> dict[str, float]:
    marks = {"lowest": 0.0, "5 %": 0.05, "median": 0.5, "95 %": 0.95, "highest": 1.0}
    return {name: round(float(np.quantile(values, share)), 3) for name, share in marks.items()}


if __name__ == "__main__":
    main()
