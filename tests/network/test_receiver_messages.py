"""Success is told for an object whose own bytes came and were written, whatever else is sent."""

from __future__ import annotations

import contextlib
import errno
import os
import struct
import sys
import time
from io import BytesIO

import dcmtk
import numpy as np
import pytest
from factories import chest_like, write_dicom
from pydicom import Dataset, dcmread
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from pynetdicom import AE
from pynetdicom.dsutils import decode, encode
from pynetdicom.sop_class import ComputedRadiographyImageStorage, Verification

from app.network import messages
from app.network.config import Limits, Listening
from app.network.inbox_store import InboxStore
from app.network.receiver import Receiver

NO_DATA_SET = 0x0101
LAST, COMMAND = 2, 1


class Wire:
    """An association whose messages are written by hand."""

    def __init__(self, port):
        entity = AE("MODALITY")
        entity.add_requested_context(ComputedRadiographyImageStorage, ExplicitVRLittleEndian)
        entity.add_requested_context(Verification)
        self.association = entity.associate("127.0.0.1", port, ae_title="OPACITY")
        assert self.association.is_established
        self.association._reactor_checkpoint.clear()
        self.socket = self.association.dul.socket.socket
        # The library reads no more: what comes is read here.
        self.association.dul._kill_thread = True
        self.association.dul.join(5)
        self.socket.settimeout(20)

    def piece(self, control, data, context=1):
        body = struct.pack(">LBB", len(data) + 2, context, control) + data
        return struct.pack(">BBL", 4, 0, len(body)) + body

    def put(self, *pieces):
        self.socket.sendall(b"".join(pieces))

    def answer(self):
        """The status of the next answer; None when the connection has ended."""
        head = self._read(6)
        if head is None or head[0] != 4:
            return None
        body = self._read(struct.unpack(">L", head[2:])[0])
        answer = decode(BytesIO(body[6:]), True, True)
        return answer.get("MessageIDBeingRespondedTo"), answer.Status

    def close(self):
        self.association.kill()
        self.socket.close()

    def _read(self, size):
        data = b""
        while len(data) < size:
            try:
                more = self.socket.recv(size - len(data))
            except ConnectionResetError:
                return None
            if not more:
                return None
            data += more
        return data


def command(field, number, *, data=True, **elements):
    ds = Dataset()
    ds.CommandField = field
    ds.MessageID = number
    ds.CommandDataSetType = 1 if data else NO_DATA_SET
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    body = encode(ds, True, True)
    return b"\0\0\0\0\4\0\0\0" + struct.pack("<L", len(body)) + body


def store_command(ds, number):
    return command(
        1, number, Priority=2,
        AffectedSOPClassUID=ds.SOPClassUID, AffectedSOPInstanceUID=ds.SOPInstanceUID,
    )  # fmt: skip


def image(folder, side=64, seed=0):
    pixels = chest_like(side, side).astype(np.uint16) + np.uint16(seed)
    ds = dcmread(write_dicom(folder / f"{side}-{seed}.dcm", pixels))
    return ds, encode(ds, False, True)


@pytest.fixture
def receive(opacity_home):
    opened = []

    def start(**options):
        store = InboxStore()
        store.__enter__()
        made = Receiver(Listening(port=dcmtk.free_port(), **options), store, lambda _event: None)
        made.__enter__()
        opened.append((made, store))
        return made

    yield start
    for made, store in opened:
        made.__exit__()
        store.__exit__()


@pytest.fixture
def wire():
    opened = []

    def to(receiver):
        opened.append(Wire(receiver.port))
        return opened[-1]

    yield to
    for each in opened:
        each.close()


def stored(receiver):
    return sorted(receiver._store.folder.glob("[!.]*/[!.]*.dcm"))


def event_report(ds, number):
    return command(
        0x0100, number, EventTypeID=1,
        AffectedSOPClassUID=ds.SOPClassUID, AffectedSOPInstanceUID=ds.SOPInstanceUID,
    )  # fmt: skip


def other_messages(ds):
    """What is no image, with a data set: an event report, an echo, a search, an answer."""
    uid = {"AffectedSOPClassUID": ds.SOPClassUID}
    return {
        "event": event_report(ds, 7),
        "echo": command(0x0030, 7, AffectedSOPClassUID=Verification),
        "echo of an image": command(0x0030, 7, **uid),
        "find": command(0x0020, 7, Priority=2, **uid),
        "set": command(
            0x0120, 7, RequestedSOPClassUID=ds.SOPClassUID,
            RequestedSOPInstanceUID=ds.SOPInstanceUID,
        ),
        "answer": command(0x8001, 7, MessageIDBeingRespondedTo=3, Status=0, **uid),
        "store of no image": command(
            1, 7, Priority=2, AffectedSOPClassUID=Verification,
            AffectedSOPInstanceUID=generate_uid(),
        ),
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", [
    "event", "echo", "echo of an image", "find", "set", "answer", "store of no image",
])  # fmt: skip
def test_another_message_before_it_makes_no_success_of_a_cut_object(receive, wire, tmp_path, kind):
    receiver = receive(limits=Limits(object_mib=1, free_mib=1))
    large, large_bytes = image(tmp_path, 1200)
    small, small_bytes = image(tmp_path)
    for _ in range(3):
        peer = wire(receiver)
        peer.put(
            peer.piece(COMMAND | LAST, other_messages(large)[kind]),
            peer.piece(LAST, b"\x08\0\x05\0CS\x04\0GB18"),
        )
        if kind != "answer":
            number, status = peer.answer()
            assert number == 7
            assert kind == "echo" or status != 0
        peer.put(peer.piece(COMMAND | LAST, store_command(large, 8)))
        for start in range(0, len(large_bytes), 16000):
            part = large_bytes[start : start + 16000]
            peer.put(peer.piece(LAST * (start + 16000 >= len(large_bytes)), part))
        assert peer.answer() == (8, 0xA700)
        assert stored(receiver) == []
    # And a whole one after it is taken.
    peer.put(peer.piece(COMMAND | LAST, store_command(small, 9)), peer.piece(LAST, small_bytes))
    assert peer.answer() == (9, 0)
    (path,) = stored(receiver)
    assert dcmread(path).PixelData == small.PixelData
    assert not list(receiver._store.incoming.iterdir())


def garbled(peer, ds, data):
    """Orders of pieces that make no message, though pynetdicom would join them."""
    half, whole = len(data) // 2, store_command(ds, 3)
    begin = peer.piece(COMMAND | LAST, whole)
    return {
        "a command in the midst": (
            begin, peer.piece(0, data[:half]), begin, peer.piece(LAST, data[half:])),
        "data before the command": (
            peer.piece(0, data[:half]), begin, peer.piece(LAST, data[half:])),
        "data within the command": (
            peer.piece(COMMAND, whole[:20]), peer.piece(0, data[:half]),
            peer.piece(COMMAND | LAST, whole[20:]), peer.piece(LAST, data[half:])),
        "another context": (begin, peer.piece(0, data[:half]), peer.piece(LAST, data[half:], 3)),
        "an endless command": [peer.piece(COMMAND, whole * 100)] * 20,
        "an empty piece": (begin, struct.pack(">BBLLB", 4, 0, 5, 1, 1), peer.piece(LAST, data)),
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", [
    "a command in the midst", "data before the command", "data within the command",
    "another context", "an endless command", "an empty piece",
])  # fmt: skip
def test_pieces_out_of_order_end_the_connection(receive, wire, tmp_path, kind):
    receiver = receive()
    ds, data = image(tmp_path)
    peer = wire(receiver)
    with contextlib.suppress(OSError):
        peer.put(*garbled(peer, ds, data)[kind])
    assert peer.answer() is None
    _wait_for(lambda: not list(receiver._store.incoming.iterdir()))
    assert stored(receiver) == []


def test_several_messages_in_one_pdu_are_all_answered(receive, wire, tmp_path):
    receiver = receive()
    peer, wanted, body = wire(receiver), {}, b""
    for number in range(1, 6):
        ds, data = image(tmp_path, 24, number)
        wanted[ds.SOPInstanceUID] = ds.PixelData
        for control, part in ((COMMAND | LAST, store_command(ds, number)), (LAST, data)):
            body += struct.pack(">LBB", len(part) + 2, 1, control) + part
    peer.put(struct.pack(">BBL", 4, 0, len(body)) + body)
    assert [peer.answer() for _ in wanted] == [(number, 0) for number in range(1, 6)]
    found = [dcmread(path) for path in stored(receiver)]
    assert {ds.SOPInstanceUID: ds.PixelData for ds in found} == wanted


@pytest.mark.slow
def test_a_fast_switch_of_threads_refuses_nothing_whole(receive, wire, tmp_path):
    receiver = receive(limits=Limits(free_mib=1))
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        peer = wire(receiver)
        for number in range(1, 61):
            ds, data = image(tmp_path, 24, number)
            peer.put(peer.piece(COMMAND | LAST, store_command(ds, number)), peer.piece(LAST, data))
            assert peer.answer() == (number, 0)
    finally:
        sys.setswitchinterval(before)
    assert len(stored(receiver)) == 60


@pytest.mark.slow
@pytest.mark.parametrize("room", [0, 100, 5000])
def test_a_disk_that_fills_within_an_object_is_answered(receive, wire, tmp_path, monkeypatch, room):
    receiver = receive()
    ds, data = image(tmp_path)
    real = messages.Arrival._write
    written = []

    def write(self, data):
        if sum(written) + len(data) > room:
            # As the system does: what fits is written, then there is an error.
            real(self, data[: room - sum(written)])
            written.append(room - sum(written))
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written.append(len(data))
        real(self, data)

    monkeypatch.setattr(messages.Arrival, "_write", write)
    peer = wire(receiver)
    steps = range(0, len(data), 1000)
    pieces = [peer.piece(LAST * (at == steps[-1]), data[at : at + 1000]) for at in steps]
    peer.put(peer.piece(COMMAND | LAST, store_command(ds, 1)), *pieces)
    assert peer.answer() == (1, 0xA700)
    assert stored(receiver) == []
    assert not list(receiver._store.incoming.iterdir())
    # The same connection goes on, once there is room.
    monkeypatch.undo()
    peer.put(peer.piece(COMMAND | LAST, store_command(ds, 2)), *pieces)
    assert peer.answer() == (2, 0)
    assert dcmread(stored(receiver)[0]).PixelData == ds.PixelData


def _wait_for(condition, seconds=10.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)
