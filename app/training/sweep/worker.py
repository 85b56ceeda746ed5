"""The process that tries one setting after the other: ``python -m app.training.sweep.worker``.

Its arguments are the sweep's folder and the number of threads. Through stdin come the images
(``app.training.sweep.data``), and then the line ``stop``; its end asks for the same. Events go to
stdout, one JSON line each, logs to stderr. Exit codes: 0 nothing is left to try, or stopped;
1 it failed, and the last event says why; ``TIRED``: it has trained so many networks that a fresh
process should go on.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import logging
import os
import platform
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.core.base.errors import ReviewError
from app.core.base.events import (
    EpochEnded,
    Event,
    RunFailed,
    TrialBegun,
    TrialEpoch,
    TrialOver,
    to_line,
)
from app.core.base.own_folder import in_own_folder
from app.core.base.translation import tr
from app.core.base.translation_file import use_the_windows_language
from app.core.base.worker_io import private_stdout, raw_stdin, stop_from
from app.core.settings.sweep import SweepConfig
from app.training.sweep import claims as claim_states
from app.training.sweep.claims import MOST_ATTEMPTS, Claim
from app.training.sweep.data import SweepData
from app.training.sweep.folders import CONFIG_NAME
from app.training.sweep.ledger import TrialRow
from app.training.sweep.space import grid_settings, key_of, suggest
from app.training.sweep.study import (
    GRACE_S,
    HEARTBEAT_S,
    MOST_DEATHS,
    StudyDatabase,
    database_errors,
    new_holder,
    storage_error,
)
from app.training.sweep.trial import TrialEnded, TrialResult, run_trial

HUNG_S = 600.0
"""A trial that has not come to its next step for so long hangs: its heart stops."""
TELL_S = 120.0
TIRED = 3
MOST_TRAININGS = 100
"""TensorFlow keeps some 9 MB of each network trained in a process, until the process ends."""
_POLL_S = 1.0
_MOST_DUPLICATES = 50
"""After so many draws in a row of what has been tried, nothing new is left to draw."""

log = logging.getLogger(__name__)


class SweepWorker:
    """Tries settings until none is left.

    Parameters
    ----------
    study
        The sweep's database.
    data
        The images.
    emit
        Takes each event.
    stop_asked
        True ends the trial under way, whose setting becomes free again.
    most_trainings
        After so many networks ``tired`` is true and no other trial is begun.
    """

    def __init__(
        self,
        study: StudyDatabase,
        data: SweepData,
        emit: Callable[[Event], None],
        stop_asked: Callable[[], bool],
        most_trainings: int = MOST_TRAININGS,
    ) -> None:
        self._trainings_left = most_trainings
        self._study, self._data, self._emit, self._stop_asked = study, data, emit, stop_asked
        self._config = study.config
        self._grid = grid_settings(self._config) if self._config.sampler == "grid" else []
        self._name = f"{platform.node()}:{os.getpid()}"

    def work(self) -> None:
        """Claim, try, tell, again; returns when all settings are done or a stop was asked for."""
        while not self._stop_asked() and not self.tired:
            if claim := self._study.claims.take_over(new_holder()):
                self._inherit(claim)
            elif self._config.sampler == "grid":
                if claim := self._study.claims.take_next(self._grid, new_holder()):
                    self._try(claim, self._study.ask(claim.settings))
                elif not self._wait_for_others():
                    return
            elif not self._draw():
                return

    @property
    def tired(self) -> bool:
        """Whether a fresh process should go on."""
        return self._trainings_left <= 0

    def _wait_for_others(self) -> bool:
        """Whether another worker still tries a setting: it may die, and leave it to us."""
        if claim_states.RUNNING not in self._study.claims.states().values():
            return False
        time.sleep(_POLL_S)
        return True

    def _draw(self) -> bool:
        """Let the sampler draw a setting, and try it; False when there is nothing left to do."""
        for _ in range(_MOST_DUPLICATES):
            if len(self._study.claims.states()) >= self._config.trials:
                return self._wait_for_others()
            trial = self._study.optuna.ask()
            settings = suggest(trial, self._config.train.arch)
            if claim := self._study.claims.take(settings, new_holder()):
                if len(self._study.claims.states()) > self._config.trials:
                    # Another worker was quicker to the last one.
                    self._study.claims.release(claim)
                    self._leave(trial)
                    return self._wait_for_others()
                self._try(claim, trial)
                return True
            # Tried already: the same result, so that the sampler learns, and no second run.
            self._repeat(trial, key_of(settings))
        return False

    def _repeat(self, trial: Any, key: str) -> None:
        from optuna.trial import TrialState

        for other in self._study.optuna.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)):
            if key_of(other.params) == key:
                self._study.optuna.tell(trial, other.value)
                return
        self._study.optuna.tell(trial, state=TrialState.FAIL)

    def _inherit(self, claim: Claim) -> None:
        """Take over what a dead worker left: unless it had told its result, or it kills workers."""
        from optuna.trial import TrialState

        study = self._study.optuna
        if claim.orphan is not None:
            left = study.get_trials(deepcopy=False)[claim.orphan]
            if left.state == TrialState.RUNNING:
                study.tell(claim.orphan, state=TrialState.FAIL, skip_if_finished=True)
                left = study.get_trials(deepcopy=False)[claim.orphan]
            if left.state in (TrialState.COMPLETE, TrialState.PRUNED):
                self._study.claims.end(claim, claim_states.DONE)
                return
            if json.loads(left.user_attrs.get("row", "{}")).get("reason"):
                self._study.claims.end(claim, claim_states.FAILED)
                return
        trial = self._study.ask(claim.settings)
        deaths = self._study.deaths(claim.settings)
        if deaths >= MOST_DEATHS or claim.attempts > MOST_ATTEMPTS:
            died = deaths if deaths >= MOST_DEATHS else MOST_ATTEMPTS
            self._fail(claim, trial, tr("Its process died {count} times.", count=died), 0.0)
        else:
            self._try(claim, trial)

    def _try(self, claim: Claim, trial: Any) -> None:
        begun = time.monotonic()
        self._trainings_left -= self._config.inner_folds
        self._study.claims.begin(claim, trial.number)
        row = self._row(claim, trial)
        self._tell_row(trial, row)
        self._emit(TrialBegun(trial.number, claim.settings))
        asked = time.monotonic()

        def over() -> bool:
            nonlocal asked
            asked = time.monotonic()
            return self._stop_asked() or lost()

        def at_work() -> bool:
            if time.monotonic() - asked < HUNG_S:
                return True
            self._study.blame(trial.number)
            return False

        with self._study.beating(claim, at_work) as lost:
            try:
                result = run_trial(
                    self._config,
                    self._data,
                    claim.settings,
                    lambda fold, event: self._on_epoch(trial, fold, event),
                    over,
                )
            except TrialEnded as ended:
                self._end_early(claim, trial, row, ended, time.monotonic() - begun)
                return
            except database_errors():
                raise
            except Exception as error:
                # Asked anew: a worker that was suspended may not have heard of its loss yet, and
                # a trial that was taken over takes no more figures.
                if self._stop_asked() or not self._study.claims.beat(claim):
                    self._leave(trial)
                    self._study.claims.release(claim)
                    return
                log.exception("trial %s failed", trial.number)
                self._fail(claim, trial, _reason(error), time.monotonic() - begun)
                return
            self._complete(claim, trial, row, result, time.monotonic() - begun)

    def _complete(
        self, claim: Claim, trial: Any, row: TrialRow, result: TrialResult, seconds: float
    ) -> None:
        done = dataclasses.replace(
            row,
            values=result.values,
            intervals=result.intervals,
            folds=result.folds,
            seconds=seconds,
        )

        def tell() -> bool:
            if not self._study.claims.beat(claim):
                self._leave(trial)
                return False
            self._tell_row(trial, done)
            self._study.optuna.tell(
                trial, result.values[self._config.metric], skip_if_finished=True
            )
            # Only now: a worker that dies in between leaves a trial with its result, found by
            # whoever takes the claim over.
            return self._study.claims.end(claim, claim_states.DONE)

        if self._patiently(tell):
            self._emit(TrialOver(trial.number, "complete", dict(result.values)))

    def _patiently(self, tell: Callable[[], bool]) -> bool:
        """Tell a result, again and again while the database is away: minutes of work are in it."""
        until = time.monotonic() + TELL_S
        while True:
            try:
                return tell()
            except database_errors():
                if time.monotonic() > until or self._stop_asked():
                    raise
                time.sleep(_POLL_S)

    def _end_early(
        self, claim: Claim, trial: Any, row: TrialRow, ended: TrialEnded, seconds: float
    ) -> None:
        from optuna.trial import TrialState

        if not ended.pruned or not self._study.claims.beat(claim):  # a stop, or the claim is lost
            self._leave(trial)
            self._study.claims.release(claim)
            return
        steps = trial.study.get_trials(deepcopy=False)[trial.number].intermediate_values
        last = max(steps, default=0)
        reason = tr("Worse than the others after epoch {epoch}.", epoch=last)
        self._tell_row(trial, dataclasses.replace(row, seconds=seconds, reason=reason))
        self._study.optuna.tell(trial, state=TrialState.PRUNED)
        self._study.claims.end(claim, claim_states.DONE)
        self._emit(TrialOver(trial.number, "pruned", {}))

    def _fail(self, claim: Claim, trial: Any, reason: str, seconds: float) -> None:
        from optuna.trial import TrialState

        row = dataclasses.replace(self._row(claim, trial), seconds=seconds, reason=reason)
        self._tell_row(trial, row)
        self._study.optuna.tell(trial, state=TrialState.FAIL)
        self._study.claims.end(claim, claim_states.FAILED)
        self._emit(TrialOver(trial.number, "failed", {}, reason))

    def _leave(self, trial: Any) -> None:
        """End a trial that counts for nothing: its setting is tried again, or by another."""
        from optuna.trial import TrialState

        self._study.optuna.tell(trial, state=TrialState.FAIL, skip_if_finished=True)

    def _on_epoch(self, trial: Any, fold: int, event: EpochEnded) -> bool:
        self._emit(TrialEpoch(trial.number, fold, event.epoch, event.epochs, event.metrics))
        # Pruned in its first inner fold only: what has passed that is trained to its end.
        if self._config.pruner == "none" or fold > 0 or event.epoch == event.epochs:
            return False
        trial.report(event.metrics[self._config.metric], event.epoch)
        return bool(trial.should_prune())

    def _row(self, claim: Claim, trial: Any) -> TrialRow:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return TrialRow(trial.number, "running", claim.settings, worker=self._name, started=now)

    def _tell_row(self, trial: Any, row: TrialRow) -> None:
        trial.set_user_attr("row", json.dumps(dataclasses.asdict(row)))


def _reason(error: Exception) -> str:
    if isinstance(error, ReviewError):
        return error.what
    from app.inference.runtime.device import is_out_of_memory

    if is_out_of_memory(error):
        return tr("Out of memory, even with one image at a time.")
    return tr("It failed with {kind}.", kind=type(error).__name__)


def main(argv: list[str] | None = None) -> int:
    """Work on one sweep until nothing is left or a stop is asked for."""
    parser = argparse.ArgumentParser(prog="app.training.sweep.worker", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("data_sha256")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--heartbeat", type=float, default=HEARTBEAT_S)
    parser.add_argument("--grace", type=float, default=GRACE_S)
    parser.add_argument("--most-trainings", type=int, default=MOST_TRAININGS)
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    use_the_windows_language()
    events = private_stdout()

    # Ctrl-C goes to every process of the terminal: the coordinator hears it, and says stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def emit(event: Event) -> None:
        # Nobody may be listening any more: stdin's end, which is heard as a stop, tells as well.
        with contextlib.suppress(OSError):
            print(to_line(event), file=events, flush=True)

    config = SweepConfig.load(arguments.folder / CONFIG_NAME)
    try:
        stdin = raw_stdin()
        data = SweepData.receive(stdin)
        stop_asked = stop_from(stdin)
        _use_threads(arguments.threads, config)
        study = StudyDatabase(
            config,
            arguments.folder,
            arguments.data_sha256,
            heartbeat=arguments.heartbeat,
            grace=arguments.grace,
        )
        worker = SweepWorker(study, data, emit, stop_asked, arguments.most_trainings)
        worker.work()
        study.close()
    except EOFError:
        return 0
    except database_errors() as error:
        problem = storage_error(config.storage or "sqlite://", error)
        emit(RunFailed(problem.what, problem.expected, problem.fix))
        return 1
    except ReviewError as error:
        emit(RunFailed(error.what, error.expected, error.fix))
        return 1
    return TIRED if worker.tired and not stop_asked() else 0


def _use_threads(count: int, config: SweepConfig) -> None:
    """Keep to so many cores: several workers share the machine."""
    from app.inference.runtime.device import choose_device, tensorflow

    tf = tensorflow()
    if count:
        tf.config.threading.set_intra_op_parallelism_threads(count)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    choose_device(config.train.device)


if __name__ == "__main__":
    with in_own_folder():
        sys.exit(main())
