"""The estimate before a run, against the run itself."""

import json
import subprocess
import sys
import time

import pytest
from tiny_data import write_training_folder
from tiny_settings import tiny

from app.core.base.errors import TrainingDataError
from app.core.image.preprocess import FRAME_SIZE
from app.training.fit.estimate import estimate, main
from app.training.fit.speed import speed_of


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_training_folder(tmp_path_factory.mktemp("data"), per_class=60)


def run(*arguments):
    # A pipe that stays open: its end would ask the worker to stop.
    begun = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        said = process.stdout.read()
        noise = process.stderr.read()
        code = process.wait()
    assert code == 0, noise
    return said, time.monotonic() - begun


@pytest.mark.slow
def test_the_estimate_against_the_real_time(data, tmp_path, opacity_home):
    config = tmp_path / "config.json"
    config.write_text(tiny("dense", data, epochs=30).to_json())
    for attempt in (1, 2):  # somebody else may have taken the machine meanwhile
        (opacity_home / "speeds.json").unlink(missing_ok=True)
        said, _ = run("app.training.fit.estimate", config, 120)
        (line,) = said.splitlines()
        expected = json.loads(line)
        folder = tmp_path / f"run{attempt}"
        folder.mkdir()
        _, seconds = run("app.training.runs.worker", config, folder)
        if seconds / 3 < expected["seconds"] < 3 * seconds:
            break
    else:
        pytest.fail(f"estimated {expected['seconds']:.1f} s, took {seconds:.1f} s")
    assert 30 * expected["seconds_per_epoch"] < expected["seconds"]
    assert expected["memory_bytes"] > 200e6
    assert expected["device"]


@pytest.mark.slow
def test_more_work_takes_longer_and_more_images_take_more_memory(data):
    short, long = (estimate(tiny("dense", data, epochs=n), 120) for n in (1, 500))
    assert long.seconds > short.seconds
    assert long.memory_bytes == short.memory_bytes
    many = estimate(tiny("dense", data), 5000)
    each = (many.memory_bytes - short.memory_bytes) / (5000 - 120)
    assert each >= 2 * FRAME_SIZE**2
    assert many.seconds_per_epoch > short.seconds_per_epoch
    assert many.seconds_per_epoch > 0.7 * 5000 / 8 * speed_of(tiny("dense", data)).step


def test_a_folder_that_cannot_be_trained_on(tmp_path, capsys):
    (tmp_path / "NORMAL").mkdir()
    with pytest.raises(TrainingDataError):
        estimate(tiny("dense", tmp_path), 10)
    config = tmp_path / "config.json"
    config.write_text(tiny("dense", tmp_path).to_json())
    assert main([str(config), "10"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "two" in said.err
