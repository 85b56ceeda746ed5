"""Scores kept by model and by the content of the file, so that a second audit is at hand at once.

It lies among the user's own files and holds hashes, scores and reasons: no name, no path, no
header. The key is a hash of the whole file and not of its pixels alone, since the header decides
with them whether an image may be scored. Any change of the model, of its card or of the code that
reads and judges images asks for new scores; the reasons are codes, which any language words.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources
from pathlib import Path

from app.core.base.home import home
from app.core.base.json_text import parse_json
from app.core.base.reasons import Reason
from app.core.model.card import ModelCard
from app.core.model.results import Status

log = logging.getLogger(__name__)

_CHUNK = 1 << 20
_COMMIT_EVERY = 200
_BUSY_SECONDS = 5.0

JUDGING = ("app.core", "app.inference")
"""The packages that read and judge images. A change of any module there asks for new scores, even
where it has no part in them: a list of those that have a part would be wrong one day."""
_LIBRARIES = (
    "numpy",
    "opencv-python-headless",
    "pillow",
    "pydicom",
    "python-gdcm",
    "pyjpegls",
    "pylibjpeg-openjpeg",
    "onnxruntime",
    "onnxruntime",
    "tensorflow",
    "keras",
)
"""What decodes and computes: another version may give other pixels or another score."""

_TABLE = """CREATE TABLE IF NOT EXISTS scores (
    model BLOB NOT NULL, file BLOB NOT NULL, status TEXT NOT NULL, reasons TEXT NOT NULL, p REAL,
    content_hash TEXT NOT NULL, perceptual_hash BLOB NOT NULL, identity_hash TEXT NOT NULL,
    PRIMARY KEY (model, file)) WITHOUT ROWID"""
_COLUMNS = "status, reasons, p, content_hash, perceptual_hash, identity_hash"


@dataclass(frozen=True)
class KeptScore:
    """What a model said of a file; ``identity_hash`` is that of ``app.core.worklist.identity``."""

    status: Status
    reasons: tuple[Reason, ...]
    p: float | None
    content_hash: str
    perceptual_hash: bytes
    identity_hash: str


def default_path() -> Path:
    """Where the scores are kept."""
    return home() / "audit" / "scores.sqlite"


class ScoreCache:
    """The kept scores of one model. Whatever is wrong with the file, an audit goes on without it.

    Parameters
    ----------
    card
        Of the model.
    path
        The database.
    """

    def __init__(self, card: ModelCard, path: Path | None = None) -> None:
        self._model = _key(card)
        self._waiting = 0
        self._connection: sqlite3.Connection | None = None
        path = path or default_path()
        with self._without_it():
            path.parent.mkdir(parents=True, exist_ok=True)
            # Made before SQLite does, so that nobody else may read it.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._connection = sqlite3.connect(path, timeout=_BUSY_SECONDS)
            self._connection.execute(_TABLE)

    def get(self, file: bytes) -> KeptScore | None:
        """What is kept of a file, by its hash; None where it was not scored yet."""
        row = None
        with self._without_it():
            if self._connection is not None:
                found = self._connection.execute(
                    f"SELECT {_COLUMNS} FROM scores WHERE model = ? AND file = ?",
                    (self._model, file),
                )
                row = found.fetchone()
                if row is not None:
                    reasons = tuple(map(Reason.from_json, parse_json(row[1])))
                    return KeptScore(Status(row[0]), reasons, *row[2:])
        return None

    def keep(self, file: bytes, score: KeptScore) -> None:
        """Remember a score; written in batches, the last one by ``close``."""
        with self._without_it():
            if self._connection is None:
                return
            reasons = json.dumps([reason.to_json() for reason in score.reasons])
            self._connection.execute(
                f"INSERT OR REPLACE INTO scores (model, file, {_COLUMNS})"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(self._model, file, score.status.value, reasons, score.p),
                    *(score.content_hash, score.perceptual_hash, score.identity_hash),
                ),
            )
            self._waiting += 1
            if self._waiting >= _COMMIT_EVERY:
                self._connection.commit()
                self._waiting = 0

    def close(self) -> None:
        """Write what waits and give the file back."""
        with self._without_it():
            if self._connection is not None:
                self._connection.commit()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextlib.contextmanager
    def _without_it(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, ValueError, TypeError) as error:
            log.warning("the kept scores cannot be used (%s)", type(error).__name__)
            if self._connection is not None:
                self._connection.close()
                self._connection = None


def file_hash(path: Path) -> bytes | None:
    """SHA-256 of a file's bytes, None for one that cannot be read."""
    made = hashlib.sha256()
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                made.update(chunk)
    except OSError:
        return None
    return made.digest()


def _key(card: ModelCard) -> bytes:
    parts = {
        "weights": card.weights_sha256,
        "preprocessing": card.preprocessing,
        "input_size": card.input_size,
        "calibration": card.calibration,
        "fitness": card.fitness,
        "age_years": card.age_years,
        "code": code_hash(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).digest()


@cache
def code_hash() -> str:
    """A hash of what reads and judges images, so that no score outlives a mending of it."""
    made = hashlib.sha256()
    for package in JUDGING:
        folder = Path(str(resources.files(package)))
        for source in sorted(folder.rglob("*.py")):
            made.update(source.relative_to(folder).as_posix().encode() + source.read_bytes())
    for library in _LIBRARIES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            made.update(f"{library}=={metadata.version(library)}".encode())
    return made.hexdigest()
