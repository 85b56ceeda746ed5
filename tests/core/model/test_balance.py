"""What a logit is made of: it always adds up, and the share says how much is on the map."""

from __future__ import annotations

import pytest

from app.core.model.balance import Balance


def test_a_map_that_adds_up_leaves_no_rest():
    balance = Balance(2.5, -0.5, 4.0, 1.0)
    assert balance.rest == 0
    assert balance.share == 1


def test_what_the_map_does_not_show_counts_against_it():
    balance = Balance(3.5, -0.5, 2.0, 1.0)
    assert balance.rest == pytest.approx(3.0)
    assert balance.share == pytest.approx(0.5)
    assert Balance(-2.5, -0.5, 2.0, 1.0).share == pytest.approx(0.5)


def test_nothing_at_all():
    assert Balance(-0.5, -0.5, 0.0, 0.0).share == 1
    assert Balance(1.0, 0.0, 0.0, 0.0).share == 0


def test_rounding_of_large_sums_is_no_rest():
    assert Balance(1000.2, 0.0, 1000.0, 0.0).rest == 0
