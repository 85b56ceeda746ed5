"""A sweep on this machine: read the images once, start the workers, keep the ledger, tell.

Other machines do the same on the same database. When this process dies, its workers notice that
their stdin has ended and give back what they were trying; started again, the sweep goes on.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.core.base.errors import OutputError, ReviewError
from app.core.base.events import (
    DataRead,
    Event,
    Notice,
    RunFailed,
    SweepEnded,
    SweepProgress,
    SweepStarted,
    TrialBegun,
    TrialOver,
    from_line,
)
from app.core.base.translation import tr
from app.core.settings.sweep import SweepConfig
from app.inference.runtime.device import backend_device
from app.training.data.dataset import Dataset, dataset_for
from app.training.sweep.data import SweepData
from app.training.sweep.estimate import default_workers, estimate_seconds
from app.training.sweep.folders import LOG_NAME, take_back
from app.training.sweep.ledger import (
    FAILED,
    LEDGER_NAME,
    RUNNING,
    TrialRow,
    ranked,
    rows_of,
    write_ledger,
)
from app.training.sweep.space import total_of
from app.training.sweep.study import (
    GRACE_S,
    HEARTBEAT_S,
    StorageError,
    StudyDatabase,
    database_errors,
    translate_errors,
)
from app.training.sweep.worker import MOST_TRAININGS, TIRED
from model_zoo import architecture

_REFRESH_S = 5.0
_STOP_GRACE_S = 60.0
_MOST_DEATHS = 12
"""Workers that may die before the sweep gives up; each setting alone may kill three."""


def run_sweep(
    config: SweepConfig,
    folder: Path,
    emit: Callable[[Event], None],
    stop_asked: Callable[[], bool] = lambda: False,
    *,
    heartbeat: float = HEARTBEAT_S,
    grace: float = GRACE_S,
) -> SweepEnded:
    """Try every setting of a sweep that is not done yet.

    Parameters
    ----------
    config
        The sweep.
    folder
        From ``app.training.sweep.folders.open_sweep``.
    emit
        Takes each event, the last one included.
    stop_asked
        True ends the sweep; what is done is kept.
    heartbeat, grace
        Seconds; see ``app.training.sweep.study``.

    Raises
    ------
    ReviewError
        When the images or the database cannot be used, or the workers keep dying.
    """
    dataset = dataset_for(config.train, lambda done, total: emit(DataRead(done, total)), stop_asked)
    return sweep_dataset(
        config, folder, dataset, emit, stop_asked, heartbeat=heartbeat, grace=grace
    )


def sweep_dataset(
    config: SweepConfig,
    folder: Path,
    dataset: Dataset,
    emit: Callable[[Event], None],
    stop_asked: Callable[[], bool] = lambda: False,
    *,
    heartbeat: float = HEARTBEAT_S,
    grace: float = GRACE_S,
    most_trainings: int = MOST_TRAININGS,
) -> SweepEnded:
    """``run_sweep`` on images in memory; a worker is replaced after ``most_trainings``."""
    need_frames = bool(config.train.augmentation) or hasattr(
        architecture(config.train.arch), "SPACE"
    )
    data = SweepData.of(dataset, config.train, need_frames)
    with translate_errors(config.storage or "sqlite://"):
        try:
            study = StudyDatabase(
                config, folder, dataset.split_sha256, heartbeat=heartbeat, grace=grace
            )
        except StorageError:
            take_back(folder)
            raise
        try:
            sweep = _Sweep(config, folder, study, data, dataset, total_of(config), emit)
            options = ("--heartbeat", heartbeat, "--grace", grace)
            return sweep.run(stop_asked, (*options, "--most-trainings", most_trainings))
        finally:
            study.close()


class _Sweep:
    def __init__(
        self,
        config: SweepConfig,
        folder: Path,
        study: StudyDatabase,
        data: SweepData,
        dataset: Dataset,
        total: int,
        emit: Callable[[Event], None],
    ) -> None:
        self._config, self._folder, self._study, self._data = config, folder, study, data
        self._sha256, self._total, self._emit = dataset.split_sha256, total, emit
        self._heard: queue.Queue[tuple[_Worker, Event | None]] = queue.Queue()
        self._rows: list[TrialRow] = []
        self._deaths = 0
        self._done_before = 0
        self._begun = time.monotonic()

    def run(self, stop_asked: Callable[[], bool], options: tuple[str | float, ...]) -> SweepEnded:
        """Start the workers and listen until they have ended."""
        self._refresh()
        self._done_before = self._ended()
        left = max(0, self._total - self._done_before)
        count = max(1, min(default_workers(self._config), left))
        seconds = estimate_seconds(self._config, self._data, self._rows, left, count)
        self._emit(
            SweepStarted(
                str(self._folder),
                self._config.study,
                self._total,
                self._done_before,
                count,
                backend_device(),
                seconds,
            )
        )
        threads = max(1, (os.cpu_count() or 1) // count)
        self._command = (
            *(sys.executable, "-m", "app.training.sweep.worker"),
            *(str(self._folder), self._sha256, "--threads", str(threads), *map(str, options)),
        )
        workers = [self._start() for _ in range(count if left else 0)]
        stopped: float | None = None
        refreshed = time.monotonic()
        try:
            while any(worker.alive for worker in workers):
                now = time.monotonic()
                if stopped is None and stop_asked():
                    stopped = now
                    for worker in workers:
                        worker.stop()
                if stopped is not None and now - stopped > _STOP_GRACE_S:
                    break  # one that does not answer is ended below
                over = self._listen(workers, stopped is not None or stop_asked())
                if over or now - refreshed > _REFRESH_S:
                    self._refresh_if_reached()
                    refreshed = time.monotonic()
                    self._emit(self._progress())
        finally:
            for worker in workers:
                worker.stop()
            for worker in workers:
                worker.wait(_STOP_GRACE_S)
        self._refresh()
        ended = self._result(stopped is not None)
        self._emit(ended)
        return ended

    def _listen(self, workers: list[_Worker], stopped: bool) -> bool:
        """Pass on what a worker says; True when a trial has ended."""
        try:
            worker, event = self._heard.get(timeout=0.5)
        except queue.Empty:
            return False
        if isinstance(event, RunFailed):
            worker.failure = event
        elif event is not None:
            if isinstance(event, TrialBegun | TrialOver):
                worker.trying = event.number if isinstance(event, TrialBegun) else None
            self._emit(event)
        elif (code := worker.ended()) and not stopped:
            if code != TIRED:
                self._mourn(worker, code)
            workers[workers.index(worker)] = self._start()
        return isinstance(event, TrialOver)

    def _mourn(self, worker: _Worker, code: int) -> None:
        """Tell that a worker has died; give up when too many have."""
        self._deaths += 1
        # What a worker can tell of (a database that is away) is not what it was trying.
        if worker.trying is not None and worker.failure is None:
            with contextlib.suppress(*database_errors()):
                self._study.blame(worker.trying)
        if self._deaths >= _MOST_DEATHS:
            raise self._why(worker, code)
        why = worker.failure.what if worker.failure else tr("it ended with {how}", how=_how(code))
        self._emit(Notice(tr("A worker is replaced: {why}", why=why)))
        # Perhaps the database or the memory is back after a while; longer each time.
        time.sleep(min(self._deaths - 1, 10))

    def _why(self, worker: _Worker, code: int) -> ReviewError:
        if worker.failure:
            said = worker.failure
            return ReviewError(said.what, said.expected, said.fix)
        return ReviewError(
            tr("The sweep's workers keep dying (the last one: {how}).", how=_how(code)),
            tr("A worker tries one setting after the other."),
            tr(
                "{log} in the sweep's folder may tell why; fewer workers need less "
                "memory. What is done is kept.",
                log=LOG_NAME,
            ),
        )

    def _start(self) -> _Worker:
        return _Worker(self._command, self._data, self._folder / LOG_NAME, self._heard)

    def _refresh_if_reached(self) -> None:
        """Leave the ledger as it is while the database is away; the workers tell of that."""
        with contextlib.suppress(*database_errors()):
            self._refresh()

    def _refresh(self) -> None:
        self._rows = rows_of(self._study.optuna)
        try:
            write_ledger(self._folder / LEDGER_NAME, self._rows)
        except OSError as error:
            raise OutputError(
                tr(
                    "The ledger of the sweep cannot be written: {reason}.",
                    reason=error.strerror or error,
                ),
                tr("The disk must have room for it."),
                tr("Free some space and start the sweep again: it goes on where it stopped."),
            ) from error

    def _ended(self) -> int:
        return sum(row.state != RUNNING for row in self._rows)

    def _failed(self) -> int:
        return sum(row.state == FAILED for row in self._rows)

    def _progress(self) -> SweepProgress:
        done = self._ended()
        here, seconds = done - self._done_before, time.monotonic() - self._begun
        left = (self._total - done) * seconds / here if here >= 3 else None
        return SweepProgress(done, self._failed(), self._total, left)

    def _result(self, stopped: bool) -> SweepEnded:
        order = ranked(self._rows, self._config.metric)
        best: dict[str, Any] = {}
        if order:
            row = asdict(order[0])
            best = {name: row[name] for name in ("number", "settings", "values", "intervals")}
        return SweepEnded(
            self._ended(),
            self._failed(),
            self._total,
            stopped and self._ended() < self._total,
            best,
        )


class _Worker:
    """A worker process; what it says goes into a queue, None at its end."""

    def __init__(
        self,
        command: tuple[str, ...],
        data: SweepData,
        log: Path,
        heard: queue.Queue[tuple[_Worker, Event | None]],
    ) -> None:
        self.failure: RunFailed | None = None
        self.trying: int | None = None
        self.alive = True
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
        checkout = str(Path(__file__).resolve().parents[3])
        environment["PYTHONPATH"] = os.pathsep.join(
            part for part in (checkout, environment.get("PYTHONPATH", "")) if part
        )
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                env=environment,
            )
        self._heard = heard
        threading.Thread(target=self._feed, args=(data,), daemon=True).start()
        threading.Thread(target=self._listen, daemon=True).start()

    def stop(self) -> None:
        """Ask for the end; a worker that has ended is let be."""
        stdin = self._process.stdin
        assert stdin is not None
        with contextlib.suppress(OSError, ValueError):
            stdin.write(b"stop\n")
            stdin.flush()

    def ended(self) -> int:
        """The exit code, once it has closed its output."""
        self.alive = False
        return self._process.wait()

    def wait(self, seconds: float) -> None:
        """Wait for the end, and enforce it after some time: its claim is taken over then."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _feed(self, data: SweepData) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # it died first: its end is told elsewhere
            data.send(self._process.stdin)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if (event := from_line(line.decode("utf-8", errors="replace"))) is not None:
                self._heard.put((self, event))
        self._heard.put((self, None))


def _how(code: int) -> str:
    return tr("signal {code}", code=-code) if code < 0 else tr("exit code {code}", code=code)
