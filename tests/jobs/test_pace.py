"""How fast scoring is of late, from which the time left is told."""

import pytest

from app.jobs.inference_worker import ScoringPace


def test_the_warm_up_of_the_first_batch_does_not_count():
    pace = ScoringPace()
    assert pace.take(9.0, 32) is None
    assert pace.take(10.0, 64) == pytest.approx(32.0)
    assert pace.take(12.0, 128) == pytest.approx(32.0)


def test_the_pace_follows_a_machine_that_slows_down():
    pace, now, done = ScoringPace(), 0.0, 0
    for _ in range(200):
        now, done = now + 0.5, done + 50
        rate = pace.take(now, done)
    assert rate == pytest.approx(100.0)
    for _ in range(80):
        now, done = now + 0.5, done + 10
        rate = pace.take(now, done)
    assert rate == pytest.approx(20.0)


def test_two_marks_at_once_tell_nothing():
    pace = ScoringPace()
    pace.take(1.0, 32)
    assert pace.take(1.0, 64) is None
