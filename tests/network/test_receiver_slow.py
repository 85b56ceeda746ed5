"""Senders that are slow on purpose lock nobody out."""

from __future__ import annotations

import socket
import struct
import threading
import time

import dcmtk
import pytest
from factories import write_dicom
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE
from pynetdicom.sop_class import ComputedRadiographyImageStorage, Verification

from app.network.config import Limits, Listening
from app.network.inbox_store import InboxStore
from app.network.receiver import Receiver
from app.network.seats import Patience, Seats, neighbourhood


@pytest.fixture
def receive(opacity_home):
    opened = []

    def start(patience, **limits):
        store = InboxStore()
        store.__enter__()
        listening = Listening(port=dcmtk.free_port(), limits=Limits(free_mib=1, **limits))
        made = Receiver(listening, store, lambda _event: None, patience)
        made.__enter__()
        opened.append((made, store))
        return made

    yield start
    for made, store in opened:
        made.__exit__()
        store.__exit__()


class Drip:
    """An association that then sends a byte of a PDU now and then."""

    def __init__(self, port, source="127.0.0.1", every=0.1):
        entity = AE("SLOW")
        entity.add_requested_context(Verification)
        entity.add_requested_context(ComputedRadiographyImageStorage, ExplicitVRLittleEndian)
        self.association = entity.associate(
            "127.0.0.1", port, ae_title="OPACITY", bind_address=(source, 0)
        )
        self.seated = self.association.is_established
        self._stop = threading.Event()
        self._every = every
        self._thread = threading.Thread(target=self._drip, daemon=True)
        if self.seated:
            self.socket = self.association.dul.socket.socket
            self.socket.sendall(struct.pack(">BBL", 4, 0, 10000))
            self._thread.start()

    def _drip(self):
        while not self._stop.wait(self._every):
            try:
                self.socket.send(b"\\0")
            except OSError:
                return

    def end(self):
        self._stop.set()
        if self.seated:
            self._thread.join(5)
            self.association.abort()


@pytest.fixture
def drip():
    opened = []

    def start(*arguments, **options):
        opened.append(Drip(*arguments, **options))
        return opened[-1]

    yield start
    for each in opened:
        each.end()


def echo(port, source="127.0.0.1"):
    entity = AE("OTHER")
    entity.add_requested_context(Verification)
    association = entity.associate("127.0.0.1", port, ae_title="OPACITY", bind_address=(source, 0))
    if not association.is_established:
        return False
    status = association.send_c_echo().get("Status")
    association.release()
    return status == 0


@pytest.mark.slow
def test_a_byte_now_and_then_is_no_sign_of_life(receive, drip):
    receiver = receive(Patience(idle=0.5), connections=8)
    slow = [drip(receiver.port) for _ in range(8)]
    assert all(each.seated for each in slow)
    time.sleep(0.7)
    for _ in range(4):  # each time the oldest one makes room
        assert echo(receiver.port)
    assert len([each for each in receiver._seats._all.values() if each.seated]) <= 8


@pytest.mark.slow
def test_a_pdu_must_come_in_time(receive, drip):
    receiver = receive(Patience(pdu=0.6), connections=2)
    for _ in range(2):
        assert drip(receiver.port).seated
    _wait_for(lambda: not receiver._seats._all)
    assert echo(receiver.port)


@pytest.mark.slow
@pytest.mark.parametrize("patience", [Patience(message=0.6), Patience(association=1.5)])
def test_a_message_and_an_association_must_come_to_an_end(receive, patience):
    receiver = receive(patience, connections=1)
    entity = AE("SLOW")
    entity.add_requested_context(Verification)
    association = entity.associate("127.0.0.1", receiver.port, ae_title="OPACITY")
    raw = association.dul.socket.socket
    began = time.monotonic()
    # Whole PDUs, each with a little of a command that never ends.
    while association.is_established and time.monotonic() - began < 10:
        try:
            raw.sendall(struct.pack(">BBLLBBB", 4, 0, 7, 3, 1, 1, 0))
        except OSError:
            break
        time.sleep(0.05)
    assert time.monotonic() - began < 8
    association.abort()
    _wait_for(lambda: not receiver._seats._all)
    assert echo(receiver.port)


def test_one_address_cannot_have_all_the_places(receive, drip):
    receiver = receive(Patience(idle=60.0, pdu=60.0), connections=4)
    crowd = [drip(receiver.port, "127.0.0.2") for _ in range(4)]
    assert all(each.seated for each in crowd)
    assert not echo(receiver.port, "127.0.0.2")
    assert echo(receiver.port, "127.0.0.3")


@pytest.mark.slow
def test_who_is_sending_is_not_sent_away(receive, tmp_path):
    receiver = receive(Patience(idle=0.3), connections=1)
    entity = AE("BUSY")
    entity.add_requested_context(ComputedRadiographyImageStorage, ExplicitVRLittleEndian)
    association = entity.associate("127.0.0.1", receiver.port, ae_title="OPACITY")
    path = write_dicom(tmp_path / "a.dcm")
    for _ in range(5):
        assert association.send_c_store(str(path)).Status == 0
        assert not echo(receiver.port)
    association.release()
    _wait_for(lambda: not receiver._seats._all)
    assert echo(receiver.port)


@pytest.mark.slow
def test_no_socket_and_no_place_is_kept(receive):
    receiver = receive(Patience(), connections=3)
    for _ in range(10):
        assert echo(receiver.port)
        with socket.create_connection(("127.0.0.1", receiver.port), 5) as connection:
            connection.sendall(b"nonsense")
    _wait_for(lambda: not receiver._seats._all)


def test_the_share_and_the_order():
    now = [0.0]
    seats = Seats(4, Patience(idle=5.0, pdu=30.0), lambda: now[0])
    pairs = []

    def come(address):
        ours, theirs = socket.socketpair()
        pairs.extend((ours, theirs))
        seats.come(ours, address)
        return ours

    def ended(connection):
        return connection not in seats._all

    one = [come("10.0.0.1") for _ in range(3)]
    for each in one:
        now[0] += 1
        assert seats.sit(each)
    other = come("10.0.0.2")
    assert seats.sit(other)
    for each in one:  # all of them in the midst of messages
        seats.of(each).moved(True)
    third = come("10.0.0.3")
    assert not seats.sit(third)  # nobody is idle, and who has too much is busy
    seats.of(one[1]).moved(False)
    assert seats.sit(third)  # between two messages, and above its share of one
    assert ended(one[1])
    assert not ended(other)
    now[0] += 10
    assert seats.sit(come("10.0.0.4"))  # all are idle: the one above its share, not the oldest
    assert ended(one[0])
    for each in pairs:
        each.close()


def test_the_addresses_of_one_network_of_ipv6_are_one_sender():
    assert neighbourhood("fe80::1%eth0") == neighbourhood("fe80::2")
    assert neighbourhood("::ffff:10.0.0.1") == neighbourhood("10.0.0.1")
    assert neighbourhood("10.0.0.1") != neighbourhood("10.0.0.2")


def _wait_for(condition, seconds=10.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)
