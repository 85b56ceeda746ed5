"""Fitting in memory: settings, memory that runs out, losses that are no numbers, stops."""

import dataclasses

import numpy as np
import pytest
from tiny_data import write_training_folder
from tiny_settings import tiny

from app.core.base.errors import ReviewError, TrainingDataError
from app.core.base.events import EpochEnded, Notice, StepEnded
from app.inference.runtime.device import tensorflow
from app.training.data.dataset import read_dataset
from app.training.fit import loop as fit_module
from app.training.fit.loop import Hooks, fit, measure, predict, validation_logits


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return read_dataset(write_training_folder(tmp_path_factory.mktemp("data"), per_class=30))


both_runners = pytest.mark.parametrize("augmentation", [0.0, 1.0], ids=["graph", "keras"])


def same(a, b) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.mark.slow
@both_runners
def test_each_epoch_is_told_with_its_figures(dataset, augmentation):
    events = []
    fitted = fit(dataset, tiny("dense", augmentation=augmentation), Hooks(events.append))
    epochs = [event for event in events if isinstance(event, EpochEnded)]
    assert [event.epoch for event in epochs] == [1, 2]
    assert tuple(event.metrics for event in epochs) == fitted.history
    names = {"loss", "accuracy", "learning_rate", "val_loss", "val_accuracy", "val_auc"}
    assert set(fitted.history[0]) == names
    assert fitted.history[0]["learning_rate"] == pytest.approx(0.001)
    assert any(isinstance(event, StepEnded) for event in events)
    # Adam's own rate takes the tiny network to the clear patches at once.
    assert fitted.history[1]["loss"] < fitted.history[0]["loss"]


def test_the_history_is_what_the_returned_weights_reach(dataset):
    fitted = fit(dataset, tiny("dense", epochs=4, patience=4))
    validation = dataset.indices("validation", 0)
    found = measure(predict(fitted.model, dataset, validation), dataset.labels[validation])
    told = fitted.history[fitted.best_epoch - 1]
    assert found["auc"] == pytest.approx(told["val_auc"], abs=0.05)  # inputs are whole greys there
    assert found["loss"] == pytest.approx(told["val_loss"], rel=0.1)
    ranks = [(round(m["val_auc"], 6), -m["val_loss"]) for m in fitted.history]
    assert ranks[fitted.best_epoch - 1] == max(ranks)


def test_without_patience_the_last_epoch_counts(dataset):
    assert fit(dataset, tiny("dense", epochs=3, patience=0)).best_epoch == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arch", "changes"),
    [
        ("dense", {}),
        ("dense", {"augmentation": 1.0}),
        ("cnn", {}),
        ("best", {"augmentation": 1.0, "epochs": 1, "frozen_blocks": 15}),
    ],
    ids=["dense", "dense augmented", "cnn", "best augmented"],
)
def test_the_same_seed_gives_the_same_weights_bit_for_bit(dataset, arch, changes):
    config = tiny(arch, **changes)
    first, second = fit(dataset, config), fit(dataset, config)
    assert first.history == second.history
    assert same(first.model.get_weights(), second.model.get_weights())
    other = fit(dataset, dataclasses.replace(config, seed=7))
    assert not same(first.model.get_weights(), other.model.get_weights())


@pytest.mark.slow
@both_runners
def test_out_of_memory_halves_the_batch_and_says_so(dataset, augmentation, monkeypatch):
    real, sizes = fit_module.epoch_runner, []

    def too_big(model, data, batch_size, config):
        sizes.append(batch_size)
        if batch_size > 8:
            raise tensorflow().errors.ResourceExhaustedError(None, None, "OOM")
        return real(model, data, batch_size, config)

    monkeypatch.setattr(fit_module, "epoch_runner", too_big)
    events = []
    config = tiny("dense", batch_size=32, epochs=1, augmentation=augmentation)
    fitted = fit(dataset, config, Hooks(events.append))
    assert sizes == [32, 16, 8]
    assert fitted.batch_size == 8
    assert len(fitted.history) == 1
    texts = [e.text for e in events if isinstance(e, Notice)]
    assert texts[-1] == "Out of memory: starting again with fewer images a batch: 8."


def test_out_of_memory_with_a_single_image_is_an_error(dataset, monkeypatch):
    def never_fits(*_):
        raise MemoryError

    monkeypatch.setattr(fit_module, "epoch_runner", never_fits)
    with pytest.raises(MemoryError):
        fit(dataset, tiny("dense", batch_size=4))


@pytest.mark.slow
@both_runners
def test_a_loss_that_is_no_number_ends_the_run_with_words(dataset, augmentation, monkeypatch):
    monkeypatch.setattr(
        fit_module, "targets_of", lambda labels, classes: np.full((len(labels), 1), np.nan, "f4")
    )
    with pytest.raises(ReviewError, match=r"loss became nan in epoch 1.*lower learning rate"):
        fit(dataset, tiny("dense", augmentation=augmentation))


@pytest.mark.slow
@both_runners
def test_a_stop_within_an_epoch_keeps_what_there_is(dataset, augmentation):
    asked = iter([False, True] + [True] * 100)
    config = tiny("dense", epochs=50, augmentation=augmentation)
    kept = []
    hooks = Hooks(stop_asked=lambda: next(asked), on_epoch=lambda *what: kept.append(what))
    fitted = fit(dataset, config, hooks)
    assert fitted.stopped
    assert len(fitted.history) == 1
    assert fitted.best_epoch == 1
    assert kept == []  # half an epoch is nothing to go on from


@pytest.mark.slow
def test_the_frozen_blocks_keep_their_weights(dataset):
    from model_zoo import efficientnet_lite

    fitted = fit(dataset, tiny("best", epochs=1, frozen_blocks=15, augmentation=0.0))
    fresh = efficientnet_lite.backbone(32)
    efficientnet_lite.load_imagenet(fresh)
    for name in ("stem_conv", "block0_project_conv", "block14_expand_bn"):
        for mine, its in zip(
            fitted.model.get_layer(name).get_weights(),
            fresh.get_layer(name).get_weights(),
            strict=True,
        ):
            np.testing.assert_array_equal(mine, its)
    changed = fitted.model.get_layer("head_conv").get_weights()[0]
    assert np.abs(changed - fresh.get_layer("head_conv").get_weights()[0]).max() > 0


def test_predictions_do_not_depend_on_the_batch_nor_on_where_the_inputs_lie(dataset):
    from app.training.fit.epochs import as_inputs
    from model_zoo import dense

    model = dense.build(tiny("dense"), 48)
    indices = np.arange(9)
    whole = predict(model, dataset, indices, 9)
    np.testing.assert_allclose(predict(model, dataset, indices, 2), whole, atol=1e-5)
    inputs = as_inputs(dataset.frames, 48)
    ready = validation_logits(model, dataset, inputs, indices)
    np.testing.assert_allclose(ready, whole, atol=0.05)  # whole grey values
    assert predict(model, dataset, indices[:0]).size == 0


def test_too_few_patients_to_split(tmp_path):
    folder = write_training_folder(tmp_path, per_class=12)
    for number, path in enumerate(sorted((folder / "NORMAL").iterdir())):
        path.rename(path.with_name(f"IM-0001-000{number}.png"))  # all of one patient
    with pytest.raises(TrainingDataError, match="do not hold images of every class"):
        fit(read_dataset(folder), tiny("dense"))


@pytest.mark.slow
@both_runners
@pytest.mark.parametrize("classes", [2, 3])
def test_label_smoothing_pulls_the_scores_in(dataset, augmentation, classes):
    labels = np.arange(len(dataset.labels)) % classes if classes > 2 else dataset.labels
    names = ("A", "B", "C")[:classes]
    some = dataclasses.replace(dataset, labels=labels, classes=names)
    where = np.arange(len(labels))
    sides = {"train": where, "validation": where}
    spread = {}
    for smoothing in (0.0, 0.4):
        config = tiny("dense", epochs=6, label_smoothing=smoothing, augmentation=augmentation / 100)
        fitted = fit(some, config, **sides)
        spread[smoothing] = float(np.abs(predict(fitted.model, some, where)).mean())
    assert spread[0.4] < spread[0.0]


def test_measure_of_two_and_of_three_classes():
    labels = np.array([0, 1, 1])
    two = measure(np.array([-2.0, 1.0, -1.0]), labels)
    assert two["accuracy"] == pytest.approx(2 / 3)
    assert two["auc"] == 1.0
    one_hot = np.log(np.array([[0.5, 0.25, 0.25], [0.25, 0.5, 0.25], [0.25, 0.25, 0.5]]))
    three = measure(one_hot, np.array([0, 1, 2]))
    assert three == pytest.approx({"loss": np.log(2), "accuracy": 1.0, "auc": 1.0})
