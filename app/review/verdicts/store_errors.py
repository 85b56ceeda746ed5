"""What can be wrong with a database of verdicts, in words for the person."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.core.reading.verdicts import VerdictEntry


class VerdictStoreError(ReviewError):
    """The database of verdicts cannot be read or written.

    ``can_move_aside`` says whether a new one can take its place once it is moved out of the way.
    """

    can_move_aside = False


class VerdictConflict(ReviewError):
    """The same reader said something else of the image meanwhile, in another program.

    Parameters
    ----------
    theirs
        The newest row of the reader on the image; None where it cannot be told.
    """

    def __init__(self, theirs: VerdictEntry | None) -> None:
        super().__init__(
            tr("You have given another verdict on this image meanwhile, in another program."),
            tr("Nothing was saved: the newer verdict is shown now."),
            tr("Look at it, and give yours again if it is still what you think."),
        )
        self.theirs = theirs


def damaged(path: Path, complaint: str) -> VerdictStoreError:
    """Not a database, or a broken one."""
    error = VerdictStoreError(
        tr(
            "The database of verdicts {path} is damaged: {complaint}.",
            path=path,
            complaint=complaint.strip().rstrip("."),
        ),
        tr("Nothing was written to it, and nothing will be."),
        tr("Move it aside and begin a new one, or put a copy from a backup in its place."),
    )
    error.can_move_aside = True
    return error


_NAMED = 3
"""So many cells are named; a person then knows what kind of damage it is."""


def with_bad_cells(path: Path, cells: Mapping[int, str]) -> VerdictStoreError:
    """Whole, but for rows in which something stands that no version writes.

    Parameters
    ----------
    path
        The database.
    cells
        The column by the number of the row.
    """
    named = [
        tr("row {row}, column {column}", row=row, column=column)
        for row, column in sorted(cells.items())[:_NAMED]
    ]
    where = "; ".join(named) + ("; …" if len(cells) > _NAMED else "")
    error = VerdictStoreError(
        tr(
            "1 row of the database of verdicts {path} cannot be read ({where}).",
            path=path,
            where=where,
        )
        if len(cells) == 1
        else tr(
            "{count:,} rows of the database of verdicts {path} cannot be read ({where}).",
            count=len(cells),
            path=path,
            where=where,
        ),
        tr("All others count. What was said last of the images of these rows may be missing."),
        tr("Move it aside and begin a new one, or put a copy from a backup in its place."),
    )
    error.can_move_aside = True
    return error


def newer(path: Path, version: int, known: int) -> VerdictStoreError:
    """Written by a later version of the program."""
    error = VerdictStoreError(
        tr("The database of verdicts {path} was written by a newer version of Opacity.", path=path),
        tr(
            "Its format is {version}; this version knows up to {known}. It was left as it is.",
            version=version,
            known=known,
        ),
        tr("Use the newer version, or choose another place for the verdicts in the settings."),
    )
    error.can_move_aside = True
    return error


def foreign(path: Path) -> VerdictStoreError:
    """Another program's database."""
    return VerdictStoreError(
        tr("{path} is a database of another program.", path=path),
        tr("A database of verdicts was expected; it was left as it is."),
        tr("Choose another place for the verdicts in the settings."),
    )


def gone(path: Path) -> VerdictStoreError:
    """Deleted or replaced while it was open."""
    return VerdictStoreError(
        tr("The database of verdicts {path} is no longer in its place.", path=path),
        tr("It was deleted, moved or replaced while Opacity was running."),
        tr(
            "Put it back, or start Opacity again to begin a new one. The last verdict is not saved."
        ),
    )


def in_use(path: Path) -> VerdictStoreError:
    """Open with a write-ahead log on the computer that shares it, which rules out the network."""
    return VerdictStoreError(
        tr("The database of verdicts {path} is in use on the computer where it lies.", path=path),
        tr(
            "Over the network it needs another kind of journal, which can be chosen while nobody "
            "else has it open."
        ),
        tr("Close Opacity there, and start this one again."),
    )


def check_name(path: Path) -> None:
    """Refuse a name that no file system takes, such as one written into the settings by hand."""
    try:
        if b"\0" not in os.fsencode(path):
            return
    except UnicodeEncodeError:
        pass
    raise _cannot_open(Path(ascii(str(path))))


def _cannot_open(path: Path) -> VerdictStoreError:
    return VerdictStoreError(
        tr("The database of verdicts {path} cannot be opened.", path=path),
        tr("A file in a folder that exists and may be written was expected."),
        tr("Choose another place for the verdicts in the settings."),
    )


@contextlib.contextmanager
def translate_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's and the system's errors into words."""
    try:
        yield
    except sqlite3.Error as error:
        raise _in_words(path, error) from error
    except UnicodeDecodeError as error:
        # Its complaint quotes what stands in the file.
        raise damaged(path, tr("its text is damaged")) from error
    except OSError as error:
        raise VerdictStoreError(
            tr(
                "The folder of the verdicts, {folder}, cannot be used: {why}.",
                folder=path.parent,
                why=error.strerror or error,
            ),
            tr("Verdicts are kept in a file there."),
            tr("Make the folder writable, or choose another place in the settings."),
        ) from error


def _in_words(path: Path, error: sqlite3.Error) -> VerdictStoreError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return damaged(path, str(error))
    if code == sqlite3.SQLITE_FULL:
        return VerdictStoreError(
            tr("The verdict is not saved: the disk is full."),
            tr("The database of verdicts, {path}, needs room to grow.", path=path),
            tr("Free some room, and give the verdict again."),
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return VerdictStoreError(
            tr("The verdict is not saved: {path} may not be written.", path=path),
            tr("Write permission on the file and its folder is needed."),
            tr("Ask whoever keeps the file, or choose another place in the settings."),
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return VerdictStoreError(
            tr("The verdict is not saved: another program holds {path}.", path=path),
            tr("Programs write one after the other and wait a few seconds for each other."),
            tr("Give the verdict again in a moment."),
        )
    if code == sqlite3.SQLITE_CANTOPEN:
        return _cannot_open(path)
    return VerdictStoreError(
        tr(
            "The verdict is not saved: {path} cannot be read or written ({error}).",
            path=path,
            error=error,
        ),
        tr("A drive that works and has room was expected."),
        tr("Check the drive or the network, and give the verdict again."),
    )
