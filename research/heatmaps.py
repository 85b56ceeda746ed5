"""How far the heatmaps of the bundled networks can be trusted, on patients they never saw.

``python -m research.heatmaps FOLDER [--images N] [--methods NAME ...] [--write] [--json FILE]``
(the folder they were trained on)

For each method: what random weights do to the map (rank correlation; a map that does not change is
flagged), deletion and insertion beside a random order, the share of the map's mass outside the
boxes of lungs and body, and how much of the logit the reading window's own map accounts for.
``--write`` puts the figures of that map into the cards, as ``metrics["heatmap"]``.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.image.anatomy import body_box, lungs_box, outside
from app.core.image.preprocess import model_input
from app.core.model.calibration import probabilities_by
from app.inference.attribution import METHODS, heatmaps, load_network
from app.inference.attribution.deletion import areas, mean_areas
from app.inference.attribution.sanity import sanity
from app.inference.runtime.classifier import Classifier
from app.review.audit.maps import MeanShare
from app.training.data.dataset import Dataset, read_dataset
from model_zoo import BUNDLED

IMAGES = 32
_PERTURBED = 16
MODELS = ("best-2", "cnn-1")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--images", type=int, default=IMAGES)
    parser.add_argument("--write", action="store_true", help="write Grad-CAM's into the cards")
    parser.add_argument("--json", type=Path, help="write the report here too")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    dataset = read_dataset(arguments.folder)
    models = {}
    for name in arguments.models:
        title, found = of_model(name, dataset, arguments.methods, arguments.images)
        models[title] = found
        print(title, json.dumps(found, indent=1))
        if arguments.write and "grad-cam" in found["methods"]:
            write(name, found)
    if arguments.json:
        text = json.dumps({"models": models}, indent=1)
        arguments.json.write_text(text + "\n", encoding="utf-8")


def write(name: str, found: dict[str, Any]) -> None:
    """Put what was found for Grad-CAM into a card."""
    file = BUNDLED / name / "card.json"
    card = Classifier(BUNDLED / name).card
    part = {"balance": found["balance"], **found["methods"]["grad-cam"]}
    card = dataclasses.replace(card, metrics={**card.metrics, "heatmap": part})
    file.write_text(card.to_json() + "\n", encoding="utf-8")


def of_model(
    name: str, dataset: Dataset, methods: list[str], count: int
) -> tuple[str, dict[str, Any]]:
    """Title of a model, and every method on pneumonias of the patients held out for calibration."""
    classifier = Classifier(BUNDLED / name)
    card = classifier.card
    held_out = dataset.indices("calibration", int(card.settings.get("fold", 0)))
    held_out = held_out[dataset.labels[held_out] == 1]
    chosen = np.sort(np.random.default_rng(0).choice(held_out, count, replace=False))
    frames = [dataset.frames[i] for i in chosen]
    inputs = np.stack([model_input(frame, card.input_size) for frame in frames])
    model = load_network(BUNDLED / name)
    return card.title, {
        "weights_sha256": card.weights_sha256,
        "images": f"{count} pneumonias of patients held out for calibration, drawn at random",
        "balance": balance(classifier, inputs),
        "methods": {
            method: {"title": METHODS[method].title, **of_method(model, frames, inputs, method)}
            for method in methods
            if card.cam_layer or not METHODS[method].needs_grid
        },
    }


def balance(classifier: Classifier, inputs: NDArray[np.float32]) -> dict[str, float]:
    """How much of what moved the logit is on the reading window's map: mean, least and most."""
    answers = classifier.answers(inputs, maps=True)
    shares = []
    for at in range(len(inputs)):
        account = classifier.heatmap(answers, at).balance
        assert account is not None  # every map has one
        shares.append(account.share)
    low, high = float(np.min(shares)), float(np.max(shares))
    return {"value": float(np.mean(shares)), "low": low, "high": high}


def of_method(
    model: tuple[Any, Any], frames: list[NDArray[np.uint8]], inputs: NDArray, method: str
) -> dict[str, Any]:
    """What is measured of one method on one network."""
    network, card = model
    maps = heatmaps(model, inputs, method)
    line = card.calibrated
    probabilities = probabilities_by(line)
    pairs = list(zip(inputs, maps, strict=True))[:_PERTURBED]
    under = mean_areas([areas(network, image, values, probabilities) for image, values in pairs])
    assert under is not None  # there are images
    shares = {}
    for name, find in (("outside_lungs", lungs_box), ("outside_body", body_box)):
        boxes = [find(frame) for frame in frames]
        known = [
            None if box is None else outside(values, box)
            for values, box in zip(maps, boxes, strict=True)
        ]
        shares[name] = dataclasses.asdict(MeanShare.of(known))
    checked = inputs[: min(len(inputs), 16)]
    return {
        "sanity": sanity(model, checked, method).as_dict(),
        **shares,
        "deletion_insertion": {**dataclasses.asdict(under), "images": len(pairs)},
    }


if __name__ == "__main__":
    main()
