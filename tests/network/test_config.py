"""network.json as anybody may have written it: what is wrong is named and left aside."""

from __future__ import annotations

import json

import pytest

from app.network.config import (
    Caller,
    Limits,
    Listening,
    NetworkConfig,
    Node,
    load,
    save,
)


def loaded(path, **raw):
    path.write_text(json.dumps(raw))
    return load(path)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "network.json"


def test_what_is_saved_is_loaded(path):
    config = NetworkConfig(
        Listening(True, "ME", "0.0.0.0", 4242, (Caller("A", "10.0.0.0/8"), Caller("B"))),
        (Node("pacs", "host", 104, tls=True),),
    )
    save(config, path)
    assert load(path) == config
    assert load(path).problems == ()
    assert set(json.loads(path.read_text())) == {"listening", "nodes"}


@pytest.mark.parametrize(
    "network", ["q0.0.0.0/8", "10.0.0.0/99", "somewhere", " ", 5, None, [], {}, True, 10**30]
)
def test_a_caller_whose_network_is_none_admits_nobody_and_the_rest_works(path, network):
    callers = [{"title": "A", "network": network}, {"title": "B", "network": "10.1.0.0/16"}]
    config = loaded(
        path,
        listening={"title": "ME", "address": "0.0.0.0", "port": 4242, "callers": callers},
        nodes=[{"name": "a", "host": "h"}],
    )
    if network == 10**30:
        assert config == NetworkConfig()  # no JSON that we write
        assert len(config.problems) == 1
        return
    assert config.listening.callers == (Caller("B", "10.1.0.0/16"),)
    assert config.nodes == (Node("a", "h"),)
    (problem,) = config.problems
    assert "is left out" in problem
    config.listening.check()


@pytest.mark.parametrize("title", ["", " ", "a" * 17, "back\\slash", 7, None, "é"])
def test_a_caller_without_a_title_is_named(path, title):
    config = loaded(path, listening={"callers": [{"title": title}]})
    assert config.listening.callers == ()
    assert len(config.problems) == 1


def test_values_that_make_no_sense_have_their_defaults(path):
    config = loaded(
        path,
        listening={
            "port": 2**40,
            "title": 5,
            "on": "yes",
            "limits": {"object_mib": -1, "connections": 3, "free_mib": "x"},
        },
    )
    assert config.listening == Listening(limits=Limits(connections=3))
    assert len(config.problems) == 5


@pytest.mark.parametrize("wrong", [{"tls": "yes"}, {"port": "104"}, {"host": "a\nb"}])
def test_a_node_that_is_half_understood_is_left_out(path, wrong):
    config = loaded(path, nodes=[{"name": "a", "host": "h", **wrong}, {"name": "b", "host": "h"}])
    assert config.nodes == (Node("b", "h"),)
    assert "left out" in config.problems[0]


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[1]", b"\xff\xfe", b"[" * 100_000, b'{"listening": ' + b"9" * 5000 + b"}"]
)
def test_a_file_that_is_none_is_told(path, data):
    path.write_bytes(data)
    assert load(path) == NetworkConfig()
    assert "cannot be read" in load(path).problems[0]


def test_no_file_is_no_problem(path):
    assert load(path).problems == ()
