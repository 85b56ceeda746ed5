"""kill -9 loses no verdict that was acknowledged."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

KILLS = 200
_LONGEST_WAIT_S = 0.02
_AFTER = (0, 1, 0, 4, 12)
_ROOT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")


class Nursery:
    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("verdict_nursery.py"))],
            env={**os.environ, "PYTHONPATH": str(_ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def begin(self, path, journal):
        self.process.stdin.write(f"{journal}\t{path}\n")
        self.process.stdin.flush()
        word, child = self.process.stdout.readline().split()
        assert word == "forked"
        return int(child)

    def kill(self, child, after, seconds):
        """Kill the writer some time after so many acknowledgements.

        Gives what it acknowledged in its life: content hashes by row number.
        """
        told = {}
        while True:
            if len(told) == after:
                time.sleep(seconds)
                os.kill(child, signal.SIGKILL)
            line = self.process.stdout.readline().strip()
            if line == "ended":
                return told
            number, content_hash = line.split()[1:]
            told[int(number)] = content_hash

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


@pytest.fixture
def nursery():
    made = Nursery()
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.parametrize("journal", ["wal", "rollback"])
def test_no_acknowledged_verdict_is_lost_to_a_kill(nursery, tmp_path, journal, record_property):
    chance = random.Random(journal)
    acknowledged: dict[Path, dict[int, str]] = {}
    unlucky = 0
    for kill in range(KILLS // 2):
        path = tmp_path / f"{kill // 25}.sqlite"
        child = nursery.begin(path, journal)
        # Also while the database is being made, before the first acknowledgement.
        told = nursery.kill(child, _AFTER[kill % len(_AFTER)], chance.uniform(0.0, _LONGEST_WAIT_S))
        unlucky += not told
        rows = acknowledged.setdefault(path, {})
        assert not rows.keys() & told.keys()
        rows.update(told)
        with closing(sqlite3.connect(path)) as database:
            if not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                assert not rows  # killed while it was being made: nothing had been said
                continue
            found = dict(database.execute("SELECT number, content_hash FROM history"))
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert rows.items() <= found.items()
        # A row that was written and not yet told of is no harm; more than one cannot be.
        assert len(found) - len(rows) <= kill % 25 + 1
    count = sum(map(len, acknowledged.values()))
    record_property("acknowledged", count)
    record_property("killed_before_the_first", unlucky)
    assert count > KILLS, "the writers were killed before they wrote enough to lose"
