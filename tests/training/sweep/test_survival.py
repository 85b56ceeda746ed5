"""Sweeps in real processes that are killed: on a file of their own, and on a PostgreSQL server."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import sweep_process
from sqlalchemy import create_engine, text
from tiny_data import write_training_folder

from app.core.base.events import SweepEnded, TrialBegun, TrialOver, from_line
from app.training.sweep.study import _with_driver

pytestmark = pytest.mark.skipif(os.name != "posix", reason="process groups are POSIX's")


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return write_training_folder(tmp_path_factory.mktemp("data"), per_class=40, side=64)


def power_cut(process) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def done_once(url: str, study: str, total: int) -> Counter:
    """Check that each setting has one complete trial; how often each was begun."""
    engine = create_engine(_with_driver(url))
    with engine.connect() as connection:
        claims = connection.execute(
            text("select key, state, attempts from opacity_claims where study = :study"),
            {"study": study},
        ).all()
        complete = connection.execute(
            text(
                "select p.trial_id, p.param_name, p.param_value from trial_params p"
                " join trials t on t.trial_id = p.trial_id where t.state = 'COMPLETE'"
            )
        ).all()
        running = connection.execute(
            # Those that were begun: a worker that dies before leaves one that nobody ever sees.
            text(
                "select count(*) from trials t join trial_user_attributes a"
                " on a.trial_id = t.trial_id and a.key = 'row' where t.state = 'RUNNING'"
            )
        ).scalar_one()
    engine.dispose()
    settings: dict[int, list[tuple[str, float]]] = {}
    for trial, name, value in complete:
        settings.setdefault(trial, []).append((name, value))
    tried = Counter(tuple(sorted(pairs)) for pairs in settings.values())
    assert len(tried) == total
    assert set(tried.values()) == {1}
    assert {claim.state for claim in claims} == {"done"}
    assert len(claims) == total
    assert running == 0
    return Counter({claim.key: claim.attempts for claim in claims})


@pytest.mark.slow
def test_killed_again_and_again_it_goes_on(tmp_path, data):
    """Power cuts at random moments; at the end everything was done, and once."""
    moments = random.Random(5)
    folder, total = tmp_path / "sweep", 10
    cut = 0
    for _ in range(12):
        process = sweep_process.start("s", folder, data, total, 2)
        ended, seen, goal = None, 0, moments.randint(1, 3)
        assert process.stdout is not None
        for line in process.stdout:
            event = from_line(line)
            seen += isinstance(event, TrialBegun)
            if isinstance(event, SweepEnded):
                ended = event
            if cut < 3 and seen == goal:
                time.sleep(moments.random())
                power_cut(process)
                cut += 1
                break
        if ended:
            process.communicate()
            break
    assert cut == 3, "it was never interrupted"
    assert ended is not None
    assert (ended.done, ended.failed, ended.stopped) == (total, 0, False)
    attempts = done_once(f"sqlite:///{folder / 'study.db'}", "s", total)
    # Two workers and three power cuts: nothing else was begun twice.
    assert sum(attempts.values()) <= total + 2 * cut


def binaries() -> Path | None:
    found = [*Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    found += [Path(which).resolve()] if (which := shutil.which("initdb")) else []
    return found[-1].parent if found else None


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """URL of a real server that this test starts; as root, on behalf of somebody else."""
    where = binaries()
    if where is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="opacity-pg-"))
    # initdb refuses root.
    who = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
    if who:
        shutil.chown(folder, **who)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    password = folder / "password"
    password.write_text("opaque", encoding="utf-8")
    password.chmod(0o644)
    base = folder / "base"

    def do(*command: object) -> None:
        subprocess.run(
            [str(part) for part in command],
            check=True,
            capture_output=True,
            cwd=folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            **who,
        )

    do(where / "initdb", "-D", base, "-U", "opacity", "-A", "md5", f"--pwfile={password}")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    do(where / "pg_ctl", "-D", base, "-o", options, "-l", folder / "log", "-w", "start")
    try:
        yield f"postgresql://opacity:opaque@127.0.0.1:{port}/postgres"
    finally:
        do(where / "pg_ctl", "-D", base, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
def test_four_workers_on_one_server_and_one_of_them_killed(tmp_path, data, postgresql):
    total = 16
    machines = [
        sweep_process.start("shared", tmp_path / f"machine{n}", data, total, 1, postgresql)
        for n in range(4)
    ]
    victim = machines[0]
    assert victim.stdout is not None
    # Cut in the middle of a trial: the first one that this machine begins.
    for line in victim.stdout:
        if isinstance(from_line(line), TrialBegun):
            power_cut(victim)
            break
    outputs = [machine.communicate(timeout=600) for machine in machines[1:]]
    heard = [[from_line(line) for line in out.splitlines()] for out, _ in outputs]
    for machine, events, (_, log) in zip(machines[1:], heard, outputs, strict=True):
        assert machine.returncode == 0, log
        assert isinstance(events[-1], SweepEnded)
        assert (events[-1].done, events[-1].total) == (total, total)
    attempts = done_once(postgresql, "shared", total)
    assert max(attempts.values()) == 2, "nobody took over what the dead worker had begun"
    assert sum(attempts.values()) == total + 1
    by_machine = [sum(isinstance(e, TrialOver) for e in events) for events in heard]
    assert sum(by_machine) == total
    assert all(by_machine), f"one machine did nothing: {by_machine}"
