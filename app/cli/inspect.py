"""`python main.py inspect FOLDER`: what a training folder holds, before any training."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli import UsageError, new_parser
from app.core.base.counts import images
from app.core.base.file_names import as_text

if TYPE_CHECKING:
    from app.training.data.findings import Inspection, Skipped

_MOST = 10
"""So many files or groups are listed; --json has them all."""


def parser() -> argparse.ArgumentParser:
    """Arguments of `inspect`."""
    parser = new_parser("inspect", "Look at the images of a training folder, before any training.")
    parser.add_argument(
        "folder", metavar="FOLDER", help="one subfolder per class, perhaps below train, val, test"
    )
    add_data_arguments(parser)
    parser.add_argument("--json", type=Path, metavar="OUT", help="the whole report as a file")
    return parser


def add_data_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments that tell classes and patients, for every command that reads such a folder."""
    parser.add_argument(
        "--labels",
        metavar="CSV",
        help="columns path and label (perhaps patient, split, weight), in place of subfolders",
    )
    parser.add_argument("--patients", metavar="CSV", help="columns path and patient")
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="FROM=TO",
        help="rename a class, or leave it out (FROM=); may be given several times",
    )


def read_mapping(pairs: Sequence[str]) -> dict[str, str]:
    """The class mapping that ``--map`` gives.

    Raises
    ------
    UsageError
        When a pair has no ``=``, or a class is given twice.
    """
    mapping: dict[str, str] = {}
    for pair in pairs:
        old, equals, new = (part.strip() for part in pair.partition("="))
        if not old or not equals or old in mapping:
            raise UsageError(
                f"--map {pair} cannot be meant.",
                "FROM=TO was expected, once for each class, such as --map COVID=PNEUMONIA.",
                "Correct it; FROM= alone leaves the class out.",
            )
        mapping[old] = new
    return mapping


def run(arguments: argparse.Namespace) -> int:
    """Look and tell. 0 when the folder can be trained on, 1 when something stands in the way."""
    from app.cli.files import say
    from app.cli.outputs import keep_out, written
    from app.training.data.inspection import inspect_layout
    from app.training.data.layout import list_layout

    mapping = read_mapping(arguments.map)
    given = [path for path in (arguments.labels, arguments.patients) if path]
    for path in (arguments.folder, *given):
        _check_there(path)
    # A table of labels may lie beside the report, but is never overwritten by it.
    keep_out([arguments.json], [arguments.folder, *given])
    labels, patients = (
        Path(path) if path else None for path in (arguments.labels, arguments.patients)
    )
    layout = list_layout(Path(arguments.folder), labels, patients, mapping)
    if arguments.json is None:
        found = inspect_layout(layout, _Bar())
    else:
        with written(arguments.json) as file:
            found = inspect_layout(layout, _Bar())
            file.write(json.dumps(as_dict(found), indent=2, allow_nan=False) + "\n")
    for line in report(found):
        print(_printable(line))
    if arguments.json is not None:
        say(f"Written to {arguments.json}.")
    if found.problems:
        first, *others = found.problems
        for other in others:
            first.add_note(str(other))
        raise first
    return 0


def report(found: Inspection) -> list[str]:
    """The findings as lines for a terminal."""
    from app.training.data.findings_text import common_sizes, count_rows, groups, size_rows

    classes = len(found.layout.classes)
    lines = [
        f"{images(found.images())} of {'1 class' if classes == 1 else f'{classes} classes'}",
        "",
    ]
    lines += _table(count_rows(found))
    if found.sizes:
        lines += ["", "Sizes in pixels: lowest, median, highest", *_table(size_rows(found))]
        lines.append(common_sizes(found))
    lines += ["", f"Patients known: {found.patients:,}"]
    lines += [f"Images of an unknown patient: {found.without_patient:,}"]
    for title, members in groups(found):
        lines.append(f"{title}: {f'{len(members):,}' if members else 'none'}")
        lines += [f"  {member}" for member in members[:_MOST]]
        lines += [f"  ... and {len(members) - _MOST:,} more"] if len(members) > _MOST else []
    if found.warnings:
        lines += ["", "To know before a training"]
        lines += [f"  {warning}" for warning in found.warnings]
    return lines


def as_dict(found: Inspection) -> dict[str, Any]:
    """The findings for JSON; images by their paths below the folder, patients not by name."""
    classes, splits = found.layout.classes, found.layout.splits
    return {
        "images": found.images(),
        "classes": {
            name: {
                "images": found.images(name),
                "share": found.share(name),
                "splits": {split: found.images(name, split) for split in splits},
            }
            for name in classes
        },
        "sizes": {
            s.class_name: {
                key: {"low": spread.low, "median": spread.median, "high": spread.high}
                for key, spread in (("width", s.width), ("height", s.height), ("aspect", s.aspect))
            }
            for s in found.sizes
        },
        "common_sizes": [
            {"width": width, "height": height, "images": images}
            for width, height, images in found.common_sizes
        ],
        "different_sizes": found.different_sizes,
        "patients": found.patients,
        "images_without_patient": found.without_patient,
        "unreadable": _with_reasons(found.unreadable),
        "refused": _with_reasons(found.refused),
        "copies": [
            {
                "paths": [as_text(entry.name) for entry in one.entries],
                "exact": one.exact,
                "classes_differ": one.labels_differ,
                "splits": list(one.splits),
            }
            for one in found.copies
        ],
        "patients_on_both_sides": [
            {"paths": [as_text(entry.name) for entry in one.entries], "splits": list(one.splits)}
            for one in found.split_patients
        ],
        "warnings": list(found.warnings),
        "problems": [str(problem) for problem in found.problems],
    }


def _with_reasons(files: Sequence[Skipped]) -> list[dict[str, Any]]:
    return [
        {"path": as_text(one.name), "reason": as_text(one.reason), "codes": list(one.codes)}
        for one in files
    ]


def _table(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            [row[0].ljust(widths[0])]
            + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        ).rstrip()
        for row in rows
    ]


def _printable(line: str) -> str:
    """Names may hold what no terminal shows, or what it would obey."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in as_text(line))
    encoding = sys.stdout.encoding or "utf-8"
    return plain.encode(encoding, "replace").decode(encoding)


def _check_there(path: str) -> None:
    try:
        there = Path(path).exists()
    except (OSError, ValueError):  # a name that no file system takes, a closed folder above it
        there = False
    if not there:
        raise UsageError(f"There is no {path}.", "It was expected to be read.", "Correct it.")


class _Bar:
    """A progress bar on a terminal, silence elsewhere; begun with the first figure."""

    def __init__(self) -> None:
        self._bar: Any = None

    def __call__(self, done: int, total: int) -> None:
        from tqdm import tqdm

        if self._bar is None:
            self._bar = tqdm(total=total, unit="image", disable=not sys.stderr.isatty())
        self._bar.update(done - self._bar.n if not self._bar.disable else 0)
        if done == total:
            self._bar.close()
