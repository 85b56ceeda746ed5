"""`inspect` as a person types it."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from app.cli import main


def fill(folder, count, first=0):
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + count):
        small = np.random.default_rng(number).integers(0, 255, (8, 8)).astype(np.uint8)
        image = cv2.resize(small, (120, 96), interpolation=cv2.INTER_CUBIC)
        assert cv2.imwrite(str(folder / f"{number:04}.png"), image)


@pytest.fixture
def data(tmp_path):
    fill(tmp_path / "data" / "NORMAL", 10)
    fill(tmp_path / "data" / "PNEUMONIA", 30, first=100)
    return tmp_path / "data"


def test_the_report_on_stdout_and_as_json(data, tmp_path, capsys):
    (data / "NORMAL" / "broken.png").write_bytes(b"no image")
    again = (data / "NORMAL" / "0001.png").read_bytes()
    (data / "PNEUMONIA" / "again.png").write_bytes(again)
    assert main(["inspect", str(data), "--json", str(tmp_path / "report.json")]) == 0
    said = capsys.readouterr()
    assert ["PNEUMONIA", "31", "73.8", "%"] in [line.split() for line in said.out.splitlines()]
    assert ["NORMAL", "11", "26.2", "%"] in [line.split() for line in said.out.splitlines()]
    assert "120 × 96 (41)" in said.out
    assert "NORMAL/broken.png: The file holds no image" in said.out
    assert "DIFFERENT CLASSES: NORMAL/0001.png, PNEUMONIA/again.png" in said.out
    assert "Groups of near copies: none" in said.out
    assert "Written to" in said.err
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["classes"]["PNEUMONIA"] == {
        "images": 31,
        "share": 31 / 42,
        "splits": {},
    }
    assert report["copies"][0]["classes_differ"] is True
    assert report["unreadable"][0]["path"] == "NORMAL/broken.png"
    assert report["unreadable"][0]["codes"] == ["no-image-in-file"]


def test_labels_patients_and_a_mapping(data, tmp_path, capsys):
    labels, patients = tmp_path / "labels.csv", tmp_path / "patients.csv"
    files = sorted(path.relative_to(data).as_posix() for path in data.rglob("*.png"))
    kinds = ["Healthy", "Covid", "Bacterial", "Odd"]
    labels.write_text(
        "label,path\n" + "".join(f"{kinds[i % 4]},{file}\n" for i, file in enumerate(files))
    )
    patients.write_text(
        "path;patient\n" + "".join(f"{file};{i // 2}\n" for i, file in enumerate(files[:20]))
    )
    arguments = ["inspect", str(data), "--labels", str(labels), "--patients", str(patients)]
    assert main([*arguments, "--map", "healthy=NORMAL", "--map", "ODD="]) == 0
    said = capsys.readouterr().out
    rows = [line.split() for line in said.splitlines()]
    assert ["Bacterial", "10", "33.3", "%"] in rows
    assert ["NORMAL", "10", "33.3", "%"] in rows
    assert "Odd" not in said
    assert "Patients known: 10" in said
    assert "15 images have no patient in patients.csv" in said


def test_splits_are_columns(tmp_path, capsys):
    for number, split in enumerate(("train", "test")):
        fill(tmp_path / split / "NORMAL", 10, first=200 * number)
        fill(tmp_path / split / "PNEUMONIA", 30, first=200 * number + 100)
    assert main(["inspect", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert ["Class", "train", "test", "Images", "Share"] in [x.split() for x in said.splitlines()]
    assert "30 (75.0 %)" in said
    assert "test is never trained on: evaluate on it" in said
    assert "Patients on both sides of the ready-made split: none" in said


@pytest.mark.parametrize(
    ("classes", "count", "said"),
    [
        (("NORMAL",), 12, "only one class, NORMAL"),
        (("NORMAL", "PNEUMONIA"), 5, "The class NORMAL holds 5 images."),
    ],
)
def test_what_cannot_be_trained_on_is_shown_and_fails(tmp_path, capsys, classes, count, said):
    for number, name in enumerate(classes):
        fill(tmp_path / name, count, first=100 * number)
    assert main(["inspect", str(tmp_path)]) == 1
    heard = capsys.readouterr()
    assert f"{count * len(classes)} images of" in heard.out
    assert said in heard.err
    assert "At least" in heard.err


def test_a_table_with_missing_files_is_told_by_its_lines(data, tmp_path, capsys):
    labels = tmp_path / "labels.csv"
    labels.write_text("path,label\nNORMAL/0001.png,A\ngone.png,B\n")
    assert main(["inspect", str(data), "--labels", str(labels)]) == 1
    assert (
        "labels.csv has 1 row naming a file that is not there (line 3)" in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--map", "NORMAL"], "FROM=TO was expected"),
        (["--map", "A=B", "--map", "A=C"], "once for each class"),
        (["--labels", "/nowhere/labels.csv"], "There is no /nowhere/labels.csv"),
        (["--json", "{data}/report.json"], "which is being read"),
    ],
)
def test_wrong_arguments(data, capsys, more, said):
    arguments = [text.format(data=data) for text in more]
    assert main(["inspect", str(data), *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not (data / "report.json").exists()


def test_a_folder_that_is_not_there(tmp_path, capsys):
    assert main(["inspect", str(tmp_path / "gone")]) == 2
    assert "There is no" in capsys.readouterr().err


def test_an_unknown_class_in_a_mapping(data, capsys):
    assert main(["inspect", str(data), "--map", "COVID=PNEUMONIA"]) == 1
    assert "names COVID, which the data do not have" in capsys.readouterr().err
