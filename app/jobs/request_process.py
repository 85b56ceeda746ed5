"""A child process that answers one request after another; see ``app.review.audit.answering``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.jobs.event_process import be_nice, worker_environment
from app.jobs.latest import Latest

_GRACE_MS = 5000


class RequestProcess(QObject):
    """One task at a time, in a process of its own: TensorFlow's import must not stall the window.

    Parameters
    ----------
    parent
        Qt parent.
    command
        What is run.

    Signals
    -------
    progress(int, int)
        Images done, and how many there are.
    notice(str)
        For the person.
    done(dict), failed(ReviewError), cancelled()
        One of them, once for each ``start``.
    """

    progress = Signal(int, int)
    notice = Signal(str)
    done = Signal(dict)
    failed = Signal(object)
    cancelled = Signal()

    def __init__(self, parent: QObject | None, command: Sequence[str]) -> None:
        super().__init__(parent)
        self._command = list(command)
        self._process: QProcess | None = None
        self._partial = b""
        self._answer: dict[str, Any] = {}
        self._cancelled = False
        self._grace = QTimer(self, singleShot=True, interval=_GRACE_MS)
        self._grace.timeout.connect(self._kill)

    @property
    def running(self) -> bool:
        """Whether a task is under way."""
        return self._process is not None

    def cancel(self) -> None:
        """Ask the process to end; it is killed when it does not."""
        if self._process is not None and not self._cancelled:
            self._cancelled = True
            self._process.closeWriteChannel()
            self._grace.start()

    def close(self) -> None:
        """End the process because the window closes; no signal is emitted any more."""
        if self._process is None:
            return
        self.blockSignals(True)
        self.cancel()
        if not self._process.waitForFinished(_GRACE_MS) and self._process is not None:
            self._process.kill()
            self._process.waitForFinished(_GRACE_MS)

    def _start(self, request: dict[str, Any]) -> None:
        if self._process is not None:
            raise RuntimeError("a task is under way")
        self._partial, self._answer, self._cancelled = b"", {}, False
        process = QProcess(self)
        process.setProgram(self._command[0])
        process.setArguments(self._command[1:])
        process.setProcessEnvironment(worker_environment())
        process.started.connect(lambda: be_nice(process))
        process.readyReadStandardOutput.connect(self._read)
        # Nobody reads it, and a full pipe would stop the process.
        process.setStandardErrorFile(QProcess.nullDevice())
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._error)
        self._process = process
        process.start()
        process.write(json.dumps(request).encode() + b"\n")

    def _take(self, result: dict[str, Any]) -> None:
        """The result has come; by default it is passed on as it is."""
        self.done.emit(result)

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _read(self) -> None:
        if self._process is None:
            return
        data = self._partial + bytes(self._process.readAllStandardOutput().data())
        *lines, self._partial = data.split(b"\n")
        for line in lines:
            answer = json.loads(line)
            if "total" in answer:
                self.progress.emit(answer["done"], answer["total"])
            elif "notice" in answer:
                self.notice.emit(answer["notice"])
            else:
                self._answer = answer

    def _error(self, error: QProcess.ProcessError) -> None:
        # Every other error is followed by `finished`; this one is not.
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            reason = self._process.errorString()
            self._end(
                ReviewError(
                    tr("The process could not be started: {reason}.", reason=reason),
                    tr("{command} must be a Python that can be run.", command=self._command[0]),
                    tr("Install Opacity again."),
                )
            )

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        error = self._answer.get("error")
        self._end(
            ReviewError(*error)
            if error
            else ReviewError(
                tr("The process ended without an answer (exit code {code}).", code=code),
                tr("It ends with a result, or says why there is none."),
                tr("Close other programs, in case memory ran out, and try again."),
            )
        )

    def _end(self, error: ReviewError) -> None:
        process, self._process = self._process, None
        self._grace.stop()
        if process is not None:
            process.deleteLater()
        if "result" in self._answer:
            self._take(self._answer["result"])
        elif self._cancelled:
            self.cancelled.emit()
        else:
            self.failed.emit(error)


class SharedRequestProcess(RequestProcess):
    """A task of which a thread does a part, before the process begins or after it has ended.

    Parameters
    ----------
    parent
        Qt parent.
    command
        What is run.
    helper
        What does the thread's part; ``_with_helper`` is true while it is under way.
    """

    def __init__(self, parent: QObject | None, command: Sequence[str], helper: Latest) -> None:
        super().__init__(parent, command)
        helper.setParent(self)
        helper.failed.connect(self._helper_failed)
        self._helper = helper
        self._with_helper = False

    @property
    def running(self) -> bool:
        """Whether a task is under way."""
        return super().running or self._with_helper

    def cancel(self) -> None:
        """Ask for an end; a ``cancelled`` comes of it."""
        if self._with_helper:
            self._helper.cancel()
            self._with_helper = False
            self.cancelled.emit()
        else:
            super().cancel()

    def close(self) -> None:
        """End it because the window closes; no signal is emitted any more."""
        super().close()
        self.blockSignals(True)
        self._helper.close()

    def _helper_failed(self, error: object) -> None:
        self._with_helper = False
        self.failed.emit(error)
