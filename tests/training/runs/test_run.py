"""A whole training on tiny data: split, card, model on disk, what it starts from, its logs."""

import dataclasses
import json

import numpy as np
import pytest
from tiny_data import write_training_folder
from tiny_settings import tiny

from app.cli import main
from app.core.base.errors import ModelError, OutputError, TrainingDataError
from app.core.base.events import EpochEnded, Notice, RunEnded, RunStarted
from app.core.base.home import models_dir
from app.core.image.preprocess import model_input
from app.core.model.card import ModelCard, missing_parts
from app.inference.registry.models import promote
from app.inference.runtime.classifier import Classifier, load_keras
from app.review.statistics import figures
from app.training.data.dataset import read_dataset
from app.training.fit.loop import predict
from app.training.result import out_of_distribution
from app.training.result.lineage import Lineage
from app.training.runs.run import train
from app.training.runs.runs import new_run, read_run
from app.training.runs.worker import run_told
from research.cross_validation import keep_recipe


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_training_folder(tmp_path_factory.mktemp("data"), per_class=30)


@pytest.fixture(scope="module")
def dataset(data):
    return read_dataset(data)


def ended(events) -> RunEnded:
    last = events[-1]
    assert isinstance(last, RunEnded)
    return last


@pytest.mark.slow
def test_a_run_ends_with_a_model_that_scores(data, tmp_path, opacity_home, monkeypatch):
    events = []
    monkeypatch.setattr(out_of_distribution, "LEAST_TRAINED", 10)
    monkeypatch.setattr(out_of_distribution, "LEAST_CALIBRATION", 5)
    before = sorted(data.rglob("*"))
    # Frozen but for the last block: it is the real network, in a few seconds.
    changes = {"frozen_blocks": 15, "augmentation": 0.0, "learning_rate": 3e-3}
    config = tiny("best", data, batch_size=16, **changes)
    folder = train(config, tmp_path, events.append, name="mine")
    assert sorted(data.rglob("*")) == before
    assert folder == models_dir() / "mine"
    started = next(e for e in events if isinstance(e, RunStarted))
    assert sum(started.train_counts.values()) > 30
    assert started.resumed_after == 0
    assert [e.epoch for e in events if isinstance(e, EpochEnded)] == [1, 2]
    card = ModelCard.load(folder / "card.json")
    # What the card says was measured on the weights as they lie on disk.
    stored = load_keras(folder / "model.keras", card)
    held_out = read_dataset(data)
    indices = held_out.indices("calibration", 0)
    assert card.calibrated is not None
    p = card.calibrated.probabilities(predict(stored, held_out, indices))
    again = figures.threshold_at_sensitivity(p, held_out.labels[indices], 0.95)
    assert card.threshold == pytest.approx(again, abs=1e-6)
    assert card.judges_pneumonia
    assert card.data["images"]["train"] == started.train_counts
    assert card.metrics["held_out"]["n"] == sum(started.calibration_counts.values())
    assert card.metrics["against_active"] == ended(events).comparison
    assert card.data["started_from"] == "pretrained"
    classifier = Classifier(folder)
    p = classifier.predict(np.zeros((1, card.input_size, card.input_size, 1), np.float32))
    assert 0 <= p[0] <= 1
    # Its gate is of the same weights, and knows the patients on whom its limits were set.
    inputs = np.stack([model_input(held_out.frames[i], card.input_size) for i in indices])
    unlikeness = classifier.answers(inputs).unlikeness
    assert 2 * unlikeness.max() == pytest.approx(card.fitness["refuse"], rel=1e-3)
    assert card.metrics["fitness"]["calibration"] == len(indices)
    assert missing_parts(card) == ()
    text = (folder / "card.json").read_text()
    assert str(data) not in text
    assert "person1_virus" not in text


@pytest.mark.slow
def test_tensorboard_finds_each_epochs_figures(data, tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    events = []
    train(tiny("dense", data, epochs=3), tmp_path, events.append)
    logs = EventAccumulator(str(tmp_path / "tensorboard"))
    logs.Reload()
    epochs = [event for event in events if isinstance(event, EpochEnded)]
    names = logs.Tags()["tensors"]
    assert set(names) == {*epochs[0].metrics, "seconds"}
    for name in epochs[0].metrics:
        told = [(t.step, float(make_ndarray(t.tensor_proto))) for t in logs.Tensors(name)]
        assert told == [(e.epoch, pytest.approx(e.metrics[name], rel=1e-5)) for e in epochs]


@pytest.mark.slow
def test_stop_keeps_the_best_so_far(data, tmp_path):
    events = []

    def asked():
        return any(isinstance(event, EpochEnded) for event in events)

    config = tiny("dense", data, epochs=500)
    folder = train(config, tmp_path, events.append, asked, "stopped")
    assert ended(events).stopped
    assert ended(events).epochs_run == 1
    Classifier(folder).load()
    assert not list(tmp_path.glob("checkpoint*"))


@pytest.mark.slow
def test_three_classes_train_and_never_judge(tmp_path, capsys):
    folder = write_training_folder(tmp_path / "data", per_class=40)
    covid = folder / "COVID"
    covid.mkdir()
    for number, path in enumerate(sorted((folder / "PNEUMONIA").iterdir())[::2]):
        path.rename(covid / f"person{900 + number}_virus_1.png")
    events = []
    model = train(tiny("dense", folder), tmp_path, events.append, name="three")
    card = ModelCard.load(model / "card.json")
    assert card.classes == ("COVID", "NORMAL", "PNEUMONIA")
    assert card.operating_points == {}
    assert set(card.metrics["held_out"]["found_of_class"]) == set(card.classes)
    assert 0 <= card.metrics["held_out"]["auc"]["value"] <= 1
    assert "NORMAL from PNEUMONIA" in ended(events).comparison["why_not"]
    with pytest.raises(ModelError, match="NORMAL and PNEUMONIA"):
        Classifier(model).require_pneumonia()
    with pytest.raises(ModelError):
        promote("three")
    out = ["-o", str(tmp_path / "out")]
    for command in (["score", str(folder), *out], ["evaluate", str(folder), *out]):
        assert main([*command, "--model", "three"]) == 1
        assert "NORMAL and PNEUMONIA" in capsys.readouterr().err


@pytest.mark.slow
def test_a_network_starts_from_a_model_that_has_seen_other_patients(data, dataset, tmp_path):
    """Trained with fold 1 held out, gone on from with fold 0: its images come out of fold 0."""
    train(tiny("dense", data, fold=1), tmp_path / "a", lambda event: None, name="first")
    with pytest.raises(TrainingDataError, match=r"first 1.0, from which .* held out here"):
        train(tiny("dense", data, start="first"), tmp_path / "b", lambda event: None)
    # The same fold: what is held out was held out before as well.
    events = []
    config = tiny("dense", data, start="first", fold=1)
    model = train(config, tmp_path / "c", events.append, name="second")
    card = ModelCard.load(model / "card.json")
    assert card.data["started_from"] == "first 1.0"
    # All but near copies of what it was trained on.
    excluded = card.data.get("held_out_excluded", {"total": 0})["total"]
    assert card.metrics["held_out"]["n"] + excluded == len(dataset.indices("calibration", 1))
    assert excluded <= 2


@pytest.mark.slow
def test_only_some_of_the_held_out_were_seen(data, dataset, tmp_path):
    held_out = dataset.indices("calibration", 0)
    by_class = [held_out[dataset.labels[held_out] == label] for label in (0, 1)]
    seen = {int(indices[0]) for indices in by_class}
    small = write_training_folder(tmp_path / "small", per_class=30)
    for i, name in enumerate(dataset.names):
        if i in held_out and i not in seen:
            (small / name).unlink()
    # Trained on every patient who is not held out from fold 0, and on one of each class who is.
    train(tiny("dense", small, fold=1), tmp_path / "a", lambda event: None, name="first")
    card = ModelCard.load(models_dir() / "first" / "card.json")
    lineage = Lineage.of(tiny("dense", data, start="first"), dataset)
    left = set(map(int, lineage.calibration))
    assert left < set(map(int, held_out))
    assert left.isdisjoint(seen)
    assert lineage.excluded["total"] == len(held_out) - len(left) > 0
    model = train(tiny("dense", data, start="first"), tmp_path / "b", print, name="second")
    second = ModelCard.load(model / "card.json")
    assert second.data["held_out_excluded"] == lineage.excluded
    assert second.metrics["held_out"]["n"] == len(left)
    # It has seen what the first had seen: nobody may measure it there.
    assert len(second.data["content_hashes"]) > len(card.data["content_hashes"])


@pytest.mark.slow
def test_the_active_model_is_written_down_by_its_name(data, tmp_path):
    train(tiny("dense", data), tmp_path / "a", lambda event: None, name="first")
    promote("first", despite_missing=True)  # the dense network has no fitness gate
    folder = new_run(tiny("dense", data, start="active"), model_name="second")
    assert read_run(folder).config.start == "first"
    told = []
    assert run_told(read_run(folder).config, folder, told.append, lambda: False) == 0
    card = ModelCard.load(models_dir() / "second" / "card.json")
    assert card.data["started_from"] == "first 1.0"
    # Straight from the settings it means the same.
    assert Lineage.of(tiny("dense", data, start="active"), read_dataset(data)).start == "first 1.0"


def test_a_model_that_is_not_there(data, tmp_path):
    with pytest.raises(ModelError, match="nowhere"):
        train(tiny("dense", data, start="nowhere"), tmp_path, lambda event: None)


@pytest.mark.slow
def test_a_run_folder_that_cannot_be_written(data, tmp_path, opacity_home):
    (opacity_home / "runs").write_text("a file")
    with pytest.raises(OutputError, match="cannot be written"):
        new_run(tiny("dense", data))
    # Gone while the run is under way: told, and no run lost.
    events = []
    (tmp_path / "run").write_text("a file")
    model = train(tiny("dense", data), tmp_path / "run", events.append, name="mine")
    assert ended(events).model_name == "mine"
    Classifier(model).load()
    notices = [event.text for event in events if isinstance(event, Notice)]
    assert len([text for text in notices if "could not be saved" in text]) == 2


def test_the_operating_point_was_set_on_patients_it_never_saw(dataset):
    split = {s: set(dataset.indices(s, 2)) for s in ("train", "validation", "calibration")}
    assert sum(len(part) for part in split.values()) == len(dataset.labels)
    groups = {s: {dataset.groups[i] for i in part} for s, part in split.items()}
    assert not groups["train"] & groups["calibration"]
    assert not groups["validation"] & groups["calibration"]
    assert not groups["train"] & groups["validation"]


def test_folds_of_another_recipe_are_not_mixed(dataset, data, tmp_path):
    keep_recipe(tmp_path, tiny("best", data), dataset)
    keep_recipe(tmp_path, tiny("best", data, fold=3), dataset)
    with pytest.raises(OutputError, match="another recipe"):
        keep_recipe(tmp_path, tiny("best", data, epochs=3), dataset)
    fewer = dataclasses.replace(dataset, content_hashes=(*dataset.content_hashes[:-1], "0"))
    with pytest.raises(OutputError, match="another recipe"):
        keep_recipe(tmp_path, tiny("best", data), fewer)


def test_a_failure_is_the_last_event_and_stays_on_disk(data, tmp_path):
    told = []
    config = tiny("dense", data, start="nowhere")
    assert run_told(config, tmp_path, told.append, lambda: False) == 1
    assert json.loads(told[-1])["event"] == "RunFailed"
    assert (tmp_path / "events.jsonl").read_text().splitlines() == told
