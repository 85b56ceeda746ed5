"""A card in words, whatever anybody has written into it."""

from __future__ import annotations

from pathlib import Path

from tiny_model import tiny_card

from app.gui.models.text import area_words, card_words, comparison_words
from app.inference.registry.models import ModelEntry, list_models
from app.review.comparison.compare import FLIPS


def words(**changes) -> str:
    return card_words(ModelEntry("tiny", Path("x"), tiny_card(**changes), "", False))


def test_the_bundled_models_card():
    (entry,) = [entry for entry in list_models() if entry.name == "best-2"]
    text = card_words(entry)
    for part in (
        "Not a medical device",
        "trained on: 1052 NORMAL, 3126 PNEUMONIA",
        "ages of the patients: 1 to 5 years",
        "operating point: 0.829",
        "calibration error: 0.007 (0.004-0.015)",
        "held-out patients (1038 images):\n  auc 0.996 (0.994-0.998)",
        "the recipe (5216 images)",
        "CC BY 4.0",
        "bundled",
    ):
        assert part in text
    assert "MISSING" not in text
    assert area_words(entry.card) == "0.996 (0.994-0.998)"


def test_what_is_missing_is_said():
    text = words(operating_points={}, classes=("A", "B", "C"))
    assert "operating point: none" in text
    assert "MISSING\n- an operating point (its threshold)\n- figures on held-out patients" in text
    assert "Classes: A, B, C" in text


def test_a_card_of_odd_contents_is_still_shown():
    odd = {
        "held_out": {"auc": {"value": "high", "low": None}, "n": "many", "what": 3},
        "cross_validation": [1],
        "against_active": {"first": 3},
    }
    data = {"images": {"train": [3], "validation": "x"}, "split": {"a": 1}}
    text = words(metrics=odd, data=data)
    assert "auc not measured" in text
    assert "The card's comparison cannot be read." in text
    assert words(metrics={"against_active": 7})


def test_a_run_that_could_not_be_compared_says_so():
    text = words(metrics={"against_active": {"why_not": "nothing was left."}})
    assert "Not compared: nothing was left." in text


def test_very_many_flips_are_cut_short():
    flip = {"path": "a.png", "first": 0.1, "second": 0.9}
    test = {"only_first": 0, "only_second": 300, "p": 0.0001, "method": "McNemar, mid-p"}
    side = {
        "model": "m 1",
        "threshold": 0.5,
        **{
            name: {"value": 0.5, "low": 0.4, "high": 0.6}
            for name in ("auc", "sensitivity", "specificity")
        },
    }
    figures = {
        "first": side,
        "second": side,
        "n": 300,
        "counts": {"NORMAL": 0, "PNEUMONIA": 300},
        "auc_difference": {"value": 0.1, "low": 0.05, "high": 0.15},
        "flips": {**dict.fromkeys(FLIPS, 0), "newly_caught": 300},
        "flipped": {**{key: [] for key in FLIPS}, "newly_caught": [flip] * 300},
        "mcnemar": {"all": test, "pneumonia": test, "normal": {**test, "p": None}},
        "intervals": {"patients": 0, "why": "No patient is known."},
        "files": {"total": 300, "scored": 300, "refused": 0, "unreadable": 0},
    }
    text = comparison_words(figures)
    assert "Newly caught (300): pneumonias that only the second calls" in text
    assert text.count("a.png") == 200
    assert "and 100 more" in text
    assert "p undefined" in text
