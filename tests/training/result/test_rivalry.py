"""A new model against the active one, on a real data set with real tiny networks."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from tiny_data import write_training_folder
from tiny_model import save_tiny, tiny_card

from app.core.base.home import models_dir
from app.core.model.card import ModelCard, pack_hashes
from app.inference.registry import models
from app.inference.runtime.classifier import Classifier
from app.review.comparison.compare import in_words
from app.training.data.dataset import Dataset, read_dataset
from app.training.result.compare_with_active import against_active, scores_of


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Dataset:
    return read_dataset(write_training_folder(tmp_path_factory.mktemp("data"), per_class=20))


def hashes(dataset: Dataset, indices, prefix: str = "") -> dict[str, str]:
    return {
        f"{prefix}content_hashes": pack_hashes(
            [bytes.fromhex(dataset.content_hashes[i])[:16] for i in indices]
        ),
        f"{prefix}perceptual_hashes": pack_hashes([dataset.perceptual_hashes[i] for i in indices]),
    }


@pytest.fixture
def promoted(dataset):
    """The active model: it was trained on the first three images of the set."""
    folder = save_tiny(models_dir(), "old", seed=1, data=hashes(dataset, range(3)))
    models.promote("old", despite_missing=True)
    return folder


def new(dataset, trained_on=(), seed=5, **changes) -> tuple[ModelCard, Classifier]:
    data = {**hashes(dataset, trained_on), **hashes(dataset, range(10, 14), "calibration_")}
    folder = save_tiny(models_dir(), "new", seed=seed, data=data, **changes)
    classifier = Classifier(folder)
    return classifier.card, classifier


def test_compared_on_what_neither_has_seen(dataset, promoted):
    card, classifier = new(dataset, trained_on=[5])
    indices = np.arange(len(dataset.labels))
    rivalry = against_active(dataset, indices, card, scores_of(classifier, dataset, indices))
    figures = rivalry.figures
    assert figures["excluded"] == {
        "total": 4,
        "same_pixels": 4,
        "near_duplicates": 0,
        "same_patient": 0,
    }
    assert figures["n"] == 36
    assert figures["first"]["model"] == "old 1.0"
    assert figures["second"]["model"] == "new 1.0"
    assert figures["threshold_set_on"] == {"first": 0, "second": 4}
    assert figures["active_notice"] == ""
    # The active model's own figures are those it has when it scores alone.
    old = Classifier(promoted)
    kept = np.array([i for i in indices if i not in (0, 1, 2, 5)])
    p, labels = scores_of(old, dataset, kept), dataset.labels[kept]
    area = np.mean([(a > b) + (a == b) / 2 for a in p[labels == 1] for b in p[labels == 0]])
    assert figures["first"]["auc"]["value"] == pytest.approx(area)
    assert "new 1.0 against old 1.0" in in_words(figures)[0]
    # The images that flip are named for the person, and not in what goes into the card.
    q = scores_of(classifier, dataset, kept)
    changed = {
        dataset.names[i]
        for i, a, b in zip(kept, p, q, strict=True)
        if (a >= old.card.threshold) != (b >= card.threshold)
    }
    assert {flip.name for flip in rivalry.flips} == changed
    assert len(changed) == sum(figures["flips"].values())
    told = json.dumps(figures, allow_nan=False)
    assert not any(name in told for name in ("person", "IM-", "NORMAL/"))


def test_corrected_labels_are_judged_both_ways(dataset, promoted):
    """The calls are the same; what they come to depends on who was right about the labels."""
    card, _ = new(dataset)
    indices = np.arange(len(dataset.labels))
    old = Classifier(promoted)
    calls = scores_of(old, dataset, indices) >= old.card.threshold
    p = np.where((indices % 4 == 0) ^ calls, 0.9, 0.1)  # it disagrees on every fourth image
    plain = against_active(dataset, indices, card, p)
    assert "original_labels" not in plain.figures
    assert plain.flips
    turned = next(i for i in indices if dataset.names[i] == plain.flips[0].name)
    labels = dataset.labels.copy()
    labels[turned] = 1 - labels[turned]
    corrected = replace(dataset, labels=labels, original_labels=dataset.labels)
    both = against_active(corrected, indices, card, p)
    before = both.figures["original_labels"]
    assert before["relabelled"] == 1
    for key in ("auc_difference", "flips", "counts"):
        assert before[key] == plain.figures[key]
    assert both.figures["flips"] != plain.figures["flips"]
    by_name = {flip.name: flip for flip in both.flips}
    assert set(by_name) == {flip.name for flip in plain.flips}
    flip = by_name[dataset.names[turned]]
    assert flip.original_kind == plain.flips[0].kind != flip.kind
    assert (flip.label, flip.original_label) == (labels[turned], dataset.labels[turned])
    words = in_words(both.figures)
    assert "By the corrected labels:" in words
    assert any("another one for 1 of these images" in line for line in words)
    assert len(words) == len(in_words(plain.figures)) + 6


def test_nothing_left(dataset, promoted):
    card, _ = new(dataset, trained_on=[7])
    figures = against_active(dataset, np.array([0, 1, 7]), card, np.ones(3)).figures
    assert "all 3 held-out images" in figures["why_not"]
    assert figures["excluded"]["total"] == 3
    assert in_words(figures)[0].startswith("Not compared: all 3")


def test_other_classes_are_not_compared(dataset, promoted):
    card = tiny_card("new", classes=("CAT", "DOG"))
    assert (
        "does not tell"
        in against_active(dataset, np.arange(4), card, np.ones(4)).figures["why_not"]
    )


def test_an_active_model_that_is_damaged_is_told(dataset, promoted, monkeypatch):
    card, _ = new(dataset)
    (promoted / "model.keras").write_bytes(b"nothing")
    figures = against_active(dataset, np.arange(8), card, np.ones(8)).figures
    assert "cannot be read" in figures["why_not"]
    monkeypatch.setattr(models, "BUNDLED", promoted.parent / "none")
    (promoted / "card.json").write_text("{")
    assert (
        "no model named"
        in against_active(dataset, np.arange(8), card, np.ones(8)).figures["why_not"]
    )
