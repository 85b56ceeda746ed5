"""`python main.py score PATH... -o scores.csv`: one row a file, whatever the file is."""

from __future__ import annotations

import argparse
import hashlib
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli import add_operating_point, new_parser
from app.core.base.counts import files
from app.core.base.csv_rows import CsvWriter
from app.core.base.file_names import as_text
from app.core.base.reasons import texts
from app.core.model.triage import doubts

if TYPE_CHECKING:
    from app.inference.scoring.pipeline import Scored

COLUMNS = (
    *("path", "status", "p_pneumonia", "call", "threshold", "model", "reason"),
    *("p_low", "p_high", "p_bacterial", "kind"),
)

BATCH = 32
BATCH_WITH_HEATMAPS = 8
"""Each image of a batch, and those decoded ahead, stay in memory at full size until painted."""

STEM_BYTES = 200
"""A file name has at most 255 bytes, and the hash and the suffix come on top."""


def parser() -> argparse.ArgumentParser:
    """Arguments of `score`."""
    parser = new_parser("score", "Score images; a bad file is a row with its reason.")
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files, or folders (recursive)")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="CSV", help="where the rows go"
    )
    parser.add_argument(
        "--heatmaps", type=Path, metavar="DIR", help="also write an overlay (PNG) for each score"
    )
    parser.add_argument("--model", metavar="NAME", help="a name from `models`, or a model's folder")
    add_operating_point(parser)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Score, write, summarise. 0 when every file got its row."""
    from app.cli.files import found_items, load_classifier, say, with_progress
    from app.cli.outputs import keep_out, make_folder, written
    from app.core.model.results import GRAD_CAM, INPUT_GRADIENT
    from app.inference.scoring.pipeline import score

    outputs = (arguments.output, arguments.heatmaps)
    keep_out(outputs, arguments.paths)
    items = found_items(arguments.paths)
    keep_out(outputs, arguments.paths, items)
    if arguments.heatmaps:
        make_folder(arguments.heatmaps)
    counts: Counter[str] = Counter()
    heading = ",".join(COLUMNS) + "\n"
    # The output is opened first: that it cannot be written must not come out after an hour.
    with written(arguments.output, heading) as file:
        classifier = load_classifier(arguments.model, arguments.operating_point)
        writer = CsvWriter(file)
        size = BATCH_WITH_HEATMAPS if arguments.heatmaps else BATCH
        results = score(items, classifier, heatmaps=bool(arguments.heatmaps), batch_size=size)
        for scored in with_progress(results, len(items)):
            writer.writerow(row(scored, "{:.3f}".format if file.is_screen else repr))
            if arguments.heatmaps:
                write_heatmap(scored, arguments.heatmaps)
            counts[str(scored.prediction.call or scored.prediction.status)] += 1
    card = classifier.card
    if arguments.heatmaps and not card.cam_layer:
        say(
            f"The heatmaps are maps of the {INPUT_GRADIENT.lower()}: {card.title} has no "
            f"convolution, which {GRAD_CAM} needs."
        )
    said = ", ".join(f"{n} {name}" for name, n in sorted(counts.items())) or "no image found"
    say(f"{files(sum(counts.values()))}: {said}. Written to {arguments.output}.")
    return 0


def row(scored: Scored, in_digits: Callable[[float], str] = repr) -> tuple[str, ...]:
    """One row of the table; in a file a number reads back as the same float."""

    def digits(value: float | None) -> str:
        return "" if value is None else in_digits(value)

    prediction = scored.prediction
    p, threshold, sure = prediction.p_pneumonia, prediction.threshold, prediction.range
    return (
        as_text(scored.item.shown),
        str(prediction.status),
        digits(p),
        str(prediction.call or ""),
        digits(threshold),
        prediction.model,
        as_text("; ".join(texts(doubts(prediction)))),
        digits(sure.low if sure else None),
        digits(sure.high if sure else None),
        digits(prediction.p_bacterial),
        str(prediction.kind or ""),
    )


def write_heatmap(scored: Scored, folder: Path) -> None:
    """Write the overlay of one scored image at the image's own resolution.

    The file's name ends in a hash of the whole path: two images of one name keep two files.
    """
    import cv2
    import numpy as np

    from app.cli.outputs import write_whole
    from app.core.image.heatmap_paint import blend

    if scored.heatmap is None or scored.shown is None:
        return
    digest = hashlib.sha256(scored.item.shown.encode(errors="surrogateescape")).hexdigest()[:10]
    stem = scored.item.path.stem
    while len(os.fsencode(stem)) > STEM_BYTES:
        stem = stem[:-1]
    picture = np.ascontiguousarray(blend(scored.shown, scored.heatmap)[..., ::-1])
    _, data = cv2.imencode(".png", picture)
    write_whole(folder / f"{stem}-{digest}.png", data.tobytes())
