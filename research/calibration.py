"""Calibration and operating points of the bundled models, from their calibration patients.

``python -m research.calibration FOLDER [--write]`` (the folder they were trained on)

The calibration patients are those of each card's fold: the weights never saw them. ``--write``
puts what is found into the cards. An AUC that comes out otherwise than a card has it is an error:
then images, network or preprocessing are not those of the card.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
from pathlib import Path

from app.core.model.calibration import logit
from app.core.model.card import ModelCard
from app.core.model.operating_points import operating_points
from app.inference.runtime.classifier import Classifier
from app.review.holdout.out_of_fold import read_oof
from app.training.data.dataset import Dataset, read_dataset
from app.training.result.compare_with_active import scores_of
from app.training.result.judgement import judge
from model_zoo import BUNDLED
from research.cross_validation import cross_validated
from research.ladder import RUNGS

_TOLERANCE = 1e-4
_LEAST = 1e-15


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true", help="write the points into the cards")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    dataset = read_dataset(arguments.folder)
    for name in RUNGS:
        card = judged(Classifier(BUNDLED / name), dataset)
        print(name, card.calibrated, card.metrics["calibration"]["ece"])
        for point in operating_points(card):
            print(name, point)
        if arguments.write:
            (BUNDLED / name / "card.json").write_text(card.to_json() + "\n", encoding="utf-8")


def judged(classifier: Classifier, dataset: Dataset) -> ModelCard:
    """A model's card with what its calibration patients give."""
    card = classifier.card
    classifier.card = dataclasses.replace(card, calibration={})
    indices = dataset.indices("calibration", int(card.settings.get("fold", 0)))
    logits = logit(scores_of(classifier, dataset, indices), _LEAST)
    found = judge(logits, dataset.labels[indices], [dataset.groups[i] for i in indices])
    before, after = (m["held_out"]["auc"]["value"] for m in (card.metrics, found.metrics))
    if found.calibration is None or abs(before - after) > _TOLERANCE:
        raise SystemExit(
            f"{card.title} has an AUC of {before:.4f} on its calibration patients; these images "
            f"give {after:.4f}. The images it was measured on were expected."
        )
    metrics = {**card.metrics, **found.metrics}
    scores = classifier.folder / "oof_scores.csv"
    if scores.exists():
        metrics["cross_validation"] = cross_validated(read_oof([scores]))
    return dataclasses.replace(
        card,
        operating_points=found.points,
        calibration=found.calibration.as_dict(),
        metrics=metrics,
    )


if __name__ == "__main__":
    main()
