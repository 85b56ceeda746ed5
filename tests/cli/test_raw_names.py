"""File names that are no UTF-8: every result can be read by others, and finds the file again."""

import csv
import json
import os
import sys
from pathlib import Path

import pytest
from tiny_data import write_training_folder
from tiny_model import save_tiny

from app.cli import main
from app.core.base.file_names import as_name
from app.core.base.home import models_dir
from app.review.audit import audit_folder
from app.review.audit.csv_table import name_below
from app.review.audit.relabelling import Relabelling
from app.review.holdout import locks
from app.review.holdout.locks import LockedImage
from app.training.data.layout import list_layout
from app.training.result.changed_calls import Flip, read_flips, write_flips

RAW = os.fsdecode(b"caf\xe9")
SAID = r"caf\udce9"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux")


@pytest.fixture
def folder(tmp_path, opacity_home):
    """In each class one image whose name is no UTF-8, below a folder of such a name."""
    # OpenCV itself ends the process at such a name.
    folder = write_training_folder(tmp_path / "plain", per_class=4).rename(tmp_path / RAW)
    for label in ("NORMAL", "PNEUMONIA"):
        first = min((folder / label).iterdir())
        first.rename(folder / label / f"{RAW}.png")
    save_tiny(models_dir(), "tiny")
    return folder


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_scores_have_every_row_in_utf8(folder, tmp_path, capsys):
    (folder / f"{RAW}.txt.png").write_bytes(b"no picture")
    table = tmp_path / "scores.csv"
    maps = tmp_path / "maps"
    wanted = ["score", str(folder), "-o", str(table), "--heatmaps", str(maps), "--model", "tiny"]
    assert main(wanted) == 0
    found = rows(table)
    assert len(found) == 9
    assert sum(row["path"].endswith(f"/{SAID}.png") for row in found) == 2
    for row in found:
        assert Path(as_name(row["path"])).exists(), row
    assert any(map_.name.startswith(RAW) for map_ in maps.iterdir())


def test_decisions_on_labels_are_written_and_trained_on(folder):
    audit = audit_folder(folder, "tiny")
    decisions = Relabelling(folder)
    row = next(row for row in audit.rows if row.name == f"NORMAL/{RAW}.png")
    decisions.decide(row, "PNEUMONIA", "Ada")
    table = decisions.write_csv(audit)
    assert f"NORMAL/{SAID}.png" in [each["path"] for each in rows(table)]
    layout = list_layout(folder, table, None, {})
    labels = {entry.name: layout.classes[entry.label] for entry in layout.to_train}
    assert len(labels) == 8
    assert labels[f"NORMAL/{RAW}.png"] == "PNEUMONIA"
    again = audit_folder(folder, "tiny", table)
    assert {row.name: row.label for row in again.rows}[f"NORMAL/{RAW}.png"] == 1
    assert not [problem for problem in again.problems if "not in" in problem]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["json", "html", "pdf"])
def test_a_report_with_names(folder, tmp_path, suffix):
    report = tmp_path / f"report.{suffix}"
    wanted = ["audit", str(folder), "-o", str(report), "--model", "tiny", "--names"]
    assert main([*wanted, "--threshold", "1"]) == 0
    if suffix == "json":
        found = json.loads(report.read_text(encoding="utf-8"))
        assert found["folder"] == SAID
        named = [each["name"] for each in found["worst_misses"]]
        assert f"PNEUMONIA/{SAID}.png" in named
        json.dumps(found, ensure_ascii=False).encode()
    elif suffix == "html":
        assert f"PNEUMONIA/{SAID}.png" in report.read_text(encoding="utf-8")


def test_inspect_evaluate_and_export(folder, tmp_path, capsys):
    found = tmp_path / "found.json"
    (folder / "NORMAL" / f"{RAW}2.png").write_bytes(b"no picture")
    assert main(["inspect", str(folder), "--json", str(found)]) == 1  # too few to train on
    (unreadable,) = json.loads(found.read_text())["unreadable"]
    assert unreadable["path"] == f"NORMAL/{SAID}2.png"
    assert SAID in capsys.readouterr().out
    (folder / "NORMAL" / f"{RAW}2.png").unlink()
    out = str(tmp_path / "figures.json")
    assert main(["evaluate", str(folder), "-o", out, "--model", "tiny"]) == 0
    out = str(tmp_path / "exported")
    wanted = ["export", str(folder), "-o", out, "--model", "tiny", "--format", "csv,json,pdf"]
    assert main(wanted) == 0


def test_flips_and_locks(folder, tmp_path):
    flips = (Flip("newly_missed", f"NORMAL/{RAW}.png", 0.9, 0.1, "newly_missed"),)
    write_flips(tmp_path, flips)
    assert read_flips(tmp_path) == flips
    (tmp_path / "flips.csv").read_text(encoding="utf-8")
    assert locks.lock(folder, [LockedImage("ab" * 32)]).name == SAID


def test_a_file_that_is_called_like_the_sign_is_meant_first(tmp_path):
    (tmp_path / f"{SAID}.png").touch()
    assert name_below(f"{SAID}.png", tmp_path) == f"{SAID}.png"
    (tmp_path / f"{SAID}.png").unlink()
    assert name_below(f"{SAID}.png", tmp_path) == f"{RAW}.png"
