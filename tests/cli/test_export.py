"""`export`: scores and the verdicts of the store, as files."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import cv2
import highdicom
import pytest
from factories import chest_like, write_dicom
from pydicom import dcmread
from tiny_model import save_tiny

from app.cli import main
from app.core.image.reader import read_radiograph
from app.core.reading.verdicts import Agreement, Verdict
from app.core.worklist.identity import identity_of
from app.review.verdicts.store import VerdictStore


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("models"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "images"
    made.mkdir()
    write_dicom(made / "one.dcm", SeriesInstanceUID="1.2.3", PatientName="Zyzzyx^Adamantia")
    cv2.imwrite(str(made / "two.png"), chest_like(seed=3))
    return made


@pytest.fixture
def verdicts(folder: Path, tmp_path: Path) -> Path:
    path = tmp_path / "verdicts.sqlite"
    with VerdictStore.open(path) as store:
        for reader, agreement in (("Ada", Agreement.AGREE), ("Bo", Agreement.UNSURE)):
            image = identity_of(read_radiograph(folder / "one.dcm"))
            store.add(Verdict(image, reader, agreement, datetime.now(UTC)))
    return path


def export(folder: Path, out: Path, model: Path, *more: str) -> int:
    return main(["export", str(folder), "-o", str(out), "--model", str(model), *more])


@pytest.mark.slow
def test_tables_and_objects(
    folder: Path, verdicts: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    code = export(
        folder, out, model, "--verdicts", str(verdicts), "--format", "csv,json,pdf,sc,sr",
        "--reader", "Ada",
    )  # fmt: skip
    assert code == 0
    rows = list(csv.DictReader(StringIO((out / "opacity-review.csv").read_text("utf-8-sig"))))
    assert [row["verdict"] for row in rows] == ["agree", ""]
    assert all(0 <= float(row["p_pneumonia"]) <= 1 for row in rows)
    assert (out / "opacity-review.pdf").read_bytes().startswith(b"%PDF")
    assert "Grad-CAM" in dcmread(out / "one-heatmap.dcm").DerivationDescription
    assert highdicom.sr.srread(out / "one-report.dcm").PatientName == "Zyzzyx^Adamantia"
    said = capsys.readouterr().err
    assert "5 files written" in said
    assert "not possible (no study, no regions): 2" in said, "a PNG has no study"


def test_anybodys_newest_verdict_where_no_reader_is_named(
    folder: Path, verdicts: Path, model: Path, tmp_path: Path
) -> None:
    assert export(folder, tmp_path / "out", model, "--verdicts", str(verdicts)) == 0
    text = (tmp_path / "out" / "opacity-review.csv").read_text("utf-8-sig")
    assert [row["verdict"] for row in csv.DictReader(StringIO(text))] == ["unsure", ""]


def test_without_identity(folder: Path, verdicts: Path, model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = ["--deidentify", "--shift-dates", "--format", "json,dicom,sr"]
    assert export(folder, out, model, "--verdicts", str(verdicts), *options) == 0
    for path in out.iterdir():
        assert b"yzzyx" not in path.read_bytes()
    assert json.loads((out / "opacity-review.json").read_text("utf-8"))["deidentified"]


@pytest.mark.parametrize(
    "options",
    [
        ["--format", "docx"],
        ["--format", ""],
        ["--format", "dicom"],
        ["--shift-dates"],
        ["--verdicts", "nowhere.sqlite"],
    ],
)
def test_what_cannot_be_meant_is_told_before_any_work(
    options: list[str], folder: Path, model: Path, tmp_path: Path
) -> None:
    assert export(folder, tmp_path / "out", model, *options) == 2
    assert not (tmp_path / "out").exists()


def test_nothing_is_written_among_the_images(folder: Path, model: Path) -> None:
    before = sorted(folder.iterdir())
    assert export(folder, folder / "out", model) == 2
    assert sorted(folder.iterdir()) == before
