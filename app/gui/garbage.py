"""Python's cyclic garbage is collected in the window's thread, and in no other.

Python collects in whichever thread allocates next. In a thread that loads a network that may let go
of a signal's connection; Qt then holds a lock of its own while it waits for Python's, and the
window's thread, which holds Python's, may be waiting for Qt's: both stand still for ever.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimerEvent

_EVERY_MS = 250

_living = 0


class GarbageCollector(QObject):
    """Collects when Python would have, but from the event loop, as long as its parent lives.

    Parameters
    ----------
    parent
        The window.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        global _living
        _living += 1
        gc.disable()
        parent.destroyed.connect(_give_back)
        self.startTimer(_EVERY_MS)

    def timerEvent(self, event: QTimerEvent) -> None:
        """Collect the oldest generation whose turn it is."""
        due = zip(gc.get_count(), gc.get_threshold(), strict=True)
        generations = [number for number, (count, most) in enumerate(due) if count > most]
        if generations:
            gc.collect(generations[-1])


def _give_back() -> None:
    """Leave it to Python again when the last window is gone."""
    global _living
    _living -= 1
    if not _living:
        gc.enable()
