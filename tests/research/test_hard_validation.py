"""Who is held out on purpose, and how networks are judged on them."""

from __future__ import annotations

import csv
import hashlib
from types import SimpleNamespace

import numpy as np
import pytest

from app.core.base.errors import TrainingDataError
from app.training.data.dataset import Dataset
from research.hard_splits import COLUMNS, blocks, outlying, read_splits, write_splits
from research.hard_tables import write_table
from research.hard_validation import answers, figures, probe


def dataset_of(count=120):
    return Dataset(
        classes=("NORMAL", "PNEUMONIA"),
        frames=np.zeros((count, 8, 8), np.uint8),
        labels=np.arange(count) % 2,
        names=tuple(f"{i}.png" for i in range(count)),
        groups=tuple(f"person{i}" if i % 2 else f"im-{i}" for i in range(count)),
        content_hashes=tuple(hashlib.sha256(b"%d" % i).hexdigest() for i in range(count)),
        perceptual_hashes=(b"",) * count,
    )


def test_those_who_look_like_nobody_are_outlying_whatever_their_class():
    random = np.random.default_rng(0)
    dataset = dataset_of()
    looks = random.normal(0, 1, (120, 30))
    looks[dataset.labels == 1, 0] += 50  # what tells the classes apart is not what is unusual
    strange = np.arange(0, 24)
    looks[strange, 1:] += random.choice((-9, 9), (24, 29))
    found = outlying(looks, dataset.labels, dataset.groups)
    assert np.flatnonzero(found).tolist() == strange.tolist()


def test_all_images_of_a_patient_stand_together():
    random = np.random.default_rng(1)
    groups = tuple(f"person{i // 3}" for i in range(90))
    found = outlying(random.normal(size=(90, 12)), np.repeat([0, 1], 45), groups)
    assert all(len({found[i] for i in range(k, k + 3)}) == 1 for k in range(0, 90, 3))
    assert found.sum() == 18


def test_blocks_follow_the_numbers_of_each_series():
    groups = ("im-5", "person2", "im-40", "person900", "im-7", "im-8", "im-9", "no number")
    assert blocks(groups).tolist() == [0, 0, 4, 2, 1, 2, 3, 0]


def test_the_parts_are_kept_by_patient(tmp_path):
    dataset = dataset_of(20)
    splits = {column: (np.arange(20) * 7 + k) % 4 for k, column in enumerate(COLUMNS)}
    write_splits(tmp_path / "parts.csv", dataset, splits)
    read = read_splits(tmp_path / "parts.csv", dataset.groups[::-1])
    for column in COLUMNS:
        np.testing.assert_array_equal(read[column], splits[column][::-1])
    with pytest.raises(TrainingDataError, match="lacks 1 of the patients, such as person999"):
        read_splits(tmp_path / "parts.csv", ("person999", *dataset.groups))


def test_a_model_is_judged_by_its_own_answers_calibrated_on_others(tmp_path):
    """The file holds other networks' answers, too, and its own are of another scale."""
    random = np.random.default_rng(2)
    dataset = dataset_of(2000)
    logits = 3 * random.normal(1.5 * (2 * dataset.labels - 1), 1.5) + 2
    own = dataset.indices("calibration", 0)
    with (tmp_path / "oof_scores.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("content_hash", "patient", "fold", "label", "p"))
        for i in range(2000):
            fold, p = (4, 1 / (1 + np.exp(-logits[i]))) if i in own else (0, 0.5)
            kept = dataset.content_hashes[i][:32]
            writer.writerow((kept, dataset.groups[i], fold, "", f"{p:.10g}"))
    card = SimpleNamespace(settings={}, data={"oof_fold": 4}, title="made 1.0")
    at, p = answers(SimpleNamespace(folder=tmp_path, card=card), dataset)
    np.testing.assert_array_equal(at, own)
    found = figures(p, 0.5, dataset, at)
    slope = found["calibration"]["slope"]
    assert slope["low"] < 1 < slope["high"]
    raw = figures(1 / (1 + np.exp(-logits[at])), 0.5, dataset, at)
    assert raw["calibration"]["ece"]["value"] > 1.5 * found["calibration"]["ece"]["value"]
    (tmp_path / "oof_scores.csv").write_text("content_hash,patient,fold,label,p\n")
    with pytest.raises(SystemExit, match=r"lacks .* of the .* calibration images"):
        answers(SimpleNamespace(folder=tmp_path, card=card), dataset)


def test_a_part_that_looks_otherwise_is_harder_than_one_by_chance(tmp_path):
    """In part 1 the feature that tells the class points the other way."""
    random = np.random.default_rng(3)
    dataset = dataset_of(300)
    part = (np.arange(300) < 60).astype(np.int64)
    looks = random.normal(0, 1, (300, 30))
    looks[:, 0] += 6 * np.where(part == 1, -1, 1) * (2 * dataset.labels - 1)
    found = probe(looks, dataset, {"outlying": part})
    assert found["outlying"]["1"]["auc"]["value"] < 0.3
    assert min(of_fold["auc"]["value"] for of_fold in found["chance"].values()) > 0.5
    page = tmp_path / "page.md"
    page.write_text("<!-- hard validation: begin -->\n<!-- hard validation: end -->\n")
    write_table(page, {"probe": {"parts": found}, "models": {}})
    assert "| the outlying fifth | 30 / 30 | 0." in page.read_text()
