"""Which files of a folder are audited and where their labels come from.

From class subfolders (with or without a CSV of further columns beside them), from a CSV, or from
readers' verdicts. What cannot be used never stops an audit: it is left out, counted and told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.core.base.errors import TrainingDataError
from app.core.base.translation import tr
from app.core.worklist.scan import Item, scan
from app.review.audit import table_text as words
from app.review.audit.csv_labels import COLUMNS_BESIDE, TableRow, TableRows, read_rows
from app.review.audit.readers import LabelsFrom, Readers
from app.review.comparison.evaluation import CLASSES, labelled_folders, no_images

Never = Callable[[], bool]


@dataclass(frozen=True)
class LabelledFile:
    """One file with its label.

    Parameters
    ----------
    item
        The file.
    name
        Its path below the audited folder, with forward slashes.
    label
        0 or 1; None where only its content will tell, as with readers' verdicts.
    patient
        What a CSV says, marked as its word; empty where header or file name are to tell.
    columns
        Of the CSV, and the source folder.
    """

    item: Item
    name: str
    label: int | None
    patient: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LabelledFiles:
    """What a source of labels gives.

    Parameters
    ----------
    files
        In the order of the scan.
    source
        Where the labels come from, in words.
    problems
        What was left out and why, in words, without names of files.
    """

    files: tuple[LabelledFile, ...] = field(repr=False)
    source: str
    problems: tuple[str, ...] = ()


def labelled_files(
    folder: Path, labels: LabelsFrom = None, cancelled: Never = lambda: False
) -> LabelledFiles:
    """The files to audit.

    Parameters
    ----------
    folder
        Never written to.
    labels
        A CSV with the columns path and label and any others; ``Readers``; or None for the names
        of the subfolders, with the columns of a ``labels.csv`` in the folder where there is one.
        A CSV without a label column gives its columns to the subfolders' labels.
    cancelled
        Asked between files; true ends the search early.

    Raises
    ------
    TrainingDataError
        When the folder or the CSV cannot be used, or nothing is labelled.
    """
    labelled_folder(folder)
    items = {below(item, folder): item for item in scan([str(folder)], cancelled)}
    if isinstance(labels, Readers):
        files = tuple(
            LabelledFile(item, name, None, "", _source_folder(name)) for name, item in items.items()
        )
        return LabelledFiles(files, labels.in_words())
    by_folder = any(_class_of(name) is not None for name in items)
    beside = folder / COLUMNS_BESIDE
    table = labels
    if table is None and beside.is_file():
        table = beside
    if table is None:
        return _from_folders(folder, items)
    try:
        said = read_rows(table, folder, items, needs_labels=labels is not None and not by_folder)
    except TrainingDataError as error:
        if labels is not None or not by_folder:
            raise
        # Nobody asked for this table: the subfolders do without it.
        said = TableRows(problems=(error.what,))
    # Beside class folders a table adds columns; only one that was asked for gives the labels.
    if said.has_labels and (labels is not None or not by_folder):
        return _from_table(table, items, said)
    found = _from_folders(folder, items)
    return replace(
        found,
        files=tuple(_with(file, said.rows.get(file.name)) for file in found.files),
        source=tr("{source}; columns of {table}", source=found.source, table=table.name)
        if said.rows
        else found.source,
        problems=(*found.problems, *said.problems),
    )


def labelled_folder(folder: Path) -> None:
    """Raise ``TrainingDataError`` unless a folder can be opened."""
    try:
        next(iter(folder.iterdir()), None)
    except OSError as error:
        raise TrainingDataError(
            tr(
                "The folder {folder} cannot be opened: {reason}.",
                folder=folder,
                reason=error.strerror or error,
            ),
            tr("A folder with labelled images was expected."),
            tr("Choose another folder."),
        ) from error


def below(item: Item, folder: Path) -> str:
    """The path of a scanned file below the scanned folder, with forward slashes."""
    return item.path.relative_to(folder).as_posix()


def _from_folders(folder: Path, items: Mapping[str, Item]) -> LabelledFiles:
    """The innermost folder named NORMAL or PNEUMONIA labels a file; case does not matter."""
    files = [
        LabelledFile(item, name, label, "", _source_folder(name))
        for name, item in items.items()
        if (label := _class_of(name)) is not None
    ]
    if not files:
        # Says what is missing; class folders deeper down are found above, and may be empty too.
        labelled_folders(folder)
        raise no_images(folder)
    others = len(items) - len(files)
    problems = (words.no_class_folder(others),) if others else ()
    return LabelledFiles(tuple(files), tr("names of the subfolders"), problems)


def _from_table(table: Path, items: Mapping[str, Item], said: TableRows) -> LabelledFiles:
    files = tuple(
        _with(LabelledFile(item, name, row.label, "", _source_folder(name)), row)
        for name, item in items.items()
        if (row := said.rows.get(name)) is not None
    )
    problems = said.problems
    if not files:
        raise TrainingDataError(
            tr("{table} labels no image of the folder.", table=table.name),
            " ".join(problems)
            or tr("Paths below the folder and the labels NORMAL and PNEUMONIA were expected."),
            tr("Correct the table, or choose the folder that its paths start from."),
        )
    if others := sum(name not in said.named for name in items):
        problems = (*problems, words.not_named(others, table.name))
    return LabelledFiles(files, tr("the table {table}", table=table.name), problems)


def _with(file: LabelledFile, row: TableRow | None) -> LabelledFile:
    """A file with what a row of the table says beside the label."""
    if row is None:
        return file
    return replace(file, patient=row.patient, columns={**file.columns, **row.columns})


def _class_of(name: str) -> int | None:
    """The class that the innermost folder named after one gives a file."""
    named = [part.upper() for part in name.split("/")[:-1] if part.upper() in CLASSES]
    return CLASSES.index(named[-1]) if named else None


def _source_folder(name: str) -> dict[str, str]:
    """The folders above a file, those that name its class left out."""
    folders = [part for part in name.split("/")[:-1] if part.upper() not in CLASSES]
    return {"source folder": "/".join(folders)} if folders else {}
