"""The recipe of the bundled best CNN on tiny data: clusters, teachers, the one that is taught."""

import csv
import dataclasses
import re

import cv2
import numpy as np
import pytest
from factories import chest_like
from tiny_settings import tiny

from app.core.base.events import EpochEnded, Notice
from app.core.image.reader import read_radiograph
from app.core.model.card import ModelCard
from app.core.model.results import PneumoniaKind, Status
from app.core.worklist.patients import side_of
from app.inference.runtime.classifier import Classifier
from app.inference.runtime.model_file import load_keras
from app.inference.scoring.pipeline import score_one
from app.training.data.dataset import read_dataset
from app.training.fit.loop import predict, predict_all
from research import clusters as hard_validation
from research import recipe
from research.distillation import BACTERIAL, VIRAL, kinds_of
from research.recipe import follow_recipe


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """NORMAL and PNEUMONIA, the latter bacterial (left) or viral (right), one patient an image."""
    folder = tmp_path_factory.mktemp("data")
    for name in ("NORMAL", "PNEUMONIA"):
        (folder / name).mkdir()
    for number in range(30):
        normal = chest_like(96, 96, seed=number)
        cv2.imwrite(str(folder / "NORMAL" / f"IM-{number:04}-0001.png"), normal)
        kind, x = ("bacteria", 28) if number % 2 else ("virus", 68)
        ill = chest_like(96, 96, seed=1000 + number)
        cv2.circle(ill, (x, 50), 14, 255, -1)
        cv2.imwrite(str(folder / "PNEUMONIA" / f"person{number}_{kind}_{number}.png"), ill)
    return folder


def _by_number(dataset, clusters):
    """Two clusters, each with both classes and both kinds."""
    numbers = [int(re.search(r"\d+", name).group()) for name in dataset.names]
    return np.array(numbers) // 2 % clusters


@pytest.fixture(scope="module")
def made(data, tmp_path_factory):
    out = tmp_path_factory.mktemp("recipe")
    events = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hard_validation, "CLUSTERS", 2)
        # On sixty made images another processor's rounding leaves one cluster without a class.
        patch.setattr(recipe, "clusters_of", _by_number)
        config = tiny("best", data, frozen_blocks=15, batch_size=16)
        folder = follow_recipe(config, 2, "small-1", "1.0", out, events.append)
        again = []
        (folder / "card.json").unlink()
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
        folder = follow_recipe(config, 2, "small-1", "1.0", out, again.append)
    return folder, events, again


@pytest.mark.slow
def test_finished_parts_are_kept(made):
    _, events, again = made
    assert sum(isinstance(e, EpochEnded) for e in events) == 2 * 2 + 2
    assert not any(isinstance(e, EpochEnded) for e in again)
    assert any(isinstance(e, Notice) and "clustered" in e.text for e in events)


@pytest.mark.slow
def test_the_model_says_kind_and_spread(made, data):
    folder, _, _ = made
    card = ModelCard.load(folder / "card.json")
    model = load_keras(folder / "model.keras", card)
    dataset = read_dataset(data)
    every = np.arange(len(dataset.labels))
    answers = predict_all(model, dataset, every)
    assert answers.shape == (len(dataset.labels), 3)
    assert np.array_equal(answers[:, 0], predict(model, dataset, every))
    assert card.kind is not None
    assert card.spread is not None
    assert 0 < card.metrics["kind"]["n"] < card.metrics["held_out"]["n"]
    assert card.metrics["spread"]["teachers"] == 2
    assert len(card.metrics["hard_validation"]["clusters"]) == 2


def test_a_score_says_how_sure_it_is_and_which_kind(made, data):
    folder, _, _ = made
    card = ModelCard.load(folder / "card.json")
    # Every range counts as wide, and the gate lets all pass: the network is a toy.
    wide = {**card.heads, "spread": {**card.heads["spread"], "wide": 1e-9}}
    classifier = Classifier(folder)
    classifier.card = dataclasses.replace(
        card, heads=wide, fitness={}, operating_points={"default": 0.0}
    )
    found, plain = (
        score_one(read_radiograph(next((data / "PNEUMONIA").iterdir())), classifier, maps)[0]
        for maps in (True, False)
    )
    assert found.status is Status.OK
    assert found.range is not None
    assert plain.range is not None
    assert found.range.low <= found.p_pneumonia <= found.range.high
    assert found.range.low == pytest.approx(plain.range.low, abs=1e-5)
    assert found.range.is_wide
    assert "Look yourself" in found.reasons[-1].text()
    assert found.reasons_of_image == found.reasons[:-1]
    # A report counts cautions without what is of one image.
    assert not re.search(r"\d", found.reasons[-1].group.text())
    assert 0 <= found.p_bacterial <= 1
    assert found.kind is (
        PneumoniaKind.BACTERIAL
        if found.p_bacterial >= card.heads["kind"]["threshold"]
        else PneumoniaKind.VIRAL
    )
    assert found.at(1.01).kind is None  # nobody calls it pneumonia then


def test_nobody_is_scored_by_who_has_seen_them(made, data):
    folder, _, _ = made
    dataset = read_dataset(data)
    clusters = np.load(folder.parent / "clusters.npy")
    with (folder / "oof_scores.csv").open(newline="") as file:
        rows = {row["content_hash"]: row for row in csv.DictReader(file)}
    assert len(rows) == len(dataset.labels)
    for i, content_hash in enumerate(dataset.content_hashes):
        fold = int(rows[content_hash[:32]]["fold"])
        held_out = side_of(dataset.groups[i], 0) == "calibration"
        assert fold == (2 if held_out else clusters[i])


def test_kinds_come_from_the_names(data):
    dataset = read_dataset(data)
    kinds = kinds_of(dataset)
    assert (kinds[dataset.labels == 0] == -1).all()
    for name, kind in zip(dataset.names, kinds, strict=True):
        assert (
            kind == {"bacteria": BACTERIAL, "virus": VIRAL}.get(name.split("_")[1], -1)
            if ("person" in name)
            else kind == -1
        )


@pytest.mark.slow
def test_clusters_keep_patients_whole_and_have_both_classes(data):
    dataset = read_dataset(data)
    assert hard_validation.image_looks(dataset).shape == (len(dataset.labels), 1280)
    # Two machines took the images, and the classes differ far more than the machines do.
    machine = _by_number(dataset, 2)
    looks = np.random.default_rng(0).normal(0, 0.1, (len(dataset.labels), 3))
    looks[:, 0] += machine
    looks[:, 1] += 10 * dataset.labels
    clusters = hard_validation.clusters_of(dataset, 2, looks)
    assert np.array_equal(clusters, hard_validation.clusters_of(dataset, 2, looks))
    assert np.bincount(clusters)[0] >= np.bincount(clusters)[1]
    assert len(set(zip(clusters, machine, strict=True))) == 2
    for cluster in (0, 1):
        assert set(dataset.labels[clusters == cluster]) == {0, 1}
