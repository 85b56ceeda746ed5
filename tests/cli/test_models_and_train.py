"""`models` and `train` as a person types them."""

from __future__ import annotations

import json

import pytest
from tiny_data import write_training_folder
from tiny_model import save_tiny

from app.cli import main
from app.core.base.home import models_dir
from app.inference.registry.models import find_model, list_models


def test_the_bundled_model_is_listed_and_is_the_default(capsys):
    assert main(["models"]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("*")]
    assert "best-2" in line
    assert "bundled" in line
    assert find_model().name == "best-2"


def test_a_damaged_model_is_listed_with_its_reason(capsys):
    save_tiny(models_dir(), "mine")
    (models_dir() / "mine" / "card.json").write_text("{")
    (models_dir() / "half.partial").mkdir()
    assert main(["models", "--json"]) == 0
    listed = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert "cannot be read" in listed["mine"]["error"]
    assert "half.partial" not in listed
    assert main(["models"]) == 0
    assert "cannot be used" in capsys.readouterr().out


@pytest.mark.slow
def test_a_card_without_weights_is_no_model():
    folder = save_tiny(models_dir(), "mine")
    (folder / "model.keras").unlink()
    entry = next(entry for entry in list_models() if entry.name == "mine")
    assert entry.card is None
    assert "no model.keras" in entry.error


def test_the_default_is_not_taken_from_where_the_program_was_started(tmp_path, monkeypatch):
    save_tiny(tmp_path, "best-2")
    monkeypatch.chdir(tmp_path)
    assert find_model().parent != tmp_path
    assert find_model() == next(entry.folder for entry in list_models() if entry.bundled)


@pytest.mark.slow
def test_train_on_a_csv_with_mapped_classes_and_patients(tmp_path, capsys):
    data = write_training_folder(tmp_path / "data", per_class=40)
    files = sorted(path.relative_to(data).as_posix() for path in data.rglob("*.png"))
    kinds = {"NORMAL": "Healthy", "PNEUMONIA": "Covid"}
    rows = [f"{name},{kinds[name.split('/')[0]]},p{n}" for n, name in enumerate(files)]
    rows[0] = f"{files[0]},Odd,p0"
    labels = tmp_path / "labels.csv"
    labels.write_text("path,label,patient\n" + "\n".join(rows))
    arguments = ["train", "--data", str(data), "--labels", str(labels), "--arch", "dense"]
    maps = ["--map", "Healthy=NORMAL", "--map", "covid=PNEUMONIA", "--map", "Odd="]
    assert main([*arguments, *maps, "--epochs", "1", "--name", "mapped"]) == 0
    card = next(entry.card for entry in list_models() if entry.name == "mapped")
    assert card.classes == ("NORMAL", "PNEUMONIA")
    sides = card.data["images"].values()
    assert sum(side["NORMAL"] for side in sides) == 39
    assert sum(side["PNEUMONIA"] for side in sides) == 40
    assert main([*arguments, "--map", "Healthy"]) == 2
    assert "FROM=TO was expected" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("held_out", [None, {"auc": None}, {"auc": {"value": None}}, 0.9])
def test_a_card_whose_model_was_not_measured(held_out, capsys):
    save_tiny(models_dir(), "mine", metrics={"held_out": held_out})
    assert main(["models"]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if " mine " in line]
    assert "not measured" in line
