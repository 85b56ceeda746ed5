"""The failures of a model, shown from a person's own copy of the data: nothing of it is shipped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.core.base.errors import TrainingDataError, UnreadableImage
from app.core.base.translation import tr
from app.core.image.display import render
from app.core.image.preprocess import content_hash
from app.core.image.reader import read_radiograph
from app.core.reading.verdicts import ImageIdentity
from app.core.worklist.scan import Item, scan
from app.inference.runtime.classifier import Classifier
from app.inference.scoring.pipeline import score
from app.review.report.document.blocks import Block, Heading, Paragraph, Picture, Pictures
from app.review.report.misses import side_by_side
from app.review.report.model_page.reading import at, figure
from app.review.report.model_page.records import Records

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class Failure:
    """A miss on record: of which report, where it lay there, which picture, and its score."""

    folder: str
    name: str
    content_hash: str
    p: Any


def failures(records: Records) -> tuple[Failure, ...]:
    """The worst misses of all site reports on a model."""
    return tuple(
        Failure(
            str(report.get("folder", "")),
            str(at(raw, "name") or ""),
            str(at(raw, "content_hash") or ""),
            at(raw, "p"),
        )
        for report in records.reports.values()
        for raw in (report.get("worst_misses") or ())
        if at(raw, "content_hash")
    )


def found_in(
    folder: Path,
    wanted: Sequence[Failure],
    on_progress: OnProgress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> dict[str, Item]:
    """The files of a folder that hold the failures, by content hash.

    A file is taken where the record has its name; only what is not found so is looked for by
    reading every image, until all are found.

    Raises
    ------
    TrainingDataError
        When none of them is there.
    """
    missing = {each.content_hash for each in wanted}
    found: dict[str, Item] = {}
    by_name = [folder / each.name for each in wanted if each.name]
    by_name += [folder / each.folder / each.name for each in wanted if each.name]
    _look([Item(path, path.name) for path in by_name if path.is_file()], missing, found)
    if missing:
        items = list(scan([str(folder)], cancelled))
        for done, item in enumerate(items, 1):
            if not missing or cancelled():
                break
            _look([item], missing, found)
            on_progress(done, len(items))
    if not found and not cancelled():
        raise TrainingDataError(
            tr("None of the images on record is in this folder."),
            tr("Your own copy of the data that the model was measured on was expected."),
            tr("Choose the folder that holds it."),
        )
    return found


def _look(items: Sequence[Item], missing: set[str], found: dict[str, Item]) -> None:
    for item in items:
        try:
            own = content_hash(render(read_radiograph(item.path)))
        except UnreadableImage:
            continue
        if own in missing:
            missing.discard(own)
            found[own] = item


@dataclass(frozen=True)
class Gallery:
    """What is shown, and by what its images are known: who sees it has seen their scores."""

    blocks: tuple[Block, ...]
    images: tuple[ImageIdentity, ...]


def gallery(
    model_folder: Path,
    wanted: Sequence[Failure],
    found: Mapping[str, Item],
    cancelled: Callable[[], bool] = lambda: False,
) -> Gallery:
    """The pictures of the failures that were found, each beside its heatmap."""
    blocks: list[Block] = []
    images: list[ImageIdentity] = []
    classifier = Classifier(model_folder)
    for folder in dict.fromkeys(each.folder for each in wanted):
        of_folder = [each for each in wanted if each.folder == folder]
        there = [each for each in of_folder if each.content_hash in found]
        items = [found[each.content_hash] for each in there]
        results = list(score(items, classifier, heatmaps=True, batch_size=4, cancelled=cancelled))
        images += [scored.identity for scored in results]
        pictures = tuple(
            Picture(
                side_by_side(scored.shown, scored.heatmap),
                (tr("Probability {p}", p=figure(each.p)), each.name or each.content_hash[:12]),
                tr("Missed pneumonia: the image, and its heatmap"),
            )
            for each, scored in zip(there, results, strict=False)
            if scored.shown is not None
        )
        blocks += [Heading(folder, 2), Pictures(pictures, 3)]
        if len(pictures) < len(of_folder):
            blocks.append(
                Paragraph(
                    tr(
                        "Not in this copy, or refused now: {count} of {total}.",
                        count=len(of_folder) - len(pictures),
                        total=len(of_folder),
                    ),
                    "note",
                )
            )
    return Gallery(tuple(blocks), tuple(images))
