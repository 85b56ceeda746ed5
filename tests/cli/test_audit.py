"""`audit`: the report as a file, its pictures, and arguments that cannot be meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from factories import chest_like, write_dicom
from tiny_data import write_training_folder
from tiny_model import save_tiny

from app.cli import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = write_training_folder(tmp_path_factory.mktemp("site"), per_class=14)
    write_dicom(folder / "PNEUMONIA" / "ct.dcm", chest_like(), Modality="CT")
    (folder / "NORMAL" / "broken.png").write_bytes(b"nothing")
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("models"))


def run(*arguments: object) -> int:
    return main(["audit", *map(str, arguments)])


@pytest.mark.slow
def test_json_has_the_figures_of_evaluate(folder, model, tmp_path, capsys) -> None:
    assert run(folder, "-o", tmp_path / "r.json", "--model", model, "--threshold", 0.4) == 0
    report = json.loads((tmp_path / "r.json").read_text())
    assert (
        main(["evaluate", str(folder), "-o", str(tmp_path / "e.json"), "--model", str(model)]) == 0
    )
    evaluated = json.loads((tmp_path / "e.json").read_text())
    assert (report["files"], report["scored"]) == (evaluated["n"], evaluated["scored"])
    assert (report["refused"], report["unreadable"]) == (1, 1)
    assert report["auc"]["value"] == pytest.approx(evaluated["auc"]["value"])
    assert report["threshold"] == 0.4
    assert "Written to" in capsys.readouterr().err


@pytest.mark.slow
def test_html_and_pdf_show_the_misses_with_their_heatmaps(folder, model, tmp_path) -> None:
    # Nothing reaches 1: every pneumonia is missed.
    assert run(folder, "-o", tmp_path / "r.html", "--model", model, "--threshold", 1) == 0
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert page.count("data:image/jpeg") == 24
    assert "person" not in page  # the file names carry the patient
    assert (
        run(folder, "-o", tmp_path / "n.html", "--model", model, "--threshold", 1, "--names") == 0
    )
    assert "person" in (tmp_path / "n.html").read_text(encoding="utf-8")
    assert run(folder, "-o", tmp_path / "r.pdf", "--model", model, "--no-pictures") == 0
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("output", "more", "words"),
    [
        ("r.docx", (), ".pdf, .html or .json"),
        ("r.pdf", ("--threshold", "1.5"), "no probability"),
        ("r.pdf", ("--labels", "x.csv", "--readers"), "Give one"),
    ],
)
def test_arguments_that_cannot_be_meant(folder, tmp_path, capsys, output, more, words) -> None:
    assert run(folder, "-o", tmp_path / output, *more) == 2
    assert words in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_no_report_is_written_among_the_images(folder, capsys) -> None:
    assert run(folder, "-o", folder / "r.pdf") == 2
    assert not (folder / "r.pdf").exists()
