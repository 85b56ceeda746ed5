"""A model's page as a file: PDF, HTML or Markdown, by the suffix of its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from app.core.model.card import ModelCard
from app.review.report.document.blocks import Document
from app.review.report.model_page.gallery import failures, found_in, gallery
from app.review.report.model_page.page import model_page
from app.review.report.model_page.records import default_folders, records_of

SUFFIXES = (".pdf", ".html", ".md")


def card_document(
    model_folder: Path,
    records: Sequence[Path] = (),
    data: Path | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Document:
    """The page of the model in a folder.

    Parameters
    ----------
    model_folder
        Where it lies.
    records
        Folders with records, besides those where they lie by default.
    data
        The person's own copy of the data: its failures are shown as pictures. None for none.
    on_progress
        Called while that copy is searched.
    """
    card = ModelCard.load(model_folder / "card.json")
    known = records_of(card, (*records, *default_folders(model_folder)))
    document = model_page(card, known)
    wanted = failures(known)
    if data is None or not wanted:
        return document
    shown = gallery(model_folder, wanted, found_in(data, wanted, on_progress))
    return replace(document, blocks=(*document.blocks, *shown.blocks))
