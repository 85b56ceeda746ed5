"""`python main.py listen`, as a process, with DCMTK as the sender."""

from __future__ import annotations

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


def test_wrong_settings_are_told(tmp_path):
    done = subprocess.run(
        [sys.executable, ROOT / "main.py", "listen", "--address", "0.0.0.0"],
        capture_output=True, text=True, cwd=ROOT, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "at least one allowed caller" in done.stderr
