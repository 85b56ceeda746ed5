"""What is tried on the way to a network is trained and measured on different patients."""

import numpy as np
import pytest
from tiny_data import write_training_folder

from app.core.image.preprocess import model_input
from app.training.data.dataset import read_dataset
from model_zoo import efficientnet_lite
from research.recipes import HELD_OUT, Bench, Mean, Recipe, table

TINY = {"arch": "dense", "image_size": 32, "epochs": 1}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return read_dataset(write_training_folder(tmp_path_factory.mktemp("data"), 40))


@pytest.fixture(scope="module")
def looks(dataset):
    return np.arange(len(dataset.labels)) % 4


def test_neither_the_held_out_look_nor_the_calibration_patients_are_trained_on(dataset, looks):
    train = Bench(dataset, looks).train
    assert len(train) > 10
    assert HELD_OUT not in looks[train]
    assert not set(train) & set(dataset.indices("calibration", 0))


@pytest.mark.slow
def test_a_recipe_is_trained_and_measured(dataset, looks):
    found = Bench(dataset, looks).of_recipe(Recipe(TINY, averaging=0.5), seed=1)
    assert len(found) == 6  # two figures of three kinds of images
    assert all(0 <= value <= 1 for value in found.values())


@pytest.mark.slow
def test_each_teacher_is_a_network_of_its_own(dataset, looks):
    bench = Bench(dataset, looks)
    inputs = np.stack([model_input(dataset.frames[i], 32) for i in bench.train[:4]])
    teachers = bench.teachers(Recipe(TINY), seed=1)
    assert len(teachers) == 3
    assert len({each.predict(inputs, verbose=0).tobytes() for each in teachers}) == 3


def test_the_mean_follows_the_weights():
    import keras

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([np.array([[1.0]])])
    mean, plain = Mean(model, 0.75), Mean(model, 0.0)
    model.set_weights([np.array([[5.0]])])
    for each in (mean, plain):
        assert not each.on_steps(1, 0.5)
    plain.put()
    assert model.get_weights()[0].item() == 5.0
    mean.put()
    assert model.get_weights()[0].item() == pytest.approx(0.75 * 1 + 0.25 * 5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variant", "parameters"),
    [
        (efficientnet_lite.LITE0, 3.4),
        (efficientnet_lite.LITE1, 4.2),
        (efficientnet_lite.LITE2, 4.9),
    ],
)
def test_each_backbone_has_its_size(variant, parameters):
    """Million parameters without the classifier, of the published 4.7, 5.4 and 6.1 with it."""
    model = efficientnet_lite.backbone(32, variant)
    assert model.count_params() / 1e6 == pytest.approx(parameters, abs=0.05)


def test_the_table_says_the_mean_and_its_interval():
    runs = {"a": {"1": {"AUC": 0.90}, "2": {"AUC": 0.94}}}
    # Student's t of one degree of freedom: 12.706 times the standard error, 0.02.
    assert "| a | 0.9200 ± 0.2541 |" in table(runs)
