"""`python main.py evaluate FOLDER -o report.json`: figures with intervals on labelled images."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from app.cli import new_parser


def parser() -> argparse.ArgumentParser:
    """Arguments of `evaluate`."""
    parser = new_parser("evaluate", "Measure a model on images whose subfolder is their label.")
    parser.add_argument("folder", metavar="FOLDER", help="has the subfolders NORMAL and PNEUMONIA")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="JSON", help="where the report goes"
    )
    parser.add_argument("--model", metavar="NAME", help="a name from `models`, or a model's folder")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Score, measure, write. 0 when the report was written."""
    from app.cli.files import found_items, keep_out, load_classifier, say, with_progress, written
    from app.inference.scoring import score
    from app.review.evaluation import Labelled, in_words, labelled_folders, report

    keep_out(arguments.output, [arguments.folder])
    found_items([arguments.folder])
    items, labels = [], []
    for folder, label in labelled_folders(Path(arguments.folder)):
        below = found_items([str(folder)])
        items += below
        labels += [label] * len(below)
    classifier = load_classifier(arguments.model)
    results = with_progress(score(items, classifier, hashes=True), len(items))
    rows = [Labelled(scored, label) for scored, label in zip(results, labels, strict=True)]
    figures = report(rows, classifier.card)
    with written(arguments.output) as file:
        json.dump(figures, file, indent=2, allow_nan=False)
        file.write("\n")
    say(
        f"{figures['n']} images: {figures['scored']} scored, {figures['refused']} refused, "
        f"{figures['unreadable']} unreadable.",
        f"{in_words(figures)}.",
    )
    if figures["overlap_with_training"]:
        say(
            f"Caution: {figures['overlap_with_training']} of these images were used to train "
            f"{figures['model']}, so its figures flatter."
        )
    say(f"Written to {arguments.output}.")
    return 0
