"""The verdicts on disk: a SQLite database to which rows are only ever added.

A change of mind is a new row and so is an undo, so nothing a reader said is ever lost. When ``add``
has returned, the row survives a kill of the program and a loss of power (``synchronous=FULL``).
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from app.core.base.home import home
from app.core.base.own_folder import give_usual_rights, make_usual_folder
from app.core.base.translation import tr
from app.core.reading.verdicts import Act, ImageIdentity, Verdict, VerdictEntry
from app.review.verdicts.file_systems import is_local, sync_folder
from app.review.verdicts.history import VerdictHistory
from app.review.verdicts.rows import (
    APPLICATION_ID,
    COLUMNS,
    MIGRATIONS,
    BadCell,
    to_entry,
    to_row,
)
from app.review.verdicts.store_errors import (
    VerdictConflict,
    VerdictStoreError,
    check_name,
    damaged,
    foreign,
    gone,
    in_use,
    newer,
    translate_errors,
    with_bad_cells,
)

__all__ = ["VerdictConflict", "VerdictStore", "VerdictStoreError", "default_path"]

BUSY_SECONDS = 5.0
"""So long another program may be writing before a verdict is told not to be saved."""

_OF_A_CELL = re.compile(r"NULL value in |CHECK constraint failed in |\w+ value in ")
"""How SQLite's check complains of what stands in one row, the file itself being whole."""
_SELECT = f"SELECT number, {', '.join(COLUMNS)} FROM history"
_INSERT = f"INSERT INTO history ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"


def default_path() -> Path:
    """Where the verdicts lie unless the person chose another place."""
    return home() / "verdicts.sqlite"


class VerdictStore:
    """One connection to a database of verdicts; it belongs to the thread that opened it.

    ``book`` holds all rows in memory; ``refresh`` adds those that others wrote.

    Parameters
    ----------
    path
        The file; it and its folder are made when they do not exist.
    local
        Whether the file lies on a disk of this computer, where the write-ahead log is safe; None
        to find out.

    Raises
    ------
    VerdictStoreError
        When the file is damaged, newer, another program's, or cannot be opened. It is then left
        as it is.
    """

    def __init__(self, path: Path, *, local: bool | None = None) -> None:
        self.path = path
        self.book = VerdictHistory()
        check_name(path)
        with translate_errors(path):
            self.read_only = _must_not_write(path)
            self._connection = _connect(path, self.read_only)
        self._local = is_local(path) if local is None else local
        try:
            with translate_errors(path):
                self._prepare(self._local)
            self._place = self._place_now()
            self._data_version: object = -1
            self.refresh()
        except BaseException:
            self._connection.close()
            raise

    @classmethod
    def open(cls, path: Path | None = None) -> Self:
        """Open the database at a path, by default ``default_path()``."""
        return cls(path or default_path())

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def unreadable(self) -> VerdictStoreError | None:
        """What is to be said of rows that cannot be read and were left out; None for none."""
        return with_bad_cells(self.path, self.book.unreadable) if self.book.unreadable else None

    # Reading --------------------------------------------------------------------------------

    def refresh(self) -> list[VerdictEntry]:
        """Take over what was written since, here or elsewhere; gives back those rows."""
        with translate_errors(self.path):
            if self.read_only:
                # SQLite takes such a file for one that nobody changes.
                self._connection.close()
                self._connection = _connect(self.path, True)
                self._data_version = -1
            version = self._pragma("data_version")
            if version == self._data_version:
                return []
            entries = self._newer_than(self.book.newest)
            self._data_version = version
        return self.book.take(entries)

    def latest(self, image: ImageIdentity, reader: str | None = None) -> Verdict | None:
        """The verdict in force on an image: this reader's, or anybody's newest."""
        return self.book.latest(image, reader)

    def history(self, image: ImageIdentity) -> tuple[VerdictEntry, ...]:
        """Everything that happened to an image's verdicts, oldest first."""
        return self.book.history(image)

    def all(self) -> tuple[Verdict, ...]:
        """The verdicts in force, one for each image and reader, oldest first."""
        return self.book.all()

    # Writing --------------------------------------------------------------------------------

    def add(self, verdict: Verdict, seen: int | None = None) -> VerdictEntry:
        """Write a verdict; when this returns, it is on disk.

        Parameters
        ----------
        verdict
            Its image must have a content hash: what has not been decoded has not been seen.
        seen
            Number of the reader's newest row on this image that the person knew of, 0 for none;
            None to write whatever another program wrote meanwhile.

        Raises
        ------
        VerdictConflict
            When the same reader has written another row on this image meanwhile, elsewhere.
        VerdictStoreError
            When it could not be written; nothing of it is then in the database.
        """
        if not verdict.image.content_hash or not verdict.reader:
            raise ValueError("a verdict needs the content hash of its image and a reader")
        with self._writing():
            last = self.book.last_number(verdict.image, verdict.reader)
            if seen is not None and last != seen:
                raise VerdictConflict(self.book.entry(last))
            return self._insert(Act.GIVEN, verdict, None)

    def undo(self, reader: str, number: int | None = None) -> VerdictEntry | None:
        """Take back a verdict of this reader: the one of that number, or the newest in force.

        Returns
        -------
        Entry or None
            The row that was added, its ``of`` names the verdict; None where nothing is in force.
        """
        with self._writing():
            rows = reversed(self.book.entries()) if number is None else self._row(number)
            for entry in rows:
                if entry.verdict.reader == reader and self.book.in_force(entry):
                    return self._insert(Act.UNDONE, _now(entry.verdict), entry.number)
        return None

    def redo(self, reader: str, number: int) -> VerdictEntry | None:
        """Put a verdict that was taken back in force again; None where it is in force."""
        with self._writing():
            for entry in self._row(number):
                taken_back = entry.act is Act.GIVEN and not self.book.in_force(entry)
                if entry.verdict.reader == reader and taken_back:
                    return self._insert(Act.REDONE, _now(entry.verdict), entry.number)
        return None

    # Inside ---------------------------------------------------------------------------------

    def _row(self, number: int) -> list[VerdictEntry]:
        entry = self.book.entry(number)
        return [entry] if entry else []

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the database alone; leave it as it was unless everything went well."""
        self._check_place()
        with translate_errors(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            added: list[VerdictEntry] = []
            self._added = added
            try:
                # Nobody else can write now: what the book says after this is the truth.
                self.book.take(self._newer_than(self.book.newest))
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise
        self._check_place()
        self.book.take(added)

    def _insert(self, act: Act, verdict: Verdict, of: int | None) -> VerdictEntry:
        number = self._connection.execute(_INSERT, to_row(act, verdict, of)).lastrowid
        assert number is not None
        entry = VerdictEntry(number, act, verdict, of)
        self._added.append(entry)
        return entry

    def _newer_than(self, number: int) -> list[VerdictEntry]:
        entries = []
        for row in self._rows(number):
            try:
                entries.append(to_entry(row))
            except BadCell as error:
                # One row's loss must not be the others'; who opened the database is told.
                self.book.unreadable[error.row] = error.column
        return entries

    def _rows(self, number: int) -> list[tuple[Any, ...]]:
        asked = f"{_SELECT} WHERE number > ? ORDER BY number"
        try:
            return self._connection.execute(asked, (number,)).fetchall()
        except sqlite3.OperationalError as error:
            if "decode" not in str(error):
                raise
        # A text that is no UTF-8: only its own row goes.
        self._connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        return self._connection.execute(asked, (number,)).fetchall()

    def _check_place(self) -> None:
        """A deleted file can still be written to on most systems, and all of it would be lost."""
        if self._place_now() != self._place:
            raise gone(self.path)

    def _place_now(self) -> tuple[int, int] | None:
        try:
            status = self.path.stat()
        except OSError:
            return None
        # Some shares make their numbers up, and others each time: there only a missing file tells.
        return (status.st_dev, status.st_ino) if self._local else (0, 0)

    def _pragma(self, words: str) -> object:
        row = self._connection.execute(f"PRAGMA {words}").fetchone()
        return row[0] if row else None

    def _prepare(self, local: bool) -> None:
        """See that the file is ours and whole, bring it up to date, choose the journal."""
        version = self._pragma("user_version")
        assert isinstance(version, int)
        tables = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if (tables or version) and self._pragma("application_id") != APPLICATION_ID:
            raise foreign(self.path)
        if version > len(MIGRATIONS):
            raise newer(self.path, version, len(MIGRATIONS))
        complaints = self._connection.execute("PRAGMA quick_check").fetchall() if tables else []
        for (complaint,) in complaints:
            if complaint != "ok" and not _OF_A_CELL.match(complaint):
                raise damaged(self.path, str(complaint))
        if self.read_only:
            return
        self._choose_journal(local, new=not tables)
        self._migrate()
        self._pragma("synchronous=FULL")
        if sys.platform == "darwin":
            # There fsync alone leaves the data in the drive's own cache.
            self._pragma("fullfsync=ON")
            self._pragma("checkpoint_fullfsync=ON")

    def _choose_journal(self, local: bool, new: bool) -> None:
        """Write-ahead log where it is safe."""
        if not local:
            if self._pragma("journal_mode=DELETE") == "wal":
                raise in_use(self.path)
        elif new:
            # A database with a rollback journal keeps it: a program elsewhere on the network may
            # have it open.
            self._pragma("journal_mode=WAL")

    def _migrate(self) -> None:
        version = self._pragma("user_version")
        if version == len(MIGRATIONS):
            return
        before = self.path.with_name(f"{self.path.stem}.format-{version}{self.path.suffix}")
        if version and not before.exists():
            # A copy for whoever goes back to the older version of the program.
            self._connection.execute("VACUUM INTO ?", (str(before),))
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            # Another program may have been first while this one waited.
            version = self._pragma("user_version")
            assert isinstance(version, int)
            for statements in MIGRATIONS[version:]:
                for statement in statements:
                    self._connection.execute(statement)
            self._pragma(f"application_id={APPLICATION_ID}")
            self._pragma(f"user_version={len(MIGRATIONS)}")
            self._connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise
        sync_folder(self.path.parent)


def _must_not_write(path: Path) -> bool:
    """Whether the file is there but may not be written, or not with a journal beside it."""
    effective = os.access in os.supports_effective_ids
    return path.exists() and not all(
        os.access(place, os.W_OK, effective_ids=effective) for place in (path, path.parent)
    )


def _connect(path: Path, read_only: bool) -> sqlite3.Connection:
    # isolation_level None: transactions begin and end where this module says so.
    if not read_only:
        make_usual_folder(path.parent)
        with contextlib.suppress(FileExistsError):
            path.touch(exist_ok=False)
            give_usual_rights(path)  # SQLite gives its journals the same
        return sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    # Without a place for its journal SQLite reads only what it is told that nobody changes.
    options = "mode=ro" if _has_journal(path) else "mode=ro&immutable=1"
    return sqlite3.connect(
        f"{_uri(path)}?{options}", timeout=BUSY_SECONDS, isolation_level=None, uri=True
    )


def _uri(path: Path) -> str:
    """As SQLite wants it (https://sqlite.org/uri.html): a share's server is no authority."""
    words = quote(path.absolute().as_posix(), safe="/:")
    return f"file://{words}" if words.startswith("/") else f"file:///{words}"


def _has_journal(path: Path) -> bool:
    return path.with_name(f"{path.name}-wal").exists()


def _now(verdict: Verdict) -> Verdict:
    return replace(verdict, given_at=datetime.now(UTC))


def moved_aside(path: Path) -> Path:
    """Move a database that cannot be used out of the way, with its journal, and keep it.

    Returns
    -------
    pathlib.Path
        Where it lies now, beside its old place.

    Raises
    ------
    VerdictStoreError
        When it cannot be moved.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.name}.aside-{stamp}")
    try:
        for suffix in ("-wal", "-shm", "-journal"):
            beside = path.with_name(path.name + suffix)
            if beside.exists():
                beside.rename(aside.with_name(aside.name + suffix))
        path.rename(aside)
    except OSError as error:
        raise VerdictStoreError(
            tr(
                "{path} cannot be moved aside: {reason}.", path=path, reason=error.strerror or error
            ),
            tr("Its folder must be writable."),
            tr("Choose another place for the verdicts in the settings."),
        ) from error
    return aside
