"""Claims: one winner each, whoever asks at the same time; the dead are taken over once."""

import threading
import time

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from app.training.sweep.claims import DONE, FAILED, Claims

SETTINGS = [{"nodes_dense": n, "optimizer": o} for n in (12, 20, 100) for o in ("adam", "sgd")]


@pytest.fixture
def open_claims(tmp_path):
    def make(study: str = "s", grace: float = 60.0) -> Claims:
        url = f"sqlite:///{tmp_path / 'claims.db'}"
        engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": 60})
        return Claims(engine, study, grace)

    return make


def test_a_setting_is_won_by_one_of_many_who_ask_at_once(open_claims):
    won: list[str] = []
    ready = threading.Barrier(6)

    def ask(name: str) -> None:
        claims = open_claims()
        ready.wait()
        while claim := claims.take_next(SETTINGS, name):
            won.append(claim.key)

    open_claims()  # the tables
    threads = [threading.Thread(target=ask, args=(f"worker{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == sorted(set(won))
    assert len(won) == len(SETTINGS)


def test_the_order_of_names_does_not_make_another_setting(open_claims):
    claims = open_claims()
    assert claims.take({"a": 1, "b": 2}, "me")
    assert claims.take({"b": 2, "a": 1}, "you") is None


def test_studies_do_not_see_each_other(open_claims):
    assert open_claims("one").take(SETTINGS[0], "me")
    assert open_claims("two").take(SETTINGS[0], "me")


@pytest.mark.slow
def test_a_beating_claim_is_nobody_elses(open_claims):
    claims = open_claims(grace=0.4)
    claim = claims.take(SETTINGS[0], "me")
    for _ in range(4):
        time.sleep(0.2)
        assert claims.beat(claim)
        assert claims.take_over("you") is None


def test_a_silent_claim_is_taken_over_by_one(open_claims):
    claims = open_claims(grace=0.2)
    claim = claims.take(SETTINGS[0], "me")
    claims.begin(claim, 7)
    time.sleep(0.4)
    taken = claims.take_over("you")
    assert taken is not None
    assert (taken.settings, taken.attempts, taken.orphan) == (SETTINGS[0], 2, 7)
    assert claims.take_over("third") is None, "it beats again"
    assert not claims.beat(claim), "the one who was silent hears that it is lost"
    assert not claims.end(claim, DONE)
    assert claims.end(taken, DONE)


def test_of_many_who_take_over_one_wins(open_claims):
    open_claims(grace=0.2).take(SETTINGS[0], "dead")
    time.sleep(0.4)
    ready, won = threading.Barrier(6), []

    def ask(name: str) -> None:
        claims = open_claims(grace=0.2)
        ready.wait()
        if claim := claims.take_over(name):
            won.append(claim.holder)

    threads = [threading.Thread(target=ask, args=(f"worker{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_what_is_given_back_is_free_at_once(open_claims):
    claims = open_claims()
    claim = claims.take(SETTINGS[0], "me")
    claims.release(claim)
    assert claims.take(SETTINGS[0], "you")


def test_done_and_failed_stay(open_claims):
    claims = open_claims(grace=0.0)
    for settings, state in zip(SETTINGS, (DONE, FAILED), strict=False):
        assert claims.end(claims.take(settings, "me"), state)
    time.sleep(0.1)
    assert claims.take_over("you") is None
    assert sorted(claims.states().values()) == [DONE, FAILED]


def test_the_first_to_name_a_study_says_what_it_is(open_claims):
    assert open_claims().identify("these images") == "these images"
    assert open_claims().identify("others") == "these images"
