"""Settings of a training: ranges, words, to and from JSON."""

import json

import pytest

from app.core.base.errors import ReviewError
from app.core.settings.text import ADVANCED, BASIC
from app.core.settings.training import CHOICES, RANGES, TrainConfig


@pytest.mark.parametrize(
    "changes",
    [
        *({"epochs": 0}, {"learning_rate": 5}, {"batch_size": -1}, {"epochs": "many"}),
        *({"fold": 9}, {"seed": True}, {"epochs": 1.5}, {"image_size": 8}, {"optimizer": "lion"}),
        *({"class_weights": 1}, {"mapping": {"A": 1}}, {"mapping": "A"}, {"start": None}),
    ],
)
def test_settings_out_of_range(changes):
    with pytest.raises(ReviewError, match="The setting"):
        TrainConfig(data="x", **changes)


@pytest.mark.parametrize("name", RANGES)
def test_the_ends_of_each_range_are_within_it(name):
    for value in RANGES[name]:
        assert getattr(TrainConfig(data="x", **{name: value}), name) == value


def test_settings_through_json():
    original = TrainConfig(data="x", epochs=3, class_weights=False, mapping={"COVID": "PNEUMONIA"})
    assert TrainConfig.from_json(original.to_json()) == original
    with pytest.raises(ReviewError, match="unknown: typo"):
        TrainConfig.from_json(json.dumps({"data": "x", "typo": 1}))


def test_each_setting_has_its_words_once():
    named = [setting.name for setting in (*BASIC, *ADVANCED)]
    told = {"data", "labels", "patients", "mapping"}  # the images have a place of their own
    assert sorted(named) == sorted(set(json.loads(TrainConfig(data="x").to_json())) - told)
    assert set(CHOICES) <= set(named)
