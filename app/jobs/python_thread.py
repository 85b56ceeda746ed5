"""A QThread in which TensorFlow may run."""

from __future__ import annotations

from PySide6.QtCore import QThread


class PythonThread(QThread):
    """An event loop inside a Python frame that lasts as long as the thread.

    With a plain QThread each slot gets a Python thread state of its own, freed when the slot
    returns. TensorFlow (through pybind11) remembers the first one for good and crashes in the
    next slot. A Python ``run`` keeps one state alive from the thread's start to its end.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)

    def run(self) -> None:
        """Run the event loop until ``quit``."""
        self.exec()
