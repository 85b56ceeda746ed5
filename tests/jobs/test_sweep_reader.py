"""The reader of sweeps on disk: what it tells, and that it tells only changes."""

import os
import time

import pytest
from sweep_rows import make_rows
from tiny_settings import tiny

from app.core.settings.sweep import SweepConfig
from app.jobs import sweep_reader
from app.jobs.sweep_reader import SweepReader
from app.training.sweep.folders import open_sweep
from app.training.sweep.ledger import write_ledger

WAIT = 20_000


def put(name, rows, arch="dense"):
    folder = open_sweep(SweepConfig(name, tiny(arch)))
    write_ledger(folder / "ledger.jsonl", rows)
    return folder


class Heard:
    def __init__(self, reader, qtbot):
        self.reader, self.qtbot = reader, qtbot
        self.studies, self.rows = [], []
        reader.studies_read.connect(self.studies.append)
        reader.rows_read.connect(lambda name, rows: self.rows.append((name, rows)))

    def settle(self):
        self.qtbot.waitUntil(lambda: not self.reader._busy, timeout=WAIT)
        self.qtbot.wait(20)


@pytest.fixture
def heard(qtbot):
    reader = SweepReader()
    yield Heard(reader, qtbot)
    reader.close()


def test_how_far_each_study_is_and_the_trials_of_one(heard):
    rows = make_rows(60)
    put("one", rows)
    put("two", rows[:3])
    heard.reader.follow("one")
    heard.settle()
    (studies,) = heard.studies
    told = {study.name: study for study in studies}
    assert (told["one"].done, told["one"].failed, told["one"].total) == (59, 1, 216)
    assert told["two"].done == 3
    assert heard.rows == [("one", rows)]


def test_only_what_has_changed_is_told_and_read(heard, monkeypatch):
    folder = put("one", make_rows(5))
    heard.reader.follow("one")
    heard.settle()
    read = []
    real = sweep_reader._rows
    monkeypatch.setattr(sweep_reader, "_rows", lambda sweep: read.append(1) or real(sweep))
    heard.reader.refresh()
    heard.settle()
    assert (len(heard.studies), len(heard.rows), read) == (1, 1, [])
    write_ledger(folder / "ledger.jsonl", make_rows(6))
    heard.reader.refresh()
    heard.settle()
    assert [len(rows) for _, rows in heard.rows] == [5, 6]
    assert read == [1]


def test_an_answer_from_before_a_study_was_begun_is_not_told(heard):
    put("old", make_rows(216))
    heard.reader.refresh()  # under way while the new study comes to be
    put("new", make_rows(2))
    heard.reader.follow("new")
    heard.settle()
    assert all("new" in {study.name for study in studies} for studies in heard.studies)
    assert [name for name, _ in heard.rows] == ["new"]


def test_a_ledger_written_a_moment_ago_is_fresh_unless_its_writer_has_ended(heard):
    folder = put("one", make_rows(5))
    heard.reader.refresh()
    heard.settle()
    assert heard.studies[-1][0].fresh
    heard.reader.settle("one")
    heard.settle()
    assert not heard.studies[-1][0].fresh
    write_ledger(folder / "ledger.jsonl", make_rows(6))  # another process goes on
    heard.reader.refresh()
    heard.settle()
    assert heard.studies[-1][0].fresh
    then = time.time() - 60
    os.utime(folder / "ledger.jsonl", (then, then))
    heard.reader.refresh()
    heard.settle()
    assert not heard.studies[-1][0].fresh


@pytest.mark.parametrize("text", ["{", "[]\n", '{"number": 1}\n'])
def test_a_damaged_ledger_has_no_trials(heard, text):
    folder = put("one", [])
    (folder / "ledger.jsonl").write_text(text)
    heard.reader.follow("one")
    heard.settle()
    assert heard.rows == [("one", [])]
    assert heard.studies[0][0].done == 0
