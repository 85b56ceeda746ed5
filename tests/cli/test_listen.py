"""`python main.py listen`, as a process, with DCMTK as the sender."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import dcmtk
import pytest
from factories import write_dicom

from app.core.worklist.inbox import inbox_dir

ROOT = Path(__file__).resolve().parents[2]


def _ignore_interrupts():
    """As a shell does with what it starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_receives_until_it_is_ended(tmp_path, end):
    port = dcmtk.free_port()
    options = ("--port", str(port), "--title", "ROOM", "--allow", "FRIEND")
    process = subprocess.Popen(
        [sys.executable, ROOT / "main.py", "listen", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        preexec_fn=_ignore_interrupts,
    )  # fmt: skip
    try:
        assert process.stdout.readline() == f"Listening on 127.0.0.1, port {port}, as ROOM.\n"
        path = write_dicom(tmp_path / "a.dcm")
        send = ("-aec", "ROOM", "127.0.0.1", port, path, path)
        assert dcmtk.run("storescu", "-aet", "FRIEND", *send).returncode == 0
        assert dcmtk.run("storescu", "-aet", "OTHER", *send).returncode != 0
        process.send_signal(end)
        said, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, errors
    assert "Refused (association): OTHER (127.0.0.1)" in said
    assert said.endswith("Stopped: 1 received, 1 there already, 1 refused.\n")
    assert len(list(inbox_dir().glob("[!.]*/*.dcm"))) == 1


def test_it_receives_by_tls_from_senders_with_a_certificate_alone(tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed (Debian: openssl)")
    for name in ("here", "sender", "stranger"):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
             "-keyout", tmp_path / f"{name}.key", "-out", tmp_path / f"{name}.pem",
             "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
            capture_output=True, check=True,
        )  # fmt: skip
    port, path = dcmtk.free_port(), write_dicom(tmp_path / "a.dcm")
    own = ("--tls-certificate", tmp_path / "here.pem", "--tls-key", tmp_path / "here.key")
    process = subprocess.Popen(
        [sys.executable, ROOT / "main.py", "listen", "--port", str(port), *own,
         "--tls-senders", tmp_path / "sender.pem"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip

    def sent(*tls):
        to = ("-aec", "OPACITY", "localhost", port, path)
        return dcmtk.run("storescu", *tls, *to).returncode == 0

    def known_as(name):
        key, certificate = tmp_path / f"{name}.key", tmp_path / f"{name}.pem"
        return ("+tls", key, certificate, "+cf", tmp_path / "here.pem")

    try:
        assert process.stdout.readline().startswith("Listening on 127.0.0.1")
        assert not sent()
        assert not sent("+tla", "+cf", tmp_path / "here.pem")
        assert not sent(*known_as("stranger"))
        assert not list(inbox_dir().glob("[!.]*/*.dcm"))
        assert sent(*known_as("sender"))
        process.send_signal(signal.SIGTERM)
        said, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, errors
    assert said.splitlines()[-1] == "Stopped: 3 refused, 1 received."
    assert len(list(inbox_dir().glob("[!.]*/*.dcm"))) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--tls-certificate", "none.pem"), "missing"),
        (("--tls-certificate", "none.pem", "--tls-key", "none.key"), "No such file"),
        (("--tls-senders", "none.pem"), "missing"),
    ],
)
def test_wrong_certificates_are_told(options, words):
    done = subprocess.run(
        [sys.executable, ROOT / "main.py", "listen", *options],
        capture_output=True, text=True, cwd=ROOT, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert words in done.stderr


@pytest.mark.slow
def test_wrong_settings_are_told(tmp_path):
    done = subprocess.run(
        [sys.executable, ROOT / "main.py", "listen", "--address", "0.0.0.0"],
        capture_output=True, text=True, cwd=ROOT, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "at least one allowed caller" in done.stderr
