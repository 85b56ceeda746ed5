"""Whom the receiver turns away, and what it answers: DCMTK and hand-made senders as the peers."""

from __future__ import annotations

import errno
import json
import socket
import struct

import dcmtk
import numpy as np
import pytest
from factories import write_dicom
from pydicom import dcmread
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, JPEGLSLossless, generate_uid
from pynetdicom import AE, _config
from pynetdicom.sop_class import ComputedRadiographyImageStorage

from app.core.base.errors import ReviewError
from app.core.base.events import ImageReceived, SenderRefused
from app.network import inbox_store
from app.network.config import Caller, Limits, Listening
from app.network.inbox_store import InboxStore
from app.network.receiver import (
    CANNOT_UNDERSTAND,
    OTHER_OBJECT,
    OUT_OF_RESOURCES,
    STORAGE_CLASSES,
    SUCCESS,
    TRANSFER_SYNTAXES,
    Receiver,
)
from app.network.seats import Patience


@pytest.fixture
def receive(opacity_home):
    """A receiver in this process, and what it told."""
    open_now = []

    def start(patience=None, **options):
        store = InboxStore()
        store.__enter__()
        events = []
        listening = Listening(port=dcmtk.free_port(), **options)
        made = Receiver(listening, store, events.append, patience)
        made.__enter__()
        made.events = events
        open_now.append((made, store))
        return made

    yield start
    for made, store in open_now:
        made.__exit__()
        store.__exit__()


def stored(receiver):
    return sorted(receiver._store.folder.glob("[!.]*/[!.]*"))


def aside(receiver):
    return sorted(receiver._store.quarantine.iterdir())


def refusals(receiver):
    return [event.reason for event in receiver.events if isinstance(event, SenderRefused)]


def send(receiver, path, title="MODALITY"):
    """C-STORE of a file's bytes as they are, announced as its meta information says."""
    entity = AE(title)
    meta = dcmread(path, stop_before_pixels=True, force=True).file_meta
    entity.add_requested_context(meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID)
    association = entity.associate("127.0.0.1", receiver.port, ae_title="OPACITY")
    assert association.is_established
    before, _config.STORE_SEND_CHUNKED_DATASET = _config.STORE_SEND_CHUNKED_DATASET, True
    try:
        status = association.send_c_store(path)
    finally:
        _config.STORE_SEND_CHUNKED_DATASET = before
        association.release()
    return status.Status


def test_a_caller_who_is_not_named_is_rejected(receive, tmp_path):
    receiver = receive(callers=(Caller("FRIEND"), Caller("NEAR", "10.0.0.0/8")))
    path = write_dicom(tmp_path / "a.dcm")
    options = ("-aec", "OPACITY", "127.0.0.1", receiver.port, path)
    refused = dcmtk.run("storescu", "-aet", "STRANGER", *options)
    assert "Calling AE Title Not Recognized" in refused.stderr + refused.stdout
    assert refused.returncode != 0
    assert refusals(receiver) == ["association"]
    assert stored(receiver) == []
    assert dcmtk.run("storescu", "-aet", "FRIEND", *options).returncode == 0
    assert len(stored(receiver)) == 1
    # Known by name, but from another address than agreed.
    assert send(receiver, path, "NEAR") == 0x0124
    assert refusals(receiver)[-1] == "caller"


def test_another_called_title_is_rejected(receive):
    receiver = receive()
    refused = dcmtk.run("echoscu", "-aec", "SOMEBODY", "127.0.0.1", receiver.port)
    assert "Called AE Title Not Recognized" in refused.stderr + refused.stdout


def test_an_address_from_which_nobody_may_call_gets_no_answer(receive):
    receiver = receive(callers=(Caller("FAR", "10.0.0.0/8"),))
    with socket.create_connection(("127.0.0.1", receiver.port), 5) as connection:
        connection.settimeout(5)
        assert connection.recv(1) == b""


def test_connections_that_say_nothing_do_not_add_up(receive):
    receiver = receive(Patience(hello=60.0), limits=Limits(connections=1))
    silent = [socket.create_connection(("127.0.0.1", receiver.port), 5) for _ in range(4)]
    _wait_for(lambda: len(receiver._server.active_associations) == 4)
    # Whoever comes next is heard, and the one that has said nothing for longest goes.
    assert dcmtk.run("echoscu", "-aec", "OPACITY", "127.0.0.1", receiver.port).returncode == 0
    silent[0].settimeout(5)
    assert silent[0].recv(1) == b""
    for each in silent:
        each.close()
    _wait_for(lambda: not receiver._server.active_associations)


@pytest.mark.slow
def test_a_connection_that_says_nothing_ends(receive):
    receiver = receive(Patience(hello=0.5))
    with socket.create_connection(("127.0.0.1", receiver.port), 5) as connection:
        connection.settimeout(5)
        connection.sendall(b"\x01")  # the first byte of a request whose rest never comes
        assert connection.recv(1) == b""
    _wait_for(lambda: not receiver._server.active_associations)
    assert not receiver._seats._all


def test_an_object_that_is_too_large_is_refused_and_the_next_one_taken(receive, tmp_path):
    receiver = receive(limits=Limits(object_mib=1, free_mib=1))
    write_dicom(tmp_path / "large.dcm", np.zeros((1200, 1200), np.uint16))
    write_dicom(tmp_path / "small.dcm")
    said = dcmtk.run(
        "storescu", "-v", "-nh", "-aec", "OPACITY", "127.0.0.1", receiver.port,
        tmp_path / "large.dcm", tmp_path / "small.dcm",
    )  # fmt: skip
    assert "OutOfResources" in said.stderr + said.stdout
    assert len(stored(receiver)) == 1
    assert refusals(receiver) == ["room"]
    assert not list(receiver._store.incoming.iterdir())


@pytest.mark.slow
def test_too_many_in_a_minute_are_refused_until_it_is_over(receive, tmp_path):
    receiver = receive(limits=Limits(per_minute=3, free_mib=1))
    paths = [write_dicom(tmp_path / f"{number}.dcm") for number in range(5)]
    statuses = [send(receiver, path) for path in paths]
    assert statuses == [SUCCESS] * 3 + [OUT_OF_RESOURCES] * 2
    receiver._pace._clock = lambda clock=receiver._pace._clock: clock() + 61
    assert send(receiver, paths[4]) == SUCCESS
    assert len(stored(receiver)) == 4


def test_a_disk_that_is_nearly_full_takes_nothing(receive, tmp_path, monkeypatch):
    receiver = receive()
    path = write_dicom(tmp_path / "a.dcm")
    monkeypatch.setattr(InboxStore, "free_bytes", lambda self: 2**20)
    assert send(receiver, path) == OUT_OF_RESOURCES
    assert stored(receiver) == []
    monkeypatch.undo()
    assert send(receiver, path) == SUCCESS


def test_a_disk_that_fills_up_at_the_write_leaves_nothing_and_promises_nothing(
    receive, tmp_path, monkeypatch
):
    receiver = receive()
    path = write_dicom(tmp_path / "a.dcm")

    def full(source, target, length=0):
        target.write(source.read(100))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(inbox_store.shutil, "copyfileobj", full)
    assert send(receiver, path) == OUT_OF_RESOURCES
    assert refusals(receiver) == ["disk"]
    assert not list(receiver._store.folder.glob("2*/*"))
    monkeypatch.undo()
    assert send(receiver, path) == SUCCESS


def test_what_is_no_object_is_kept_aside_and_answered_with_failure(receive, tmp_path):
    receiver = receive()
    path = write_dicom(tmp_path / "good.dcm")
    good = path.read_bytes()
    uid = dcmread(path).SOPInstanceUID
    other = generate_uid()
    mismatch = tmp_path / "mismatch.dcm"
    ds = dcmread(path)
    ds.SOPInstanceUID = other
    ds.save_as(mismatch)  # the meta information still says the first
    assert send(receiver, mismatch) == OTHER_OBJECT
    ds = dcmread(path)
    del ds.SOPInstanceUID
    ds.save_as(tmp_path / "nameless.dcm")
    assert send(receiver, tmp_path / "nameless.dcm") == CANNOT_UNDERSTAND
    at = good.index(b"DICM") + 16 + struct.unpack("<I", good[140:144])[0] - 4
    (tmp_path / "noise.dcm").write_bytes(good[:at] + b"\xff\x00noise" * 60)
    assert send(receiver, tmp_path / "noise.dcm") == CANNOT_UNDERSTAND
    assert stored(receiver) == []
    assert len(aside(receiver)) == 3
    assert other.encode() in b"".join(each.read_bytes() for each in aside(receiver))
    assert not any(uid in each.name for each in aside(receiver))
    assert send(receiver, path) == SUCCESS


def test_success_is_told_after_file_and_folder_are_on_the_disk(receive, tmp_path, monkeypatch):
    receiver = receive()
    path = write_dicom(tmp_path / "a.dcm")
    steps = []
    real_fsync, real_replace = inbox_store.os.fsync, inbox_store.Path.replace

    def fsync(descriptor):
        real_fsync(descriptor)
        steps.append("sync")

    def replace(self, target):
        steps.append("name")
        return real_replace(self, target)

    monkeypatch.setattr(inbox_store.os, "fsync", fsync)
    monkeypatch.setattr(inbox_store.Path, "replace", replace)
    receiver._tell = lambda event: steps.append(type(event).__name__)
    assert send(receiver, path) == SUCCESS
    # The day's folder, then the file, its name, the folder's entry.
    assert steps == ["sync", "sync", "name", "sync", "ImageReceived"]


def test_a_connection_cut_in_the_middle_of_a_message_leaves_nothing(receive, tmp_path):
    receiver = receive()
    entity = AE("MODALITY")
    entity.add_requested_context(ComputedRadiographyImageStorage, ExplicitVRLittleEndian)
    association = entity.associate("127.0.0.1", receiver.port, ae_title="OPACITY")
    raw = association.dul.socket.socket
    whole = _store_request(association, write_dicom(tmp_path / "a.dcm"))
    raw.sendall(whole[: len(whole) // 2])
    raw.shutdown(socket.SHUT_RDWR)
    raw.close()
    association.kill()
    _wait_for(lambda: not receiver._server.active_associations)
    assert stored(receiver) == []
    _wait_for(lambda: not list(receiver._store.incoming.iterdir()))
    assert not [event for event in receiver.events if isinstance(event, ImageReceived)]


def test_what_is_no_radiograph_is_not_negotiated(receive):
    receiver = receive()
    entity = AE("MODALITY")
    entity.add_requested_context(CTImageStorage)
    for storage_class in STORAGE_CLASSES:
        entity.add_requested_context(storage_class, list(TRANSFER_SYNTAXES))
    association = entity.associate("127.0.0.1", receiver.port, ae_title="OPACITY")
    assert [context.abstract_syntax for context in association.rejected_contexts] == [
        CTImageStorage
    ]
    assert association.rejected_contexts[0].result == 3  # abstract syntax not supported
    assert len(association.accepted_contexts) == len(STORAGE_CLASSES)
    association.release()


def test_a_gigantic_pdu_is_not_even_read(receive):
    receiver = receive()
    with socket.create_connection(("127.0.0.1", receiver.port), 5) as connection:
        connection.settimeout(10)
        connection.sendall(struct.pack(">BBL", 1, 0, 2**32 - 1))
        assert connection.recv(100) == b""


def test_listening_beyond_this_computer_needs_a_named_caller():
    with pytest.raises(ReviewError, match="allowed caller"):
        Listening(address="0.0.0.0").check()
    Listening(address="0.0.0.0", callers=(Caller("X"),)).check()
    Listening().check()


def test_the_settings_survive_the_disk_and_nonsense_on_it(tmp_path):
    from app.network.config import NetworkConfig, Node, load, parse_callers, save

    config = NetworkConfig(
        Listening(True, "ME", "0.0.0.0", 104, parse_callers("A, B@10.0.0.0/8"), Limits(7)),
        (Node("PACS", "pacs.local", 11112, "PACS", "ME", True, "ca.pem"),),
    )
    save(config, tmp_path / "n.json")
    assert load(tmp_path / "n.json") == config
    (tmp_path / "n.json").write_text("[1")
    assert load(tmp_path / "n.json") == NetworkConfig()
    raw = {"listening": {"on": "yes", "port": "x", "limits": 3}, "nodes": [{"name": 3}]}
    (tmp_path / "n.json").write_text(json.dumps(raw))
    assert load(tmp_path / "n.json") == NetworkConfig()
    for bad in ("WAYTOOLONGFORANAETITLE", "A@nowhere"):
        with pytest.raises(ReviewError):
            parse_callers(bad)


def _store_request(association, path):
    """The bytes of a C-STORE request as they would go over the wire."""
    from io import BytesIO

    from pynetdicom.dimse_messages import C_STORE_RQ
    from pynetdicom.dimse_primitives import C_STORE
    from pynetdicom.dsutils import encode
    from pynetdicom.pdu import P_DATA_TF

    ds = dcmread(path)
    request = C_STORE()
    request.MessageID = 1
    request.Priority = 2
    request.AffectedSOPClassUID = ds.SOPClassUID
    request.AffectedSOPInstanceUID = ds.SOPInstanceUID
    request.DataSet = BytesIO(encode(ds, False, True))
    message = C_STORE_RQ()
    message.primitive_to_message(request)
    context = association.accepted_contexts[0].context_id
    return b"".join(P_DATA_TF(each).encode() for each in message.encode_msg(context, 4096))


def _wait_for(condition, seconds=15.0):
    import time

    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_two_contents_whose_short_names_are_the_same_are_both_kept(receive, tmp_path, monkeypatch):
    receiver = receive()
    real = inbox_store.inbox.file_name
    monkeypatch.setattr(
        inbox_store.inbox,
        "file_name",
        lambda uid, content, whole=False: real(uid, content if whole else "0" * 64, whole),
    )
    uid = generate_uid()
    for number in range(2):
        pixels = np.full((64, 64), number, np.uint16)
        path = write_dicom(tmp_path / f"{number}.dcm", pixels, SOPInstanceUID=uid)
        assert send(receiver, path) == SUCCESS
        assert send(receiver, path) == SUCCESS
    assert len(stored(receiver)) == 2


def test_the_same_object_in_another_encoding_is_kept_once(receive, tmp_path):
    receiver = receive()
    pixels = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)
    uid = generate_uid()
    tags = {"SOPInstanceUID": uid, "StudyInstanceUID": "1.2.3"}
    for number, syntax in enumerate((ExplicitVRLittleEndian, JPEGLSLossless)):
        path = write_dicom(tmp_path / f"{number}.dcm", pixels, transfer_syntax=syntax, **tags)
        assert send(receiver, path) == SUCCESS
    assert len(stored(receiver)) == 1
    changed = write_dicom(
        tmp_path / "2.dcm", pixels, transfer_syntax=JPEGLSLossless, PatientID="OTHER", **tags
    )
    assert send(receiver, changed) == SUCCESS
    assert len(stored(receiver)) == 2
    assert receiver.events[-1].same_uid


@pytest.mark.slow
@pytest.mark.parametrize(
    "other",
    [
        {"PhotometricInterpretation": "MONOCHROME1"},
        {"PixelSpacing": [0.2, 0.2]},
        {"RescaleIntercept": "0", "RescaleSlope": "1"},
        {"WindowCenter": "40", "WindowWidth": "80"},
        {"PixelPaddingValue": 5000},
    ],
    ids=lambda tags: next(iter(tags)),
)
def test_another_look_or_scale_in_another_encoding_is_another_object(receive, tmp_path, other):
    receiver = receive()
    pixels = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)
    tags = {"SOPInstanceUID": generate_uid(), "StudyInstanceUID": "1.2.3"}
    first = write_dicom(tmp_path / "0.dcm", pixels, **tags)
    second = write_dicom(
        tmp_path / "1.dcm", pixels, transfer_syntax=JPEGLSLossless, **tags, **other
    )
    for path in (first, second):
        assert send(receiver, path) == SUCCESS
    assert len(stored(receiver)) == 2
    assert receiver.events[-1].same_uid
