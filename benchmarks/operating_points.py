"""The operating points of the bundled models, derived anew from their calibration patients.

``python -m benchmarks.operating_points FOLDER [--write]`` (the folder they were trained on)

The calibration patients are those of each card's fold: the weights never saw them. ``--write``
puts what is found into the cards. A default that comes out otherwise than a card has it is an
error: then images, network or preprocessing are not those of the card.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
from pathlib import Path

from app.core.model_card import BALANCED, ModelCard
from app.core.operating_points import operating_points
from app.inference.classifier import Classifier
from app.review.operating_points import choose, measure
from app.training.dataset import Dataset, read_dataset
from app.training.rivalry import scores_of
from benchmarks.ladder import RUNGS
from model_zoo import BUNDLED

_TOLERANCE = 1e-3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true", help="write the points into the cards")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    dataset = read_dataset(arguments.folder)
    for name in RUNGS:
        card = with_points(Classifier(BUNDLED / name), dataset)
        for point in operating_points(card):
            print(name, point)
        if arguments.write:
            (BUNDLED / name / "card.json").write_text(card.to_json() + "\n", encoding="utf-8")


def with_points(classifier: Classifier, dataset: Dataset) -> ModelCard:
    """A model's card with the points that its calibration patients give."""
    card = classifier.card
    indices = dataset.indices("calibration", int(card.settings.get("fold", 0)))
    p, labels = scores_of(classifier, dataset, indices), dataset.labels[indices]
    points = choose(p, labels)
    if abs(points[BALANCED] - card.threshold) > _TOLERANCE:
        raise SystemExit(
            f"{card.title} has its threshold at {card.threshold:.4f}; these images give "
            f"{points[BALANCED]:.4f}. The images it was calibrated on were expected."
        )
    points[BALANCED] = card.threshold
    measured = measure(p, labels, [dataset.groups[i] for i in indices])
    measured[BALANCED]["threshold"] = card.threshold
    return dataclasses.replace(
        card,
        operating_points=points,
        metrics={**card.metrics, "operating_points": measured},
    )


if __name__ == "__main__":
    main()
