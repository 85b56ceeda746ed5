"""What keeps a sender within bounds: the bytes of a message, the objects of a minute."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pynetdicom.association import Association
from pynetdicom.dimse import DIMSEServiceProvider
from pynetdicom.pdu_primitives import P_DATA

LARGEST_PDU = 1 << 20
"""Bytes. Senders are asked for PDUs of far less; nobody may make us read four gigabytes at once."""

_LOOK_EVERY = 16 * 2**20
_MINUTE_S = 60.0


@dataclass
class Tally:
    """How much of a data set came, and how much of it was kept; equal for a whole one."""

    came: int = 0
    kept: int = 0


class BoundedMessages(DIMSEServiceProvider):
    """Takes messages in, but keeps no more of a data set than there is room for.

    The rest of a data set that is too large is read and dropped, so that the sender gets an answer
    and can go on with its next object.

    Parameters
    ----------
    association
        Whose messages.
    largest
        Bytes of a data set.
    room
        Asked now and then with a number of bytes: may so much be written?
    """

    def __init__(self, association: Association, largest: int, room: Callable[[int], bool]) -> None:
        super().__init__(association)
        self._largest = largest
        self._room = room
        self._tally = Tally()
        self._full = False
        self._looked_at = 0
        self._tallies: deque[Tally] = deque()

    def receive_primitive(self, primitive: P_DATA) -> None:
        """Take one piece of a message (called by pynetdicom, in its network thread)."""
        pieces = primitive.presentation_data_value_list
        # Lists, as pynetdicom demands, though it declares tuples.
        primitive.presentation_data_value_list = [
            [context, data if data[0] & 1 else self._bounded(data)]  # type: ignore[misc]
            for context, data in pieces
        ]
        try:
            super().receive_primitive(primitive)
        except OSError:
            # The disk is full or gone: end this connection, as pynetdicom does for a message that
            # it cannot understand. The sender was told of no success and keeps the object.
            self.dul.event_queue.put("Evt19")
            return
        if self.message is None and self._tally.came:
            self._tallies.append(self._tally)
            self._tally, self._full, self._looked_at = Tally(), False, 0

    def whole(self) -> bool:
        """Whether the data set of the message that is being served was kept as it came."""
        tally = self._tallies.popleft() if self._tallies else Tally(1, 0)
        return tally.came == tally.kept

    def discard(self) -> None:
        """Remove what came of a message that will have no end: its connection is closed."""
        path = getattr(self.message, "_data_set_path", None)
        if isinstance(path, Path):
            with contextlib.suppress(OSError):
                path.unlink()

    def _bounded(self, data: bytes) -> bytes:
        tally, size = self._tally, len(data) - 1
        if tally.came >= self._looked_at:
            self._looked_at = tally.came + _LOOK_EVERY
            self._full = self._full or not self._room(_LOOK_EVERY)
        self._full = self._full or tally.came + size > self._largest
        tally.came += size
        if self._full:
            return data[:1]
        tally.kept += size
        return data


class Pace:
    """Objects that each address sent within the last minute.

    Parameters
    ----------
    per_minute
        How many are allowed.
    clock
        In seconds.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._times: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def admits(self, address: str) -> bool:
        """Whether one more is allowed; it is counted then."""
        now = self._clock()
        with self._lock:
            for other in [known for known, times in self._times.items() if _over(times, now)]:
                del self._times[other]
            times = self._times.setdefault(address, deque())
            while times and now - times[0] >= _MINUTE_S:
                times.popleft()
            if len(times) >= self._per_minute:
                return False
            times.append(now)
            return True


def _over(times: deque[float], now: float) -> bool:
    return not times or now - times[-1] >= _MINUTE_S
