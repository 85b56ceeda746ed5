"""Sending to a DICOM node in a thread, so that a slow node never makes the window wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.base.translation import tr
from app.jobs.latest import Latest, Task
from app.network.config import Node


class Sending(Latest):
    """Sends one list of files at a time.

    Signals
    -------
    sent(Sent)
        What became of a file, as it goes on.
    finished(list[Sent])
        All of them, in the order given; after ``stop`` too.
    failed(ReviewError)
        No connection could be made; nothing was sent.
    """

    sent = Signal(object)
    finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stop = threading.Event()

    def start(self, files: Sequence[Path], node: Node) -> None:
        """Send these files."""
        stop = self._stop = threading.Event()

        def work(task: Task) -> None:
            from app.network.sender import send

            results = send(
                files,
                node,
                told=lambda sent: task.tell("sent", sent),
                cancelled=lambda: stop.is_set() or task.stale(),
            )
            task.tell("finished", results)

        self.begin(work, tr("The files must be readable."), tr("Try again."))

    def stop(self) -> None:
        """Send no more after the file that is under way."""
        self._stop.set()


class NodeTest(Latest):
    """Asks a node whether it is there.

    Signals
    -------
    answered(float)
        It is; after so many seconds.
    failed(ReviewError)
        Why not.
    """

    answered = Signal(float)

    def start(self, node: Node) -> None:
        """Ask."""

        def work(task: Task) -> None:
            from app.network.sender import echo

            started = time.monotonic()
            echo(node)
            task.tell("answered", time.monotonic() - started)

        self.begin(work, tr("The node must be reachable."), tr("Try again."))
