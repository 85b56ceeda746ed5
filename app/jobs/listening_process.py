"""The receiver's child process: started, stopped, its events heard, its end put into words.

A process of its own: what senders make of it never stalls the window, and a decoder's or a
library's crash on a hostile data set takes no verdict with it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from PySide6.QtCore import QObject

from app.core.base.errors import ReviewError
from app.core.base.events import Event, ReceiverReady
from app.core.base.home import home
from app.core.base.translation import mark, tr
from app.core.worklist.inbox import inbox_dir
from app.jobs.event_process import Ending, EventProcess, Words
from app.jobs.worker_log import WorkerLog
from app.network.config import config_path, load

STOP_GRACE_S = 5.0

_LOG_NAME = "receiver.log"
_WORDS = Words(
    name=mark("receiver"),
    result=mark("a word"),
    expected=mark("It receives until it is switched off."),
    stop_promise=mark("What was answered with success is in the inbox."),
    stop_fix=mark("Switch listening on again where you want it."),
    memory_fix=mark("Close other programs, then switch listening on again."),
    fix=mark("Switch listening on again."),
    log_name=_LOG_NAME,
)


class ListeningProcess(EventProcess):
    """The one receiver of this window. ``finished`` brings None, or why it ended by itself.

    Parameters
    ----------
    parent
        Qt parent.
    command
        What is run; the path of the settings is appended. None for the real receiver.
    """

    def __init__(
        self, parent: QObject | None = None, *, command: Sequence[str] | None = None
    ) -> None:
        real = (sys.executable, "-m", "app.network.listen_worker")
        super().__init__(parent, command or real, _WORDS, STOP_GRACE_S)
        self.ready: ReceiverReady | None = None
        """Where it listens; None while it starts and when it does not run."""

    def start(self) -> None:
        """Listen as the settings on disk say; ``ReceiverReady`` or ``finished`` follows.

        Raises
        ------
        ReviewError
            When the settings cannot work, or it runs already.
        """
        if self.running:
            raise ReviewError(tr("Opacity is listening already."), "", "")
        load().listening.check()
        self.ready = None
        self._launch([str(config_path())], WorkerLog(home() / _LOG_NAME, str(inbox_dir())))

    def _hear(self, event: Event) -> None:
        if isinstance(event, ReceiverReady):
            self.ready = event

    def _outcome(self, ending: Ending) -> ReviewError | None:
        self.ready = None
        if ending.stop_asked:
            return None
        return self._reason(ending)
