"""The real worker, killed and started again: it ends where it would have ended."""

import json
import subprocess
import sys

import numpy as np
import pytest
from tiny_data import write_training_folder
from tiny_settings import tiny

from app.core.base.events import EpochEnded, RunEnded, RunFailed, RunStarted, from_line
from app.core.model.card import ModelCard
from app.inference.registry.models import find_model
from app.inference.runtime.classifier import load_keras
from app.training.runs.run_lock import lock_run
from app.training.runs.runs import RunState, list_runs, new_run, read_events, read_run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_training_folder(tmp_path_factory.mktemp("data"), per_class=30)


def work(run_dir, kill_after=None):
    """Run the worker; kill it once it has told of so many epochs and begun the next."""
    command = [sys.executable, "-m", "app.training.runs.worker", run_dir / "config.json", run_dir]
    pipe = subprocess.PIPE
    told = []
    with subprocess.Popen(
        [str(part) for part in command], stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL
    ) as process:
        for line in process.stdout:
            event = from_line(line.decode())
            told.append(event)
            epochs = [e for e in told if isinstance(e, EpochEnded)]
            if kill_after and len(epochs) > kill_after:  # so the checkpoint before is whole
                process.kill()
                break
    return told


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arch", "changes"),
    [
        ("dense", {"epochs": 4}),
        ("best", {"epochs": 3, "frozen_blocks": 15, "batch_size": 16, "dropout": 0.3}),
    ],
    ids=["dense", "best augmented"],
)
def test_a_killed_run_ends_with_the_weights_of_one_that_was_not(data, arch, changes):
    config = tiny(arch, data, **changes)
    whole = new_run(config)
    expected = work(whole)[-1]
    assert isinstance(expected, RunEnded)

    cut = new_run(config)
    told = work(cut, kill_after=1)
    run = read_run(cut)
    assert run.state is RunState.INTERRUPTED
    assert run.can_resume
    told = work(cut)
    started = next(event for event in told if isinstance(event, RunStarted))
    assert started.resumed_after >= 1
    assert next(e.epoch for e in told if isinstance(e, EpochEnded)) == started.resumed_after + 1
    ended = told[-1]
    assert isinstance(ended, RunEnded)

    mine, its = (find_model(e.model_name) for e in (ended, expected))
    cards = [ModelCard.load(folder / "card.json") for folder in (mine, its)]
    assert cards[0].metrics["epochs"] == cards[1].metrics["epochs"]
    assert cards[0].threshold == cards[1].threshold
    models = [load_keras(f / "model.keras", c) for f, c in zip((mine, its), cards, strict=True)]
    for one, other in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_array_equal(one, other)
    finished = read_run(cut)
    assert finished.state is RunState.FINISHED
    assert finished.epochs_run == config.epochs
    assert not finished.can_resume
    assert not list(cut.glob("checkpoint*"))
    epochs = [e.epoch for e in read_events(cut) if isinstance(e, EpochEnded)]
    assert epochs == list(range(1, config.epochs + 1))


@pytest.mark.slow
def test_a_run_of_another_process_is_not_gone_on_with(data):
    folder = new_run(tiny("dense", data))
    (folder / "events.jsonl").write_text("")
    with lock_run(folder):
        (run,) = list_runs()
        assert run.state is RunState.RUNNING
        assert not run.can_resume
        (told,) = work(folder)
    assert isinstance(told, RunFailed)
    assert "another process" in told.what
    assert (folder / "events.jsonl").read_text() == ""  # its record is not ours
    assert read_run(folder).state is RunState.INTERRUPTED


def test_what_a_run_told_before_it_was_cut_off_counts_once(tmp_path):
    def line(**values):
        return json.dumps(values) + "\n"

    def start(resumed_after):
        return line(
            event="RunStarted",
            run_dir="r",
            arch="dense",
            epochs=9,
            steps_per_epoch=5,
            train_counts={},
            validation_counts={},
            calibration_counts={},
            device="CPU",
            resumed_after=resumed_after,
        )

    def epoch(number, auc):
        metrics = {"val_auc": auc}
        return line(
            event="EpochEnded", epoch=number, epochs=9, seconds=1, metrics=metrics, best=False
        )

    (tmp_path / "config.json").write_text(tiny("dense").to_json())
    text = start(0) + epoch(1, 0.7) + epoch(2, 0.6) + epoch(3, 0.99)
    (tmp_path / "events.jsonl").write_text(text + start(2) + epoch(3, 0.8))
    run = read_run(tmp_path)
    assert (run.epochs_run, run.best_auc) == (3, 0.8)
    told = [(e.epoch, e.metrics["val_auc"]) for e in read_events(tmp_path)[:2]]
    assert told == [(1, 0.7), (2, 0.6)]
    (tmp_path / "events.jsonl").write_text(text + start(0))
    assert (read_run(tmp_path).epochs_run, read_run(tmp_path).best_auc) == (0, None)
