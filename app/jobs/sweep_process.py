"""The child process of a sweep: start it or go on with it, hear its events, stop it.

``python -m app.training.sweep FOLDER`` starts workers of its own. When it dies, they notice, and
what is done lies in the sweep's folder: nothing of a sweep is lost with its process.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject

from app.core.base.errors import ReviewError
from app.core.base.events import Event, SweepEnded, SweepStarted
from app.core.base.translation import mark, tr
from app.core.settings.sweep import SweepConfig
from app.jobs.event_process import Ending, EventProcess, Words
from app.jobs.worker_log import WorkerLog
from app.training.sweep.folders import LOG_NAME as WORKERS_LOG
from app.training.sweep.folders import open_sweep

LOG_NAME = "sweep.log"
STOP_GRACE_S = 120.0
"""How long a stop may take: each worker ends within seconds, and is killed after a minute."""

_TAIL_BYTES = 16_384
_WORDS = Words(
    name=mark("sweep"),
    result=mark("a result"),
    expected=mark("A sweep ends when every setting was tried, or says why it cannot go on."),
    stop_promise=mark("A stop ends the trials under way within a minute or two."),
    stop_fix=mark("Go on with it when you want: every trial that was done is kept."),
    memory_fix=mark(
        "Choose fewer workers or close other programs, then go on: what is done is kept."
    ),
    fix=mark("Go on with it: what is done is kept."),
    log_name=LOG_NAME,
)


@dataclass(frozen=True)
class SweepOutcome:
    """How the process of a sweep ended.

    Parameters
    ----------
    ok
        Whether it ended cleanly, with nothing left to try or because it was stopped.
    stopped
        Whether it ended early because somebody asked for it.
    exit_code
        What the process returned; on Linux and macOS the signal's number after a crash.
    crashed
        Whether the system or a signal ended the process.
    folder
        The folder of the sweep.
    error
        Why it ended otherwise; None when ``ok``.
    log_tail
        The last lines of the log when it failed, without image paths.
    """

    ok: bool
    stopped: bool
    exit_code: int
    crashed: bool
    folder: Path
    error: ReviewError | None = None
    log_tail: str = ""


class SweepProcess(EventProcess):
    """One sweep at a time, in a child process. ``finished`` brings the ``SweepOutcome``.

    Parameters
    ----------
    parent
        Qt parent.
    command
        What is run; the sweep's folder is appended. None for the real one.
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
        real = (sys.executable, "-m", "app.training.sweep")
        super().__init__(parent, command or real, _WORDS, stop_grace_s)
        self._folder: Path | None = None
        self._data = ""
        self._ended: SweepEnded | None = None
        self._begun = False

    @property
    def folder(self) -> Path | None:
        """Folder of the current or last sweep."""
        return self._folder

    def start(self, config: SweepConfig) -> Path:
        """Start a sweep, or go on with the one of that name.

        Parameters
        ----------
        config
            Its settings; they are written to the sweep's folder.

        Returns
        -------
        Path
            The folder of the sweep.

        Raises
        ------
        ReviewError
            When a sweep is under way, or the folder cannot be written.
        """
        if self.running:
            raise ReviewError(
                tr("A sweep is already running."),
                tr("One sweep runs at a time."),
                tr("Stop it, or wait until it ends."),
            )
        folder = open_sweep(config)
        self._folder, self._data = folder, config.train.data
        self._ended, self._begun = None, False
        self._launch([str(folder)], WorkerLog(folder / LOG_NAME, config.train.data))
        return folder

    def _hear(self, event: Event) -> None:
        if isinstance(event, SweepEnded):
            self._ended = event
        elif isinstance(event, SweepStarted):
            self._begun = True

    def _outcome(self, ending: Ending) -> SweepOutcome:
        folder, ended = self._folder, self._ended
        assert folder is not None
        # Stopped while the images were read: there is nothing of which it could tell the end.
        by_force = ending.killed or ending.crashed or ending.error
        early = ending.stop_asked and not self._begun and not by_force
        ok = ended is not None or early
        tail = ""
        if not ok:
            tail = ending.log_tail or self._workers_tail(folder)
        return SweepOutcome(
            ok=ok,
            stopped=ended.stopped if ended else ending.stop_asked or ending.killed,
            exit_code=ending.exit_code,
            crashed=ending.crashed,
            folder=folder,
            error=None if ok else self._reason(ending),
            log_tail=tail,
        )

    def _workers_tail(self, folder: Path) -> str:
        """What the workers said last, without image names."""
        try:
            with (folder / WORKERS_LOG).open("rb") as file:
                file.seek(max(0, file.seek(0, 2) - _TAIL_BYTES))
                lines = file.read().decode("utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        clean = WorkerLog(folder / WORKERS_LOG, self._data).clean
        return "\n".join([text for line in lines if (text := clean(line))][-12:])
