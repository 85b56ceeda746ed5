"""Reads the sweeps on disk in a thread: which there are, how far they are, one's trials.

A ledger of 216 trials holds megabytes; it is read again only when it has changed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, QTimer, Signal

from app.core.base.errors import ReviewError
from app.core.settings.sweep import SweepConfig
from app.training.sweep.folders import SweepFolder, list_sweeps, sweeps_dir
from app.training.sweep.ledger import FAILED, LEDGER_NAME, RUNNING, TrialRow
from app.training.sweep.space import total_of

POLL_MS = 2000
FRESH_S = 15.0
"""A sweep under way writes its ledger every five seconds."""

_Signature = tuple[int, int]


@dataclass(frozen=True)
class StudyOnDisk:
    """A sweep on disk, as far as a list tells of it.

    Parameters
    ----------
    name
        Of the study and its folder.
    folder
        Where it lies.
    config
        Its settings; None where they cannot be read.
    total, done, failed
        Settings to try; those tried, failed ones included; those that failed.
    fresh
        Whether its ledger was written a moment ago: somebody works on it.
    """

    name: str
    folder: Path
    config: SweepConfig | None
    total: int
    done: int
    failed: int
    fresh: bool


class SweepReader(QObject):
    """Answers with what has changed.

    Parameters
    ----------
    parent
        Qt parent.
    """

    studies_read = Signal(list)
    """Every ``StudyOnDisk``, the one last worked on first."""
    rows_read = Signal(str, list)
    """Name of the study that is followed, and its ``TrialRow``."""
    _answered = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._cache: dict[str, tuple[_Signature, int, int]] = {}
        self._settled: dict[str, _Signature] = {}
        self._name = ""
        self._generation = 0
        self._busy = self._again = False
        self._told: list[StudyOnDisk] | None = None
        self._shown: _Signature | None = None
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self.refresh)
        self._answered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def follow(self, name: str) -> None:
        """Tell the trials of this study, now and whenever they change; empty for none."""
        self._name, self._shown = name, None
        self._generation += 1
        self.refresh()

    def watch(self, on: bool) -> None:
        """Look again every two seconds, while somebody looks at it."""
        if on:
            self._timer.start()
            self.refresh()
        else:
            self._timer.stop()

    def refresh(self) -> None:
        """Look now; nothing is told that has not changed."""
        if self._busy:
            self._again = True
            return
        self._busy = True
        self._pool.start(_Read(self, self._generation, self._name, self._shown))

    def settle(self, name: str) -> None:
        """Nobody works on this study any more, however fresh its ledger is."""
        self._settled[name] = _signature(sweeps_dir() / name / LEDGER_NAME)
        self.refresh()

    def close(self) -> None:
        """Wait for the thread, before the program ends."""
        self._timer.stop()
        self._generation += 1
        self._again = False
        self._pool.waitForDone()

    def read(self, name: str, shown: _Signature | None) -> _Found:
        """Look at the disk; called from the thread."""
        studies, rows, signature = [], None, shown
        for sweep in list_sweeps():
            now = _signature(sweep.folder / LEDGER_NAME)
            followed = sweep.folder.name == name and now != shown
            cached = self._cache.get(sweep.folder.name)
            if followed or cached is None or cached[0] != now:
                found = _rows(sweep)
                cached = (
                    now,
                    sum(row.state != RUNNING for row in found),
                    sum(row.state == FAILED for row in found),
                )
                self._cache[sweep.folder.name] = cached
                if followed:
                    rows, signature = found, now
            fresh = time.time() - now[0] / 1e9 < FRESH_S
            fresh = fresh and now != self._settled.get(sweep.folder.name)
            studies.append(
                StudyOnDisk(
                    sweep.folder.name,
                    sweep.folder,
                    sweep.config,
                    _total(sweep.config),
                    *cached[1:],
                    fresh,
                )
            )
        return _Found(studies, rows, signature)

    def answer(self, generation: int, found: _Found) -> None:
        """Hand over what was found; called from the thread."""
        self._answered.emit(generation, found)

    def _deliver(self, generation: int, found: _Found) -> None:
        self._busy = False
        # What was read before the last ``follow`` may lack the very study that is followed.
        if generation == self._generation:
            if found.studies != self._told:
                self._told = found.studies
                self.studies_read.emit(found.studies)
            if found.rows is not None:
                self._shown = found.signature
                self.rows_read.emit(self._name, found.rows)
        if self._again:
            self._again = False
            self.refresh()


@dataclass(frozen=True)
class _Found:
    studies: list[StudyOnDisk]
    rows: list[TrialRow] | None
    signature: _Signature | None


class _Read(QRunnable):
    def __init__(
        self, owner: SweepReader, generation: int, name: str, shown: _Signature | None
    ) -> None:
        super().__init__()
        self._owner, self._generation = owner, generation
        self._name, self._shown = name, shown

    def run(self) -> None:
        self._owner.answer(self._generation, self._owner.read(self._name, self._shown))


def _signature(path: Path) -> _Signature:
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)


def _rows(sweep: SweepFolder) -> list[TrialRow]:
    try:
        return sweep.rows()
    except (ValueError, TypeError, AttributeError):  # damaged, or of another version
        return []


def _total(config: SweepConfig | None) -> int:
    if config is None:
        return 0
    try:
        return total_of(config)
    except (ReviewError, ImportError):  # its network is not in this version
        return 0
