"""Who may be connected at the same time, and for how long: no sender keeps the others out."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

LARGEST_PDU = 1 << 20
"""Bytes. Senders are asked for PDUs of far less; nobody may make us read four gigabytes at once."""

WAITING_A_SEAT = 4
"""Connections that have not said what they want yet, for each one that may send."""

_PIECE = 1 << 16
_SIGN_OF_LIFE = 1 << 16


@dataclass(frozen=True)
class Patience:
    """How long a sender may take, in seconds.

    Parameters
    ----------
    hello
        Until it has said what it wants, TLS included.
    silence
        Without a byte.
    pdu
        From a PDU's first byte to its last.
    message
        From a message's first PDU to its last.
    association
        Altogether.
    idle
        Without a whole message or 64 KiB: from then on it gives its place to somebody who waits.
    """

    hello: float = 10.0
    silence: float = 60.0
    pdu: float = 30.0
    message: float = 900.0
    association: float = 4 * 3600.0
    idle: float = 5.0


@dataclass(eq=False)
class Seat:
    """One connection."""

    connection: socket.socket
    address: str
    patience: Patience
    clock: Callable[[], float] = time.monotonic
    seated: bool = False
    opened: float = field(init=False)
    sign: float = field(init=False)
    _message: float | None = None
    _pdu: float | None = None
    _bytes: int = 0

    def __post_init__(self) -> None:
        self.opened = self.sign = self.clock()

    def moved(self, begun: bool) -> None:
        """A message has begun, or is whole."""
        if begun:
            self._message = self.clock()
        else:
            self._message = None
            self.sign = self.clock()

    def receive(self, size: int) -> bytearray:
        """So many bytes; fewer when the sender has hung up.

        Raises
        ------
        OSError
            When they are too many, or do not come in time.
        """
        if size > LARGEST_PDU:
            raise OSError("the PDU is longer than any that we asked for")
        # pynetdicom asks for a PDU's head of six bytes, then for the rest.
        began = self.clock() if self._pdu is None else self._pdu
        self._pdu = began if self._pdu is None else None
        until = self._until(began)
        data = bytearray()
        try:
            while len(data) < size:
                left = until - self.clock()
                if left <= 0:
                    raise TimeoutError("the sender is too slow")
                self.connection.settimeout(min(left, self.patience.silence))
                piece = self.connection.recv(min(size - len(data), _PIECE))
                if not piece:
                    break
                data += piece
        finally:
            with contextlib.suppress(OSError):
                self.connection.settimeout(self.patience.silence)
        self._bytes += len(data)
        if self._bytes >= _SIGN_OF_LIFE:
            self._bytes, self.sign = 0, self.clock()
        return data

    def _until(self, began: float) -> float:
        patience = self.patience
        until = min(began + patience.pdu, self.opened + patience.association)
        if not self.seated:
            return min(until, self.opened + patience.hello)
        return until if self._message is None else min(until, self._message + patience.message)

    def is_idle(self, now: float) -> bool:
        """Whether nothing worth a place came lately."""
        return now - self.sign >= self.patience.idle

    def is_busy(self, now: float) -> bool:
        """Whether it is in the midst of a message, and not since long."""
        began = self._message
        return began is not None and now - began < self.patience.pdu and not self.is_idle(now)

    def end(self) -> None:
        """Hang up. Whoever waits for its bytes is told at once."""
        # An SSL socket's own shutdown would pull its state from under the thread that reads.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self.connection, socket.SHUT_RDWR)


class Seats:
    """All connections of a receiver.

    As many as there is room for are welcome, from whatever address. Where there is none left, the
    one that has been silent longest makes room, first among the connections of an address that has
    more than its share.

    Parameters
    ----------
    count
        Senders at the same time.
    patience
        How long each may take.
    clock
        In seconds.
    """

    def __init__(
        self, count: int, patience: Patience, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._count = count
        self._patience = patience
        self._clock = clock
        self._lock = threading.Lock()
        self._all: dict[socket.socket, Seat] = {}

    def come(self, connection: socket.socket, address: str) -> None:
        """Somebody is at the door; of too many who say nothing the oldest is sent away."""
        seat = Seat(connection, neighbourhood(address), self._patience, self._clock)
        with self._lock:
            waiting = [each for each in self._all.values() if not each.seated]
            if len(waiting) >= WAITING_A_SEAT * self._count:
                per_address = Counter(each.address for each in waiting)
                most = max(per_address.values())
                crowd = (each for each in waiting if per_address[each.address] == most)
                self._send_away(min(crowd, key=lambda each: each.opened))
            self._all[connection] = seat

    def of(self, connection: socket.socket) -> Seat:
        """The seat of a connection that came."""
        with self._lock:
            return self._all[connection]

    def sit(self, connection: socket.socket) -> bool:
        """Whether it gets a place, perhaps another one's."""
        with self._lock:
            seat = self._all.get(connection)
            if seat is None:
                return False
            seated = [each for each in self._all.values() if each.seated]
            if len(seated) >= self._count:
                loser = self._loser(seated, seat)
                if loser is None:
                    return False
                self._send_away(loser)
            seat.seated = True
            seat.sign = self._clock()
            return True

    def leave(self, connection: socket.socket) -> None:
        """It has gone."""
        with self._lock:
            self._all.pop(connection, None)

    def _loser(self, seated: list[Seat], newcomer: Seat) -> Seat | None:
        now = self._clock()
        held = Counter(each.address for each in seated)
        share = max(1, self._count // len({newcomer.address, *held}))
        above = [each for each in seated if held[each.address] > share]
        entitled = held[newcomer.address] < share
        # In this order, and each time whoever gave the last sign of life longest ago.
        choices = (
            [each for each in above if each.is_idle(now)],
            [
                each
                for each in seated
                if each.is_idle(now) and (entitled or each.address == newcomer.address)
            ],
            [each for each in above if entitled and not each.is_busy(now)],
        )
        for choice in choices:
            if choice:
                return min(choice, key=lambda each: each.sign)
        return None

    def _send_away(self, seat: Seat) -> None:
        self._all.pop(seat.connection, None)
        seat.end()


def neighbourhood(address: str) -> str:
    """What counts as one sender: an address of IPv4, a network of 64 bits of IPv6."""
    try:
        here = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return address
    mapped = getattr(here, "ipv4_mapped", None)
    if mapped is not None or here.version == 4:
        return str(mapped or here)
    return str(ipaddress.ip_network((here, 64), strict=False))
