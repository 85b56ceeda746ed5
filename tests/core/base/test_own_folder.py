"""What Opacity writes: closed in its own folder, usual elsewhere; what killed runs leave goes."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.core.base.outputs import make_folder, write_whole, written
from app.core.base.own_folder import in_own_folder
from app.review.verdicts.store import VerdictStore

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o022, 0o002, 0o077])
def usual(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_modes_within_and_without(usual, opacity_home, tmp_path):
    with in_own_folder():
        for top in (opacity_home, tmp_path):
            make_folder(top / "a" / "b")
            write_whole(top / "a" / "b" / "whole", b"x")
            with written(top / "a" / "rows.csv", "heading\n") as file:
                file.write("1\n")
            VerdictStore(top / "c" / "verdicts.sqlite").close()
        child = "import os, pathlib; pathlib.Path('child').touch()"
        subprocess.run([sys.executable, "-c", child], cwd=opacity_home, check=True)
        with in_own_folder():  # one within the other, as in a worker's process
            write_whole(tmp_path / "again", b"x")
    made = list(opacity_home.rglob("*"))
    assert len(made) == 7
    assert not [path for path in made if mode(path) & 0o077]
    for path in tmp_path.rglob("*"):
        assert mode(path) == (0o777 if path.is_dir() else 0o666) & ~usual, path
    assert os.umask(usual) == usual
    assert "OPACITY_UMASK" not in os.environ


def test_the_journals_of_the_verdicts_are_closed_too(opacity_home):
    with in_own_folder():
        path = opacity_home / "verdicts.sqlite"
        VerdictStore(path).close()
        with sqlite3.connect(path, isolation_level=None) as other:
            for journal in ("wal", "delete"):
                other.execute(f"PRAGMA journal_mode={journal}")
                other.execute("BEGIN IMMEDIATE")
                other.execute("CREATE TABLE IF NOT EXISTS x (y)")
                other.execute("INSERT INTO x VALUES (1)")
                names = {each.name for each in opacity_home.iterdir()}
                assert len(names) > 1, "no journal"
                assert not [each for each in opacity_home.iterdir() if mode(each) & 0o077]
                other.execute("COMMIT")
        other.close()


LEFT = (
    *("active.x.partial", "network.json.part", "speeds.json.77", "window.ini.AbCdEf"),
    *("models/net.partial/model.keras", "serving/x.partial/model.onnx", "audit/audit.1.jsonl"),
    *("audit/gallery.1/0.jpg", "runs/r/checkpoint.json.new", "sweeps/s/ledger.jsonl.7.new"),
    *("inbox/.incoming/1", "inbox/2026-01-01/.a.dcm.part", "relabelled/f.csv.partial"),
)
KEPT = (
    *("active.json", "models/net/model.keras", "audit/scores.sqlite", "runs/r/checkpoint.json"),
    *("inbox/2026-01-01/a.dcm", "scores.csv.partial", "exports/table.csv.partial", "window.ini"),
    *("verdicts.sqlite-wal", "sweeps/s/trials.sqlite", "window.ini.lock"),
)


def fill(top):
    for name in (*LEFT, *KEPT):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text("x")


def there(top):
    return {name for name in (*LEFT, *KEPT) if (top / name).exists()}


HOLD = """
import sys
from app.core.base.own_folder import in_own_folder
with in_own_folder():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_run_left_is_swept_but_nothing_of_a_running_one(opacity_home, tmp_path):
    fill(opacity_home)
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    try:
        assert other.stdout.readline() == b"held\n"
        command = [sys.executable, str(ROOT / "main.py"), "models"]
        subprocess.run(command, check=True, capture_output=True)
        assert there(opacity_home) == {*LEFT, *KEPT}
        other.send_signal(signal.SIGKILL)
        other.wait()
        subprocess.run(command, check=True, capture_output=True)
        assert there(opacity_home) == set(KEPT)
    finally:
        other.kill()
        other.communicate()


def test_nothing_is_swept_beyond_a_link_or_in_a_persons_home(opacity_home, tmp_path, monkeypatch):
    fill(tmp_path)
    (opacity_home / "models").symlink_to(tmp_path / "models")
    (opacity_home / "runs").mkdir()
    (opacity_home / "runs" / "r").symlink_to(tmp_path / "runs" / "r")
    (opacity_home / "serving").mkdir()
    (opacity_home / "serving" / "x.partial").symlink_to(tmp_path / "serving" / "x.partial")
    with in_own_folder(starts=True):
        pass
    assert not (opacity_home / "serving" / "x.partial").is_symlink()
    assert there(tmp_path) == {*LEFT, *KEPT}
    monkeypatch.setenv("OPACITY_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "exports"))
    with in_own_folder(starts=True):
        pass
    assert there(tmp_path) == {*LEFT, *KEPT}


def test_without_locks_only_what_is_old_is_swept(opacity_home, monkeypatch):
    def none(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("app.core.base.own_folder.fcntl.flock", none)
    fill(opacity_home)
    old = opacity_home / LEFT[0]
    os.utime(old, (time.time() - 90_000,) * 2)
    with in_own_folder(starts=True):
        pass
    assert there(opacity_home) == {*LEFT, *KEPT} - {LEFT[0]}
