"""Another user of the same computer reads nothing of what Opacity's commands have written."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import dcmtk
import pytest
from factories import write_dicom
from tiny_data import write_training_folder

from app.core.base.own_folder import in_own_folder
from app.core.reading.verdicts import Agreement, Verdict
from app.core.worklist.identity import identity_of_file
from app.jobs.worker_log import WorkerLog
from app.review.verdicts.store import VerdictStore

ROOT = Path(__file__).resolve().parents[2]
LOOK = (
    'for path; do ls -- "$path" && echo "seen: $path"; cat -- "$path" && echo "read: $path"; done'
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="Windows keeps a user's folder closed by itself"),
]


def command(*arguments):
    done = subprocess.run(
        [sys.executable, ROOT / "main.py", *arguments],
        capture_output=True, text=True, cwd=ROOT, timeout=200, check=False, umask=0o022,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def receive(image):
    port = dcmtk.free_port()
    listener = subprocess.Popen(
        [sys.executable, ROOT / "main.py", "listen", "--port", str(port)],
        stdout=subprocess.PIPE, text=True, cwd=ROOT, umask=0o022,
    )  # fmt: skip
    try:
        assert listener.stdout.readline().startswith("Listening")
        send = dcmtk.run("storescu", "-aec", "OPACITY", "127.0.0.1", port, image)
        assert send.returncode == 0, send.stderr
        listener.send_signal(signal.SIGTERM)
        listener.communicate(timeout=30)
    finally:
        listener.kill()
        listener.wait()


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory):
    """A folder that everybody may enter: one's own folder, made by commands, and a table."""
    # pytest's own folders are closed to others, which would prove nothing.
    top = Path(tempfile.mkdtemp(prefix="opacity-others-"))
    top.chmod(0o755)
    own = top / "deep" / "own"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPACITY_HOME", str(own))
        image = write_dicom(tmp_path_factory.mktemp("images") / "a.dcm")
        data = write_training_folder(tmp_path_factory.mktemp("data"), per_class=30)
        command("score", str(image), "-o", str(top / "scores.csv"))
        assert stat.S_IMODE(own.stat().st_mode) == 0o700
        assert stat.S_IMODE(own.parent.stat().st_mode) == 0o755  # the way there is not ours
        quick = ("--arch", "dense", "--epochs", "1", "--image-size", "16", "--name", "mine")
        command("train", "--data", str(data), *quick)
        command("audit", str(data), "-o", str(own / "audit.html"))
        receive(image)
        with in_own_folder():
            WorkerLog(own / "listen.log", "x").write(b"a line\n")
            store = VerdictStore.open()
            who = identity_of_file(image)
            store.add(Verdict(who, "Ada", Agreement.AGREE, datetime.now(UTC)))
        command("export", str(image), "-o", str(own / "exports"), "--format", "csv,json")
        yield top, own
        store.close()  # until here: its journals lie beside it
    shutil.rmtree(top)


def test_everything_is_there_and_closed(lived_in):
    _, own = lived_in
    made = {str(path.relative_to(own)) for path in own.rglob("*")}
    kinds = (
        *("verdicts.sqlite", "verdicts.sqlite-wal", "verdicts.sqlite-shm", "audit.html"),
        *("listen.log", "audit/scores.sqlite", "models/mine/model.keras", "exports/"),
        *("runs/", "inbox/"),
    )
    for kind in kinds:
        assert any(name.startswith(kind) for name in made), (kind, made)
    assert list(own.glob("inbox/*/*.dcm"))
    for path in (own, *own.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


@pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0 or shutil.which("setpriv") is None,
    reason="only root can become another user, by setpriv",
)
def test_another_user_reads_nothing(lived_in):
    top, own = lived_in
    paths = [own, *own.rglob("*")]

    def seen_by_nobody(*places):
        become = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
        done = subprocess.run(
            [*become, "sh", "-c", LOOK, "sh", *map(str, places)],
            capture_output=True, text=True, cwd="/", check=False,
        )  # fmt: skip
        return {line for line in done.stdout.splitlines() if line.startswith(("seen:", "read:"))}

    table = top / "scores.csv"
    assert seen_by_nobody(table) == {f"seen: {table}", f"read: {table}"}
    assert seen_by_nobody(*paths) - {f"seen: {own}"} == set()
    # Each closed by itself too, not by the folder above alone.
    folders = [path for path in paths if path.is_dir()]
    try:
        for folder in folders:
            folder.chmod(0o711)
        read = seen_by_nobody(*(path for path in paths if path.is_file()))
        assert f"seen: {own / 'verdicts.sqlite'}" in read  # the way there is open now
        assert not [line for line in read if line.startswith("read:")]
    finally:
        for folder in folders:
            folder.chmod(0o700)


def test_the_window_writes_for_its_owner_alone_from_its_first_start_on(tmp_path, monkeypatch):
    own = tmp_path / "own"
    monkeypatch.setenv("OPACITY_HOME", str(own))
    data = write_training_folder(tmp_path / "data", per_class=2)
    window = subprocess.Popen(
        [sys.executable, ROOT / "main.py", data],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, cwd=ROOT, umask=0o022,
    )  # fmt: skip
    try:
        until = time.monotonic() + 60
        while not {"verdicts.sqlite-wal", "window.ini"} <= {path.name for path in own.glob("*")}:
            assert time.monotonic() < until
            assert window.poll() is None
            time.sleep(0.2)
        # What it starts (decoders, trainings) has its umask.
        status = Path(f"/proc/{window.pid}/status")
        assert not status.exists() or "Umask:\t0077" in status.read_text()
    finally:
        window.kill()
        window.wait()
    for path in (own, *own.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
