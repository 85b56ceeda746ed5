"""Sending, to our own receiver and to DCMTK's storescp."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
import time

import dcmtk
import numpy as np
import pytest
from factories import chest_like, write_dicom
from pydicom import dcmread
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from app.core.base.errors import ReviewError
from app.core.image.reader import read_radiograph
from app.network.config import Limits, Listening, Node
from app.network.inbox_store import InboxStore
from app.network.outgoing import CannotSend, outgoing
from app.network.receiver import Receiver
from app.network.sender import echo, send
from app.network.words import rejection_words, status_words


@pytest.fixture
def ours(opacity_home):
    """Our own receiver, and the node that it is."""
    with InboxStore() as store:
        listening = Listening(port=dcmtk.free_port(), limits=Limits(per_minute=8, free_mib=1))
        with Receiver(listening, store, lambda event: None) as receiver:
            receiver.store = store
            receiver.node = Node("Ours", "127.0.0.1", listening.port, "OPACITY", "US")
            yield receiver


@pytest.fixture
def theirs(tmp_path):
    """DCMTK's receiver: a function from its options to a node and the folder it fills."""
    started = []

    def start(*options):
        folder = tmp_path / f"theirs{len(started)}"
        folder.mkdir()
        port = dcmtk.free_port()
        command = [dcmtk.program("storescp"), "-od", folder, "-aet", "THEIRS", *options, port]
        started.append(
            subprocess.Popen(
                list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        )
        until = time.monotonic() + 20
        while not dcmtk.is_open(port):
            assert time.monotonic() < until
            time.sleep(0.05)
        return Node("Theirs", "127.0.0.1", port, "THEIRS", "US"), folder

    yield start
    for process in started:
        process.kill()
        process.wait()


def pixels(path):
    return read_radiograph(path).pixels


def received(folder, source):
    """The received file of the same SOPInstanceUID."""
    uid = dcmread(source, stop_before_pixels=True, force=True).SOPInstanceUID
    return next(path for path in folder.rglob("*") if path.is_file() and uid in path.name)


def data_set_bytes(path):
    raw = path.read_bytes()
    return raw[144 + int.from_bytes(raw[140:144], "little") :]


def test_files_go_as_they_are_where_the_node_takes_them(theirs, tmp_path):
    node, folder = theirs("+xa", "+B")
    files = [
        write_dicom(tmp_path / f"{number}.dcm", chest_like().astype(np.uint16), transfer_syntax=uid)
        for number, uid in enumerate(
            (ImplicitVRLittleEndian, ExplicitVRLittleEndian, JPEG2000Lossless, JPEGLSLossless)
        )
    ]
    told = []
    results = send(files, node, told=told.append)
    assert [sent.path for sent in results] == files
    assert all(sent.ok and sent.status == 0 for sent in results)
    assert told == results
    for path in files:
        assert data_set_bytes(received(folder, path)) == data_set_bytes(path)


@pytest.mark.slow
def test_what_the_node_cannot_take_is_decompressed_where_nothing_is_lost(theirs, tmp_path):
    node, folder = theirs("+xi")  # implicit little endian alone
    syntaxes = (JPEG2000Lossless, JPEGLSLossless, RLELossless, ExplicitVRLittleEndian,
                DeflatedExplicitVRLittleEndian)  # fmt: skip
    files = [
        write_dicom(tmp_path / f"{number}.dcm", chest_like().astype(np.uint16), transfer_syntax=uid)
        for number, uid in enumerate(syntaxes)
    ]
    bare = write_dicom(tmp_path / "bare.dcm", preamble=False)
    assert [sent.words for sent in send([*files, bare], node)] == ["Sent."] * 6
    for path in (*files, bare):
        arrived = received(folder, path)
        assert dcmread(arrived).file_meta.TransferSyntaxUID == ImplicitVRLittleEndian
        np.testing.assert_array_equal(pixels(arrived), pixels(path))


def test_what_cannot_be_sent_says_why_and_does_not_hold_up_the_rest(theirs, tmp_path, shared_data):
    node, folder = theirs("+xi")
    jpeg = next((shared_data / "kermany-train" / "NORMAL").iterdir())
    lossy = write_dicom(
        tmp_path / "lossy.dcm", np.zeros((224, 224), np.uint8), frame=jpeg.read_bytes(),
        transfer_syntax=JPEGBaseline8Bit, SamplesPerPixel=1,
    )  # fmt: skip
    short = write_dicom(tmp_path / "short.dcm", transfer_syntax=JPEG2000Lossless)
    ds = dcmread(short)
    ds.PixelData = ds.PixelData[:200] + bytes(len(ds.PixelData) - 200)
    ds.save_as(short)
    big = write_dicom(tmp_path / "big.dcm", transfer_syntax=ExplicitVRBigEndian)
    good = write_dicom(tmp_path / "good.dcm")
    results = send([jpeg, lossy, short, big, tmp_path / "none.dcm", good], node)
    assert [sent.ok for sent in results] == [False] * 5 + [True]
    for sent, words in zip(
        results,
        ("no DICOM object", "compressed with loss", "cannot be decompressed", "does not take",
         "cannot be read"),
        strict=False,
    ):  # fmt: skip
        assert words in sent.words
    assert len(list(folder.iterdir())) == 1


@pytest.mark.slow
def test_our_own_receiver_takes_and_refuses_with_words(ours, tmp_path):
    files = [write_dicom(tmp_path / f"{number}.dcm") for number in range(8)]
    odd = write_dicom(tmp_path / "ct.dcm", SOPClassUID=CTImageStorage)
    results = send([*files, odd], ours.node)
    assert [sent.ok for sent in results] == [True] * 8 + [False]
    assert "does not take this kind" in results[-1].words
    assert len(list(ours.store.folder.glob("[!.]*/*.dcm"))) == 8
    with pytest.raises(ReviewError, match="takes none of these images"):
        send([odd], ours.node)
    extra = send([write_dicom(tmp_path / "extra.dcm")], ours.node)
    assert "no room for it, or too much came at once (0xA700)" in extra[0].words


def test_cancelling_stops_between_files_and_tells_of_each(ours, tmp_path):
    files = [write_dicom(tmp_path / f"{number}.dcm") for number in range(5)]
    told = []
    results = send(files, ours.node, told=told.append, cancelled=lambda: len(told) >= 2)
    assert [sent.ok for sent in results] == [True, True, False, False, False]
    assert results[-1].words == "Not sent: cancelled."


def test_a_connection_that_is_lost_is_taken_up_once_and_told(theirs, tmp_path):
    files = [write_dicom(tmp_path / f"{number}.dcm") for number in range(4)]
    node, folder = theirs("--abort-after")  # it aborts at the first C-STORE
    results = send(files, node)
    assert [sent.ok for sent in results] == [False] * 4
    assert "may not have it" in results[0].words
    assert "connection lost" in results[-1].words
    assert list(folder.iterdir()) == [] or len(list(folder.iterdir())) <= 2


def test_an_echo_tells_who_is_there_and_who_is_not(ours, theirs):
    echo(ours.node)
    node, _ = theirs()
    echo(node)
    nobody = Node("Nobody", "127.0.0.1", dcmtk.free_port())
    with pytest.raises(ReviewError, match="nobody listens there"):
        echo(nobody)
    with pytest.raises(ReviewError, match="another AE title than the one we called"):
        echo(Node("Wrong", "127.0.0.1", ours.node.port, "WRONG"))
    with pytest.raises(ReviewError, match="the name is unknown"):
        echo(Node("Far", "no-such-host.invalid"))
    with pytest.raises(ReviewError, match="no AE title"):
        echo(Node("Bad", "127.0.0.1", 104, "A TITLE THAT IS TOO LONG"))


def test_nothing_is_sent_without_a_connection(tmp_path):
    path = write_dicom(tmp_path / "a.dcm")
    with pytest.raises(ReviewError, match="cannot be reached"):
        send([path], Node("Nobody", "127.0.0.1", dcmtk.free_port()))


@pytest.mark.slow
def test_tls_is_spoken_and_an_unknown_certificate_refused(theirs, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed (Debian: openssl)")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out",
         certificate, "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        capture_output=True, check=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    from pynetdicom import AE
    from pynetdicom.sop_class import Verification

    entity = AE("TLS")
    entity.add_supported_context(Verification)
    port = dcmtk.free_port()
    server = entity.start_server(("127.0.0.1", port), block=False, ssl_context=context)
    try:
        echo(Node("Safe", "localhost", port, "TLS", tls=True, ca_file=str(certificate)))
        with pytest.raises(ReviewError, match="certificate is not trusted"):
            echo(Node("Unknown", "localhost", port, "TLS", tls=True))
    finally:
        server.shutdown()
    with pytest.raises(ReviewError, match="certificates for Odd cannot be read"):
        echo(Node("Odd", "localhost", port, "TLS", tls=True, ca_file=str(tmp_path / "none.pem")))


def test_every_answer_has_its_words():
    assert status_words(0) == (True, "Sent.")
    for status, word in ((0xB000, "doubts"), (0xB007, "doubts")):
        ok, words = status_words(status)
        assert ok
        assert word in words
    for status, word in (
        (0xA701, "room"), (0xA9FF, "not what it says"), (0xC123, "cannot understand"),
        (0x0117, "invalid"), (0x0122, "kind"), (0x0124, "allow"), (0x0110, "no reason"),
    ):  # fmt: skip
        ok, words = status_words(status)
        assert not ok
        assert word in words
        assert f"0x{status:04X}" in words
    assert "our AE title" in rejection_words(1, 3)
    assert "known here" in rejection_words(9, 9)


def test_no_thread_stays_behind(ours, tmp_path):
    before = threading.active_count()
    send([write_dicom(tmp_path / "a.dcm")], ours.node)
    until = time.monotonic() + 10
    while threading.active_count() > before:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_file_whose_pixels_are_none_is_not_sent(tmp_path):
    """Its header reads, what follows does not: a word, and no exception of a library."""
    path = write_dicom(tmp_path / "a.dcm", transfer_syntax=DeflatedExplicitVRLittleEndian)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 3 // 4])
    with pytest.raises(CannotSend, match=r"^Not sent: "):
        outgoing(path).for_syntaxes([ImplicitVRLittleEndian])
    odd = write_dicom(tmp_path / "b.dcm")
    ds = dcmread(odd)
    ds.file_meta.TransferSyntaxUID = "1.2.3.4"
    ds.save_as(odd, enforce_file_format=False, implicit_vr=False, little_endian=True)
    with pytest.raises(CannotSend, match=r"^Not sent: "):
        outgoing(odd).for_syntaxes([ImplicitVRLittleEndian])
