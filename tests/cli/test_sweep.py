"""`python main.py sweep`: a real sweep, gone on with, its winner trained; bad arguments."""

import csv
import json

import pytest
from tiny_data import write_training_folder

from app.cli import main
from app.core.base.events import SweepEnded, from_line
from app.core.base.home import models_dir


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_training_folder(tmp_path_factory.mktemp("data"), per_class=40, side=64)


@pytest.mark.slow
def test_sweep_go_on_and_train_the_best(tmp_path, data, capfd):
    table = tmp_path / "ledger.csv"
    command = ["sweep", "--data", str(data), "--study", "first", "--workers", "1"]
    assert main([*command, "--trials", "2", "--csv", str(table)]) == 0
    said = capfd.readouterr().err
    assert "Study first: 2 settings of dense, 0 done" in said
    assert "at a time, about " in said
    assert "validation (95 %)" in said
    rows = list(csv.DictReader(table.open(encoding="utf-8")))
    assert [row["state"] for row in rows] == ["complete"] * 2
    assert rows[0]["verdict"] in ("under-fitting", "fine", "over-fitting")

    # The study knows its images: only what changes is said.
    again = ["sweep", "--study", "first", "--trials", "3", "--train-best", "winner", "--events"]
    assert main(again) == 0
    events = [from_line(line) for line in capfd.readouterr().out.splitlines()]
    (ended,) = [event for event in events if isinstance(event, SweepEnded)]
    assert (ended.done, ended.total, ended.failed) == (3, 3, 0)
    card = json.loads((models_dir() / "winner" / "card.json").read_text(encoding="utf-8"))
    assert card["metrics"]["sweep"]["settings"] == ended.best["settings"]
    assert card["metrics"]["sweep"]["trials"] == 3
    assert {k: card["settings"][k] for k in ended.best["settings"]} == ended.best["settings"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--study", "unknown"], "There is no study unknown here"),
        (["--study", "../x", "--data", "DATA"], "cannot name a study"),
        (["--study", "s", "--data", "DATA", "--arch", "huge"], "no architecture named 'huge'"),
        (["--study", "s", "--data", "DATA", "--map", "nothing"], "--map nothing"),
        (["--study", "s", "--data", "DATA", "--inner-folds", "9"], "inner_folds is 9"),
        (["--study", "s", "--data", "DATA", "--csv", "DATA/x.csv"], "x.csv"),
    ],
)
def test_what_cannot_be_meant(data, capsys, arguments, said):
    told = [part.replace("DATA", str(data)) for part in arguments]
    assert main(["sweep", *told]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.slow
def test_a_storage_that_is_not_there(data, capsys):
    url = "postgresql://me:secret@127.0.0.1:1/none"
    assert main(["sweep", "--study", "s", "--data", str(data), "--storage", url]) == 1
    said = capsys.readouterr().err
    assert "cannot be used" in said
    assert "secret" not in said


def test_one_class(tmp_path, capsys):
    (tmp_path / "NORMAL").mkdir()
    assert main(["sweep", "--study", "s", "--data", str(tmp_path)]) == 1
    assert "only one class" in capsys.readouterr().err
