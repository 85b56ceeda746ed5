"""The training child process: start it, hear its events, stop it, say in words how it ended.

``fit`` runs in a process of its own, so that a crash or an out-of-memory leaves the window
standing and the GPU comes back with the process's exit.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject

from app.core.base.errors import ReviewError
from app.core.base.events import Event, RunEnded, RunStarted
from app.core.base.translation import mark, tr
from app.core.settings.training import TrainConfig
from app.jobs.event_process import Ending, EventProcess, Words
from app.jobs.worker_log import WorkerLog
from app.training.runs.runs import CONFIG_NAME, LOG_NAME, append_failure, new_run, resumable

STOP_GRACE_S = 300.0
"""How long a stop may take: the worker still has to calibrate and save the best so far."""

_WORDS = Words(
    name=mark("training"),
    result=mark("a model"),
    expected=mark("A run ends with a saved model, or says why it cannot."),
    stop_promise=mark("A stop saves the best weights so far within a few minutes."),
    stop_fix=mark("Start it again; fewer images at once (batch size) make it answer sooner."),
    memory_fix=mark("Choose a smaller batch size or close other programs, then start again."),
    fix=mark("Start it again."),
    log_name=LOG_NAME,
)


def _stopped_early() -> ReviewError:
    return ReviewError(
        tr("The training was stopped while it was reading the images."),
        tr("There is something to keep from the first step on."),
        tr("Start it again when you want."),
    )


@dataclass(frozen=True)
class TrainingOutcome:
    """How a training process ended.

    Parameters
    ----------
    ok
        Whether a model was saved; true after a clean stop as well.
    stopped
        Whether it ended early because somebody asked for it.
    exit_code
        What the process returned; on Linux and macOS the signal's number after a crash.
    crashed
        Whether the system or a signal ended the process.
    model_name
        Name of the new model; empty for none.
    error
        Why there is no model; None when ``ok``.
    run_dir
        The run folder; None when not even that could be made.
    log_tail
        The last lines of the worker's log when it failed, without image paths.
    """

    ok: bool
    stopped: bool
    exit_code: int
    crashed: bool
    model_name: str = ""
    error: ReviewError | None = None
    run_dir: Path | None = None
    log_tail: str = ""


class TrainingProcess(EventProcess):
    """One training run at a time, in a child process. ``finished`` brings the ``TrainingOutcome``.

    Parameters
    ----------
    parent
        Qt parent.
    command
        What is run; CONFIG and RUN_DIR are appended. None for the real worker.
    stop_grace_s
        Seconds between a stop that nothing comes of and the kill.
    """

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        command: Sequence[str] | None = None,
        stop_grace_s: float = STOP_GRACE_S,
    ) -> None:
        real = (sys.executable, "-m", "app.training.runs.worker")
        super().__init__(parent, command or real, _WORDS, stop_grace_s)
        self._run_dir: Path | None = None
        self._ended: RunEnded | None = None
        self._begun = False

    @property
    def run_dir(self) -> Path | None:
        """Folder of the current or last run; one that is cut off reads as interrupted later."""
        return self._run_dir

    def start(self, config: TrainConfig) -> Path:
        """Start a run.

        Parameters
        ----------
        config
            Its settings; they are written to the run folder.

        Returns
        -------
        Path
            The new run folder.

        Raises
        ------
        ReviewError
            When a run is under way, or the run folder cannot be written.
        """
        self._refuse_second()
        run_dir = new_run(config)
        self._run(run_dir, config)
        return run_dir

    def resume(self, run_dir: Path) -> None:
        """Go on with a run that was cut off, from its last whole epoch.

        Parameters
        ----------
        run_dir
            Its folder.

        Raises
        ------
        ReviewError
            When a run is under way, here or there, or there is nothing to go on from.
        """
        self._refuse_second()
        self._run(run_dir, resumable(run_dir))

    def _refuse_second(self) -> None:
        if self.running:
            raise ReviewError(
                tr("A training is already running."),
                tr("One training runs at a time."),
                tr("Stop it, or wait until it ends."),
            )

    def _run(self, run_dir: Path, config: TrainConfig) -> None:
        self._run_dir, self._ended, self._begun = run_dir, None, False
        self._launch(
            [str(run_dir / CONFIG_NAME), str(run_dir)], WorkerLog(run_dir / LOG_NAME, config.data)
        )

    def _hear(self, event: Event) -> None:
        if isinstance(event, RunEnded):
            self._ended = event
        elif isinstance(event, RunStarted):
            self._begun = True

    def _outcome(self, ending: Ending) -> TrainingOutcome:
        ended, run_dir = self._ended, self._run_dir
        assert run_dir is not None
        error = None
        if ended is None:
            early = ending.stop_asked and not self._begun and not ending.killed
            nothing_yet = early and ending.error is None
            error = _stopped_early() if nothing_yet else self._reason(ending)
            told = ending.failed is not None and not nothing_yet
            if not told and not self._closing:
                append_failure(run_dir, error)
        return TrainingOutcome(
            ok=ended is not None,
            stopped=ended.stopped if ended else ending.stop_asked or ending.killed,
            exit_code=ending.exit_code,
            crashed=ending.crashed,
            model_name=ended.model_name if ended else "",
            error=error,
            run_dir=run_dir,
            log_tail="" if ended else ending.log_tail,
        )
