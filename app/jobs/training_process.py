"""The training child process: start it, hear its events, stop it, say in words how it ended.

``fit`` runs in a process of its own, so that a crash or an out-of-memory leaves the window
standing and the GPU comes back with the process's exit.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from app.core.config import TrainConfig
from app.core.errors import ReviewError
from app.core.events import Event, RunEnded, RunFailed, RunStarted, from_line
from app.jobs.worker_log import WorkerLog
from app.training.runs import CONFIG_NAME, LOG_NAME, append_failure, new_run

STOP_GRACE_S = 300.0
"""How long a stop may take: the worker still has to calibrate and save the best so far."""

_CLOSE_GRACE_MS = 3000
_LONGEST_LINE = 1 << 20
_SIGNALS = {4: "illegal instruction", 6: "abort", 7: "bus error", 11: "segmentation fault"}

_STOPPED_EARLY = ReviewError(
    "The training was stopped while it was reading the images.",
    "There is something to keep from the first step on.",
    "Start it again when you want.",
)


@dataclass(frozen=True)
class Outcome:
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


class TrainingProcess(QObject):
    """One training run at a time, in a child process.

    Parameters
    ----------
    parent
        Qt parent.
    command
        What is run; CONFIG and RUN_DIR are appended. None for the real worker.
    stop_grace_s
        Seconds between a stop that nothing comes of and the kill.
    """

    said = Signal(object)
    """An ``app.core.events.Event`` of the running process."""
    finished = Signal(object)
    """The ``Outcome``, once for each ``start`` that returned."""

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        command: Sequence[str] | None = None,
        stop_grace_s: float = STOP_GRACE_S,
    ) -> None:
        super().__init__(parent)
        self._command = list(command or (sys.executable, "-m", "app.training.worker"))
        self._process: QProcess | None = None
        self._run_dir: Path | None = None
        self._log: WorkerLog | None = None
        self._partial = b""
        self._ended: RunEnded | None = None
        self._failed: RunFailed | None = None
        self._begun = self._stop_asked = self._killed = self._closing = False
        self._grace = QTimer(self)
        self._grace.setSingleShot(True)
        self._grace.setInterval(int(stop_grace_s * 1000))
        self._grace.timeout.connect(self.kill)

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        return self._process is not None

    @property
    def stopping(self) -> bool:
        """Whether a stop was asked for and the run has not ended yet."""
        return self.running and self._stop_asked

    @property
    def run_dir(self) -> Path | None:
        """Folder of the current or last run."""
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
        if self.running:
            raise ReviewError(
                "A training is already running.",
                "One training runs at a time.",
                "Stop it, or wait until it ends.",
            )
        run_dir = new_run(config)
        self._run_dir = run_dir
        self._log = WorkerLog(run_dir / LOG_NAME, config.data)
        self._partial, self._ended, self._failed = b"", None, None
        self._begun = self._stop_asked = self._killed = self._closing = False
        process = QProcess(self)
        process.setProgram(self._command[0])
        process.setArguments([*self._command[1:], str(run_dir / CONFIG_NAME), str(run_dir)])
        process.setProcessEnvironment(worker_environment())
        process.started.connect(self._be_nice)
        process.readyReadStandardOutput.connect(self._read_events)
        process.readyReadStandardError.connect(self._read_log)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._process = process
        process.start()
        return run_dir

    def stop(self) -> None:
        """Ask for a clean stop that keeps the best weights so far; returns at once."""
        if self._process is None or self._stop_asked:
            return
        self._stop_asked = True
        self._process.write(b"stop\n")
        self._grace.start()

    def kill(self) -> None:
        """End the process now; what it did not save is lost."""
        if self._process is not None:
            self._killed = True
            self._process.kill()

    def close(self, wait_ms: int = _CLOSE_GRACE_MS) -> None:
        """End the run because the program ends: a clean stop, and after ``wait_ms`` a kill.

        No signal is emitted any more. A run that is cut off here reads as interrupted later.
        """
        if self._process is None:
            return
        self._closing = True
        self.stop()
        self._process.closeWriteChannel()
        if not self._process.waitForFinished(wait_ms) and self._process is not None:
            self._process.kill()
            self._process.waitForFinished(_CLOSE_GRACE_MS)

    def _be_nice(self) -> None:
        if self._process is not None:
            be_nice(self._process)

    def _read_events(self) -> None:
        if self._process is None:
            return
        data = self._partial + bytes(self._process.readAllStandardOutput().data())
        *lines, self._partial = data.split(b"\n")
        if len(self._partial) > _LONGEST_LINE:
            self._partial = b""  # no event is that long: a library prints without end
        for line in lines:
            self._take(line)

    def _take(self, line: bytes) -> None:
        event: Event | None = from_line(line.decode("utf-8", errors="replace"))
        if event is None:
            return
        if isinstance(event, RunEnded):
            self._ended = event
        elif isinstance(event, RunFailed):
            self._failed = event
        elif isinstance(event, RunStarted):
            self._begun = True
        if not self._closing:
            self.said.emit(event)

    def _read_log(self) -> None:
        if self._process is not None and self._log is not None:
            self._log.write(bytes(self._process.readAllStandardError().data()))

    def _on_error(self, error: QProcess.ProcessError) -> None:
        # Every other error is followed by `finished`; this one is not.
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            reason = self._process.errorString()
            self._conclude(
                -1,
                False,
                ReviewError(
                    f"The training process could not be started: {reason}.",
                    f"{self._command[0]} must be a Python that can be run.",
                    "Install Opacity again, then start the training once more.",
                ),
            )

    def _on_finished(self, exit_code: int, status: QProcess.ExitStatus) -> None:
        self._read_events()
        if self._partial:
            self._take(self._partial)
        self._read_log()
        self._conclude(exit_code, status == QProcess.ExitStatus.CrashExit, None)

    def _conclude(self, exit_code: int, crashed: bool, error: ReviewError | None) -> None:
        process, run_dir, log = self._process, self._run_dir, self._log
        if process is None or run_dir is None or log is None:
            return
        self._grace.stop()
        self._process = None
        process.deleteLater()
        tail = ""
        if self._ended is None:
            tail = log.tail()
            if error is None and self._stop_asked and not self._begun and not self._killed:
                error, self._failed = _STOPPED_EARLY, None
            elif error is None and self._failed is not None:
                failed = self._failed
                error = ReviewError(failed.what, failed.expected, failed.fix)
            elif error is None:
                error = _reason(exit_code, crashed, self._killed, bool(tail))
            if self._failed is None and not self._closing:
                append_failure(run_dir, error)
        log.close()
        stopped = self._ended.stopped if self._ended else self._stop_asked or self._killed
        outcome = Outcome(
            ok=self._ended is not None,
            stopped=stopped,
            exit_code=exit_code,
            crashed=crashed,
            model_name=self._ended.model_name if self._ended else "",
            error=None if self._ended else error,
            run_dir=run_dir,
            log_tail=tail,
        )
        if not self._closing:
            self.finished.emit(outcome)


def be_nice(process: QProcess) -> None:
    """The window comes first: threads that TensorFlow starts later inherit this."""
    if hasattr(os, "setpriority"):
        # The process may have ended already, or its container may forbid it.
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.processId(), 5)


def worker_environment() -> QProcessEnvironment:
    """That of a child process of ours: it finds this checkout and speaks UTF-8 at once."""
    environment = QProcessEnvironment.systemEnvironment()
    checkout = str(Path(__file__).resolve().parents[2])
    known = environment.value("PYTHONPATH")
    environment.insert("PYTHONPATH", f"{checkout}{os.pathsep}{known}" if known else checkout)
    environment.insert("PYTHONUNBUFFERED", "1")
    environment.insert("PYTHONUTF8", "1")
    return environment


def _reason(exit_code: int, crashed: bool, killed_here: bool, has_log: bool) -> ReviewError:
    """Words for an end that the worker did not explain itself."""
    expected = "A run ends with a saved model, or says why it cannot."
    look = f"The last lines of {LOG_NAME} below may tell more." if has_log else ""
    if killed_here:
        return ReviewError(
            "The training was ended by force: it did not answer the stop.",
            "A stop saves the best weights so far within a few minutes.",
            "Start it again; fewer images at once (batch size) make it answer sooner.",
        )
    if (crashed and exit_code == 9) or exit_code == 137:
        return ReviewError(
            "The system ended the training process, most likely because memory ran out.",
            "The images and one batch must fit into memory beside the other programs.",
            "Choose a smaller batch size or close other programs, then start again.",
        )
    if crashed:
        name = _SIGNALS.get(exit_code, f"code {exit_code}")
        return ReviewError(
            f"The training process crashed ({name}).",
            expected,
            f"Start it again. {look}".strip(),
        )
    if exit_code:
        return ReviewError(
            f"The training process ended with exit code {exit_code}.",
            expected,
            f"Start it again. {look}".strip(),
        )
    return ReviewError(
        "The training process ended without a model and without a reason.",
        expected,
        f"Start it again. {look}".strip(),
    )
