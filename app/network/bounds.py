"""What keeps a sender within bounds: the objects of a minute."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

_MINUTE_S = 60.0


class SenderPace:
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
