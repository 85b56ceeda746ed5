"""An inspection's findings as rows and lines, the same in the terminal and in the window."""

from __future__ import annotations

from app.core.base.translation import tr
from app.training.data.findings import Copies, Inspection, ValueRange
from app.training.data.text import listed


def percent(share: float) -> str:
    """A part of one as a percentage with one decimal."""
    return f"{100 * share:.1f} %"


def count_rows(found: Inspection) -> list[list[str]]:
    """A heading, a row a class and one of sums: images of each split (if any), of all, share."""
    splits = found.layout.splits
    rows = [[tr("Class"), *splits, tr("Images"), tr("Share")]]
    for name in found.layout.classes:
        cells = [
            f"{found.images(name, split):,} ({percent(found.share(name, split))})"
            for split in splits
        ]
        rows.append([name, *cells, f"{found.images(name):,}", percent(found.share(name))])
    sums = [f"{found.images(None, split):,}" for split in splits]
    return [
        *rows,
        [tr("All"), *sums, f"{found.images():,}", percent(1.0) if found.images() else ""],
    ]


def size_rows(found: Inspection) -> list[list[str]]:
    """A heading, and a row a class: lowest, median and highest of each measure."""
    return [
        [tr("Class"), tr("Width"), tr("Height"), tr("Width by height")],
        *(
            [s.class_name, _spread(s.width), _spread(s.height), _spread(s.aspect, ".2f")]
            for s in found.sizes
        ),
    ]


def common_sizes(found: Inspection) -> str:
    """The most frequent sizes on a line."""
    common = ", ".join(f"{w} × {h} ({n:,})" for w, h, n in found.common_sizes)
    if found.different_sizes == 1:
        return tr("All of one size: {sizes}", sizes=common)
    return tr(
        "{count:,} different sizes; most frequent: {sizes}",
        count=found.different_sizes,
        sizes=common,
    )


def groups(found: Inspection) -> list[tuple[str, list[str]]]:
    """What a person may want to look at: a title, and a line for each member."""
    told = [
        (
            tr("Files that cannot be read"),
            [f"{one.name}: {one.reason}" for one in found.unreadable],
        ),
        (tr("Files that are refused"), [f"{one.name}: {one.reason}" for one in found.refused]),
        (tr("Groups of exact copies"), [_copies(one) for one in found.copies if one.exact]),
        (tr("Groups of near copies"), [_copies(one) for one in found.copies if not one.exact]),
    ]
    if found.layout.splits:
        told.append(
            (
                tr("Patients on both sides of the ready-made split"),
                [", ".join(entry.name for entry in one.entries) for one in found.split_patients],
            )
        )
    return told


def _copies(one: Copies) -> str:
    told = ", ".join(entry.name for entry in one.entries)
    if len(one.splits) > 1:
        told = tr("in {splits}: {names}", splits=listed(one.splits), names=told)
    return tr("DIFFERENT CLASSES: {names}", names=told) if one.labels_differ else told


def _spread(spread: ValueRange, form: str = ".0f") -> str:
    return f"{spread.low:{form}}, {spread.median:{form}}, {spread.high:{form}}"
