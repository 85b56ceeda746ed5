"""How long a training would take: a child process that runs a few steps of it and says so.

``python -m app.training.fit.estimate CONFIG.json IMAGES`` prints one JSON line; for a sweep
``app.training.sweep.estimate`` does. It is started a moment after the settings have come to rest,
and killed when they change or a training starts.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from app.core.settings.sweep import SweepConfig
from app.core.settings.training import TrainConfig
from app.jobs.event_process import be_nice, worker_environment

REST_MS = 1500
"""So long the settings must stand still: a spin box that is being turned is no question yet."""


SWEEP_COMMAND = (sys.executable, "-m", "app.training.sweep.estimate")
"""For a ``SweepConfig`` and the number of settings that are left."""


@dataclass(frozen=True)
class EstimateState:
    """What a run with the settings asked about would take.

    Parameters
    ----------
    seconds
        For all epochs, if it does not end earlier.
    seconds_per_epoch
        For one of them.
    memory_bytes
        The most that the process would hold.
    device
        Its name, as shown to a person.
    """

    seconds: float
    seconds_per_epoch: float
    memory_bytes: int
    device: str


class EstimateProcess(QObject):
    """Answers the newest request; an older one is killed.

    Parameters
    ----------
    parent
        Qt parent.
    command
        What is run; CONFIG and a number are appended. None for the one of a training.
    rest_ms
        How long a request must be the newest before it is started, milliseconds.
    """

    started = Signal()
    """The newest request is being worked on."""
    estimated = Signal(object)
    """The ``EstimateState`` for the newest request."""
    failed = Signal()
    """No estimate came of the newest request."""

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        command: Sequence[str] | None = None,
        rest_ms: int = REST_MS,
    ) -> None:
        super().__init__(parent)
        self._command = list(command or (sys.executable, "-m", "app.training.fit.estimate"))
        self._process: QProcess | None = None
        self._asked: tuple[TrainConfig | SweepConfig, int] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(rest_ms)
        self._rest.timeout.connect(self._start)

    @property
    def running(self) -> bool:
        """Whether a process is under way."""
        return self._process is not None

    def request(self, config: TrainConfig | SweepConfig, number: int) -> None:
        """Ask for a run on so many images, or a sweep of so many settings, instead of what was."""
        self.cancel()
        self._asked = (config, number)
        self._rest.start()

    def cancel(self) -> None:
        """Nobody wants to know any more; no signal comes of it."""
        self._rest.stop()
        process, self._process = self._process, None
        if process is not None:
            process.disconnect(self)
            process.kill()
            # Killed processes end within milliseconds; leaving one behind would be a zombie.
            process.waitForFinished(2000)
            process.deleteLater()
        self._drop_folder()

    def _start(self) -> None:
        if self._asked is None:
            return
        config, number = self._asked
        try:
            self._folder = tempfile.TemporaryDirectory(prefix="opacity-estimate-")
            path = Path(self._folder.name) / "config.json"
            path.write_text(config.to_json(), encoding="utf-8")
        except OSError:
            self._drop_folder()
            self.failed.emit()
            return
        process = QProcess(self)
        process.setProgram(self._command[0])
        process.setArguments([*self._command[1:], str(path), str(number)])
        process.setProcessEnvironment(worker_environment())
        process.setStandardErrorFile(os.devnull)
        process.started.connect(self._be_nice)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._process = process
        process.start()
        self.started.emit()

    def _be_nice(self) -> None:
        if self._process is not None:
            be_nice(self._process)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        # Every other error is followed by `finished`.
        if error == QProcess.ProcessError.FailedToStart:
            self._conclude(None)

    def _on_finished(self, _code: int, _status: QProcess.ExitStatus) -> None:
        if self._process is not None:
            self._conclude(parse(bytes(self._process.readAllStandardOutput().data())))

    def _conclude(self, estimate: EstimateState | None) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
        self._drop_folder()
        if estimate is None:
            self.failed.emit()
        else:
            self.estimated.emit(estimate)

    def _drop_folder(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def parse(output: bytes) -> EstimateState | None:
    """The estimate in what the process printed; None for none (a library may print as well)."""
    for line in reversed(output.decode("utf-8", errors="replace").splitlines()):
        try:
            raw: Any = json.loads(line)
            return EstimateState(
                float(raw["seconds"]),
                float(raw["seconds_per_epoch"]),
                int(raw["memory_bytes"]),
                str(raw["device"]),
            )
        except (ValueError, KeyError, TypeError):
            continue
    return None
