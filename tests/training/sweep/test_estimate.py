"""What a sweep will take, told before an image is read."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest
from tiny_data import write_training_folder

from app.core.base.errors import TrainingDataError
from app.core.settings.sweep import SweepConfig
from app.core.settings.training import TrainConfig
from app.training.data.dataset import read_dataset
from app.training.sweep.coordinator import sweep_dataset
from app.training.sweep.estimate import before_reading
from app.training.sweep.folders import open_sweep
from model_zoo import architecture


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_training_folder(tmp_path_factory.mktemp("data"), per_class=40, side=64)


def _config(data, **changes):
    train = TrainConfig(**{**architecture("dense").DEFAULTS, "data": str(data), "arch": "dense"})
    return SweepConfig("told", train, **{"trials": 4, "workers": 1, **changes})


@pytest.mark.slow
def test_it_grows_with_the_settings_and_shrinks_with_the_workers(data):
    few, many = (before_reading(_config(data), left) for left in (4, 400))
    assert many.seconds > 10 * few.seconds_per_epoch
    assert many.seconds - few.seconds == pytest.approx(396 * few.seconds_per_epoch, rel=0.2)
    two = before_reading(_config(data, workers=2), 400)
    assert two.batch_size == 2
    assert two.seconds < many.seconds
    folds = before_reading(_config(data, inner_folds=4), 4)
    assert folds.seconds_per_epoch > 2 * few.seconds_per_epoch


@pytest.mark.slow
def test_the_estimate_against_the_real_time(data, tmp_path):
    config = _config(data, trials=6)
    told = before_reading(config, 6).seconds
    folder = open_sweep(config)
    begun = time.perf_counter()
    sweep_dataset(config, folder, read_dataset(data), lambda event: None)
    took = time.perf_counter() - begun
    # On a machine that does other things too; it is to tell minutes from hours.
    assert told / 6 < took < told * 6, (told, took)


@pytest.mark.slow
def test_the_process_prints_one_line(data, tmp_path):
    path = tmp_path / "sweep.json"
    path.write_text(_config(data).to_json(), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "app.training.sweep.estimate", str(path), "4"],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    said = json.loads(run.stdout.splitlines()[-1])
    assert said["seconds"] > 0
    assert said["device"]


def test_a_folder_that_cannot_be_trained_on(tmp_path):
    (tmp_path / "NORMAL").mkdir()
    with pytest.raises(TrainingDataError):
        before_reading(_config(tmp_path), 4)
