"""A disk that is really full for the process: the system refuses the write itself."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("resource", reason="limits of a process are POSIX's")

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
import resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from app.core.reading.verdicts import Agreement, ImageIdentity, Verdict
from app.review.verdicts.store import VerdictStore, VerdictStoreError

def verdict(n):
    image = ImageIdentity(f"{n:064x}")
    return Verdict(image, "Ada", Agreement.AGREE, datetime.now(UTC), note="n" * 50_000)

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
written = 0
with VerdictStore(Path(sys.argv[1]), local=sys.argv[2] == "wal") as store:
    store.add(verdict(0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
    try:
        for n in range(1, 50):
            store.add(verdict(n))
            written = n
    except VerdictStoreError as error:
        print(error.what)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    store.add(verdict(100))
with VerdictStore(Path(sys.argv[1])) as store:
    print(written, len(store.all()), store._pragma("integrity_check"))
"""


@pytest.mark.parametrize("journal", ["wal", "rollback"])
def test_what_does_not_fit_is_told_and_nothing_else_is_harmed(tmp_path, journal):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, tmp_path / "v.sqlite", journal],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    told, counts = done.stdout.splitlines()
    assert "not saved" in told
    written, kept, whole = counts.split()
    assert 0 < int(written) < 49
    assert int(kept) == int(written) + 2
    assert whole == "ok"
