"""The coordinator with worker processes: a tired one is replaced without a word, a dead one not."""

from __future__ import annotations

import os
import sys

import deadly_worker
import pytest
from tiny_data import write_training_folder
from tiny_settings import tiny

from app.core.base.events import Notice, SweepStarted
from app.core.settings.sweep import SweepConfig
from app.training.data.dataset import read_dataset
from app.training.sweep import coordinator
from app.training.sweep.coordinator import sweep_dataset
from app.training.sweep.folders import open_sweep
from app.training.sweep.ledger import LEDGER_NAME, read_ledger
from app.training.sweep.space import grid_settings


@pytest.mark.slow
def test_a_tired_worker_is_replaced_by_a_fresh_process(tmp_path):
    data = write_training_folder(tmp_path / "data", per_class=40, side=64)
    config = SweepConfig("tired", tiny(data=data), trials=2, workers=1)
    folder = open_sweep(config)
    told = []
    ended = sweep_dataset(config, folder, read_dataset(data), told.append, most_trainings=1)
    rows = read_ledger(folder / LEDGER_NAME)
    assert (ended.done, ended.failed, ended.stopped) == (2, 0, False)
    assert len({row.worker for row in rows}) == 2
    assert not [event for event in told if isinstance(event, Notice)]
    (started,) = [event for event in told if isinstance(event, SweepStarted)]
    assert started.device
    assert started.seconds > 0


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="the stand-in for Python is a shell script")
def test_a_setting_that_kills_its_worker_three_times_is_given_up(tmp_path, monkeypatch):
    data = write_training_folder(tmp_path / "data", per_class=40, side=64)
    config = SweepConfig("deadly", tiny(data=data), trials=2, workers=1)
    folder = open_sweep(config)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{deadly_worker.__file__}" "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(coordinator, "estimate_seconds", lambda *_: 0.0)
    told = []
    ended = sweep_dataset(config, folder, read_dataset(data), told.append, heartbeat=0.2, grace=1.0)
    assert (ended.done, ended.failed, ended.stopped) == (2, 1, False)
    rows = {row.state: row for row in read_ledger(folder / LEDGER_NAME)}
    assert set(rows) == {"complete", "failed"}
    assert rows["failed"].settings == grid_settings(config)[0]
    assert rows["failed"].reason == "Its process died 3 times."
    assert sum(isinstance(event, Notice) for event in told) == 3
