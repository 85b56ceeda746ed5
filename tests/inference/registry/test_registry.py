"""The active model: promoted, taken back, and never a crash whatever lies on the disk."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil

import numpy as np
import pytest
from tiny_model import build_tiny, save_tiny, tiny_card, wide_gate

from app.core.base.errors import ModelError, OutputError
from app.core.base.home import home, models_dir
from app.core.model.card import ModelCard, missing_parts
from app.inference.registry import models as registry
from app.inference.registry.models import (
    DEFAULT,
    active,
    active_name,
    check_name,
    find_model,
    previous_name,
    promote,
    roll_back,
)
from app.inference.runtime.classifier import Classifier, load_keras
from app.training.result.bundle import save_bundle

MEASURED = {"held_out": {"auc": {"value": 0.9, "low": 0.8, "high": 0.95}}}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    for number, name in enumerate(("one", "two", "three")):
        save_tiny(folder, name, seed=number, gate=wide_gate(), metrics=MEASURED)
    return folder


@pytest.fixture
def models(built, opacity_home):
    shutil.copytree(built, models_dir())
    return models_dir()


def test_before_any_promotion_the_bundled_model_is_active():
    assert active_name() == DEFAULT
    assert find_model() == active().folder
    assert active().notice == ""
    assert previous_name() == ""
    with pytest.raises(ModelError, match="nothing to go back to"):
        roll_back()
    assert not (home() / "active.json").exists()


@pytest.mark.slow
def test_promote_and_roll_back_step_by_step(models):
    for name in ("one", "two", "three"):
        promote(name)
        assert active_name() == name
        assert find_model() == models / name
    assert previous_name() == "two"
    assert [roll_back(), roll_back()] == ["two", "one"]
    # Going back is part of the history, and a promotion goes on from there.
    promote("three")
    assert previous_name() == "one"
    assert [roll_back(), roll_back()] == ["one", DEFAULT]
    with pytest.raises(ModelError):
        roll_back()
    history = json.loads((home() / "active.json").read_text())["history"]
    assert [event["what"] for event in history].count("promoted") == 4
    assert len(history) == 8
    assert all(event["when"] for event in history)


def test_promoting_the_active_model_changes_nothing(models):
    promote(DEFAULT)
    assert not (home() / "active.json").exists()
    promote("one")
    promote("one")
    assert roll_back() == DEFAULT


def test_the_bundled_model_may_be_promoted_over_ones_own(models):
    promote("one")
    promote(DEFAULT)
    assert active_name() == DEFAULT
    assert roll_back() == "one"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"format": 2, "history": []}',
        '{"format": 1, "history": [{"what": "promoted"}]}',
        '{"format": 1, "history": [{"what": "promoted", "name": 3}]}',
        '{"format": 1, "history": {"a": 1}}',
        '{"format": 1, "history": [{}]}',
    ],
)
def test_a_damaged_file_means_the_default_and_a_notice(models, text):
    home().mkdir(exist_ok=True)
    (home() / "active.json").write_text(text)
    assert active().name == DEFAULT
    assert "active.json" in active().notice
    # What a person chooses now counts again.
    promote(DEFAULT)
    assert active().notice == ""
    promote("one")
    assert active_name() == "one"


def test_a_promoted_model_that_is_gone(models):
    promote("one")
    promote("two")
    shutil.rmtree(models / "two")
    assert active().name == DEFAULT
    assert "two cannot be used" in active().notice
    assert previous_name() == "one"
    assert roll_back() == "one"
    assert active().notice == ""


def test_going_back_passes_over_what_is_gone(models):
    for name in ("one", "two", "three"):
        promote(name)
    shutil.rmtree(models / "two")
    assert previous_name() == "one"
    assert roll_back() == "one"


def test_another_model_under_the_promoted_ones_name(models):
    promote("one")
    shutil.rmtree(models / "one")
    save_tiny(models, "one", seed=9, metrics=MEASURED)
    assert active().name == DEFAULT
    assert "another model lies under its name" in active().notice


def test_a_model_that_lacks_something_needs_a_word(models):
    save_tiny(models, "unmeasured", cam_full_scale=0.0)
    with pytest.raises(ModelError) as caught:
        promote("unmeasured")
    lacks = "the scale of its heatmaps; figures on held-out patients; a fitness gate"
    assert lacks in caught.value.what
    assert active_name() == DEFAULT
    promote("unmeasured", despite_missing=True)
    assert active_name() == "unmeasured"


def test_what_cannot_judge_is_never_promoted(models):
    save_tiny(models, "pets", classes=("CAT", "DOG"), metrics=MEASURED)
    save_tiny(models, "uncalibrated", operating_points={}, metrics=MEASURED)
    (models / "damaged").mkdir()
    (models / "damaged" / "card.json").write_text("{")
    (models / "one" / "model.keras").write_bytes(b"no model")
    for name, words in (
        ("pets", "CAT from DOG"),
        ("uncalibrated", "no operating point"),
        ("damaged", "cannot be read"),
        ("one", "cannot be read"),
        ("nobody", "no model named"),
    ):
        with pytest.raises(ModelError, match=words):
            promote(name, despite_missing=True)
    assert active_name() == DEFAULT


def test_without_any_model(monkeypatch, tmp_path):
    monkeypatch.setattr(registry, "BUNDLED", tmp_path)
    assert active_name() == DEFAULT
    with pytest.raises(ModelError, match="There are: none"):
        find_model()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs a POSIX system")
def test_a_choice_that_cannot_be_kept_changes_nothing(models, monkeypatch):
    promote("one")
    before = (home() / "active.json").read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        promote("two")
    assert (home() / "active.json").read_bytes() == before
    assert sorted(path.name for path in home().iterdir()) == ["active.json", "models"]
    assert active_name() == "one"


@pytest.mark.parametrize("name", ["", "..", "a/b", "a b", "x" * 101, "<b>"])
def test_names_that_no_model_may_have(name):
    with pytest.raises(ModelError, match="cannot name a model"):
        check_name(name)


def test_parts_that_a_card_may_lack():
    gate = {"sha256": "0", "caution": 1.0, "refuse": 2.0}
    assert missing_parts(tiny_card(metrics=MEASURED, fitness=gate)) == ()
    assert missing_parts(tiny_card(metrics=MEASURED)) == ("a fitness gate",)
    card = tiny_card(operating_points={}, cam_full_scale=float("nan"), metrics={"held_out": None})
    assert len(missing_parts(card)) == 4


def three_classes(parent):
    import keras

    tiny = build_tiny()
    out = keras.layers.Dense(3, name="three")(tiny.layers[-2].output)
    model = keras.Model(tiny.input, out)
    card = tiny_card(
        "many", classes=("NORMAL", "PNEUMONIA", "TB"), operating_points={}, metrics=MEASURED
    )
    return save_bundle(model, card, parent)


def test_a_model_of_three_classes_loads_and_does_not_judge(models):
    folder = three_classes(models)
    card = ModelCard.load(folder / "card.json")
    assert load_keras(folder / "model.keras", card).output_shape == (None, 3)
    with pytest.raises(ModelError, match="has no operating point"):
        _ = card.threshold
    classifier = Classifier(folder)
    with pytest.raises(ModelError, match="NORMAL from PNEUMONIA from TB"):
        classifier.predict(np.zeros((1, 32, 32, 1), np.float32))
    with pytest.raises(ModelError, match="NORMAL from PNEUMONIA from TB"):
        promote("many", despite_missing=True)


def test_three_outputs_do_not_fit_two_classes(tmp_path):
    folder = three_classes(tmp_path)
    card = ModelCard.load(folder / "card.json")
    two = dataclasses.replace(card, classes=("NORMAL", "PNEUMONIA"))
    with pytest.raises(ModelError, match="its shapes are"):
        load_keras(folder / "model.keras", two)
