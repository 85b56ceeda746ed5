"""The database of guarded test sets: rows are only ever added, and hold no patient but a hash."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.core.base.errors import ReviewError
from app.core.base.home import home
from app.core.base.translation import tr

LOCKED, UNLOCKED, LOOKED, REFUSED = "locked", "unlocked", "looked", "refused"
"""What may happen to a set."""
_BUSY_SECONDS = 10.0
HASH_BYTES = 16
_SCHEMA = """
CREATE TABLE IF NOT EXISTS sets (id TEXT PRIMARY KEY, name TEXT NOT NULL, folder TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS images (
    set_id TEXT NOT NULL, content_hash BLOB NOT NULL, patient BLOB NOT NULL,
    PRIMARY KEY (set_id, content_hash, patient)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pictures (
    set_id TEXT NOT NULL, perceptual_hash BLOB NOT NULL,
    PRIMARY KEY (set_id, perceptual_hash)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS history (
    number INTEGER PRIMARY KEY, set_id TEXT NOT NULL, at TEXT NOT NULL, what TEXT NOT NULL,
    place TEXT NOT NULL, model TEXT NOT NULL, note TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Happening:
    """One row of a set's history: when (UTC, ISO 8601), what, where, with which model, and why."""

    at: str
    what: str
    place: str = ""
    model: str = ""
    note: str = ""


@dataclass(frozen=True)
class GuardedSet:
    """A set that was locked at some time.

    Parameters
    ----------
    id
        Hash over its images' content.
    name, folder
        Of the folder it was locked as.
    images, patients
        How many different ones it holds; a patient whom nobody knows is not counted.
    history
        The oldest first.
    """

    id: str
    name: str
    folder: str
    images: int
    patients: int
    history: tuple[Happening, ...]

    @property
    def locked(self) -> bool:
        """Whether it is locked now; so is one of which nothing says that it was unlocked."""
        said = [h.what for h in self.history if h.what in (LOCKED, UNLOCKED)]
        return not said or said[-1] == LOCKED

    @property
    def locked_at(self) -> str:
        """When it was first locked."""
        return next((h.at for h in self.history if h.what == LOCKED), "")

    @property
    def looks(self) -> int:
        """How often its figures were looked at since it was first locked, unlocked times too."""
        return sum(h.what == LOOKED for h in self.history)

    @property
    def unlockings(self) -> tuple[Happening, ...]:
        """When and why it was unlocked."""
        return tuple(h for h in self.history if h.what == UNLOCKED)


class LockStoreError(ReviewError):
    """The database of locked test sets cannot be read or written."""


def default_path() -> Path:
    """Where the locks lie."""
    return home() / "locks.sqlite"


@contextlib.contextmanager
def opened() -> Iterator[sqlite3.Connection]:
    """The database, in a transaction of its own."""
    path = default_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        store = sqlite3.connect(path, timeout=_BUSY_SECONDS)
        try:
            store.execute("PRAGMA synchronous = FULL")
            store.executescript(_SCHEMA)
            with store:
                yield store
        finally:
            store.close()
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
        raise _cannot_be_used(str(error)) from error


def add(
    store: sqlite3.Connection,
    set_id: str,
    what: str,
    place: str = "",
    model: str = "",
    note: str = "",
) -> None:
    """Add a row to a set's history, at this moment."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    store.execute(
        "INSERT INTO history (set_id, at, what, place, model, note) VALUES (?, ?, ?, ?, ?, ?)",
        (set_id, at, what, place, model, note),
    )


def read(store: sqlite3.Connection, set_id: str) -> GuardedSet:
    """A set with its history.

    Raises
    ------
    ReviewError
        When there is none of that id.
    """
    row = store.execute("SELECT name, folder FROM sets WHERE id = ?", (set_id,)).fetchone()
    if row is None:
        raise ReviewError(
            tr("There is no such test set."), "", tr("See the list of locked test sets.")
        )
    images, patients = store.execute(
        "SELECT count(DISTINCT nullif(content_hash, x'')), count(DISTINCT nullif(patient, x'')) "
        "FROM images WHERE set_id = ?",
        (set_id,),
    ).fetchone()
    history = store.execute(
        "SELECT at, what, place, model, note FROM history WHERE set_id = ? ORDER BY number",
        (set_id,),
    )
    rows = [row, *history]
    if not all(isinstance(cell, str) for cells in rows for cell in cells):
        raise _damaged()
    name, folder = row
    happened = tuple(Happening(*one) for one in rows[1:])
    return GuardedSet(set_id, name, folder, images, patients, happened)


def holding(store: sqlite3.Connection, wanted: set[bytes]) -> list[str]:
    """The sets, locked now or once, that hold any of these images."""
    return [set_id for set_id in all_ids(store) if wanted & rows_of(store, set_id)[0]]


def rows_of(store: sqlite3.Connection, set_id: str) -> tuple[set[bytes], set[bytes]]:
    """The images and the patients of a set; see ``image_bytes`` and ``patient_bytes``."""
    rows = store.execute(
        "SELECT content_hash, patient FROM images WHERE set_id = ?", (set_id,)
    ).fetchall()
    if not all(isinstance(cell, bytes) for row in rows for cell in row):
        raise _damaged()
    return {row[0] for row in rows} - {b""}, {row[1] for row in rows} - {b""}


def pictures_of(store: sqlite3.Connection, set_id: str) -> list[bytes]:
    """By what copies of a set's images are known; none for a set of an earlier version."""
    rows = store.execute("SELECT perceptual_hash FROM pictures WHERE set_id = ?", (set_id,))
    pictures = [row[0] for row in rows]
    if not all(isinstance(each, bytes) and len(each) == 32 for each in pictures):
        raise _damaged()
    return pictures


def _damaged() -> LockStoreError:
    """Nobody can tell what is locked, so that nothing is trained on."""
    return _cannot_be_used(tr("it holds something that Opacity did not write"))


def _cannot_be_used(reason: str) -> LockStoreError:
    return LockStoreError(
        tr("The locked test sets cannot be read or written: {reason}.", reason=reason),
        tr("The database {path} was expected.", path=default_path()),
        tr("Put a copy from a backup in its place, or correct its rights."),
    )


def all_ids(store: sqlite3.Connection) -> list[str]:
    """Every set that was ever locked, the oldest first."""
    return [row[0] for row in store.execute("SELECT id FROM sets ORDER BY rowid")]


def image_bytes(content_hash: str) -> bytes:
    """The first half of a SHA-256 in hex, which is what cards keep too; none for none."""
    return bytes.fromhex(content_hash)[:HASH_BYTES] if content_hash else b""


def patient_bytes(patient: str | None) -> bytes:
    """A hash of the patient's name; none for none."""
    return hashlib.sha256(patient.encode()).digest()[:HASH_BYTES] if patient else b""
