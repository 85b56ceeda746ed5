"""TLS in both directions, with DCMTK's programs and OpenSSL's certificates as the other side."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import time

import dcmtk
import pytest
from factories import write_dicom
from pydicom import dcmread

from app.core.base.errors import ReviewError
from app.core.base.events import SenderRefused
from app.network.config import Listening, NetworkConfig, Node, from_dict, load, save
from app.network.inbox_store import InboxStore
from app.network.receiver import Receiver
from app.network.seats import Patience
from app.network.sender import echo, send


def openssl(*arguments):
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed (Debian: openssl)")
    subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=True)


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """A CA; a certificate of it for this computer and one for a sender; a stranger's."""
    folder = tmp_path_factory.mktemp("papers")

    def make(name, signer=None):
        key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
        signed = (
            ("-CA", folder / f"{signer}.pem", "-CAkey", folder / f"{signer}.key")
            if signer else ("-addext", "basicConstraints=critical,CA:TRUE")
        )  # fmt: skip
        openssl(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
            "-days", "2", "-subj", f"/CN={name}",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", *signed,
        )  # fmt: skip

    for name, signer in (("ca", None), ("here", "ca"), ("sender", "ca"), ("stranger", None)):
        make(name, signer)
    return folder


@pytest.fixture
def receive(opacity_home):
    opened = []

    def start(**options):
        store = InboxStore()
        store.__enter__()
        events = []
        listening = Listening(port=dcmtk.free_port(), **options)
        listening.check()
        made = Receiver(listening, store, events.append, Patience(hello=2.0))
        made.__enter__()
        made.events = events
        opened.append((made, store))
        return made

    yield start
    for made, store in opened:
        made.__exit__()
        store.__exit__()


def own(papers, name):
    return {"certificate": str(papers / f"{name}.pem"), "key": str(papers / f"{name}.key")}


def storescu(receiver, path, *tls):
    return dcmtk.run(
        "storescu", *tls, "-aec", "OPACITY", "localhost", receiver.port, path
    ).returncode  # fmt: skip


def stored(receiver):
    return sorted(receiver._store.folder.glob("[!.]*/*.dcm"))


@pytest.mark.slow
def test_dcmtk_sends_by_tls_and_nobody_without(receive, papers, tmp_path):
    receiver = receive(**own(papers, "here"))
    path = write_dicom(tmp_path / "a.dcm")
    assert storescu(receiver, path) != 0
    assert storescu(receiver, path, "+tla", "+cf", papers / "stranger.pem") != 0  # not our CA
    assert stored(receiver) == []
    assert {each.reason for each in receiver.events if isinstance(each, SenderRefused)} == {"tls"}
    assert storescu(receiver, path, "+tla", "+cf", papers / "ca.pem") == 0
    (kept,) = stored(receiver)
    assert dcmread(kept).PixelData == dcmread(path).PixelData


@pytest.mark.slow
def test_a_sender_needs_a_certificate_where_that_is_wanted(receive, papers, tmp_path):
    receiver = receive(senders_ca=str(papers / "ca.pem"), **own(papers, "here"))
    path, ca = write_dicom(tmp_path / "a.dcm"), ("+cf", papers / "ca.pem")

    def by(name):
        return ("+tls", papers / f"{name}.key", papers / f"{name}.pem", *ca)

    assert storescu(receiver, path, "+tla", *ca) != 0
    assert storescu(receiver, path, *by("stranger")) != 0
    assert stored(receiver) == []
    assert storescu(receiver, path, *by("sender")) == 0
    assert len(stored(receiver)) == 1
    # Our own sender, likewise.
    node = {"tls": True, "ca_file": str(papers / "ca.pem")}
    echo(Node("Us", "localhost", receiver.port, "OPACITY", **node, **own(papers, "sender")))
    with pytest.raises(ReviewError):
        echo(Node("Us", "localhost", receiver.port, "OPACITY", **node))


def test_we_send_by_tls_to_dcmtk(papers, tmp_path):
    port, there = dcmtk.free_port(), tmp_path / "there"
    there.mkdir()
    command = [
        dcmtk.program("storescp"), "+tls", papers / "here.key", papers / "here.pem",
        "+cf", papers / "ca.pem", "-rc", "-od", there, port,
    ]  # fmt: skip
    with subprocess.Popen(list(map(str, command)), stderr=subprocess.DEVNULL) as peer:
        try:
            until = time.monotonic() + 20
            while not dcmtk.is_open(port):
                assert time.monotonic() < until
                time.sleep(0.1)
            path = write_dicom(tmp_path / "a.dcm")
            node = Node(
                "D", "localhost", port, tls=True, ca_file=str(papers / "ca.pem"),
                **own(papers, "sender"),
            )  # fmt: skip
            assert [each.ok for each in send([path], node)] == [True]
            with pytest.raises(ReviewError, match="certificate is not trusted"):
                send([path], Node("D", "localhost", port, tls=True))
        finally:
            peer.terminate()
    (kept,) = there.iterdir()
    assert dcmread(kept).PixelData == dcmread(path).PixelData


@pytest.mark.slow
@pytest.mark.parametrize(
    ("version", "ciphers"),
    [
        (ssl.TLSVersion.TLSv1_1, "ALL:@SECLEVEL=0"),
        (ssl.TLSVersion.TLSv1_2, "AES256-SHA256:AES128-GCM-SHA256"),  # no forward secrecy
        (ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-AES256-SHA384"),  # no authenticated encryption
    ],
)
def test_nothing_older_than_the_profile_is_spoken(receive, papers, version, ciphers):
    receiver = receive(**own(papers, "here"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(papers / "ca.pem")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = version
    context.set_ciphers(ciphers)
    with (
        socket.create_connection(("localhost", receiver.port), 5) as connection,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        context.wrap_socket(connection, server_hostname="localhost")


@pytest.mark.slow
def test_a_handshake_that_never_ends_holds_up_nobody(receive, papers, tmp_path):
    receiver = receive(**own(papers, "here"))
    path = write_dicom(tmp_path / "a.dcm")
    silent = [socket.create_connection(("localhost", receiver.port), 5) for _ in range(12)]
    began = time.monotonic()
    assert storescu(receiver, path, "+tla", "+cf", papers / "ca.pem") == 0
    assert time.monotonic() - began < 2.0
    for each in silent:
        each.settimeout(10)
        assert each.recv(1) == b""
        each.close()


def test_what_is_wrong_with_certificates_is_said(papers, tmp_path):
    here, stranger = own(papers, "here"), own(papers, "stranger")
    locked = tmp_path / "locked.key"
    openssl("rsa", "-aes256", "-passout", "pass:x", "-in", here["key"], "-out", locked)
    for options, words in (
        ({"certificate": here["certificate"]}, "missing"),
        ({"senders_ca": here["certificate"]}, "missing"),
        ({**here, "key": stranger["key"]}, "does not belong"),
        ({**here, "key": str(locked)}, "password"),
        ({**here, "key": str(tmp_path / "none")}, "No such file"),
        ({**here, "certificate": here["key"]}, "cannot be read"),
        ({**here, "senders_ca": here["key"]}, "senders must have"),
    ):
        with pytest.raises(ReviewError, match=words):
            Listening(**options).check()
        if "senders_ca" not in options:
            with pytest.raises(ReviewError, match=words):
                Node("N", "localhost", tls=True, **options).check()


def test_the_settings_of_tls_are_kept_and_nonsense_does_not_switch_it_off(papers, opacity_home):
    config = NetworkConfig(Listening(senders_ca="ca.pem", **own(papers, "here")))
    save(config)
    assert load() == config
    for nonsense in (3, None, ["x"], "a\nb"):
        with pytest.raises(ReviewError):
            from_dict({"listening": {"certificate": nonsense}}).listening.check()
