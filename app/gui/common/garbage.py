"""Python's cyclic garbage is collected from the event loop of the window's thread alone.

Python collects wherever it allocates next: in a thread that loads a network, or inside a Qt call
that asks for an override. There it may let go of a signal's connection or of a widget while Qt
holds a lock of its own: one thread waits for Qt's lock and the other for Python's, or a thread for
itself, and the window stands still for ever.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimerEvent

_EVERY_MS = 250


def collect_what_is_due() -> None:
    """Collect the oldest generation whose turn it is, as Python itself would."""
    due = zip(gc.get_count(), gc.get_threshold(), strict=True)
    generations = [number for number, (count, most) in enumerate(due) if count > most]
    if generations:
        gc.collect(generations[-1])


class GarbageCollector(QObject):
    """Takes the collection over from Python until it is stopped.

    Parameters
    ----------
    parent
        The application.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = self.startTimer(_EVERY_MS)

    def timerEvent(self, event: QTimerEvent) -> None:
        """Nothing of Qt's or Python's is under way here."""
        collect_what_is_due()

    def stop(self) -> None:
        """Leave it to Python again; not to be called from within Qt."""
        self.killTimer(self._timer)
        gc.enable()
