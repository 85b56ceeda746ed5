"""Locked test sets: looks are counted, training is refused, an unlocking stays on record."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path

import cv2
import pytest
from tiny_data import write_training_folder
from tiny_model import save_tiny

from app.cli import main
from app.core.base.errors import ReviewError, TrainingDataError
from app.core.base.home import models_dir
from app.core.image.preprocess import perceptual_hash
from app.inference.registry.models import find_model
from app.inference.runtime.classifier import Classifier
from app.review.comparison.compare import in_words
from app.review.comparison.trial import labelled_items, try_both
from app.review.holdout import locks
from app.review.holdout.lock_store import default_path
from app.review.holdout.locks import LockedImage, patient_key
from app.training.data.dataset import read_image


def hashed(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()


def images(*words: str, patient: str | None = None) -> list[LockedImage]:
    return [LockedImage(hashed(word), patient) for word in words]


FOLDER = Path("somewhere", "hospital-test")


def test_what_is_locked_is_not_trained_on():
    locks.lock(FOLDER, images("a", "b", patient="csv|7"))
    locks.refuse_training(images("c", "d", patient="csv|8"))
    with pytest.raises(TrainingDataError, match=r"3 in all. belong to the locked") as caught:
        locks.refuse_training([*images("c", "b"), LockedImage(hashed("e"), "csv|7")])
    assert "The same pixels: 1. Other images of its patients: 1." in caught.value.what
    assert "hospital-test" in caught.value.what
    (found,) = locks.guarded_sets()
    assert [one.what for one in found.history] == ["locked", "refused"]


def test_a_patient_alone_is_enough():
    locks.lock(FOLDER, images("a", patient="H\n123"))
    with pytest.raises(
        TrainingDataError, match=r"hospital-test. Other images of its patients: 1\. A"
    ):
        locks.refuse_training(images("z", patient="H\n123"))


def test_the_first_half_of_a_hash_is_the_image():
    """Cards and score tables keep the first 16 bytes."""
    locks.lock(FOLDER, [LockedImage(hashed("a")[:32])])
    with pytest.raises(TrainingDataError):
        locks.refuse_training(images("a"))


def test_images_nobody_knows_are_no_match():
    """Neither two files without a hash nor two images of unknown patients are the same."""
    locks.lock(FOLDER, [*images("a"), LockedImage("", None)])
    locks.refuse_training([LockedImage("", None), *images("b")])
    assert not locks.touched([""])


def test_looks_are_counted_also_on_a_part_and_after_unlocking():
    made = locks.lock(FOLDER, images("a", "b"))
    assert (made.images, made.patients, made.looks, made.locked) == (2, 0, 0, True)
    assert locks.look([hashed("z")], locks.BENCH, "m 1") == ()
    (first,) = locks.look([hashed("a"), hashed("z")], locks.BENCH, "m 1")
    assert first.looks == 1
    assert first.history[-1].model == "m 1"
    opened = locks.unlock(made.id, " The trial is over. ")
    assert not opened.locked
    locks.refuse_training(images("a"))
    (second,) = locks.look([hashed("b")], locks.REPORT, "m 2")
    assert second.looks == 2
    again = locks.lock(FOLDER, images("b", "a"))
    assert (again.id, again.locked, again.looks) == (made.id, True, 2)
    words = locks.in_words(again)
    assert "looked at 2 times" in words
    assert "The trial is over." in words


def test_no_unlocking_without_a_reason():
    made = locks.lock(FOLDER, images("a"))
    with pytest.raises(ReviewError, match="without a reason"):
        locks.unlock(made.id, "  ")
    assert locks.guarded_sets()[0].locked


def test_nothing_to_lock():
    with pytest.raises(TrainingDataError, match="no image that could be locked"):
        locks.lock(FOLDER, [LockedImage("", "csv|1")])


def test_a_damaged_database_lets_nothing_be_trained(opacity_home):
    (opacity_home / "locks.sqlite").write_bytes(b"not a database at all, but long enough" * 40)
    for action in (
        lambda: locks.refuse_training(images("a")),
        lambda: locks.look([hashed("a")], locks.BENCH, "m"),
        locks.guarded_sets,
    ):
        with pytest.raises(locks.LockStoreError, match="cannot be read or written"):
            action()


def test_no_patient_and_no_path_of_an_image_is_kept(opacity_home):
    locks.lock(FOLDER, images("a", patient="csv|Jane Roe"))
    assert b"Jane" not in (opacity_home / "locks.sqlite").read_bytes()
    with sqlite3.connect(opacity_home / "locks.sqlite") as store:
        assert store.execute("SELECT count(*) FROM images").fetchone() == (1,)


@pytest.mark.parametrize(
    ("name", "patient", "key"),
    [
        ("PNEUMONIA/person12_virus_3.jpeg", "person12", "person12 virus"),
        ("PNEUMONIA/person12_bacteria_3.jpeg", None, "person12 bacteria"),
        ("NORMAL/IM-0115-0001.jpeg", "im-0115", "im-0115"),
        ("a.dcm", "H|123", "H\n123"),
        ("a.dcm", "H\n123", "H\n123"),
        ("a.dcm", "|123", "123"),
        ("a.dcm", "123", "123"),
        ("person12_virus_3.jpeg", "csv|person12", "csv|person12"),
        ("a.png", None, None),
        ("a.png", "", None),
    ],
)
def test_a_patient_is_the_same_one_everywhere(name, patient, key):
    assert patient_key(name, patient) == key


@pytest.fixture
def scored_folder(tmp_path, opacity_home):
    """A locked folder, and two tiny models that may score it."""
    folder = write_training_folder(tmp_path / "hospital-test", per_class=3)
    save_tiny(models_dir(), "tiny")
    save_tiny(models_dir(), "other", seed=5)
    read = [read_image(path) for path in sorted(folder.rglob("*.png"))]
    locks.lock(folder, [LockedImage(one.content_hash) for one in read])
    return folder


def test_evaluate_counts_a_look_and_says_so(scored_folder, tmp_path, capsys):
    report = tmp_path / "report.json"
    assert main(["evaluate", str(scored_folder), "-o", str(report), "--model", "tiny"]) == 0
    (said,) = json.loads(report.read_text())["leak_guard"]
    assert "looked at once since" in said
    assert said in capsys.readouterr().err
    (found,) = locks.guarded_sets()
    assert (found.history[-1].place, found.history[-1].model) == (locks.EVALUATE, "tiny 1.0")


def test_comparing_two_models_is_a_look(scored_folder):
    classifiers = [Classifier(find_model(name)) for name in ("tiny", "other")]
    figures = try_both(*classifiers, labelled_items(scored_folder))
    assert "looked at once since" in in_words(figures)[-1]
    assert locks.guarded_sets()[0].history[-1].model == "tiny 1.0, other 1.0"


def known(path):
    """What the guard knows of a file whose patient nobody knows."""
    read = read_image(path)
    look = perceptual_hash(read.frame)
    return LockedImage(read.content_hash, None, look, f"{path.parent.name}/{path.name}")


def test_a_copy_of_another_size_or_compression_is_the_same_image(shared_data, tmp_path):
    locked, other = sorted((shared_data / "fullsize" / "NORMAL").iterdir())[:2]
    locks.lock(FOLDER, [known(locked)])
    image = cv2.imread(str(locked), cv2.IMREAD_GRAYSCALE)
    copies = [shared_data / "kermany-train" / "NORMAL" / locked.name]
    for size, quality in ((700, 40), (224, 95), (160, 60)):
        copies.append(tmp_path / f"copy-{size}.jpeg")
        small = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
        assert cv2.imwrite(str(copies[-1]), small, [cv2.IMWRITE_JPEG_QUALITY, quality])
    for copy in map(known, copies):
        with pytest.raises(TrainingDataError) as caught:
            locks.refuse_training([copy, known(other)])
        assert f"Resized or re-compressed copies: 1 ({copy.name})." in caught.value.what
        assert "same pixels" not in caught.value.what
    assert locks.guarded_sets()[0].history[-1].note.startswith("the same pixels: 0, copies: 1")
    locks.refuse_training([known(other)])
    assert b"copy-" not in default_path().read_bytes()


def test_the_first_names_of_many_are_told(tmp_path):
    locks.lock(FOLDER, images("a", patient="csv|7"))
    kin = [LockedImage(hashed(str(i)), "csv|7", name=f"x/{i}.png") for i in range(5)]
    with pytest.raises(TrainingDataError, match=r"5 \(x/0\.png, x/1\.png, x/2\.png, .\)"):
        locks.refuse_training(kin)


def test_a_database_from_before_there_were_copies_still_guards(opacity_home):
    locks.lock(FOLDER, images("a"))
    with sqlite3.connect(default_path()) as store:
        store.execute("DROP TABLE pictures")
    store.close()
    with pytest.raises(TrainingDataError, match="The same pixels: 1"):
        locks.refuse_training([LockedImage(hashed("a"), None, bytes(32))])
    locks.refuse_training([LockedImage(hashed("b"), None, bytes(32))])
