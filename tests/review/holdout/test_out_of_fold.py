"""Out-of-fold scores: calibrated fold by fold, found by content, refused when damaged."""

from __future__ import annotations

import numpy as np
import pytest

from app.core.base.errors import ModelError
from app.core.model.card import ModelCard
from app.review.holdout.out_of_fold import NAME, OutOfFold, calibrated_by_fold, read_oof
from app.review.statistics import figures
from model_zoo import BUNDLED


def test_each_fold_has_its_own_line():
    """A network whose logits are shifted is brought back, and so nothing is left of the shift."""
    random = np.random.default_rng(3)
    labels = (random.random(2000) < 0.5).astype(int)
    logits = random.normal(size=2000) + np.where(labels, 2.0, -2.0)
    folds = np.arange(2000) % 2
    shifted = logits + 4.0 * folds
    groups = [str(i // 2) for i in range(2000)]
    honest = calibrated_by_fold(1 / (1 + np.exp(-shifted)), labels, folds, groups)
    assert figures.calibration_error(honest, labels) < 0.03
    assert abs(honest[folds == 0].mean() - honest[folds == 1].mean()) < 0.05


def test_a_fold_that_cannot_be_calibrated():
    p, ones = np.full(40, 0.7), np.ones(40, dtype=int)
    assert calibrated_by_fold(p, ones, 0 * ones, [str(i) for i in range(40)]) is None


def test_those_of_a_bundled_model_are_as_good_as_its_card_says():
    folder = BUNDLED / "best-2"
    found = OutOfFold.of(folder)
    rows = read_oof([folder / NAME])
    p = np.array([found.get(row["content_hash"] + 32 * "f") for row in rows])
    labels = np.array([int(row["label"]) for row in rows])
    said = ModelCard.load(folder / "card.json").metrics["cross_validation"]
    ece = said["calibration"]["ece"]["value"]
    assert figures.calibration_error(p, labels) == pytest.approx(ece, abs=1e-6)
    assert figures.auc(p, labels) == pytest.approx(said["auc"]["value"], abs=5e-3)
    assert found.get("0" * 64) is None


def test_none_and_damaged_ones(tmp_path):
    assert OutOfFold.of(tmp_path) is None
    head = "content_hash,patient,fold,label,p\n"
    for text in (head + "ab,x,0,0,0.5\n", head + "a" * 32 + ",x,0,0,nan\n", "a,b\n1,2\n"):
        (tmp_path / NAME).write_text(text)
        with pytest.raises(ModelError, match="damaged"):
            OutOfFold.of(tmp_path)
