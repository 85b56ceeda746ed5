"""Sentences on a training folder that count something: one of it and many read differently."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from app.core.base.translation import mark, tr


def listed(names: Sequence[str]) -> str:
    """At least one name; the last of many is their number."""
    shown = list(names)
    if len(shown) > 6:
        shown = [*shown[:5], tr("{count} more", count=len(shown) - 5)]
    if len(shown) == 1:
        return shown[0]
    return tr("{first} and {last}", first=", ".join(shown[:-1]), last=shown[-1])


def empty_classes(names: Sequence[str]) -> str:
    """These class folders hold no image."""
    if len(names) == 1:
        return tr("The class {name} holds no image: left out.", name=names[0])
    return tr("The classes {names} hold no image: left out.", names=listed(names))


def closed(number: int, folder: str) -> str:
    """So many folders below one cannot be opened."""
    if number == 1:
        return tr(
            "1 folder below {folder} cannot be opened: left out. Check the permissions.",
            folder=folder,
        )
    return tr(
        "{count:,} folders below {folder} cannot be opened: left out. Check the permissions.",
        count=number,
        folder=folder,
    )


def not_named(number: int, table: str) -> str:
    """So many images of the folder are not in the table of labels."""
    if number == 1:
        return tr("1 image of the folder is not in {table}: left out.", table=table)
    return tr(
        "{count:,} images of the folder are not in {table}: left out.", count=number, table=table
    )


def no_patient(number: int, table: str) -> str:
    """So many images have no patient in the table of patients."""
    if number == 1:
        return tr(
            "1 image has no patient in {table}: header or file name tell it there.", table=table
        )
    return tr(
        "{count:,} images have no patient in {table}: header or file name tell it there.",
        count=number,
        table=table,
    )


def repeated(number: int, table: str) -> str:
    """So many rows of a table say what another row said."""
    if number == 1:
        return tr("{table} repeats 1 row: counted once.", table=table)
    return tr("{table} repeats {count:,} rows: counted once.", table=table, count=number)


def patients_on_both_sides(splits: Sequence[Collection[str]]) -> str:
    """What it means that patients stand on more than one side of a ready-made split.

    Parameters
    ----------
    splits
        The splits that each of them stands in.
    """
    where = (
        tr("1 patient stands on both sides of the ready-made split")
        if len(splits) == 1
        else tr("{count:,} patients stand on both sides of the ready-made split", count=len(splits))
    )
    return _leak(where, splits)


def copies_on_both_sides(splits: Sequence[Collection[str]]) -> str:
    """As ``patients_on_both_sides``, of groups of copies."""
    where = (
        tr("1 group of copies stands on both sides of the ready-made split")
        if len(splits) == 1
        else tr(
            "{count:,} groups of copies stand on both sides of the ready-made split",
            count=len(splits),
        )
    )
    return _leak(where, splits)


def _leak(where: str, splits: Sequence[Collection[str]]) -> str:
    in_test = sum("test" in sides for sides in splits)
    if not in_test:
        return tr("{where}: training divides anew, each patient whole.", where=where)
    if in_test == len(splits):
        return tr("{where}, in test: figures on the test images will flatter.", where=where)
    return tr(
        "{where}, {count:,} of them in test: figures on the test images will flatter.",
        where=where,
        count=in_test,
    )


def labels_differ(number: int) -> str:
    """So many groups of copies have images in different classes."""
    if number == 1:
        return tr("1 group of copies has images in different classes: a label must be wrong.")
    return tr(
        "{count:,} groups of copies have images in different classes: a label must be wrong.",
        count=number,
    )


def strangers(number: int) -> str:
    """So many groups of near copies have different patients."""
    if number == 1:
        return tr(
            "1 group of near copies has different patients or none: training may put them on "
            "both sides of its own split. A CSV of patients can join them."
        )
    return tr(
        "{count:,} groups of near copies have different patients or none: training may put them "
        "on both sides of its own split. A CSV of patients can join them.",
        count=number,
    )


def unreadable(number: int) -> str:
    """So many files cannot be read."""
    if number == 1:
        return tr("1 file cannot be read: left out.")
    return tr("{count:,} files cannot be read: left out.", count=number)


def refused(number: int) -> str:
    """So many files are refused by the gate."""
    if number == 1:
        return tr("1 file is no chest radiograph that may be judged: left out.")
    return tr("{count:,} files are no chest radiograph that may be judged: left out.", count=number)


ANYWHERE = mark("in a CSV, a header or the file name")
"""Where a patient may be told: after "carries no patient"."""


def placeholders(number: int) -> tuple[str, ...]:
    """So many headers have a PatientID that is the same for many; nothing for none."""
    if not number:
        return ()
    told = (
        tr("1 image has a PatientID that names nobody, such as ANONYMOUS or 0")
        if number == 1
        else tr(
            "{count:,} images have a PatientID that names nobody, such as ANONYMOUS or 0",
            count=number,
        )
    )
    return (tr("{told}: it is not taken for a patient.", told=told),)


def unnamed(number: int, where: str) -> str:
    """So many images carry no patient in the places that were looked at."""
    told = (
        tr("1 image carries no patient {where}", where=where)
        if number == 1
        else tr("{count:,} images carry no patient {where}", count=number, where=where)
    )
    return tr(
        "{told}: two images of one person may fall on both sides of the split, and the figures "
        "then come out too good.",
        told=told,
    )


def empty_sides(patients: int, name: str, sides: Sequence[str]) -> str:
    """The patients of a class are too few for the sides of a split, given in English."""
    missing = listed([side_name(side) for side in sides])
    if patients == 1:
        return tr(
            "The 1 patient of the class {name} leaves nobody for {sides}.", name=name, sides=missing
        )
    return tr(
        "The {count:,} patients of the class {name} leave nobody for {sides}.",
        count=patients,
        name=name,
        sides=missing,
    )


def side_name(side: str) -> str:
    """A side of a run's own split, as a person reads it."""
    names = {
        "train": tr("train"),
        "validation": tr("validation"),
        "calibration": tr("calibration"),
    }
    return names.get(side, side)
