"""The bridge to a sweep's child: a fake one for every way to end, and the real one."""

import sys
import textwrap
import time

import pytest
from tiny_data import write_training_folder
from tiny_settings import tiny

from app.core.base.errors import OutputError, ReviewError
from app.core.base.events import SweepEnded, SweepStarted, TrialBegun, TrialOver
from app.core.settings.sweep import SweepConfig
from app.jobs.sweep_process import SweepProcess
from app.training.sweep.folders import list_sweeps

CONFIG = SweepConfig("study", tiny(data="/images/secret ward"))
PRELUDE = """
import json, os, signal, sys, time
def event(kind, **values):
    print(json.dumps({"event": kind, **values}), flush=True)
def started():
    event("SweepStarted", folder=sys.argv[1], study="study", total=4, done=0, workers=2,
          device="CPU")
def ended(stopped=False):
    event("SweepEnded", done=1, failed=0, total=4, stopped=stopped)
def asked():
    assert sys.stdin.readline() == "stop\\n"
"""


@pytest.fixture
def run(qtbot, tmp_path):
    """Run a fake sweep; ``stop`` asks for a stop once it has said something."""
    processes = []

    def go(body, *, stop=False, **options):
        script = tmp_path / "sweep.py"
        script.write_text(PRELUDE + textwrap.dedent(body), encoding="utf-8")
        process = SweepProcess(
            command=options.pop("command", [sys.executable, str(script)]), **options
        )
        processes.append(process)
        outcomes, events = [], []
        process.said.connect(events.append)
        process.finished.connect(outcomes.append)
        process.start(CONFIG)
        if stop:
            qtbot.waitUntil(lambda: bool(events), timeout=20_000)
            process.stop()
            assert process.stopping
        qtbot.waitUntil(lambda: bool(outcomes), timeout=20_000)
        assert not process.running
        (outcome,) = outcomes
        return outcome, events

    yield go
    for process in processes:
        process.close(0)


def test_a_sweep_that_ends_well(run):
    outcome, events = run("started(); ended()")
    assert outcome.ok
    assert not outcome.stopped
    assert outcome.error is None
    assert [type(event) for event in events] == [SweepStarted, SweepEnded]
    (kept,) = list_sweeps()
    assert (kept.folder, kept.config) == (outcome.folder, CONFIG)


def test_a_stop_keeps_what_is_done(run):
    outcome, _ = run("started(); asked(); ended(True)", stop=True)
    assert outcome.ok
    assert outcome.stopped


def test_a_stop_while_the_images_are_read_is_no_failure(run):
    outcome, _ = run(
        """
        event("DataRead", done=1, total=9); asked()
        event("RunFailed", what="Reading the images was stopped."); sys.exit(1)
        """,
        stop=True,
    )
    assert outcome.ok
    assert outcome.stopped


def test_a_failure_after_a_stop_is_told(run):
    outcome, _ = run(
        "started(); asked(); event('RunFailed', what='The disk is full.'); sys.exit(1)", stop=True
    )
    assert not outcome.ok
    assert outcome.error.what == "The disk is full."


def test_a_failure_in_its_own_words(run):
    outcome, _ = run("event('RunFailed', what='No storage.', expected='One.', fix='Start it.')")
    assert not outcome.ok
    assert str(outcome.error) == "No storage. One. Start it."


def test_a_crash_in_words_with_a_log_that_names_no_image(run):
    outcome, _ = run(
        """
        started()
        print("cannot read /images/secret ward/NORMAL/Mary Doe.png", file=sys.stderr)
        raise RuntimeError("broken inside")
        """
    )
    assert "sweep process ended with exit code 1" in outcome.error.what
    assert "what is done is kept" in outcome.error.fix
    assert "broken inside" in outcome.log_tail
    assert "Mary" not in outcome.log_tail
    assert "Mary" not in (outcome.folder / "sweep.log").read_text()


@pytest.mark.slow
def test_dying_workers_are_quoted_without_image_names(run):
    outcome, _ = run(
        """
        with open(os.path.join(sys.argv[1], "workers.log"), "w") as log:
            log.write("x" * 100_000 + "\\nat /images/secret ward/Mary.png\\nkilled in the end\\n")
        event('RunFailed', what="The sweep's workers keep dying."); sys.exit(1)
        """
    )
    assert outcome.log_tail.endswith("killed in the end")
    assert "Mary" not in outcome.log_tail


@pytest.mark.skipif(sys.platform == "win32", reason="signals end processes elsewhere")
def test_a_kill_by_the_system(run):
    outcome, _ = run("started(); os.kill(os.getpid(), signal.SIGKILL)")
    assert outcome.crashed
    assert "memory ran out" in outcome.error.what
    assert "fewer workers" in outcome.error.fix


def test_one_that_ignores_the_stop_is_killed_in_the_end(run):
    outcome, _ = run("started()\nwhile True: time.sleep(0.05)", stop=True, stop_grace_s=0.5)
    assert not outcome.ok
    assert outcome.stopped
    assert "did not answer the stop" in outcome.error.what


def test_one_that_cannot_be_started(run):
    outcome, _ = run("", command=["/no/such/python"])
    assert "could not be started" in outcome.error.what


def test_a_folder_that_cannot_be_made_starts_nothing(opacity_home, monkeypatch):
    (opacity_home / "file").write_text("")
    monkeypatch.setenv("OPACITY_HOME", str(opacity_home / "file"))
    process = SweepProcess()
    with pytest.raises(OutputError):
        process.start(CONFIG)
    assert not process.running


@pytest.mark.slow
def test_the_real_sweep_stops_in_time_and_goes_on(qtbot, tmp_path):
    data = write_training_folder(tmp_path / "tiny")
    config = SweepConfig("real", tiny(data=data), trials=3, workers=1)
    process = SweepProcess()
    events, outcomes = [], []
    process.said.connect(events.append)
    process.finished.connect(outcomes.append)
    try:
        process.start(config)
        with pytest.raises(ReviewError, match="already running"):
            process.start(config)
        # Half a minute on two idle cores; the limits are for a machine that does other things.
        qtbot.waitUntil(
            lambda: bool(outcomes) or any(isinstance(e, TrialOver) for e in events),
            timeout=300_000,
        )
        asked = time.monotonic()
        process.stop()
        qtbot.waitUntil(lambda: bool(outcomes), timeout=100_000)
        assert time.monotonic() - asked < 60
        assert outcomes[0].ok, outcomes
        (sweep,) = list_sweeps()
        done = [row for row in sweep.rows() if row.state == "complete"]
        assert 1 <= len(done) <= 3

        process.start(config)
        qtbot.waitUntil(lambda: len(outcomes) == 2, timeout=300_000)
        assert outcomes[1].ok, outcomes
        assert not outcomes[1].stopped
        assert sorted(row.state for row in sweep.rows()) == ["complete"] * 3
        # What was done before the stop was not done again.
        begun = [event.number for event in events if isinstance(event, TrialBegun)]
        assert all(begun.count(row.number) == 1 for row in done)
    finally:
        process.close()
