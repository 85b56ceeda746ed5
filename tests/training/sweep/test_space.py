"""Which settings there are: the 216 of each small network, and what the best one draws from."""

import dataclasses

import optuna
import pytest

from app.core.base.errors import ReviewError
from app.core.settings.sweep import SweepConfig
from app.core.settings.training import TrainConfig
from app.training.sweep.space import grid_of, grid_settings, key_of, suggest, total_of
from model_zoo import architecture


def sweep(arch: str, **changes) -> SweepConfig:
    train = TrainConfig(**{**architecture(arch).DEFAULTS, "data": "", "arch": arch})
    return SweepConfig("s", train, **changes)


@pytest.mark.parametrize("arch", ["dense", "cnn"])
def test_the_grid_has_216_settings_that_can_all_be_trained(arch):
    config = sweep(arch)
    settings = grid_settings(config)
    assert len({key_of(one) for one in settings}) == total_of(config) == 216
    for one in settings:
        dataclasses.replace(config.train, **one)  # raises for a value out of range


def test_the_grids_are_those_of_the_earlier_work():
    assert grid_of("dense") == {
        "nodes_dense": (12, 20, 100),
        "activation_dense": ("relu", "elu"),
        "optimizer": ("adam", "sgd"),
        "batch_size": (32, 64, 128),
        "epochs": (10, 20, 30),
        "kernel_initializer": ("uniform", "normal"),
    }
    assert grid_of("cnn") == {
        "nodes_cnn": (32, 64, 128),
        "activation_cnn": ("relu", "softmax"),
        "dropout": (0.1, 0.25, 0.5),
        "nodes_dense": (12, 20, 100),
        "activation_dense": ("relu", "elu"),
        "optimizer": ("adam", "sgd"),
    }


def test_the_order_depends_on_the_seed_alone():
    first = grid_settings(sweep("dense"))
    assert first == grid_settings(sweep("dense"))
    other = dataclasses.replace(sweep("dense").train, seed=1)
    assert first != grid_settings(dataclasses.replace(sweep("dense"), train=other))


def test_equal_values_are_one_setting(monkeypatch):
    monkeypatch.setattr(architecture("dense"), "GRID", {"epochs": (10, 20, 10), "seed": (1, 1)})
    assert len(grid_settings(sweep("dense"))) == 2


def test_the_best_network_has_no_grid_and_draws_what_can_be_trained():
    with pytest.raises(ReviewError, match="best has no grid"):
        grid_settings(sweep("best"))
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=3))
    train = sweep("best", sampler="tpe", trials=1).train
    for _ in range(20):
        settings = suggest(study.ask(), "best")
        assert set(settings) == set(architecture("best").SPACE)
        dataclasses.replace(train, **settings)


@pytest.mark.parametrize(
    "wrong",
    [
        {"study": "../x"},
        {"study": ""},
        {"sampler": "all"},
        {"pruner": "often"},
        {"metric": "luck"},
        {"inner_folds": 0},
        {"inner_folds": 5},
        {"workers": -1},
        {"sampler": "tpe"},
    ],
)
def test_settings_that_make_no_sense(wrong):
    with pytest.raises(ReviewError):
        SweepConfig(**{"study": "s", "train": TrainConfig(data=""), **wrong})


def test_a_sweep_goes_to_json_and_back():
    config = sweep("cnn", pruner="median", inner_folds=3, storage="sqlite:///x.db")
    assert SweepConfig.from_json(config.to_json()) == config
