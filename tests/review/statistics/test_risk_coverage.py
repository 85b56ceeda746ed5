"""How accuracy rises as the least sure are set aside."""

import numpy as np
import pytest

from app.review.statistics import risk_coverage


def test_the_curve_by_hand():
    coverage, risk = risk_coverage.curve(
        np.array([0.1, 0.4, 0.2, 0.3]), np.array([False, True, False, True])
    )
    assert coverage == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert risk == pytest.approx([0, 0, 1 / 3, 1 / 2])


def test_those_that_are_equally_unsure_share_their_errors():
    wrong = np.array([True, False, False, False])
    for order in ([0, 1, 2, 3], [3, 2, 1, 0]):
        _, risk = risk_coverage.curve(np.zeros(4), wrong[order])
        assert risk == pytest.approx([0.25] * 4)


def test_a_good_order_has_a_smaller_area():
    random = np.random.default_rng(0)
    wrong = random.random(500) < 0.2
    informed = wrong + random.normal(0, 0.3, 500)
    assert risk_coverage.area(informed, wrong) < risk_coverage.area(random.random(500), wrong)
    # No order does better than all the wrong ones last (Geifman and El-Yaniv's optimum).
    assert risk_coverage.area(wrong.astype(float), wrong) < risk_coverage.area(informed, wrong)


def test_the_table_keeps_the_surest():
    random = np.random.default_rng(1)
    unsure = random.random(300)
    wrong = random.random(300) < 0.3 * unsure
    rows = risk_coverage.table(unsure, wrong, [f"p{i // 2}" for i in range(300)])
    assert rows[0]["images"] == 300
    assert rows[0]["accuracy"]["value"] == pytest.approx(1 - wrong.mean())
    assert [row["images"] for row in rows] == sorted((row["images"] for row in rows), reverse=True)
    for row in rows:
        kept = unsure <= row["unsure_up_to"]
        assert row["accuracy"]["value"] == pytest.approx(1 - wrong[kept].mean())
        assert row["accuracy"]["low"] <= row["accuracy"]["value"] <= row["accuracy"]["high"]
