"""Estimates from a child process: a small script stands in for the one that trains."""

import os
import sys
import time
from pathlib import Path

import pytest

from app.core.settings.training import TrainConfig
from app.jobs.estimate_process import EstimateProcess, parse

WAIT = 15_000
SAYS = (
    "import json, sys\n"
    "config = json.load(open(sys.argv[1]))\n"
    "print('a library says hello')\n"
    "print(json.dumps({'seconds': 2.0 * config['epochs'] * int(sys.argv[2]),"
    " 'seconds_per_epoch': 2.0, 'memory_bytes': 10**9, 'device': 'CPU (2 cores)'}))\n"
)
SLOW = (
    "import os, sys, time\nopen({path!r}, 'w').write(str(os.getpid()))\n"
    "open({path!r} + '.config', 'w').write(sys.argv[1])\ntime.sleep(60)\n"
)


@pytest.fixture
def make(qtbot):
    made = []

    def build(script, rest_ms=1):
        process = EstimateProcess(command=(sys.executable, "-c", script), rest_ms=rest_ms)
        made.append(process)
        return process

    yield build
    for process in made:
        process.cancel()
        assert not process.running


def gone(pid):
    if os.name != "posix":
        return True  # there kill(pid, 0) would end it
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_it_answers_for_settings_and_images(make, qtbot):
    process = make(SAYS)
    with qtbot.waitSignal(process.estimated, timeout=WAIT) as answer:
        process.request(TrainConfig(data="/images", epochs=3), 100)
    estimate = answer.args[0]
    assert estimate.seconds == 600
    assert estimate.memory_bytes == 10**9
    assert estimate.device == "CPU (2 cores)"
    assert not process.running


def test_only_the_newest_of_quick_requests_is_started(make, qtbot):
    process = make(SAYS, rest_ms=150)
    answers = []
    process.estimated.connect(answers.append)
    with qtbot.waitSignal(process.estimated, timeout=WAIT):
        for epochs in (1, 2, 3):
            process.request(TrainConfig(data="/images", epochs=epochs), 10)
            qtbot.wait(20)
    qtbot.wait(200)
    assert [answer.seconds for answer in answers] == [60]


def test_a_cancel_kills_and_says_nothing(make, qtbot, tmp_path):
    path = tmp_path / "pid"
    process = make(SLOW.format(path=str(path)))
    said = []
    process.estimated.connect(said.append)
    process.failed.connect(lambda: said.append(None))
    process.request(TrainConfig(data="/images"), 10)
    config = tmp_path / "pid.config"
    qtbot.waitUntil(lambda: config.exists() and bool(config.read_text()), timeout=WAIT)
    begun = time.monotonic()
    process.cancel()
    assert time.monotonic() - begun < 2
    assert gone(int(path.read_text()))
    assert not Path(config.read_text()).parent.exists()
    qtbot.wait(50)
    assert said == []


@pytest.mark.parametrize("script", ["raise SystemExit(3)", "print('nothing of use')"])
def test_no_estimate_is_told(make, qtbot, script):
    process = make(script)
    with qtbot.waitSignal(process.failed, timeout=WAIT):
        process.request(TrainConfig(data="/images"), 10)
    assert not process.running


def test_a_program_that_is_not_there(qtbot, tmp_path):
    process = EstimateProcess(command=(str(tmp_path / "none"),), rest_ms=1)
    with qtbot.waitSignal(process.failed, timeout=WAIT):
        process.request(TrainConfig(data="/images"), 10)
    assert not process.running


@pytest.mark.parametrize("output", [b"", b"[]", b"{}", b'{"seconds": "x"}', b"\xff\n"])
def test_what_is_no_estimate(output):
    assert parse(output) is None
