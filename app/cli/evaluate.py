"""`python main.py evaluate FOLDER -o report.json`: figures with intervals on labelled images."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from app.cli import add_operating_point, new_parser


def parser() -> argparse.ArgumentParser:
    """Arguments of `evaluate`."""
    parser = new_parser("evaluate", "Measure a model on images whose subfolder is their label.")
    parser.add_argument("folder", metavar="FOLDER", help="has the subfolders NORMAL and PNEUMONIA")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="JSON", help="where the report goes"
    )
    parser.add_argument("--model", metavar="NAME", help="a name from `models`, or a model's folder")
    add_operating_point(parser)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Score, measure, write. 0 when the report was written."""
    from app.cli.files import found_items, load_classifier, say, with_progress
    from app.cli.outputs import keep_out, written
    from app.core.base import counts
    from app.core.worklist.patients import naming_of
    from app.inference.scoring.pipeline import score
    from app.review.comparison.evaluation import (
        Labelled,
        in_words,
        labelled_folders,
        no_images,
        report,
    )
    from app.review.holdout import locks
    from app.review.holdout.overlap import Seen

    keep_out([arguments.output], [arguments.folder])
    keep_out([arguments.output], [arguments.folder], found_items([arguments.folder]))
    items, labels = [], []
    for folder, label in labelled_folders(Path(arguments.folder)):
        below = found_items([str(folder)])
        items += below
        labels += [label] * len(below)
    if not items:
        raise no_images(Path(arguments.folder))
    # The output is opened first: that it cannot be written must not come out after an hour.
    with written(arguments.output) as file:
        classifier = load_classifier(arguments.model, arguments.operating_point)
        seen = Seen.of(classifier.card)
        results = with_progress(score(items, classifier, hashes=True), len(items))
        naming = naming_of(item.path.name for item in items)
        rows = [Labelled(scored, y, naming) for scored, y in zip(results, labels, strict=True)]
        figures = report(rows, classifier.card, seen)
        hashes = [row.scored.content_hash for row in rows]
        looked = locks.look(hashes, locks.EVALUATE, classifier.card.title)
        if looked:
            figures["leak_guard"] = [locks.in_words(each) for each in looked]
        file.write(json.dumps(figures, indent=2, allow_nan=False) + "\n")
    say(
        f"{counts.images(figures['n'])}: {figures['scored']} scored, {figures['refused']} refused, "
        f"{figures['unreadable']} unreadable.",
        f"{in_words(figures)}.",
    )
    if figures["overlap_with_training"]:
        say(
            f"Caution: {figures['model']} was trained on {figures['overlap_with_training']} of "
            "these images, so its figures flatter."
        )
    if figures["overlap_with_calibration"]:
        say(
            f"Caution: the threshold of {figures['model']} was set on "
            f"{figures['overlap_with_calibration']} of these images, so its sensitivity and "
            "specificity flatter."
        )
    say(*figures.get("leak_guard", ()), f"Written to {arguments.output}.")
    return 0
