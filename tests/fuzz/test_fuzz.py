"""A short run of what ``python tests/fuzz`` does a million times."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from fuzz.feeding import WAYS, Feeder
from fuzz.seeds import seeds

COMMAND = (sys.executable, str(Path(__file__).parent))
EXECUTIONS = 1500


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return seeds(tmp_path_factory.mktemp("seeds"))


@pytest.mark.slow
def test_nothing_but_the_programs_own_errors(files, tmp_path):
    feeder = Feeder(files, tmp_path, seed=2)
    fed = [feeder.feed(number) for number in range(EXECUTIONS)]
    assert [each for each in fed if each.wrong] == []
    assert {each.way for each in fed} == set(WAYS)
    read = Counter(each.kind for each in fed if each.read)
    # Damage that nothing gets through would test the first check alone.
    assert set(read) == set(files)


def test_every_whole_file_is_read(files, tmp_path):
    for content in files.values():
        (tmp_path / "whole").write_bytes(content)
        for way in ("reader", "tags", "audit's header"):
            WAYS[way](tmp_path / "whole")


def test_a_number_decides_everything(files, tmp_path):
    one, other = (Feeder(files, tmp_path, seed=3) for _ in range(2))
    made = [one.content(number) for number in range(50)]
    assert made == [other.content(number) for number in range(50)]
    assert len(set(made)) > 45
    assert made != [Feeder(files, tmp_path, seed=4).content(number) for number in range(50)]


@pytest.mark.slow
def test_a_run_goes_on_where_it_was_and_words_its_table(tmp_path):
    for executions in ("500", "1000"):
        subprocess.run((*COMMAND, "run", tmp_path, "--executions", executions), check=True)
    state = json.loads((tmp_path / "state.json").read_text())
    assert state["executions"] == sum(state["ways"].values()) == 1000
    done = subprocess.run((*COMMAND, "table", tmp_path), check=True, capture_output=True, text=True)
    assert "| executions | 1,000 |" in done.stdout


@pytest.mark.slow
def test_an_end_of_the_program_is_noted_and_left_out(tmp_path):
    (tmp_path / "state.json").write_text(
        json.dumps(
            {"seed": 1, "executions": 0, "workers_died": 0, "seconds": 0, "wrong": []}
            | {"ways": {}, "kinds": {}, "read": {}, "left_out": [7]}
        )
    )
    subprocess.run((*COMMAND, "run", tmp_path, "--executions", "500"), check=True)
    state = json.loads((tmp_path / "state.json").read_text())
    assert sum(state["ways"].values()) == 499
