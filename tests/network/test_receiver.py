"""The receiver in a process of its own, against DCMTK's storescu: none lost, none twice."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import dcmtk
import numpy as np
import pytest
from factories import chest_like, write_dicom
from pydicom import dcmread
from pydicom.uid import JPEG2000Lossless, generate_uid

from app.core.base.errors import UnreadableImage
from app.core.image.reader import read_radiograph
from app.core.worklist.inbox import SAME_UID, inbox_dir
from app.network.config import Listening, NetworkConfig, config_path, save

ROOT = Path(__file__).resolve().parents[2]


class Child:
    """The real process and what it says."""

    def __init__(self, **options):
        self.port = dcmtk.free_port()
        save(NetworkConfig(Listening(on=True, port=self.port, **options)))
        self.events = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app.network.listen_worker", str(config_path())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
        )
        assert self.next()["event"] == "ReceiverReady"

    def next(self):
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read().decode()
        self.events.append(json.loads(line))
        return self.events[-1]

    def send(self, *arguments):
        return dcmtk.run("storescu", "-aec", "OPACITY", *arguments)

    def end(self):
        """Stop it, and give its stderr."""
        _, errors = self.process.communicate(b"stop\n", timeout=20)
        return errors.decode()


@pytest.fixture
def child(opacity_home):
    started = []

    def start(**options):
        started.append(Child(**options))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.process.communicate()


def stored():
    """The files of the inbox that a list of images would show."""
    return sorted(inbox_dir().glob("[!.]*/[!.]*"))


def uids(paths):
    return sorted(str(dcmread(path, stop_before_pixels=True).SOPInstanceUID) for path in paths)


@pytest.mark.slow
def test_two_hundred_files_arrive_none_lost_none_twice(child, tmp_path, opacity_home):
    sent = tmp_path / "sent"
    sent.mkdir()
    small = chest_like(48, 48).astype(np.uint16)
    for number in range(170):
        syntax = {"transfer_syntax": JPEG2000Lossless} if number % 10 == 0 else {}
        write_dicom(sent / f"{number:03}.dcm", small + number, **syntax)
    whole = uids(sent.iterdir())
    broken = []
    for number in range(10):  # half the pixels are missing: a PACS has such, and sends them
        path = write_dicom(sent / f"short{number}.dcm", small, Rows=96)
        broken += uids([path])
    for number in range(15):
        (sent / f"twice{number}.dcm").write_bytes((sent / f"{number:03}.dcm").read_bytes())
    for number in range(5):
        (sent / f"junk{number}.dcm").write_bytes(b"no DICOM at all" * 50)

    receiver = child()
    # Cut off in the middle: the sender of a large image is killed.
    large = write_dicom(tmp_path / "large.dcm", np.zeros((6000, 6000), np.uint16))
    sender = subprocess.Popen(
        [dcmtk.program("storescu"), "-aec", "OPACITY", "127.0.0.1", str(receiver.port), large]
    )
    wait_for(lambda: any(p.stat().st_size > 2**20 for p in inbox_dir().glob(".incoming/*")))
    sender.kill()
    sender.wait()
    wait_for(lambda: not list(inbox_dir().glob(".incoming/*")))

    receiver.send("-nh", "-xv", "+sd", "127.0.0.1", receiver.port, sent)
    arrived = stored()
    assert uids(arrived) == sorted(whole + broken)
    source = {uid: path for path in sent.glob("0*.dcm") for uid in uids([path])}
    for path in arrived[::10]:
        for uid in uids([path]):
            if uid in source:
                expected = read_radiograph(source[uid]).pixels
                np.testing.assert_array_equal(read_radiograph(path).pixels, expected)
    shown = [path for path in arrived if uids([path])[0] in broken]
    with pytest.raises(UnreadableImage):  # seen in the list, with the reason
        read_radiograph(shown[0])

    # Success was told: a kill takes nothing away, and a new start removes what was half-sent.
    half = inbox_dir() / ".incoming" / "half.dcm"
    half.write_bytes(large.read_bytes()[:4000])
    os.kill(receiver.process.pid, signal.SIGKILL)
    receiver.process.communicate()
    assert stored() == arrived
    again = child()
    assert list(inbox_dir().glob(".incoming/*")) == []
    again.send("-nh", "127.0.0.1", again.port, sent / "001.dcm")
    assert again.next()["twice"]
    assert stored() == arrived
    assert "Secret" not in again.end()


@pytest.mark.slow
def test_what_was_answered_with_success_survives_a_kill_at_any_moment(child, tmp_path):
    small = chest_like(48, 48).astype(np.uint16)
    files = [write_dicom(tmp_path / f"{number:03}.dcm", small + number) for number in range(80)]
    sent = [uid for path in files for uid in uids([path])]
    receiver = child()
    sender = subprocess.Popen(
        [dcmtk.program("storescu"), "-v", "-aec", "OPACITY", "127.0.0.1", str(receiver.port),
         *files],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    for _ in range(20):
        receiver.next()
    os.kill(receiver.process.pid, signal.SIGKILL)
    said, _ = sender.communicate(timeout=60)
    successes = said.count("(Success)")
    assert 19 <= successes < len(files)
    assert set(sent[:successes]) <= set(uids(stored()))
    again = child()
    assert again.send("127.0.0.1", again.port, *files).returncode == 0
    assert uids(stored()) == sorted(sent)


@pytest.mark.slow
def test_one_uid_with_other_pixels_is_kept_twice_and_flagged(child, tmp_path):
    receiver = child()
    uid = generate_uid()
    pictures = [chest_like(seed=seed).astype(np.uint16) for seed in (1, 2)]
    for number, pixels in enumerate(pictures):
        write_dicom(tmp_path / f"{number}.dcm", pixels, SOPInstanceUID=uid)
    receiver.send("127.0.0.1", receiver.port, tmp_path / "0.dcm")
    assert not receiver.next()["same_uid"]
    assert SAME_UID() not in read_radiograph(stored()[0]).cautions
    receiver.send("127.0.0.1", receiver.port, tmp_path / "1.dcm")
    assert receiver.next()["same_uid"]
    assert len(stored()) == 2
    assert all(SAME_UID() in read_radiograph(path).cautions for path in stored())
    receiver.send("127.0.0.1", receiver.port, tmp_path / "1.dcm")
    assert receiver.next()["twice"]
    assert len(stored()) == 2


@pytest.mark.slow
def test_the_names_in_the_inbox_and_the_log_tell_nothing_of_a_patient(child, tmp_path):
    receiver = child()
    path = write_dicom(tmp_path / "Secret^Name.dcm", SOPInstanceUID="1.2.3.4.5.6789")
    assert receiver.send("127.0.0.1", receiver.port, path).returncode == 0
    receiver.next()
    said = json.dumps(receiver.events) + receiver.end() + "".join(map(str, stored()))
    assert "SECRET" not in said.upper()
    assert "6789" not in said
    assert stored()[0].stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_an_echo_is_answered_and_the_end_of_stdin_ends_the_receiver(child):
    receiver = child()
    assert dcmtk.run("echoscu", "-aec", "OPACITY", "127.0.0.1", receiver.port).returncode == 0
    receiver.process.stdin.close()
    assert receiver.process.wait(20) == 0
    assert not dcmtk.is_open(receiver.port)


@pytest.mark.slow
def test_a_port_in_use_and_a_second_receiver_are_told_in_words(child, opacity_home):
    first = child()
    save(NetworkConfig(Listening(port=dcmtk.free_port())))
    second = subprocess.run(
        [sys.executable, "-m", "app.network.listen_worker", str(config_path())],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False,
    )  # fmt: skip
    assert second.returncode == 1
    assert "receiving already" in json.loads(second.stdout)["what"]
    first.end()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        save(NetworkConfig(Listening(port=taken.getsockname()[1])))
        third = subprocess.run(
            [sys.executable, "-m", "app.network.listen_worker", str(config_path())],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=ROOT, timeout=60,
            check=False,
        )  # fmt: skip
    assert third.returncode == 1
    assert "in use" in json.loads(third.stdout)["what"]


def wait_for(condition, seconds=20.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)
