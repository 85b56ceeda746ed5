"""A whole training on tiny data, with the real network: split, early stop, card, model on disk."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from factories import chest_like, write_dicom
from tiny_data import write_training_folder

from app.core.config import TrainConfig
from app.core.errors import OutputError, ReviewError, TrainingDataError
from app.core.events import EpochEnded, Notice, RunEnded, RunStarted, StepEnded
from app.core.home import models_dir
from app.core.model_card import ModelCard
from app.inference.classifier import Classifier, load_keras, probabilities
from app.review import statistics
from app.training import fit as fit_module
from app.training.cross_validation import _keep_recipe
from app.training.dataset import read_dataset
from app.training.fit import fit, predict
from app.training.run import ages, train


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_training_folder(tmp_path_factory.mktemp("data"), per_class=30)


@pytest.fixture(scope="module")
def dataset(data):
    return read_dataset(data)


def config(data, **changes) -> TrainConfig:
    return TrainConfig(data=str(data), **{"epochs": 2, "batch_size": 16, **changes})


def test_a_run_ends_with_a_model_that_scores(data, tmp_path, opacity_home):
    events = []
    before = sorted(p for p in data.rglob("*"))
    folder = train(config(data), tmp_path, events.append, name="mine")
    assert sorted(p for p in data.rglob("*")) == before
    assert folder == models_dir() / "mine"
    started = next(e for e in events if isinstance(e, RunStarted))
    assert sum(started.train_counts.values()) > 30
    assert [e.epoch for e in events if isinstance(e, EpochEnded)] == [1, 2]
    assert any(isinstance(e, StepEnded) for e in events)
    ended = events[-1]
    assert isinstance(ended, RunEnded)
    card = ModelCard.load(folder / "card.json")
    # What the card says was measured on the weights as they lie on disk.
    stored = load_keras(folder / "model.keras", card)
    held_out = read_dataset(data)
    indices = held_out.indices("calibration", 0)
    p = probabilities(predict(stored, held_out, indices))
    again = statistics.threshold_at_sensitivity(p, held_out.labels[indices], 0.95)
    assert card.threshold == pytest.approx(again, abs=1e-6)
    assert card.judges_pneumonia
    assert card.data["images"]["train"] == started.train_counts
    assert card.metrics["held_out"]["n"] == sum(started.calibration_counts.values())
    assert 0 < card.threshold < 1
    assert (tmp_path / "best.keras").is_file()
    classifier = Classifier(folder)
    p = classifier.predict(np.zeros((1, card.input_size, card.input_size, 1), np.float32))
    assert 0 <= p[0] <= 1
    text = (folder / "card.json").read_text()
    assert str(data) not in text
    assert "person1_virus" not in text


def test_the_operating_point_was_set_on_patients_it_never_saw(dataset, data):
    split = {s: set(dataset.indices(s, 2)) for s in ("train", "validation", "calibration")}
    assert sum(len(part) for part in split.values()) == len(dataset.labels)
    groups = {s: {dataset.groups[i] for i in part} for s, part in split.items()}
    assert not groups["train"] & groups["calibration"]
    assert not groups["validation"] & groups["calibration"]
    assert not groups["train"] & groups["validation"]


def test_stop_keeps_the_best_so_far(data, tmp_path):
    events = []
    asked = iter([False] * 60 + [True] * 10_000)  # reading 60 files asks 60 times
    folder = train(config(data, epochs=50), tmp_path, events.append, lambda: next(asked), "stopped")
    ended = events[-1]
    assert isinstance(ended, RunEnded)
    assert ended.stopped
    assert ended.epochs_run == 1
    Classifier(folder).load()


def test_out_of_memory_halves_the_batch_and_says_so(dataset, data, monkeypatch):
    from app.inference import device

    tf = device.tensorflow()
    real, sizes = fit_module._fit_once, []

    def too_big(data_, config_, sides, batch_size, *rest):
        sizes.append(batch_size)
        if batch_size > 8:
            raise tf.errors.ResourceExhaustedError(None, None, "OOM")
        return real(data_, config_, sides, batch_size, *rest)

    monkeypatch.setattr(fit_module, "_fit_once", too_big)
    events = []
    fitted = fit(dataset, config(data, batch_size=32, epochs=1), events.append)
    assert sizes == [32, 16, 8]
    assert fitted.batch_size == 8
    texts = [e.text for e in events if isinstance(e, Notice)]
    assert texts[-1] == "Out of memory: starting again with batches of 8 images."


def test_a_loss_that_is_no_number_ends_the_run_with_words(dataset, data, monkeypatch):
    broken = dataclasses.replace(dataset, labels=dataset.labels.copy())
    monkeypatch.setattr(
        fit_module, "model_input", lambda frame, size: np.full((size, size, 1), np.nan, np.float32)
    )
    with pytest.raises(ReviewError, match="finite number"):
        fit(broken, config(data), lambda event: None)


def test_the_frozen_blocks_keep_their_weights(dataset, data):
    from model_zoo import best

    fitted = fit(dataset, config(data, epochs=1, frozen_blocks=2), lambda event: None)
    fresh = best.backbone(best.INPUT_SIZE)
    best.load_imagenet(fresh)
    for name in ("stem_conv", "block0_project_conv", "block1_expand_bn"):
        for mine, its in zip(
            fitted.model.get_layer(name).get_weights(),
            fresh.get_layer(name).get_weights(),
            strict=True,
        ):
            np.testing.assert_array_equal(mine, its)
    changed = fitted.model.get_layer("head_conv").get_weights()[0]
    assert np.abs(changed - fresh.get_layer("head_conv").get_weights()[0]).max() > 0


def test_predictions_do_not_depend_on_the_batch(dataset, data):
    from model_zoo import best

    model = best.build(config(data))
    indices = np.arange(9)
    np.testing.assert_allclose(
        predict(model, dataset, indices, 2), predict(model, dataset, indices, 9), atol=1e-4
    )


@pytest.mark.parametrize("classes", [[], ["NORMAL"]], ids=["no class", "one class"])
def test_too_few_classes(tmp_path, classes):
    for name in classes:
        (tmp_path / name).mkdir()
    with pytest.raises(TrainingDataError, match=r"no class subfolders|only one class"):
        read_dataset(tmp_path)


def test_a_class_without_images(tmp_path):
    folder = write_training_folder(tmp_path, per_class=12)
    for path in (folder / "NORMAL").iterdir():
        path.unlink()
    with pytest.raises(TrainingDataError, match="NORMAL has 0 readable images"):
        read_dataset(folder)


def test_three_classes_are_not_trained_silently_as_two(dataset, data):
    three = dataclasses.replace(dataset, classes=("A", "B", "C"))
    with pytest.raises(TrainingDataError, match="3 classes"):
        fit(three, config(data), lambda event: None)


def test_too_few_patients_to_split(tmp_path):
    folder = write_training_folder(tmp_path, per_class=12)
    for number, path in enumerate(sorted((folder / "NORMAL").iterdir())):
        path.rename(path.with_name(f"IM-0001-000{number}.png"))  # all of one patient
    with pytest.raises(TrainingDataError, match="do not hold both classes"):
        fit(read_dataset(folder), config(folder), lambda event: None)


def test_images_of_one_patient_id_stay_together(tmp_path):
    """Names such as IM000001 tell nothing: the header does."""
    for label, name in enumerate(("NORMAL", "PNEUMONIA")):
        (tmp_path / name).mkdir()
        for number in range(12):
            write_dicom(
                tmp_path / name / f"IM{number:06}.dcm",
                chest_like(seed=100 * label + number),
                Modality="DX",
                BodyPartExamined="CHEST",
                PatientID=f"{label}-{number // 3}",
                PatientAge="004Y" if number % 2 else "014Y",
            )
        write_dicom(tmp_path / name / "ct.dcm", chest_like(), Modality="CT")
    dataset = read_dataset(tmp_path)
    assert len(dataset.labels) == 24
    assert len(set(dataset.groups)) == 8
    assert [name for name, _ in dataset.skipped] == ["NORMAL/ct.dcm", "PNEUMONIA/ct.dcm"]
    assert ages(dataset) == (4.0, 14.0)


def test_ages_are_not_claimed_where_nobody_told_them(dataset):
    assert ages(dataset) == (1.0, 5.0)  # names of Kermany's collection
    strangers = dataclasses.replace(dataset, groups=("x",) * len(dataset.groups))
    assert ages(strangers) is None


def test_folds_of_another_recipe_are_not_mixed(dataset, data, tmp_path):
    _keep_recipe(tmp_path, config(data), dataset)
    _keep_recipe(tmp_path, config(data, fold=3), dataset)
    with pytest.raises(OutputError, match="another recipe"):
        _keep_recipe(tmp_path, config(data, epochs=3), dataset)
    fewer = dataclasses.replace(dataset, content_hashes=(*dataset.content_hashes[:-1], "0"))
    with pytest.raises(OutputError, match="another recipe"):
        _keep_recipe(tmp_path, config(data), fewer)


def test_unreadable_files_are_counted_and_left_out(tmp_path):
    folder = write_training_folder(tmp_path, per_class=12)
    (folder / "NORMAL" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n nothing")
    dataset = read_dataset(folder)
    assert len(dataset.labels) == 24
    assert [name for name, _ in dataset.skipped] == ["NORMAL/broken.png"]


@pytest.mark.parametrize(
    "changes",
    [{"epochs": 0}, {"learning_rate": 5}, {"batch_size": -1}, {"epochs": "many"}, {"fold": 9}],
)
def test_settings_out_of_range(changes):
    with pytest.raises(ReviewError, match="The setting"):
        TrainConfig(data="x", **changes)


def test_settings_through_json():
    original = TrainConfig(data="x", epochs=3, class_weights=False)
    assert TrainConfig.from_json(original.to_json()) == original
    with pytest.raises(ReviewError, match="unknown: typo"):
        TrainConfig.from_json(json.dumps({"data": "x", "typo": 1}))
