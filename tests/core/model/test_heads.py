"""What reads the further outputs of a network."""

import json

import numpy as np
import pytest
from tiny_model import tiny_card

from app.core.base.errors import ModelError
from app.core.model.calibration import Calibration, logistic
from app.core.model.card import ModelCard
from app.core.model.heads import DEVIATIONS, Kind, Uncertainty


def test_a_range_lies_about_the_probability_and_grows_with_the_output():
    line = Calibration(0.8, 0.5, 0.7)
    logits = np.array([-2.0, 0.0, 3.0])
    low, high = Uncertainty(0.5, 0.2).ranges(logits, np.array([0.0, 0.0, 0.0]), line)
    assert low == pytest.approx(logistic(0.8 * (logits - DEVIATIONS * 0.5) + 0.5))
    assert high == pytest.approx(logistic(0.8 * (logits + DEVIATIONS * 0.5) + 0.5))
    wider = Uncertainty(0.5, 0.2).ranges(logits, np.array([1.0, 1.0, 1.0]), line)
    assert (wider[0] < low).all()
    assert (wider[1] > high).all()


def test_a_broken_output_does_not_overflow():
    low, high = Uncertainty(1.0, 0.2).ranges(np.zeros(2), np.array([1e6, -1e6]), None)
    assert np.isfinite([low, high]).all()
    assert (low <= high).all()


def test_kinds_are_calibrated():
    kind = Kind(2.0, -1.0, 0.6, 0.5)
    assert kind.probabilities(np.array([0.5]))[0] == pytest.approx(0.5)


@pytest.mark.parametrize(
    "numbers", [(0.0, 0.0, 0.5, 0.5), (1.0, 0.0, 1.0, 0.5), (1.0, 0.0, 0.5, 1.5)]
)
def test_a_kind_that_makes_no_sense_is_refused(numbers):
    with pytest.raises(ValueError, match=r"kinds|calibration"):
        Kind(*numbers)


@pytest.mark.parametrize("numbers", [(0.0, 0.2), (np.nan, 0.2), (1.0, 0.0), (1.0, 1.5)])
def test_a_spread_that_makes_no_sense_is_refused(numbers):
    with pytest.raises(ValueError, match="spread"):
        Uncertainty(*numbers)


@pytest.mark.parametrize(
    "heads",
    [
        {"age": {}},
        {"kind": {"slope": 1.0}},
        {"spread": {"scale": -1.0, "wide": 0.2}},
        {"spread": {"scale": "1", "wide": 0.2}},
        {"kind": 3},
    ],
)
def test_a_card_whose_heads_make_no_sense_is_refused_when_it_is_read(heads, tmp_path):
    card = json.loads(tiny_card().to_json())
    (tmp_path / "card.json").write_text(json.dumps({**card, "heads": heads}))
    with pytest.raises(ModelError, match="card"):
        ModelCard.load(tmp_path / "card.json")


def test_a_card_with_both_heads_is_read_as_it_was_written(tmp_path):
    heads = {"kind": Kind(2.0, -1.0, 0.6, 0.5).as_dict(), "spread": Uncertainty(1.0, 0.2).as_dict()}
    card = {**json.loads(tiny_card().to_json()), "heads": heads}
    (tmp_path / "card.json").write_text(json.dumps(card))
    read = ModelCard.load(tmp_path / "card.json")
    assert read.kind == Kind(2.0, -1.0, 0.6, 0.5)
    assert read.spread == Uncertainty(1.0, 0.2)
