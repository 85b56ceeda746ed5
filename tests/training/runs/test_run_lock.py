"""The lock of a run folder, between real processes."""

import os
import signal
import subprocess
import sys

import pytest

from app.core.base.errors import ReviewError
from app.training.runs import run_lock
from app.training.runs.run_lock import is_held, lock_run

HOLD = """
import sys, time
from pathlib import Path
from app.training.runs.run_lock import lock_run
with lock_run(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def other(tmp_path):
    """A process that holds the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_folder_is_held_as_long_as_the_block_runs(tmp_path):
    assert not is_held(tmp_path)
    with lock_run(tmp_path):
        assert is_held(tmp_path)
        assert is_held(tmp_path)
    assert not is_held(tmp_path)


def test_nobody_else_gets_it_meanwhile(tmp_path, other, monkeypatch):
    monkeypatch.setattr(run_lock, "_PATIENCE_S", 0.1)
    assert is_held(tmp_path)
    with pytest.raises(ReviewError, match="under way in another process"), lock_run(tmp_path):
        pytest.fail("two processes hold it")
    other.communicate("\n")
    with lock_run(tmp_path):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_process_lets_go(tmp_path, other):
    os.kill(other.pid, signal.SIGKILL)
    other.wait()
    assert not is_held(tmp_path)
    with lock_run(tmp_path):
        assert is_held(tmp_path)


def test_a_folder_that_is_not_there_is_not_held(tmp_path):
    assert not is_held(tmp_path / "gone")
    with lock_run(tmp_path / "gone"):  # such a run tells what it cannot write by itself
        pass
