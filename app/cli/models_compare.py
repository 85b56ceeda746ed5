"""`python main.py models compare A B --data FOLDER`: two models on the same labelled images."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from pathlib import Path


def compare(arguments: argparse.Namespace) -> int:
    """Score with both, compare, print and write. 0 when they were compared."""
    from tqdm import tqdm

    from app.cli.files import found_items, load_classifier, say
    from app.cli.outputs import keep_out, written
    from app.core.base import counts
    from app.review.comparison.compare import in_words
    from app.review.comparison.trial import labelled_items, try_both

    keep_out([arguments.output], [arguments.data])
    keep_out([arguments.output], [arguments.data], found_items([arguments.data]))
    items = labelled_items(Path(arguments.data))
    with contextlib.ExitStack() as stack:
        # The output is opened first: that it cannot be written must not come out after an hour.
        file = stack.enter_context(written(arguments.output)) if arguments.output else None
        models = [load_classifier(name) for name in (arguments.first, arguments.second)]
        bar = stack.enter_context(
            tqdm(total=2 * len(items), unit="score", disable=not sys.stderr.isatty())
        )

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        figures = try_both(models[0], models[1], items, progress)
        if file:
            file.write(json.dumps(figures, indent=2, allow_nan=False) + "\n")
    files = figures["files"]
    say(
        f"{counts.files(files['total'])}: {files['scored']} scored, {files['refused']} refused, "
        f"{files['unreadable']} unreadable."
    )
    print("\n".join(in_words(figures)))
    if arguments.output:
        say(f"Written to {arguments.output}.")
    return 0
