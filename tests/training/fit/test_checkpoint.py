"""Checkpoints: what is kept, on full disks and damaged ones, and going on from them."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
from tiny_data import write_training_folder
from tiny_settings import tiny

from app.core.base.errors import ReviewError, TrainingDataError
from app.core.base.events import Notice, RunStarted
from app.training.data.dataset import read_dataset
from app.training.fit import checkpoint as checkpoint_module
from app.training.fit.checkpoint import (
    POINTER,
    RunProgress,
    drop_checkpoint,
    has_checkpoint,
    load_checkpoint,
    save_checkpoint,
)
from app.training.fit.loop import Hooks, fit
from app.training.runs import run as run_module
from app.training.runs.run import fit_told


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return read_dataset(write_training_folder(tmp_path_factory.mktemp("data"), per_class=30))


class Cut(Exception):
    """Stands for the end of the process."""


def cut_after(dataset, config, folder, epoch):
    """Train, and end without a word once an epoch was kept."""

    def keep(model, best, progress):
        save_checkpoint(folder, model, best, progress)
        if len(progress.history) == epoch:
            raise Cut

    with pytest.raises(Cut):
        fit(dataset, config, Hooks(on_epoch=keep))


def weights(fitted):
    return fitted.model.get_weights()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arch", "changes"),
    [
        ("dense", {"patience": 4}),
        ("cnn", {"optimizer": "sgd", "schedule": "cosine", "weight_decay": 0.01}),
        ("dense", {"augmentation": 1.0, "optimizer": "adamw", "weight_decay": 0.1, "patience": 4}),
        ("dense", {"precision": "mixed", "optimizer": "adamw", "weight_decay": 0.1}),
    ],
    ids=["dense", "cnn with dropout", "augmented", "mixed precision"],
)
def test_going_on_ends_with_the_same_weights_bit_for_bit(dataset, tmp_path, arch, changes):
    config = tiny(arch, epochs=4, **changes)
    whole = fit(dataset, config)
    cut_after(dataset, config, tmp_path, 2)
    resumed = fit(dataset, config, saved=load_checkpoint(tmp_path))
    assert resumed.history == whole.history
    assert resumed.best_epoch == whole.best_epoch
    for mine, its in zip(weights(resumed), weights(whole), strict=True):
        np.testing.assert_array_equal(mine, its)


@pytest.fixture(scope="module")
def model(dataset):
    return fit(dataset, tiny("dense", epochs=1, nodes_dense=64, image_size=32))


def kept(model, folder, epoch, best_epoch, best):
    progress = RunProgress("hash", 8, ({"loss": 1.0},) * epoch, best_epoch)
    save_checkpoint(folder, model.model, best, progress)


def test_a_run_begun_again_with_a_smaller_batch_keeps_its_own_best(model, tmp_path):
    first, other = ([np.full_like(w, value) for w in weights(model)] for value in (1.0, 3.0))
    save_checkpoint(tmp_path, model.model, first, RunProgress("hash", 8, ({"loss": 1.0},), 1))
    save_checkpoint(tmp_path, model.model, other, RunProgress("hash", 4, ({"loss": 1.0},), 1))
    loaded = load_checkpoint(tmp_path)
    assert loaded.progress.batch_size == 4
    np.testing.assert_array_equal(loaded.best[0], other[0])
    assert len(list(tmp_path.glob("checkpoint-*"))) == 1


def test_the_best_weights_are_those_of_their_epoch_though_one_was_not_kept(
    model, tmp_path, monkeypatch
):
    first, third = ([np.full_like(w, value) for w in weights(model)] for value in (1.0, 3.0))
    kept(model, tmp_path, 2, 1, first)
    with monkeypatch.context() as patched:
        patched.setattr(checkpoint_module.np, "savez", full_disk)
        with pytest.raises(OSError, match="No space"):
            kept(model, tmp_path, 3, 3, third)
    kept(model, tmp_path, 4, 3, third)
    loaded = load_checkpoint(tmp_path)
    assert loaded.progress.best_epoch == 3
    np.testing.assert_array_equal(loaded.best[0], third[0])
    kept(model, tmp_path, 5, 3, third)  # as a link now
    assert [p.name for p in tmp_path.glob("checkpoint-*")] == ["checkpoint-5"]
    np.testing.assert_array_equal(load_checkpoint(tmp_path).best[0], third[0])


def full_disk(path, *_):
    path.write_bytes(b"half of it")
    raise OSError(28, "No space left on device")


def full_disk_of_a_zip(path, *_):
    try:
        full_disk(path)
    finally:
        raise ValueError("Can't close the ZIP file while there is an open writing handle on it.")


@pytest.mark.slow
@pytest.mark.parametrize("fails", [full_disk, full_disk_of_a_zip])
def test_a_full_disk_costs_one_epoch_and_the_run_goes_on(dataset, tmp_path, monkeypatch, fails):
    real, saves = np.savez, []

    def savez(path, *arrays):
        saves.append(path)
        if path.parent.name in ("checkpoint-2", "checkpoint-3"):
            fails(path)
        real(path, *arrays)

    monkeypatch.setattr(checkpoint_module.np, "savez", savez)
    seen, events = [], []

    def emit(event):
        events.append(event)
        saved = load_checkpoint(tmp_path)
        seen.append(len(saved.progress.history) if saved else 0)

    fitted = fit_told(dataset, tiny("dense", epochs=4), tmp_path, emit)
    assert len(fitted.history) == 4
    notices = [e.text for e in events if isinstance(e, Notice)]
    assert len(notices) == 2
    assert all("No space left" in text and "stays" in text for text in notices)
    assert max(seen[: events.index(Notice(notices[1])) + 1]) == 1  # the last good one stays
    assert len(load_checkpoint(tmp_path).progress.history) == 4
    assert [p.name for p in tmp_path.glob("checkpoint-*")] == ["checkpoint-4"]


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 4 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if sys.platform != "linux" or shutil.which("mount") is None:
        pytest.skip("only Linux has a tmpfs to mount")
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("only root mounts, where the system lets it")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_really_full(model, small_disk):
    kept(model, small_disk, 1, 1, weights(model))
    first = load_checkpoint(small_disk)
    filler = small_disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(small_disk).free))
    with pytest.raises(OSError, match="No space"):
        kept(model, small_disk, 2, 1, weights(model))
    again = load_checkpoint(small_disk)
    assert again.progress == first.progress
    for mine, its in zip(again.state, first.state, strict=True):
        np.testing.assert_array_equal(mine, its)
    filler.unlink()
    kept(model, small_disk, 2, 1, weights(model))
    assert len(load_checkpoint(small_disk).progress.history) == 2


def test_a_crash_while_writing_leaves_the_one_before(model, tmp_path):
    kept(model, tmp_path, 1, 1, weights(model))
    half = tmp_path / "checkpoint-2"
    half.mkdir()
    (half / "state.npz").write_bytes(b"half of it")
    assert len(load_checkpoint(tmp_path).progress.history) == 1


@pytest.mark.parametrize("name", ["state.npz", "progress.json", "best.npz"])
def test_a_damaged_checkpoint_is_told(model, tmp_path, name):
    kept(model, tmp_path, 2, 1, weights(model))
    path = tmp_path / "checkpoint-2" / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert has_checkpoint(tmp_path)
    with pytest.raises(ReviewError, match=r"checkpoint of the run .* cannot be read.*new run"):
        load_checkpoint(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"folder": 3}', '{"folder": "../other"}'])
def test_a_damaged_pointer_is_no_checkpoint(model, tmp_path, text):
    kept(model, tmp_path, 1, 1, weights(model))
    (tmp_path / POINTER).write_text(text)
    assert not has_checkpoint(tmp_path)
    assert load_checkpoint(tmp_path) is None


def test_a_checkpoint_of_another_network_is_refused(dataset, model, tmp_path):
    kept(model, tmp_path, 1, 1, weights(model))
    saved = load_checkpoint(tmp_path)
    with pytest.raises(ReviewError, match="does not fit"):
        fit(dataset, tiny("dense", epochs=2, nodes_dense=5), saved=saved)


def test_a_checkpoint_is_dropped_with_its_folder(model, tmp_path):
    kept(model, tmp_path, 1, 1, weights(model))
    drop_checkpoint(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_other_images_than_before_are_refused(dataset, tmp_path):
    cut_after(dataset, tiny("dense"), tmp_path, 1)
    path = tmp_path / "checkpoint-1" / "progress.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "data_sha256": "other"}))
    with pytest.raises(TrainingDataError, match="have changed since"):
        fit_told(dataset, tiny("dense"), tmp_path, lambda event: None)


@pytest.mark.slow
def test_a_resumed_run_says_from_where(dataset, tmp_path):
    cut_after(dataset, tiny("dense", batch_size=32), tmp_path, 1)
    path = tmp_path / "checkpoint-1" / "progress.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "batch_size": 4}))
    events = []
    fitted = run_module.fit_told(dataset, tiny("dense", batch_size=32), tmp_path, events.append)
    started = next(event for event in events if isinstance(event, RunStarted))
    assert started.resumed_after == 1
    train = len(dataset.indices("train", 0))
    assert started.steps_per_epoch == -(-train // 4)  # the batch that memory was found to hold
    assert fitted.batch_size == 4
    assert Notice("Going on after epoch 1.") in events
