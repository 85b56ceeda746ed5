"""`python main.py export PATH... -o FOLDER`: scores and verdicts as files, as the window does."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli import UsageError, add_operating_point, new_parser

_FORMATS = ("csv", "json", "pdf", "png", "sc", "sr", "gsps", "dicom")


def parser() -> argparse.ArgumentParser:
    """Arguments of `export`."""
    parser = new_parser("export", "Score images, look up their verdicts, and write both.")
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files, or folders (recursive)")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="DIR", help="where the files go"
    )
    parser.add_argument(
        "--format",
        default="csv",
        metavar="LIST",
        help=f"separated by commas, of: {', '.join(_FORMATS)} (default: csv)",
    )
    parser.add_argument("--model", metavar="NAME", help="a name from `models`, or a model's folder")
    add_operating_point(parser)
    parser.add_argument(
        "--verdicts", type=Path, metavar="FILE", help="the database of verdicts (default: yours)"
    )
    parser.add_argument(
        "--reader", default="", metavar="NAME", help="whose verdicts; default: the newest of each"
    )
    parser.add_argument(
        "--deidentify",
        action="store_true",
        help="take the identity out (DICOM PS3.15, basic profile); burned-in text stays",
    )
    parser.add_argument(
        "--shift-dates", action="store_true", help="with --deidentify: move dates, keep intervals"
    )
    parser.add_argument("--replace", action="store_true", help="replace files of the same name")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Score, look up, write. 0 when every image and every format was written."""
    from app.cli.files import found_items, load_classifier, say, with_progress
    from app.cli.outputs import keep_out, make_folder
    from app.core.base import counts
    from app.core.base.home import home
    from app.inference.scoring.pipeline import score, score_one
    from app.review.export.completing import Completer
    from app.review.export.plan import Plan
    from app.review.export.reviewed import Format, ReviewedImage
    from app.review.export.run import export
    from app.review.export.stand_ins import Deidentification, own_salt
    from app.review.verdicts.store import VerdictStore, default_path

    names = [name for name in arguments.format.split(",") if name]
    if not names or any(name not in _FORMATS for name in names):
        raise UsageError(
            f"--format {arguments.format} names something else than a format.",
            f"One or more of {', '.join(_FORMATS)} were expected, separated by commas.",
            "Correct it.",
        )
    formats = frozenset(Format(name) for name in names)
    if Format.DICOM in formats and not arguments.deidentify:
        raise UsageError(
            "--format dicom copies the image itself.",
            "A copy is only made without identity.",
            "Add --deidentify, or leave it out.",
        )
    if arguments.shift_dates and not arguments.deidentify:
        raise UsageError(
            "--shift-dates moves the dates of de-identified files.", "", "Add --deidentify."
        )
    path = arguments.verdicts or default_path()
    if arguments.verdicts and not path.is_file():
        raise UsageError(
            f"There is no {path}.", "A database of verdicts was expected.", "Correct --verdicts."
        )
    keep_out([arguments.output], arguments.paths)
    items = found_items(arguments.paths)
    keep_out([arguments.output], arguments.paths, items)
    # That it cannot be written must not come out after an hour.
    make_folder(arguments.output)
    how = None
    if arguments.deidentify:
        how = Deidentification(own_salt(home()), arguments.shift_dates)
    plan = Plan(formats, arguments.output, tuple(arguments.paths), how, replace=arguments.replace)
    classifier = load_classifier(arguments.model, arguments.operating_point)
    images = [
        ReviewedImage(each.item, each.header, prediction=each.prediction)
        for each in with_progress(score(items, classifier), len(items))
    ]
    store = VerdictStore.open(path) if path.is_file() else None
    if store is not None and store.unreadable is not None:
        say(f"Caution: {store.unreadable}")
    try:
        completer = Completer(
            store.latest if store else lambda _image, _reader: None,
            arguments.reader,
            lambda radiograph: score_one(radiograph, classifier),
        )
        outcome = export(images, plan, completer)
    finally:
        if store is not None:
            store.close()
    failures = [each for each in outcome.problems if not each.expected]
    for each in failures:
        say(" ".join(part for part in (each.image and f"{each.image}:", each.words) if part))
    left_out = len(outcome.problems) - len(failures)
    said = f"{counts.files(len(outcome.written))} written to {arguments.output}"
    if left_out:
        said += f"; not possible (no study, no regions): {left_out}"
    say(f"{said}.")
    return 1 if failures else 0
