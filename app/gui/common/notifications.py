"""Everything the person is told passes here, also errors that nobody expected. No Qt."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType

from app.core.base.errors import ReviewError
from app.core.base.translation import tr

_log = logging.getLogger(__name__)


class Severity(StrEnum):
    """How much it matters."""

    NOTICE = "notice"
    ERROR = "error"


@dataclass(frozen=True)
class Notification:
    """What happened, what was expected, how to fix it; details for a bug report."""

    severity: Severity
    what: str
    expected: str = ""
    fix: str = ""
    details: str = ""


Listener = Callable[[Notification], None]


class NotificationManager:
    """Hands notifications to listeners; may be called from any thread.

    While installed it owns ``sys.excepthook``, so that an unexpected error ends in the window
    and not in a terminal that nobody looks at.
    """

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._previous: Callable[..., object] | None = None
        self._previous_thread: Callable[..., object] | None = None

    def listen(self, listener: Listener) -> None:
        """Call ``listener`` with every notification, in the thread where it arises."""
        self._listeners.append(listener)

    def ignore(self, listener: Listener) -> None:
        """Stop calling it."""
        self._listeners.remove(listener)

    def notice(self, text: str) -> None:
        """Something worth knowing."""
        self._send(Notification(Severity.NOTICE, text))

    def error(self, error: BaseException) -> None:
        """An error, expected or not."""
        if isinstance(error, ReviewError):
            self._send(Notification(Severity.ERROR, error.what, error.expected, error.fix))
            return
        # The message may quote a file name, and a name may be a patient's: kind and place only.
        place = traceback.extract_tb(error.__traceback__)[-1:]
        where = (
            tr("{name}, line {lineno}", name=place[0].name, lineno=place[0].lineno)
            if place
            else tr("unknown place")
        )
        _log.error("unexpected %s in %s", type(error).__name__, where)
        details = "".join(traceback.format_exception(error))
        self._send(
            Notification(
                Severity.ERROR,
                tr(
                    "Something went wrong that Opacity did not expect: {name}.",
                    name=type(error).__name__,
                ),
                tr("Your images are untouched."),
                tr(
                    "Go on, or restart Opacity if it misbehaves. Details can be copied for a "
                    "report."
                ),
                details,
            )
        )

    def install(self) -> None:
        """Take over ``sys.excepthook`` and its like for threads."""
        self._previous, sys.excepthook = sys.excepthook, self._hook
        self._previous_thread, threading.excepthook = threading.excepthook, self._thread_hook

    def uninstall(self) -> None:
        """Give both hooks back."""
        if self._previous is not None and self._previous_thread is not None:
            sys.excepthook, threading.excepthook = self._previous, self._previous_thread
            self._previous = self._previous_thread = None

    def _hook(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            self.error(error)

    def _thread_hook(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self.error(args.exc_value)

    def _send(self, notification: Notification) -> None:
        for listener in list(self._listeners):
            listener(notification)
