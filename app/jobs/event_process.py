"""A child process that tells events as JSON lines: heard, stopped, killed, its end put into words.

What a training and a sweep share; each adds what it starts and what its end means.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from app.core.base.errors import ReviewError
from app.core.base.events import Event, RunFailed, from_line
from app.core.base.translation import language, mark, tr
from app.core.base.translation_file import VARIABLE
from app.jobs.worker_log import WorkerLog

_CLOSE_GRACE_MS = 3000
_LONGEST_LINE = 1 << 20
_SIGNALS = {
    4: mark("illegal instruction"),
    6: mark("abort"),
    7: mark("bus error"),
    11: mark("segmentation fault"),
}


@dataclass(frozen=True)
class Ending:
    """How a process ended, before what it said is looked at.

    Parameters
    ----------
    exit_code
        What the process returned; on Linux and macOS the signal's number after a crash.
    crashed
        Whether the system or a signal ended the process.
    stop_asked
        Whether somebody asked for a stop.
    killed
        Whether it was killed from here.
    failed
        What it said of its own failure.
    error
        Why it could not even be started.
    log_tail
        The last lines of its log, without image paths.
    """

    exit_code: int
    crashed: bool
    stop_asked: bool
    killed: bool
    failed: RunFailed | None
    error: ReviewError | None
    log_tail: str


@dataclass(frozen=True)
class Words:
    """What is said of a process that ended without explaining itself; marked, not yet translated.

    Parameters
    ----------
    name
        As in "the ... process".
    result
        What it ends with when all is well, as in "without ...".
    expected
        How it ends when all is well.
    stop_promise
        What a stop does, for one that did not answer it.
    stop_fix, memory_fix, fix
        What to do after a kill, after running out of memory, after anything else.
    log_name
        Where its log lies.
    """

    name: str
    result: str
    expected: str
    stop_promise: str
    stop_fix: str
    memory_fix: str
    fix: str
    log_name: str


class EventProcess(QObject):
    """One child process at a time.

    Parameters
    ----------
    parent
        Qt parent.
    command
        What is run; ``launch`` appends the arguments.
    words
        For an end without a reason.
    stop_grace_s
        Seconds between a stop that nothing comes of and the kill.
    """

    said = Signal(object)
    """An ``app.core.base.events.Event`` of the running process."""
    finished = Signal(object)
    """The outcome, once for each start."""

    def __init__(
        self,
        parent: QObject | None,
        command: Sequence[str],
        words: Words,
        stop_grace_s: float,
    ) -> None:
        super().__init__(parent)
        self._command = list(command)
        self._words = words
        self._process: QProcess | None = None
        self._log: WorkerLog | None = None
        self._partial = b""
        self._failed: RunFailed | None = None
        self._stop_asked = self._killed = self._closing = False
        self._grace = QTimer(self)
        self._grace.setSingleShot(True)
        self._grace.setInterval(int(stop_grace_s * 1000))
        self._grace.timeout.connect(self.kill)

    @property
    def running(self) -> bool:
        """Whether the process is under way."""
        return self._process is not None

    @property
    def stopping(self) -> bool:
        """Whether a stop was asked for and the process has not ended yet."""
        return self.running and self._stop_asked

    def stop(self) -> None:
        """Ask for a clean stop that keeps what is done; returns at once."""
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
        """End it because the program ends: a clean stop, and after ``wait_ms`` a kill.

        No signal is emitted any more.
        """
        if self._process is None:
            return
        self._closing = True
        self.stop()
        self._process.closeWriteChannel()
        if not self._process.waitForFinished(wait_ms) and self._process is not None:
            self._process.kill()
            self._process.waitForFinished(_CLOSE_GRACE_MS)

    # -- for what is run -----------------------------------------------------------------------

    def _launch(self, arguments: Sequence[str], log: WorkerLog) -> None:
        self._log = log
        self._partial, self._failed = b"", None
        self._stop_asked = self._killed = self._closing = False
        process = QProcess(self)
        process.setProgram(self._command[0])
        process.setArguments([*self._command[1:], *arguments])
        process.setProcessEnvironment(worker_environment())
        process.started.connect(self._be_nice)
        process.readyReadStandardOutput.connect(self._read_events)
        process.readyReadStandardError.connect(self._read_log)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._process = process
        process.start()

    def _hear(self, event: Event) -> None:
        """Remember what an event means for the outcome."""

    def _outcome(self, ending: Ending) -> object:
        """What ``finished`` brings."""
        raise NotImplementedError

    def _reason(self, ending: Ending) -> ReviewError:
        """Why there is no result, in words."""
        if ending.error is not None:
            return ending.error
        if ending.failed is not None:
            said = ending.failed
            return ReviewError(said.what, said.expected, said.fix)
        words, name = self._words, tr(self._words.name)
        if ending.killed:
            return ReviewError(
                tr("The {name} was ended by force: it did not answer the stop.", name=name),
                tr(words.stop_promise),
                tr(words.stop_fix),
            )
        if (ending.crashed and ending.exit_code == 9) or ending.exit_code == 137:
            return ReviewError(
                tr(
                    "The system ended the {name} process, most likely because memory ran out.",
                    name=name,
                ),
                tr("The images and one batch must fit into memory beside the other programs."),
                tr(words.memory_fix),
            )
        fix = tr(words.fix)
        if ending.log_tail:
            more = tr("The last lines of {log} below may tell more.", log=words.log_name)
            fix = f"{fix} {more}"
        code = ending.exit_code
        if ending.crashed:
            how = tr(_SIGNALS[code]) if code in _SIGNALS else tr("code {code}", code=code)
            what = tr("The {name} process crashed ({how}).", name=name, how=how)
        elif code:
            what = tr("The {name} process ended with exit code {code}.", name=name, code=code)
        else:
            what = tr(
                "The {name} process ended without {result} and without a reason.",
                name=name,
                result=tr(words.result),
            )
        return ReviewError(what, tr(words.expected), fix)

    # -- the process -----------------------------------------------------------------------------

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
        event = from_line(line.decode("utf-8", errors="replace"))
        if event is None:
            return
        if isinstance(event, RunFailed):
            self._failed = event
        self._hear(event)
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
                    tr(
                        "The {name} process could not be started: {reason}.",
                        name=tr(self._words.name),
                        reason=reason,
                    ),
                    tr("{command} must be a Python that can be run.", command=self._command[0]),
                    tr("Install Opacity again, then start once more."),
                ),
            )

    def _on_finished(self, exit_code: int, status: QProcess.ExitStatus) -> None:
        self._read_events()
        if self._partial:
            self._take(self._partial)
        self._read_log()
        self._conclude(exit_code, status == QProcess.ExitStatus.CrashExit, None)

    def _conclude(self, exit_code: int, crashed: bool, error: ReviewError | None) -> None:
        process, log = self._process, self._log
        if process is None or log is None:
            return
        self._grace.stop()
        self._process = None
        process.deleteLater()
        tail = log.tail()
        outcome = self._outcome(
            Ending(exit_code, crashed, self._stop_asked, self._killed, self._failed, error, tail)
        )
        log.close()
        if not self._closing:
            self.finished.emit(outcome)


def be_nice(process: QProcess) -> None:
    """The window comes first: threads that TensorFlow starts later inherit this."""
    if hasattr(os, "setpriority"):
        # The process may have ended already, or its container may forbid it.
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.processId(), 5)


def worker_environment() -> QProcessEnvironment:
    """That of a child process of ours: it finds this checkout, speaks UTF-8 and our language."""
    environment = QProcessEnvironment.systemEnvironment()
    checkout = str(Path(__file__).resolve().parents[2])
    known = environment.value("PYTHONPATH")
    environment.insert("PYTHONPATH", f"{checkout}{os.pathsep}{known}" if known else checkout)
    environment.insert("PYTHONUNBUFFERED", "1")
    environment.insert("PYTHONUTF8", "1")
    environment.insert(VARIABLE, language())
    return environment
