"""Weights and corrections from a CSV, down to what the network learns; locked sets are refused."""

from __future__ import annotations

import csv
import dataclasses
import io

import numpy as np
import pytest
from tiny_data import write_training_folder
from tiny_settings import tiny

from app.core.base.errors import TrainingDataError
from app.core.base.events import RunFailed, from_line
from app.review.holdout import locks
from app.review.holdout.locks import LockedImage, patient_key
from app.training.data.dataset import dataset_for, read_dataset
from app.training.fit.loop import fit, predict, sample_weights
from app.training.runs.worker import run_told
from app.training.sweep.data import SweepData


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_training_folder(tmp_path_factory.mktemp("data"), per_class=30)


@pytest.fixture(scope="module")
def plain(data):
    return read_dataset(data)


def table(data, path, weight=lambda i: 1.0, label=lambda i, name: name):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "label", "weight", "original_label"])
        for i, image in enumerate(sorted(data.rglob("*.png"))):
            name = image.parent.name
            writer.writerow([image.relative_to(data), label(i, name), weight(i), name])
    return path


def test_weights_come_from_the_csv(data, plain, tmp_path):
    labels = table(data, tmp_path / "l.csv", weight=lambda i: 3 if i < 5 else 1)
    dataset = dataset_for(tiny("dense", data, labels=str(labels)))
    assert plain.weights is None
    assert dataset.weights.tolist() == [3.0] * 5 + [1.0] * 55
    assert dataset.corrections == {"weighted": 5}
    assert dataset.sha256 == plain.sha256
    assert dataset.split_sha256 != plain.split_sha256  # a run does not go on with other weights


def test_corrected_labels_are_told_from_those_before(data, tmp_path):
    other = {"NORMAL": "PNEUMONIA", "PNEUMONIA": "NORMAL"}
    labels = table(data, tmp_path / "l.csv", label=lambda i, name: other[name] if i == 7 else name)
    dataset = dataset_for(tiny("dense", data, labels=str(labels)))
    differ = np.flatnonzero(dataset.labels != dataset.original_labels)
    assert len(differ) == 1
    assert (dataset.labels[differ[0]], dataset.original_labels[differ[0]]) == (1, 0)
    assert dataset.corrections == {"relabelled": 1}


def test_each_class_counts_the_same_whatever_its_images_weigh(plain):
    own = np.where(np.arange(len(plain.labels)) < 10, 4.0, 1.0)
    dataset = dataclasses.replace(plain, weights=own)
    train = np.arange(5, len(plain.labels))
    weights = sample_weights(dataset, train, True)
    sums = np.bincount(dataset.labels[train], weights)
    assert sums == pytest.approx([len(train) / 2] * 2)
    assert weights[0] / weights[5] == pytest.approx(4)
    assert sample_weights(dataset, train, False).mean() == pytest.approx(1)
    assert sample_weights(plain, train, False) == pytest.approx(np.ones(len(train)))


@pytest.mark.slow
def test_a_network_learns_what_weighs_more(plain):
    """Half of the images carry the opposite label; weights decide which half is believed."""
    heavy = np.arange(len(plain.labels)) % 2 == 0
    labels = np.where(heavy, plain.labels, 1 - plain.labels)
    config = tiny("dense", epochs=12, patience=0, augmentation=0.0, class_weights=False)
    everything = np.arange(len(labels))
    weights = np.where(heavy, 50.0, 0.02)
    dataset = dataclasses.replace(plain, labels=labels, weights=weights)
    fitted = fit(dataset, config, train=everything, validation=everything)
    logits = predict(fitted.model, dataset, everything)
    assert ((logits > 0) == plain.labels).mean() > 0.8  # a half without the weights


def test_a_sweep_hands_the_weights_to_its_workers(plain):
    own = np.linspace(1, 5, len(plain.labels))
    dataset = dataclasses.replace(plain, weights=own)
    sent = io.BytesIO()
    SweepData.of(dataset, tiny("dense"), False).send(sent)
    sent.seek(0)
    came = SweepData.receive(sent).dataset()
    kept = [i for i in range(len(own)) if i not in set(dataset.indices("calibration", 0))]
    assert came.weights.tolist() == own[kept].tolist()


def test_a_locked_set_is_not_trained_on(data, plain, tmp_path):
    """By content, by patient, in a run as it is started by the window and the command line."""
    chosen = plain.indices("train", 0)[:2]
    locks.lock(
        data / "some",
        [
            LockedImage(plain.content_hashes[chosen[0]]),
            LockedImage("ff" * 32, patient_key(plain.names[chosen[1]], plain.groups[chosen[1]])),
        ],
    )
    said_all = r"60 in all.* test set some\. The same pixels: 1 .*patients: 1"
    with pytest.raises(TrainingDataError, match=said_all):
        read_dataset(data)
    said: list[str] = []
    run = tmp_path / "run"
    run.mkdir()
    assert run_told(tiny("dense", data), run, said.append, lambda: False) == 1
    failed = [event for line in said if isinstance(event := from_line(line), RunFailed)]
    assert "locked test set" in failed[0].what
    locks.unlock(locks.guarded_sets()[0].id, "for this test")
    assert len(read_dataset(data).labels) == 60


def test_the_test_folder_of_a_ready_made_split_may_be_locked(tmp_path):
    """It is not trained on, so nothing stands in the way."""
    train = write_training_folder(tmp_path / "train", per_class=12)
    test = tmp_path / "test" / "NORMAL"
    test.mkdir(parents=True)
    (train / "NORMAL" / "IM-0000-0001.png").rename(test / "IM-0000-0001.png")
    held = read_dataset_hash(test / "IM-0000-0001.png")
    locks.lock(tmp_path / "test", [LockedImage(held, "im-0000")])
    assert len(read_dataset(tmp_path).labels) == 23


def read_dataset_hash(path):
    from app.training.data.dataset import ImageRead, read_image

    read = read_image(path)
    assert isinstance(read, ImageRead)
    return read.content_hash
