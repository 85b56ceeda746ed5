"""The coordinator with real worker processes: a tired one is replaced without a word."""

from __future__ import annotations

from tiny_data import write_training_folder

from app.core.config import TrainConfig
from app.core.events import Notice
from app.core.sweep_config import SweepConfig
from app.training.dataset import read_dataset
from app.training.sweep.coordinator import sweep_dataset
from app.training.sweep.folders import open_sweep
from app.training.sweep.ledger import LEDGER_NAME, read_ledger
from model_zoo import architecture


def test_a_tired_worker_is_replaced_by_a_fresh_process(tmp_path):
    data = write_training_folder(tmp_path / "data", per_class=40, side=64)
    train = TrainConfig(**{**architecture("dense").DEFAULTS, "data": str(data), "arch": "dense"})
    config = SweepConfig("tired", train, trials=4, workers=1)
    folder = open_sweep(config)
    told = []
    ended = sweep_dataset(config, folder, read_dataset(data), told.append, most_trainings=2)
    rows = read_ledger(folder / LEDGER_NAME)
    assert (ended.done, ended.failed, ended.stopped) == (4, 0, False)
    assert len({row.worker for row in rows}) == 2
    assert not [event for event in told if isinstance(event, Notice)]
