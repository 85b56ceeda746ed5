"""What a person says of the labels of a folder: kept at once, undone, written as a CSV to train on.

Both files are called after the data folder and lie in the user's own space (``relabelled_dir``),
never in the data folder: ``NAME.jsonl`` is the history, to which lines are only ever added, and
``NAME.csv`` what it comes to. A decision belongs to a picture (``content_hash``), so exact copies
of it are decided at once, and a moved folder keeps its decisions.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.core.base.csv_rows import CsvWriter
from app.core.base.errors import OutputError, ReviewError
from app.core.base.file_names import as_text
from app.core.base.home import home
from app.core.base.json_text import parse_json
from app.core.base.outputs import make_folder, write_whole
from app.core.base.translation import tr
from app.review.audit.audit import Audit
from app.review.audit.rows import AuditRow
from app.review.comparison.evaluation import CLASSES

LEAVE_OUT = "LEAVE OUT"
DECISIONS = (*CLASSES, LEAVE_OUT)
"""What may be said of an image: its class, even if it is the one it has, or that it is unfit."""
COLUMNS = ("path", "label", "original_label", "decided", "weight", "patient", "split")
"""Those of the CSV. ``decided`` is yes where a person has looked at the label."""


@dataclass(frozen=True)
class Decided:
    """One decision: when (UTC, ISO 8601), by whom, on which picture, and what."""

    at: str
    reader: str
    content_hash: str
    name: str
    decision: str


def relabelled_dir() -> Path:
    """The folder of the relabelled sets; it may not exist yet."""
    return home() / "relabelled"


class Relabelling:
    """The decisions on one folder's labels.

    Parameters
    ----------
    folder
        The data folder; never written to.

    Raises
    ------
    ReviewError
        When earlier decisions cannot be read: they are left as they are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stem = _stem_for(folder)
        self._stack: list[Decided] = []
        for line in _lines(self.history_path):
            if "undo" in line:
                if self._stack:
                    self._stack.pop()
            elif "decision" in line:
                self._stack.append(Decided(**line))
        self._decisions = self._sum()

    @property
    def csv_path(self) -> Path:
        """Where the relabelled set is written."""
        return self._stem.with_name(f"{self._stem.name}.csv")

    @property
    def history_path(self) -> Path:
        """Where the decisions are kept."""
        return self._stem.with_name(f"{self._stem.name}.jsonl")

    @property
    def decisions(self) -> Mapping[str, str]:
        """What holds now: one of ``DECISIONS`` by content hash."""
        return self._decisions

    @property
    def last(self) -> Decided | None:
        """The decision that an undo would take back."""
        return self._stack[-1] if self._stack else None

    def of(self, row: AuditRow) -> str:
        """What was decided of an image; empty for nothing yet."""
        return self._decisions.get(row.content_hash, "")

    def label_of(self, row: AuditRow) -> int | None:
        """The label of an image as corrected, 0 or 1; None for one that is left out."""
        decision = self.of(row)
        if not decision:
            return row.label
        return None if decision == LEAVE_OUT else CLASSES.index(decision)

    def decide(self, row: AuditRow, decision: str, reader: str = "") -> None:
        """Keep a decision; when this returns, it is on disk.

        Raises
        ------
        OutputError
            When it cannot be written; it does not hold then.
        """
        if decision not in DECISIONS or not row.content_hash:
            raise ValueError(decision)
        made = Decided(_now(), reader, row.content_hash, row.name, decision)
        self._append(asdict(made))
        self._stack.append(made)
        self._decisions = self._sum()

    def undo(self) -> Decided | None:
        """Take the last decision back, that of an earlier day too, and tell which it was.

        Raises
        ------
        OutputError
            When it cannot be written; the decision still holds then.
        """
        if not self._stack:
            return None
        self._append({"at": _now(), "undo": True})
        undone = self._stack.pop()
        self._decisions = self._sum()
        return undone

    def write_csv(
        self, audit: Audit, hard: Collection[str] = frozenset(), weight: float = 1.0
    ) -> Path:
        """Write the relabelled set, as ``app.training.data.label_table`` reads it.

        Parameters
        ----------
        audit
            Of the folder: every labelled file is written, but those that were left out.
        hard
            Content hashes of the images that are to weigh ``weight``; others weigh 1.

        Raises
        ------
        OutputError
            When it cannot be written.
        """
        text = io.StringIO()
        writer = CsvWriter(text)
        writer.writerow(COLUMNS)
        decisions = self.decisions
        for row in audit.rows:
            decision = decisions.get(row.content_hash, "")
            if decision == LEAVE_OUT:
                continue
            patient = row.patient or ""
            writer.writerow(
                (
                    as_text(row.name),
                    decision or CLASSES[row.label],
                    original_label(row),
                    "yes" if decision else "",
                    f"{weight:g}" if row.content_hash in hard else "1",
                    # One of a header or file name is found there again, and stays the same key.
                    patient.removeprefix("csv|") if patient.startswith("csv|") else "",
                    row.columns.get("split", ""),
                )
            )
        make_folder(self.csv_path.parent)
        write_whole(self.csv_path, text.getvalue().encode())
        return self.csv_path

    def _sum(self) -> dict[str, str]:
        return {one.content_hash: one.decision for one in self._stack}

    def _append(self, line: dict[str, Any]) -> None:
        path = self.history_path
        make_folder(path.parent)
        try:
            with path.open("ab") as file:
                size = file.tell()
                lines = [line] if size else [{"folder": str(self.folder.absolute())}, line]
                try:
                    file.write("".join(f"{json.dumps(one)}\n" for one in lines).encode())
                    file.flush()
                    os.fsync(file.fileno())
                except OSError:
                    with contextlib.suppress(OSError):
                        file.truncate(size)
                    raise
        except OSError as error:
            raise OutputError(
                tr("The decision on this label was not saved: {reason}.", reason=error.strerror),
                tr("The file {path} was expected to take it.", path=path),
                tr("Make room on the disk or correct the rights, and give it again."),
            ) from error


def original_label(row: AuditRow) -> str:
    """The class an image had before any correction, also where an earlier CSV corrected it."""
    before = row.columns.get("original_label", "").upper()
    return before if before in CLASSES else CLASSES[row.label]


def _stem_for(folder: Path) -> Path:
    """The files' path without suffix: the folder's name, numbered where another folder has it."""
    name = folder.absolute().name or "images"
    number = 1
    while True:
        stem = relabelled_dir() / (name if number == 1 else f"{name}-{number}")
        history = stem.with_name(f"{stem.name}.jsonl")
        if not history.exists():
            return stem
        head = next(iter(_lines(history)), {})
        before = Path(str(head.get("folder", "")))
        if before == folder.absolute() or not before.is_dir():  # the same, or moved meanwhile
            return stem
        number += 1


def _lines(history: Path) -> list[dict[str, Any]]:
    try:
        text = history.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(history) from error
    whole = text.split("\n")
    try:
        lines = [parse_json(line) for line in whole[:-1] if line]
    except ValueError as error:
        raise _damaged(history) from error
    # What a loss of power cut off was never confirmed, and must not swallow the next line.
    if whole[-1]:
        write_whole(history, "".join(f"{line}\n" for line in whole[:-1]).encode())
    return lines


def _damaged(history: Path) -> ReviewError:
    return ReviewError(
        tr("The earlier decisions on labels cannot be read."),
        tr("They are expected in {path}, one line of JSON each.", path=history),
        tr("Put a copy from a backup in its place, or move it aside to begin anew."),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
