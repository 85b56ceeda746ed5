"""`python main.py models card`: a model's page from its card and the recorded runs on it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.cli import UsageError


def add_card_parser(tasks: Any) -> None:
    """The arguments of the task."""
    card = tasks.add_parser("card", help="write all that is known of a model, as a document")
    card.add_argument("name", metavar="NAME", nargs="?", help="the active model where left out")
    card.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="card.md, .html or .pdf"
    )
    card.add_argument(
        "--records", type=Path, action="append", default=[], metavar="DIR",
        help="more folders with JSON files of recorded runs",
    )  # fmt: skip
    card.add_argument(
        "--data", type=Path, metavar="FOLDER", help="your copy of the data, to show the failures"
    )


def write_card(arguments: argparse.Namespace) -> int:
    """Write the document. 0 when it was written."""
    from app.cli.files import say
    from app.cli.outputs import check_place, keep_out, write_whole
    from app.core.base.errors import OutputError
    from app.inference.registry.models import active_name, find_model
    from app.review.report.document.files import laid_out, suffix_of
    from app.review.report.model_page.files import SUFFIXES, card_document

    try:
        suffix = suffix_of(arguments.output, SUFFIXES)
    except OutputError as error:
        raise UsageError(error.what, error.expected, error.fix) from None
    if arguments.data is not None:
        if not arguments.data.is_dir():
            raise UsageError(f"There is no folder {arguments.data}.", "", "Correct --data.")
        keep_out([arguments.output], [str(arguments.data)])
    check_place(arguments.output)
    folder = find_model(arguments.name or active_name())
    document = card_document(folder, arguments.records, arguments.data)
    write_whole(arguments.output, laid_out(document, suffix))
    say(f"The card of {folder.name} is written to {arguments.output}.")
    return 0
