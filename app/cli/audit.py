"""`python main.py audit FOLDER -o report.pdf`: a report on how a model does on a site's images."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli import UsageError, add_operating_point, new_parser


def parser() -> argparse.ArgumentParser:
    """Arguments of `audit`."""
    parser = new_parser(
        "audit", "Measure a model on labelled images and write a report that a person reads."
    )
    parser.add_argument(
        "folder", metavar="FOLDER", help="has the subfolders NORMAL and PNEUMONIA, or --labels"
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="REPORT",
        help="report.pdf, report.html or report.json",
    )  # fmt: skip
    parser.add_argument(
        "--labels", metavar="CSV", help="columns path and label; each other column makes slices"
    )
    parser.add_argument(
        "--readers", action="store_true", help="labels are the verdicts that readers gave blind"
    )
    parser.add_argument("--model", metavar="NAME", help="a name from `models`, or a model's folder")
    add_operating_point(parser)
    parser.add_argument(
        "--threshold", type=float, metavar="P", help="call at this probability, 0 to 1, instead"
    )
    parser.add_argument(
        "--names",
        action="store_true",
        help="name files, patients, the folder and its CSV (left out otherwise)",
    )
    parser.add_argument("--no-pictures", action="store_true", help="leave the worst misses out")
    parser.add_argument(
        "--own-scores",
        action="store_true",
        help="judge training images by the model's own scores, which flatter",
    )
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Audit, lay out, write. 0 when the report was written."""
    from app.cli.files import found_items, load_classifier, say
    from app.cli.outputs import check_place, keep_out, write_whole
    from app.core.base import counts
    from app.core.base.errors import OutputError
    from app.core.model.results import Status
    from app.review.audit import audit_folder
    from app.review.audit.readers import Readers
    from app.review.report.document.files import suffix_of
    from app.review.report.files import SUFFIXES, report_bytes
    from app.review.report.text import headline

    try:
        suffix = suffix_of(arguments.output, SUFFIXES)
    except OutputError as error:
        raise UsageError(error.what, error.expected, error.fix) from None
    if arguments.labels and arguments.readers:
        raise UsageError("Labels come from --labels or from --readers.", "", "Give one of them.")
    threshold = arguments.threshold
    if threshold is not None and not 0.0 <= threshold <= 1.0:
        raise UsageError(
            f"A threshold of {threshold} is no probability.", "0 to 1 was expected.", "Correct it."
        )
    given = [arguments.folder, *([arguments.labels] if arguments.labels else [])]
    keep_out([arguments.output], given)
    keep_out([arguments.output], given, found_items(given))
    # That it cannot be written must not come out after an hour.
    check_place(arguments.output)
    classifier = load_classifier(arguments.model, arguments.operating_point)
    if threshold is None:
        threshold = classifier.card.threshold
    with _Bar("image") as told:
        audit = audit_folder(
            arguments.folder,
            classifier.folder,
            Readers() if arguments.readers else arguments.labels,
            told,
            out_of_fold=not arguments.own_scores,
            on_notice=say,
        )
    with _Bar("picture") as told:
        data, found = report_bytes(
            audit,
            suffix,
            threshold,
            names=arguments.names,
            with_pictures=not arguments.no_pictures,
            on_progress=told,
        )
    write_whole(arguments.output, data)
    say(
        f"{counts.files(len(audit.rows))}: {len(audit.scored)} scored, "
        f"{found.files(Status.REFUSED)} refused, {found.files(Status.UNREADABLE)} unreadable.",
        headline(found)[0],
        *(f"Caution: {problem}" for problem in audit.problems),
        *found.looks,
        f"Written to {arguments.output}.",
    )
    return 0


class _Bar:
    """A progress bar on a terminal, silence elsewhere; begun with the first figure."""

    def __init__(self, unit: str) -> None:
        self._unit = unit

    def __enter__(self) -> _Bar:
        import sys

        from tqdm import tqdm

        self._bar = tqdm(total=None, unit=self._unit, disable=not sys.stderr.isatty())
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def __call__(self, done: int, total: int) -> None:
        self._bar.total = total
        self._bar.update(done - self._bar.n if not self._bar.disable else 0)
