"""Two models on the same images: flips, figures, what is left out, and the words for it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tiny_model import tiny_card

from app.core.base import translation
from app.core.base.errors import ModelError
from app.core.base.translation_file import VARIABLE, use_the_windows_language
from app.core.model.card import pack_hashes
from app.review.comparison.compare import BROKEN, FLIPS, compare, in_words
from app.review.holdout.overlap import Seen, unseen


def judge(p_first, p_second, labels, patients=None, thresholds=(0.5, 0.3)):
    cards = [
        tiny_card(n, operating_points={"default": t}) for n, t in zip("ab", thresholds, strict=True)
    ]
    return compare(
        (cards[0], np.array(p_first, float)),
        (cards[1], np.array(p_second, float)),
        np.array(labels, np.int64),
        patients or [None] * len(labels),
    )


def test_flips_are_told_at_each_models_own_threshold():
    # caught, missed, cleared, false alarm; then one of each class without a flip, at the threshold
    found = judge(
        [0.4, 0.5, 0.9, 0.1, 0.6, 0.49], [0.3, 0.29, 0.2, 0.8, 0.3, 0.0], [1, 1, 0, 0, 1, 0]
    )
    assert found.flips == {
        "newly_caught": (0,),
        "newly_missed": (1,),
        "newly_cleared": (2,),
        "newly_false_alarm": (3,),
    }
    assert set(found.flips) == set(FLIPS)
    figures = found.as_dict()
    assert figures["flips"]["newly_caught"] == 1
    assert figures["mcnemar"]["all"]["p"] == 1.0
    assert (figures["mcnemar"]["all"]["only_first"], figures["counts"]["NORMAL"]) == (2, 3)
    assert figures["first"]["sensitivity"]["value"] == pytest.approx(2 / 3)
    json.loads(json.dumps(figures, allow_nan=False))


def many(n=300, seed=1):
    random = np.random.default_rng(seed)
    labels = (np.arange(n) % 3 > 0).astype(np.int64)
    weak = 1 / (1 + np.exp(-(labels - 0.5 + random.normal(0, 1.0, n))))
    strong = 1 / (1 + np.exp(-(3 * labels - 1.5 + random.normal(0, 1.0, n))))
    return weak, strong, labels, [f"p{i // 2}" for i in range(n)]


def test_a_better_model_is_told_to_be_better():
    weak, strong, labels, patients = many()
    figures = judge(weak, strong, labels, patients, (0.5, 0.5)).as_dict()
    assert figures["auc_difference"]["low"] > 0
    assert figures["mcnemar"]["all"]["p"] < 0.001
    assert "clustered" in figures["mcnemar"]["all"]["method"]
    assert figures["intervals"]["patients"] == 150
    words = "\n".join(in_words(figures))
    assert "the second is better" in words
    assert "p < 0.001" in words
    back = judge(strong, weak, labels, patients, (0.5, 0.5)).as_dict()
    assert "the first is better" in "\n".join(in_words(back))


def test_a_model_against_itself():
    weak, _, labels, patients = many()
    figures = judge(weak, weak, labels, patients, (0.5, 0.5)).as_dict()
    assert figures["auc_difference"] == {"value": 0, "low": 0, "high": 0}
    assert figures["mcnemar"]["all"]["p"] == 1.0
    assert "both rank the images alike" in "\n".join(in_words(figures))


def test_one_class_only():
    figures = judge([0.1, 0.9], [0.4, 0.6], [1, 1]).as_dict()
    assert figures["auc_difference"]["value"] is None
    assert figures["first"]["specificity"]["value"] is None
    assert figures["mcnemar"]["normal"]["p"] is None
    words = "\n".join(in_words(figures))
    assert "AUC: undefined, since the images are all of one class" in words
    assert "Specificity undefined" in words
    json.loads(json.dumps(figures, allow_nan=False))


def test_a_model_without_an_operating_point():
    card = tiny_card("a", operating_points={})
    with pytest.raises(ModelError, match="no operating point"):
        compare((card, np.ones(2)), (card, np.ones(2)), np.array([0, 1]), [None, None])


def content(number: int) -> str:
    return f"{number:064x}"


def seen(training=(), near=(), calibration=()):
    cut = [bytes.fromhex(content(n))[:16] for n in training]
    card = tiny_card(
        data={
            "content_hashes": pack_hashes(cut),
            "perceptual_hashes": pack_hashes(list(near)),
            "calibration_content_hashes": pack_hashes(
                [bytes.fromhex(content(n))[:16] for n in calibration]
            ),
        }
    )
    return Seen.of(card)


def test_whole_patients_are_left_out():
    hashes = [content(n << 200) for n in range(1, 8)]
    near = [bytes([n * 37 % 256] * 32) for n in range(1, 8)]
    patients = ["a", "a", "b", "c", None, None, "d"]
    first = seen(training=[1 << 200, 5 << 200], calibration=[4 << 200])
    second = seen(near=[near[2][:-1] + b"\x00"], calibration=[4 << 200, 7 << 200, 1 << 200])
    kept = unseen(hashes, near, patients, [first, second])
    # a: one image trained on, the other goes with it; b: a near copy; the first None: itself.
    assert kept.kept.tolist() == [False, False, False, True, False, True, True]
    assert kept.excluded == {
        "total": 4,
        "same_pixels": 2,
        "near_duplicates": 1,
        "same_patient": 1,
    }
    # What was left out counts for no threshold.
    assert kept.calibrated == (1, 2)


def test_what_was_left_out_is_told():
    hashes = [content(n << 200) for n in range(1, 5)]
    kept = unseen(
        hashes, [bytes(32)] * 4, ["a", "b", "c", "d"], [seen([1 << 200]), seen((), (), [2 << 200])]
    )
    figures = judge([0.1, 0.9, 0.4], [0.2, 0.8, 0.1], [0, 1, 1]).as_dict(kept)
    assert figures["excluded"]["total"] == 1
    assert figures["threshold_set_on"] == {"first": 0, "second": 1}
    words = "\n".join(in_words(figures))
    assert "Left out" in words
    assert "The threshold of b 1.0 was set on 1 of these images" in words


def test_figures_are_kept_in_english_and_told_in_the_persons_language(monkeypatch):
    monkeypatch.setenv(VARIABLE, "de")
    use_the_windows_language()
    try:
        figures = judge([0.1, 0.9, 0.4], [0.2, 0.8, 0.1], [0, 1, 1]).as_dict()
        words = "\n".join(in_words(figures))
        not_compared = in_words({"why_not": BROKEN.format(kind="MemoryError")})
    finally:
        translation.install(None)
    assert figures["intervals"]["why"].startswith("No patient is known")
    assert "an denselben Bildern: 3 (1 NORMAL, 2 PNEUMONIA" in words
    assert words.endswith("Kein Patient ist bekannt, daher zählt jedes Bild als eigener Patient.")
    assert not_compared == ["Nicht verglichen: er scheiterte mit MemoryError."]
