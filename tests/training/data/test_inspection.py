"""The look before a training, on made folders and once on the real collection."""

import cv2
import numpy as np
import pytest
from factories import write_dicom

from app.core.base.errors import ReviewError
from app.training.data.findings import Inspection, draw_samples
from app.training.data.inspection import inspect_layout, read_thumbnail
from app.training.data.layout import list_layout


def picture(seed, rows=96, columns=120):
    """A grey picture that looks like no other one."""
    small = np.random.default_rng(seed).integers(0, 255, (8, 8)).astype(np.uint8)
    return cv2.resize(small, (columns, rows), interpolation=cv2.INTER_CUBIC)


def save(path, image):
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image)


def fill(folder, count, first=0, **size):
    for number in range(first, first + count):
        save(folder / f"{number:04}.png", picture(number, **size))


def look(folder, **how) -> Inspection:
    return inspect_layout(list_layout(folder, **how))


@pytest.fixture
def two_classes(tmp_path):
    fill(tmp_path / "NORMAL", 12)
    fill(tmp_path / "PNEUMONIA", 24, first=100, rows=80, columns=160)
    return tmp_path


def test_counts_shares_and_sizes(two_classes):
    save(two_classes / "PNEUMONIA" / "big.png", picture(777, 400, 200))
    found = look(two_classes)
    assert (found.images(), found.images("NORMAL"), found.images("PNEUMONIA", "")) == (37, 12, 25)
    assert found.share("NORMAL") == pytest.approx(12 / 37)
    normal, pneumonia = found.sizes
    assert (normal.width.low, normal.width.high, normal.height.median) == (120, 120, 96)
    assert (pneumonia.width.median, pneumonia.height.high) == (160, 400)
    assert (pneumonia.aspect.low, pneumonia.aspect.median) == (0.5, 2.0)
    assert found.common_sizes == ((160, 80, 24), (120, 96, 12), (200, 400, 1))
    assert found.different_sizes == 3
    assert found.skipped == ()
    assert found.copies == ()
    assert found.problems == ()


def test_files_that_cannot_be_read_and_those_refused_are_told_apart(two_classes):
    (two_classes / "NORMAL" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno")
    (two_classes / "NORMAL" / "empty.png").write_bytes(b"")
    save(two_classes / "NORMAL" / "tiny.png", picture(1)[:32, :32])
    found = look(two_classes)
    assert [one.name for one in found.unreadable] == ["NORMAL/broken.png", "NORMAL/empty.png"]
    assert found.unreadable[1].reason == "The file is empty."
    (refused,) = found.refused
    assert "32 × 32" in refused.reason
    assert len(found.usable) == 36
    assert "2 files cannot be read" in " ".join(found.warnings)
    assert "1 file is no chest radiograph" in " ".join(found.warnings)


def test_exact_and_near_copies_across_classes(two_classes):
    save(two_classes / "NORMAL" / "again.png", picture(3))
    save(two_classes / "PNEUMONIA" / "again.png", picture(4))
    save(two_classes / "NORMAL" / "small.png", cv2.resize(picture(101, 80, 160), (110, 70)))
    found = look(two_classes)
    told = {tuple(e.name for e in one.entries): one for one in found.copies}
    same = told["NORMAL/0003.png", "NORMAL/again.png"]
    assert (same.exact, same.labels_differ) == (True, False)
    wrong = told["NORMAL/0004.png", "PNEUMONIA/again.png"]
    assert (wrong.exact, wrong.labels_differ) == (True, True)
    near = told["NORMAL/small.png", "PNEUMONIA/0101.png"]
    assert (near.exact, near.labels_differ) == (False, True)
    assert len(told) == 3
    assert "2 groups of copies have images in different classes" in " ".join(found.warnings)
    assert found.strangers == 1
    assert "1 group of near copies has different patients or none" in " ".join(found.warnings)


def test_patients_and_copies_on_both_sides_of_a_split(tmp_path):
    for number, (split, name) in enumerate(
        (split, name) for split in ("train", "val", "test") for name in ("NORMAL", "PNEUMONIA")
    ):
        fill(tmp_path / split / name, 12, first=100 * number)
    save(tmp_path / "train" / "NORMAL" / "IM-0007-0001.png", picture(900))
    save(tmp_path / "test" / "NORMAL" / "IM-0007-0002.png", picture(901))
    save(tmp_path / "train" / "PNEUMONIA" / "person8_virus_1.png", picture(902))
    save(tmp_path / "val" / "PNEUMONIA" / "person8_virus_2.png", picture(903))
    save(tmp_path / "test" / "PNEUMONIA" / "copy.png", picture(0))
    found = look(tmp_path)
    assert found.layout.splits == ("train", "val", "test")
    assert found.images("NORMAL", "train") == 13
    assert found.share("PNEUMONIA", "test") == pytest.approx(13 / 26)
    assert [one.splits for one in found.split_patients] == [("train", "test"), ("train", "val")]
    assert found.patients == 2
    said = " ".join(found.warnings)
    assert "2 patients stand on both sides of the ready-made split, 1 of them in test" in said
    assert "1 group of copies stands on both sides of the ready-made split, in test" in said
    assert "figures on the test images will flatter." in said


def test_patients_of_headers_and_of_a_csv(tmp_path):
    data = tmp_path / "data"
    for split in ("train", "test"):
        for number, name in enumerate(("NORMAL", "PNEUMONIA")):
            fill(data / split / name, 10, first=100 * number + (50 if split == "test" else 0))
        write_dicom(
            data / split / "NORMAL" / "x.dcm",
            picture(len(split)).astype(np.uint16) * 8,
            PatientID="P1",
            IssuerOfPatientID="A",
        )
    found = look(data)
    (patient,) = found.split_patients
    assert [e.name for e in patient.entries] == ["test/NORMAL/x.dcm", "train/NORMAL/x.dcm"]
    assert found.without_patient == 40
    table = tmp_path / "patients.csv"
    table.write_text("path,patient\ntrain/NORMAL/x.dcm,1\ntest/NORMAL/x.dcm,2\n")
    assert look(data, patients=table).split_patients == ()


def test_one_class_five_images_and_all_unreadable_are_problems(tmp_path):
    fill(tmp_path / "one" / "NORMAL", 12)
    assert "only one class, NORMAL" in look(tmp_path / "one").problems[0].what
    fill(tmp_path / "few" / "NORMAL", 5)
    fill(tmp_path / "few" / "PNEUMONIA", 5, first=50)
    found = look(tmp_path / "few")
    assert [problem.what for problem in found.problems] == [
        "The class NORMAL holds 5 images.",
        "The class PNEUMONIA holds 5 images.",
    ]
    assert found.images() == 10
    for name in ("NORMAL", "PNEUMONIA"):
        (tmp_path / "bad" / name).mkdir(parents=True)
        for number in range(12):
            (tmp_path / "bad" / name / f"{number}.png").write_bytes(b"no image")
    found = look(tmp_path / "bad")
    assert found.problems[0].what == "None of the images can be used (in all: 24)."
    assert found.sizes == ()
    assert len(found.unreadable) == 24


def test_unreadable_files_can_make_a_class_too_small(two_classes):
    for file in sorted((two_classes / "NORMAL").iterdir())[:4]:
        file.write_bytes(b"no image")
    (problem,) = look(two_classes).problems
    assert problem.what == "Usable images of the class NORMAL: 8."


def test_progress_and_cancel(two_classes):
    told = []
    inspect_layout(list_layout(two_classes), lambda *p: told.append(p))
    assert told[-1] == (36, 36)
    with pytest.raises(ReviewError, match="stopped"):
        inspect_layout(list_layout(two_classes), cancelled=lambda: True)


def test_samples_are_drawn_by_seed_from_the_usable_of_each_class(two_classes):
    (two_classes / "NORMAL" / "0000.png").write_bytes(b"no image")
    found = look(two_classes)
    first, again = draw_samples(found, 1, 6), draw_samples(found, 1, 6)
    assert first == again
    assert first != draw_samples(found, 2, 6)
    assert [entry.label for entry in first] == [0] * 6 + [1] * 6
    everything = draw_samples(found, 1, 100)
    assert len(everything) == len(set(everything)) == 35


def test_a_thumbnail_keeps_the_aspect_ratio_and_is_never_enlarged(tmp_path):
    save(tmp_path / "a.png", picture(1, 100, 200))
    assert read_thumbnail(tmp_path / "a.png", 50).shape == (25, 50)
    assert read_thumbnail(tmp_path / "a.png", 500).shape == (100, 200)


@pytest.mark.slow
@pytest.mark.data
def test_the_real_collection(shared_data):
    found = look(shared_data / "kermany-train")
    assert found.images() == 5216
    assert f"{found.share('NORMAL'):.1%} {found.share('PNEUMONIA'):.1%}" == "25.7% 74.3%"
    assert found.common_sizes == ((224, 224, 5216),)
    assert found.skipped == ()
    assert found.problems == ()
    assert found.warnings == ()
    assert (len(found.copies), found.strangers) == (24, 0)
    assert all(one.exact and not one.labels_differ for one in found.copies)
    assert found.patients == 2846
