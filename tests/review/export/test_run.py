"""An export as a whole: files, lists, problems, cancel, and where nothing is written."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from io import StringIO
from pathlib import Path

import cv2
import pytest
from factories import chest_like, write_dicom
from pydicom import dcmread
from reviewed import PYDICOM, PYDICOM_DATA, heatmap, reviewed

from app.core.base.errors import OutputError
from app.core.base.reasons import told
from app.core.image.reader import read_radiograph
from app.core.model.results import Prediction, Status
from app.core.worklist.scan import Item
from app.review.export.reviewed import Format, ReviewedImage
from app.review.export.run import ExportOutcome, Plan, existing, export
from app.review.export.source import NO_REGIONS, NO_STUDY, NO_VIEW, NOT_DEIDENTIFIED
from app.review.export.stand_ins import Deidentification

ALL = frozenset(Format)
HOW = Deidentification(b"salt" * 8)


def complete(image: ReviewedImage, pixels: bool, with_heatmap: bool) -> ReviewedImage:
    """What the worklist does not hold, read again."""
    radiograph = read_radiograph(image.item.path)
    return replace(
        image,
        radiograph=radiograph if pixels else None,
        heatmap=heatmap() if with_heatmap else None,
        header=radiograph.header,
    )


@pytest.fixture
def images(tmp_path: Path) -> list[ReviewedImage]:
    """A DICOM with regions, a PNG, and a file that is gone since it was listed."""
    folder = tmp_path / "opened" / "Zyzzyx"
    folder.mkdir(parents=True)
    write_dicom(
        folder / "Zyzzyx.dcm", SeriesInstanceUID="1.2.3", PatientName="Zyzzyx^Ada", PatientID="Z-77"
    )
    cv2.imwrite(str(folder / "Zyzzyx.png"), chest_like())
    gone = write_dicom(folder / "gone.dcm", SeriesInstanceUID="1.2.4", PatientName="Zyzzyx^Ada")
    made = [reviewed(path, note="Zyzzyx was here") for path in sorted(folder.iterdir())]
    gone.unlink()
    plain = [replace(each, radiograph=None, heatmap=None) for each in made]
    return [plain[0], replace(plain[1], verdict=None), plain[2]]


def run(images: list[ReviewedImage], plan: Plan, **options: object) -> ExportOutcome:
    return export(images, plan, complete, **options)  # type: ignore[arg-type]


def test_every_format_of_a_list(images: list[ReviewedImage], tmp_path: Path) -> None:
    plan = Plan(ALL, tmp_path / "out", opened=(str(tmp_path / "opened"),))
    steps: list[tuple[int, int]] = []
    outcome = run(images, plan, progress=lambda done, total: steps.append((done, total)))
    assert sorted(path.name for path in outcome.written) == [
        "Zyzzyx-heatmap-2.png",
        "Zyzzyx-heatmap.dcm",
        "Zyzzyx-heatmap.png",
        "Zyzzyx-regions.dcm",
        "Zyzzyx-report.dcm",
        "opacity-review.csv",
        "opacity-review.json",
        "opacity-review.pdf",
    ]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(
        p.name for p in outcome.written
    ), "no partial file is left"
    assert steps == [(1, 3), (2, 3), (3, 3)]
    expected = {(Path(p.image).name, p.words) for p in outcome.problems if p.expected}
    assert ("Zyzzyx.png", NO_STUDY) in expected
    assert ("Zyzzyx.dcm", NOT_DEIDENTIFIED) in expected
    assert ("Zyzzyx.dcm", NO_VIEW) in expected
    failed = {Path(p.image).name for p in outcome.problems if not p.expected}
    assert failed == {"gone.dcm"}, "one image's loss is its own"
    assert {path.suffix for path in outcome.dicom} == {".dcm"}


def test_a_de_identified_list_names_nobody(images: list[ReviewedImage], tmp_path: Path) -> None:
    out = tmp_path / "out"
    outcome = run(images, Plan(ALL, out, deidentification=HOW))
    names = {path.name.split(".")[0].split("-heatmap")[0] for path in outcome.written}
    assert any(path.name.startswith("image-") for path in outcome.written)
    assert not any("yzzyx" in name for name in names)
    for path in outcome.written:
        assert b"yzzyx" not in path.read_bytes(), path.name
    rows = list(csv.DictReader(StringIO((out / "opacity-review.csv").read_text("utf-8-sig"))))
    assert len(rows) == 3
    assert "path" not in rows[0]
    assert "reader" not in rows[0]
    assert rows[0]["model"] == "best"
    copies = [path for path in outcome.dicom if path.name.count("-") == 1]
    (copy,) = [dcmread(path) for path in copies]
    assert copy.PatientIdentityRemoved == "YES"
    assert rows[1]["patient_id"] in ("", copy.PatientID)
    assert copy.PatientID in [row["patient_id"] for row in rows], "file and row can be matched"


def test_the_same_patient_has_one_pseudonym_in_every_export(
    images: list[ReviewedImage], tmp_path: Path
) -> None:
    found = []
    for name in ("one", "two"):
        plan = Plan(frozenset({Format.DICOM}), tmp_path / name, deidentification=HOW)
        (path,) = run(images[:1], plan).written
        found.append((path.name, dcmread(path).PatientID, dcmread(path).StudyInstanceUID))
    assert found[0] == found[1]


@pytest.mark.parametrize("where", ["opened", "opened/Zyzzyx", "opened/Zyzzyx/new", "link/new"])
def test_nothing_is_written_among_what_is_read(
    images: list[ReviewedImage], where: str, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "opened", target_is_directory=True)
    before = sorted((tmp_path / "opened").rglob("*"))
    plan = Plan(ALL, tmp_path / where, opened=(str(tmp_path / "opened"),))
    with pytest.raises(OutputError, match="being read"):
        run(images, plan)
    assert sorted((tmp_path / "opened").rglob("*")) == before


def test_a_file_that_is_there_is_kept_unless_it_may_be_replaced(
    images: list[ReviewedImage], tmp_path: Path
) -> None:
    plan = Plan(frozenset({Format.PNG, Format.CSV}), tmp_path / "out")
    plan.folder.mkdir()
    old = plan.folder / "Zyzzyx-heatmap.png"
    old.write_bytes(b"mine")
    assert existing(images[:1], plan) == [old]
    run(images[:1], plan)
    assert old.read_bytes() == b"mine"
    assert (plan.folder / "Zyzzyx-heatmap-2.png").is_file()
    run(images[:1], replace(plan, replace=True))
    assert old.read_bytes().startswith(b"\x89PNG")


def test_cancel_keeps_what_is_whole_and_writes_no_list(
    images: list[ReviewedImage], tmp_path: Path
) -> None:
    plan = Plan(frozenset({Format.PNG, Format.CSV, Format.PDF}), tmp_path / "out")
    asked = iter([False, False, True, True, True])
    outcome = run(images[:2], plan, cancelled=lambda: next(asked))
    assert outcome.cancelled
    assert [path.name for path in plan.folder.iterdir()] == ["Zyzzyx-heatmap.png"]


def test_a_folder_that_cannot_be_made_is_told_before_anything(
    images: list[ReviewedImage], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("here")
    with pytest.raises(OutputError, match="could not be written"):
        run(images, Plan(ALL, tmp_path / "file" / "out"))


def test_two_images_of_one_name_keep_two_files(tmp_path: Path) -> None:
    made = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        cv2.imwrite(str(tmp_path / name / "image.png"), chest_like())
        made.append(reviewed(tmp_path / name / "image.png"))
    outcome = run(made, Plan(frozenset({Format.PNG}), tmp_path / "out", replace=True))
    assert sorted(path.name for path in outcome.written) == [
        "image-heatmap-2.png",
        "image-heatmap.png",
    ]


def test_a_header_at_which_a_library_stumbles_costs_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object) -> None:
        raise KeyError("Secret^Name")

    monkeypatch.setattr("app.review.export.run.structured_report", stumble)
    path = write_dicom(tmp_path / "image.dcm", SeriesInstanceUID="1.2.3")
    formats = frozenset({Format.STRUCTURED_REPORT, Format.SECONDARY_CAPTURE})
    outcome = run([reviewed(path)], Plan(formats, tmp_path / "out"))
    assert [each.name for each in outcome.written] == ["image-heatmap.dcm"]
    (problem,) = outcome.problems
    assert "KeyError" in problem.words
    assert "Secret" not in problem.words


def test_an_image_without_regions_has_no_presentation_state(tmp_path: Path) -> None:
    path = PYDICOM / "charset_files" / "chrGreek.dcm"
    image = reviewed(path, verdict=None)
    outcome = run([image], Plan(frozenset({Format.PRESENTATION_STATE}), tmp_path / "out"))
    assert [each.words for each in outcome.problems] == [NO_REGIONS]


@pytest.mark.slow
def test_real_files_of_all_kinds_never_stop_a_list(tmp_path: Path) -> None:
    """Whatever pydicom's test files hold: each gives files or a reason."""
    folder = tmp_path / "opened"
    folder.mkdir()
    found = [*(PYDICOM / "charset_files").glob("*.dcm"), *PYDICOM_DATA.glob("SC_rgb*.dcm")]
    for path in found:
        shutil.copy(path, folder)
    prediction = Prediction(Status.REFUSED, (told("Not a radiograph"),), model="best 1.2.0")
    images = [
        ReviewedImage(Item(path, str(path)), prediction=prediction)
        for path in sorted(folder.iterdir())
    ]
    formats = ALL - {Format.PDF, Format.PNG}
    outcome = run(images, Plan(formats, tmp_path / "out", deidentification=HOW))
    rows = json.loads((tmp_path / "out" / "opacity-review.json").read_text("utf-8"))["images"]
    assert len(rows) == len(images)
    reports = [path for path in outcome.written if "-report" in path.name]
    without = {p.image for p in outcome.problems if p.format in (None, Format.STRUCTURED_REPORT)}
    assert len(reports) + len(without) == len(images)
    assert len(reports) > 20
