"""The model's page as a document: what it is for first, what it cannot do before its figures."""

from __future__ import annotations

from collections.abc import Mapping

from app.core.base.translation import language, tr
from app.core.model.card import ModelCard, missing_parts
from app.review.export.reviewed import MAKER
from app.review.report.document import blocks as parts
from app.review.report.model_page.figures import (
    calibration_blocks,
    figure_blocks,
    operating_point_blocks,
    slice_blocks,
)
from app.review.report.model_page.further import (
    gallery_blocks,
    kind_blocks,
    other_blocks,
    shortcut_blocks,
    uncertainty_blocks,
)
from app.review.report.model_page.heatmap import heatmap_blocks
from app.review.report.model_page.out_of_distribution import fitness_blocks
from app.review.report.model_page.reading import at, count, words
from app.review.report.model_page.records import Records
from app.review.report.model_page.targets import target_blocks

_SIDES = ("train", "validation", "calibration")


def model_page(card: ModelCard, records: Records) -> parts.Document:
    """Everything that is known of a model.

    Parameters
    ----------
    card
        Of the model.
    records
        The recorded runs on it.
    """
    blocks: list[parts.Block] = []
    chapters = (
        (tr("What it is for"), _use(card)),
        (tr("What it cannot do"), _limits(card)),
        (tr("Figures"), figure_blocks(card, records)),
        (tr("Targets"), target_blocks(card, records)),
        (tr("On whom: slices"), slice_blocks(records)),
        (tr("Operating points"), operating_point_blocks(card)),
        (tr("Do its probabilities hold?"), calibration_blocks(card)),
        (tr("How sure it is of itself"), uncertainty_blocks(card)),
        (tr("Bacterial or viral"), kind_blocks(card)),
        (tr("What it refuses to judge"), fitness_blocks(card, records)),
        (tr("Shortcuts"), shortcut_blocks(records)),
        (tr("What its heatmaps are worth"), heatmap_blocks(card, records)),
        (tr("Other recorded runs"), other_blocks(card, records)),
        (tr("Failure gallery"), gallery_blocks(records)),
        (tr("Data and split"), _data(card)),
        (tr("Licence"), _licence(card)),
    )
    for title, chapter in chapters:
        if chapter:
            blocks += [parts.Heading(title), *chapter]
    subtitle = tr(
        "Network {arch}, input {input_size} × {input_size} grey; made {day}",
        arch=card.arch,
        input_size=card.input_size,
        day=card.created[:10],
    )
    return parts.Document(
        tr("Model card: {title}", title=card.title),
        subtitle,
        tuple(blocks),
        running=tr("Model card"),
        made=tr("{maker}  ·  from the card of {title} and the recorded runs on it",
                maker=MAKER, title=card.title),
        language=language() or "en",
    )  # fmt: skip


def _use(card: ModelCard) -> list[parts.Block]:
    said = tr(
        "It gives a frontal chest X-ray a probability of {positive} (against {negative}), so that "
        "a person reads the likely ones first and reads each more attentively. The person decides.",
        positive=card.classes[-1],
        negative=", ".join(card.classes[:-1]),
    )
    found: list[parts.Block] = [parts.Paragraph(said)]
    if card.age_years:
        low, high = card.age_years
        words_of_age = tr(
            "Made for patients like those of its training: {low:g} to {high:g} years old.",
            low=low,
            high=high,
        )
        found.append(parts.Paragraph(words_of_age))
    return found


def _limits(card: ModelCard) -> list[parts.Block]:
    said = tuple(words(text) for text in card.limits) or (tr("The card names no limit."),)
    found: list[parts.Block] = [parts.Bullets(said)]
    if missing := missing_parts(card):
        lacking = tr("This model lacks: {parts}.", parts="; ".join(missing))
        found.append(parts.Paragraph(lacking, "caution"))
    return found


def _data(card: ModelCard) -> list[parts.Block]:
    rows = []
    titles = {
        "train": tr("trained on"),
        "validation": tr("watched in training"),
        "calibration": tr("held out"),
    }
    images = card.data.get("images")
    for side in _SIDES:
        of_side = images.get(side) if isinstance(images, Mapping) else None
        if isinstance(of_side, Mapping) and of_side:
            rows.append((titles[side], *(count(of_side.get(name, 0)) for name in card.classes)))
    found: list[parts.Block] = []
    if rows:
        found.append(parts.Table((tr("Images"), *card.classes), tuple(rows)))
    facts = [
        (tr("Folder"), str(card.data.get("folder") or "–")),
        (tr("Split"), words(card.data.get("split")) or "–"),
        (tr("Data, SHA-256"), str(card.data.get("sha256") or "–")),
        (tr("Weights, SHA-256"), card.weights_sha256),
        (tr("Preprocessing"), card.preprocessing),
        (tr("Parameters"), count(at(card.metrics, "parameters"))),
    ]
    return [*found, parts.Facts(tuple(facts))]


def _licence(card: ModelCard) -> list[parts.Block]:
    return [parts.Paragraph(card.licence or tr("The card names none."))]
