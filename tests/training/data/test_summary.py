"""Counting a training folder by names alone, on made folders and on the real collection."""

import time

import pytest

from app.core.base.errors import TrainingDataError
from app.core.worklist.patients import side_of
from app.training.data.layout import MINIMUM_PER_CLASS as MIN_IMAGES
from app.training.data.summary import summarise


def fill(folder, names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"")  # never decoded here: the suffix is enough


@pytest.fixture
def two_classes(tmp_path):
    fill(tmp_path / "NORMAL", [f"IM-{n:04d}-0001.jpeg" for n in range(30)])
    fill(tmp_path / "PNEUMONIA", [f"person{n // 2}_virus_{n}.jpeg" for n in range(90)])
    return tmp_path


def test_images_patients_and_shares_of_each_class(two_classes):
    summary = summarise(two_classes)
    assert [(c.name, c.images, c.patients) for c in summary.classes] == [
        ("NORMAL", 30, 30),
        ("PNEUMONIA", 90, 45),
    ]
    assert [summary.share(c) for c in summary.classes] == [0.25, 0.75]
    assert summary.trainable
    assert summary.problems == ()
    assert summary.cautions == ()


def test_deeper_folders_count_to_their_class_and_hidden_ones_do_not(two_classes):
    fill(two_classes / "NORMAL" / "ward" / "b", ["IM-9000-0001.png"])
    fill(two_classes / "NORMAL" / ".cache", ["IM-9001-0001.png"])
    fill(two_classes / ".git", ["IM-9002-0001.png"])
    fill(two_classes / "NORMAL", [".IM-9003-0001.png", "notes.txt"])
    summary = summarise(two_classes)
    assert [c.name for c in summary.classes] == ["NORMAL", "PNEUMONIA"]
    assert summary.classes[0].images == 31


def test_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(TrainingDataError) as caught:
        summarise(tmp_path / "gone")
    assert "does not exist" in caught.value.what
    assert caught.value.fix


def test_a_file_in_place_of_a_folder(tmp_path):
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(TrainingDataError, match="is a file"):
        summarise(tmp_path / "a.png")


def test_no_subfolders(tmp_path):
    fill(tmp_path, ["a.png"])
    (problem,) = summarise(tmp_path).problems
    assert "no class subfolders" in problem.what


def test_one_class_is_shown_and_refused(tmp_path):
    fill(tmp_path / "NORMAL", [f"{n}.png" for n in range(20)])
    summary = summarise(tmp_path)
    (problem,) = summary.problems
    assert "only one class, NORMAL" in problem.what
    assert summary.classes[0].images == 20
    assert not summary.trainable


def test_a_class_without_images_is_told(two_classes):
    for file in (two_classes / "NORMAL").iterdir():
        file.unlink()
    (problem,) = summarise(two_classes).problems
    assert "NORMAL holds 0 images" in problem.what


def test_an_empty_class_beside_two_others_is_left_out_with_a_word(two_classes):
    for name in ("ATELECTASIS", "later", "Nobody"):
        (two_classes / name / "deeper").mkdir(parents=True)
    before = summarise(two_classes)
    assert before.trainable
    assert [count.name for count in before.classes] == ["NORMAL", "PNEUMONIA"]
    told = "The classes ATELECTASIS, later and Nobody hold no image: left out."
    assert told in before.cautions


@pytest.mark.parametrize("name", ["__MACOSX", "@eaDir", "#recycle", "$RECYCLE.BIN", "lost+found"])
def test_folders_of_the_system_are_no_classes(two_classes, name):
    fill(two_classes / name, [f"{n}.png" for n in range(20)])
    fill(two_classes / "NORMAL" / name, [f"{n}.png" for n in range(20)])
    summary = summarise(two_classes)
    assert [(count.name, count.images) for count in summary.classes] == [
        ("NORMAL", 30),
        ("PNEUMONIA", 90),
    ]
    assert not any(name in caution for caution in summary.cautions)


def test_too_few_images(two_classes):
    for file in sorted((two_classes / "NORMAL").iterdir())[MIN_IMAGES - 1 :]:
        file.unlink()
    (problem,) = summarise(two_classes).problems
    assert f"NORMAL holds {MIN_IMAGES - 1} images" in problem.what
    assert f"At least {MIN_IMAGES}" in problem.expected


def test_too_few_patients_for_the_three_sides(two_classes):
    for file in (two_classes / "PNEUMONIA").iterdir():
        file.unlink()
    fill(two_classes / "PNEUMONIA", [f"person1_virus_{n}.jpeg" for n in range(40)])
    (problem,) = summarise(two_classes).problems
    assert problem.what.startswith("The 1 patient of the class PNEUMONIA")
    taken = side_of("person1", 0)
    assert taken not in problem.what
    assert all(s in problem.what for s in {"train", "validation", "calibration"} - {taken})


def test_three_classes_train_with_a_caution(two_classes):
    fill(two_classes / "COVID", [f"{n}.png" for n in range(20)])
    summary = summarise(two_classes)
    assert summary.trainable
    assert [c.name for c in summary.classes] == ["COVID", "NORMAL", "PNEUMONIA"]
    assert "A class mapping can" in summary.cautions[-1]


def test_a_mapping_joins_classes_and_the_found_ones_stay_known(two_classes):
    fill(two_classes / "COVID", [f"{n}.png" for n in range(20)])
    summary = summarise(two_classes, mapping={"COVID": "PNEUMONIA"})
    assert [(c.name, c.images) for c in summary.classes] == [("NORMAL", 30), ("PNEUMONIA", 110)]
    assert summary.found == ("COVID", "NORMAL", "PNEUMONIA")
    assert not any("mapping" in caution for caution in summary.cautions)


def test_a_ready_made_split_is_pooled_and_its_test_images_do_not_count(tmp_path):
    for side, images in (("train", 40), ("val", 9), ("test", 12)):
        fill(tmp_path / side / "NORMAL", [f"IM-{side}{n}-1.png" for n in range(images)])
        fill(tmp_path / side / "PNEUMONIA", [f"{n}.png" for n in range(images)])
    summary = summarise(tmp_path)
    assert [(c.images, c.test) for c in summary.classes] == [(61, 12), (61, 12)]
    assert summary.trainable
    assert "train and val are pooled and divided anew by patient" in summary.cautions[0]
    assert "test is never trained on" in summary.cautions[0]


def test_patients_on_both_sides_of_a_ready_made_split_are_told_by_their_names(tmp_path):
    for at, side in enumerate(("train", "val", "test")):
        fill(tmp_path / side / "NORMAL", [f"IM-{side}{n}-1.png" for n in range(20)])
        fill(tmp_path / side / "PNEUMONIA", [f"person{at}{n}_virus_1.png" for n in range(20)])
    fill(tmp_path / "train" / "NORMAL", ["IM-0001-0001.png", "IM-0002-0001.png"])
    fill(tmp_path / "val" / "NORMAL", ["IM-0002-0002.png"])
    assert summarise(tmp_path).cautions[0] == (
        "1 patient stands on both sides of the ready-made split: training divides anew, each "
        "patient whole."
    )
    fill(tmp_path / "test" / "NORMAL", ["IM-0001-0002.png"])
    assert summarise(tmp_path).cautions[0] == (
        "2 patients stand on both sides of the ready-made split, 1 of them in test: figures on "
        "the test images will flatter."
    )


def test_images_of_a_test_split_do_not_make_a_class_large_enough(tmp_path):
    for side, images in (("train", 5), ("test", 90)):
        for name in ("NORMAL", "PNEUMONIA"):
            fill(tmp_path / side / name, [f"{n}.png" for n in range(images)])
    summary = summarise(tmp_path)
    assert not summary.trainable
    assert "NORMAL holds 5 images beside the 90 of the test split" in summary.problems[0].what


def test_patients_of_a_csv_count_in_place_of_names(tmp_path):
    for name in ("NORMAL", "PNEUMONIA"):
        fill(tmp_path / "images" / name, [f"{n}.png" for n in range(30)])
    table = tmp_path / "patients.csv"
    table.write_text(
        "path,patient\n"
        + "".join(f"{c}/{n}.png,{c}{n // 2}\n" for c in ("NORMAL", "PNEUMONIA") for n in range(30))
    )
    summary = summarise(tmp_path / "images", patients=table)
    assert [(c.patients, c.unnamed) for c in summary.classes] == [(15, 0), (15, 0)]
    assert not any("no patient" in caution for caution in summary.cautions)


def test_names_without_patients_are_a_caution(tmp_path):
    for name in ("NORMAL", "PNEUMONIA"):
        fill(tmp_path / name, [f"{name}{n}.png" for n in range(20)])
    summary = summarise(tmp_path)
    assert summary.trainable
    assert "40 images carry no patient" in summary.cautions[0]


def test_other_classes_are_a_caution(two_classes):
    (two_classes / "NORMAL").rename(two_classes / "AFFEN")
    summary = summarise(two_classes)
    assert summary.trainable
    assert any("Review needs" in caution for caution in summary.cautions)


def test_a_cancelled_count_is_incomplete_and_cannot_train(two_classes):
    answers = iter([False] * 5)
    summary = summarise(two_classes, lambda: next(answers, True))
    assert not summary.complete
    assert not summary.trainable
    assert summary.classes[0].images == 5


@pytest.mark.alone
@pytest.mark.data
def test_the_real_collection_quickly(shared_data):
    started = time.perf_counter()
    summary = summarise(shared_data / "kermany-train")
    seconds = time.perf_counter() - started
    normal, pneumonia = summary.classes
    assert (normal.name, normal.images) == ("NORMAL", 1341)
    assert (pneumonia.name, pneumonia.images) == ("PNEUMONIA", 3875)
    assert f"{summary.share(normal):.1%} {summary.share(pneumonia):.1%}" == "25.7% 74.3%"
    assert summary.trainable
    assert not summary.cautions
    assert seconds < 5  # measured 0.1 s; a hundred times that would be decoding
