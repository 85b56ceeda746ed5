"""`evaluate`: figures that can be recomputed from `score`, intervals, overlap, odd folders."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from factories import chest_like, write_dicom
from sklearn.metrics import brier_score_loss, roc_auc_score
from tiny_data import write_training_folder
from tiny_model import save_tiny

from app.cli import main
from app.core.image.preprocess import content_hash, perceptual_hash, shrink
from app.core.model.card import pack_hashes


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = write_training_folder(tmp_path_factory.mktemp("labelled"), per_class=20)
    (folder / "NORMAL").rename(folder / "Normal")
    write_dicom(folder / "PNEUMONIA" / "ct.dcm", chest_like(), Modality="CT")
    (folder / "Normal" / "broken.png").write_bytes(b"nothing")
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_tiny(tmp_path_factory.mktemp("models"))


def run(*arguments) -> int:
    return main([str(argument) for argument in arguments])


def evaluate(folder, model, tmp_path) -> dict:
    assert run("evaluate", folder, "-o", tmp_path / "r.json", "--model", model) == 0
    return json.loads((tmp_path / "r.json").read_text())


@pytest.mark.slow
def test_the_figures_are_those_of_the_scores(folder, model, tmp_path):
    report = evaluate(folder, model, tmp_path)
    assert run("score", folder, "-o", tmp_path / "s.csv", "--model", model) == 0
    with (tmp_path / "s.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["status"] == "ok"]
    labels = np.array([Path(row["path"]).parent.name == "PNEUMONIA" for row in rows])
    p = np.array([float(row["p_pneumonia"]) for row in rows])
    calls = np.array([row["call"] == "PNEUMONIA" for row in rows])
    assert (report["n"], report["scored"]) == (42, 40)
    assert (report["refused"], report["unreadable"]) == (1, 1)
    assert report["auc"]["value"] == pytest.approx(roc_auc_score(labels, p))
    assert report["accuracy"]["value"] == pytest.approx((calls == labels).mean())
    assert report["sensitivity"]["value"] == pytest.approx(calls[labels].mean())
    assert report["specificity"]["value"] == pytest.approx((~calls[~labels]).mean())
    assert report["brier"] == pytest.approx(brier_score_loss(labels, p))
    assert 0 <= report["ece"] <= 1
    assert sum(report["confusion"].values()) == 40
    assert report["model"] == "tiny 1.0"
    assert report["threshold"] == 0.5
    assert report["overlap_with_training"] == 0
    for name in ("auc", "accuracy", "sensitivity", "specificity"):
        assert set(report[name]) == {"value", "low", "high"}
        assert report[name]["low"] <= report[name]["value"] <= report[name]["high"]
    assert report["intervals"]["method"] == "bootstrap over patients"
    assert report["intervals"]["why"] is None
    assert report["intervals"]["patients"] == 40


def test_a_refused_pneumonia_counts_as_missed(folder, model, tmp_path):
    report = evaluate(folder, model, tmp_path)
    strict = report["with_refused_as_errors"]
    caught = report["confusion"]["true_positive"]
    assert strict["confusion"]["false_negative"] == report["confusion"]["false_negative"] + 1
    assert strict["sensitivity"]["value"] == pytest.approx(caught / 21)
    assert strict["specificity"] == pytest.approx(report["specificity"])
    assert strict["auc"]["value"] == pytest.approx(report["auc"]["value"] * 20 / 21)


def test_without_patients_the_intervals_are_wilson_and_delong(model, tmp_path):
    for name in ("normal", "pneumonia"):
        (tmp_path / "d" / name).mkdir(parents=True)
        for number in range(6):
            image = chest_like(80, 90, seed=number + 10 * len(name))
            cv2.imwrite(str(tmp_path / "d" / name / f"photo{number}.png"), image)
    intervals = evaluate(tmp_path / "d", model, tmp_path)["intervals"]
    assert intervals["method"] == "Wilson; AUC: DeLong"
    assert (intervals["patients"], intervals["images_without_patient"]) == (0, 12)
    assert "No patient is known" in intervals["why"]


def test_one_class_only_leaves_the_auc_undefined(model, tmp_path):
    (tmp_path / "d" / "PNEUMONIA").mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "d" / "PNEUMONIA" / "person1_virus_1.png"), chest_like())
    report = evaluate(tmp_path / "d", model, tmp_path)
    assert report["auc"]["value"] is None
    assert report["specificity"]["value"] is None
    assert report["sensitivity"]["value"] in (0.0, 1.0)


def test_no_readable_image_at_all(model, tmp_path):
    (tmp_path / "d" / "NORMAL").mkdir(parents=True)
    (tmp_path / "d" / "NORMAL" / "a.png").write_bytes(b"nothing")
    report = evaluate(tmp_path / "d", model, tmp_path)
    assert (report["n"], report["scored"], report["unreadable"]) == (1, 0, 1)
    assert report["accuracy"]["value"] is None


def test_trained_on_images_are_told(folder, tmp_path, capsys):
    """Two images with the same pixels, one as a smaller copy."""
    paths = sorted((folder / "PNEUMONIA").glob("*.png"))[:2]
    images = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in paths]
    noise = np.random.default_rng(3).normal(size=(25, 30)).astype(np.float32)
    large = cv2.resize(noise, (900, 700), interpolation=cv2.INTER_CUBIC)
    large = cv2.normalize(large, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    labelled = tmp_path / "d"
    (labelled / "NORMAL").mkdir(parents=True)
    (labelled / "PNEUMONIA").mkdir()
    for number, image in enumerate(images):
        cv2.imwrite(str(labelled / "PNEUMONIA" / f"renamed{number}.png"), image)
    small = cv2.resize(large, (450, 350), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(labelled / "NORMAL" / "small.png"), small)
    data = {
        "content_hashes": pack_hashes([bytes.fromhex(content_hash(i))[:16] for i in images]),
        "perceptual_hashes": pack_hashes([perceptual_hash(shrink(large))]),
    }
    model = save_tiny(tmp_path / "models", data=data)
    report = evaluate(labelled, model, tmp_path)
    assert report["overlap_with_training"] == 3
    assert report["overlap_detail"] == {"same_pixels": 2, "near_duplicates": 1}
    assert "was trained on" in capsys.readouterr().err


def write_set(folder: Path, **tags) -> Path:
    """12 DICOM files of each class."""
    for name in ("NORMAL", "PNEUMONIA"):
        (folder / name).mkdir(parents=True)
        for number in range(12):
            own = {key: value(number) if callable(value) else value for key, value in tags.items()}
            pixels = chest_like(80, 90, seed=number + 20 * len(name))
            write_dicom(folder / name / f"{number}.dcm", pixels, **own)
    return folder


def test_one_patient_for_all_is_no_patient_to_resample(model, tmp_path):
    report = evaluate(write_set(tmp_path / "d", PatientID="4711"), model, tmp_path)
    assert report["intervals"]["method"] == "Wilson; AUC: DeLong"
    assert report["intervals"]["patients"] == 1
    assert "only 1 different patients" in report["intervals"]["why"]
    for name in ("accuracy", "sensitivity", "specificity"):
        assert report[name]["low"] < report[name]["high"]


def test_a_placeholder_for_all_is_nobody(model, tmp_path):
    intervals = evaluate(write_set(tmp_path / "d", PatientID="ANON"), model, tmp_path)["intervals"]
    assert (intervals["patients"], intervals["images_without_patient"]) == (0, 24)


def test_one_number_of_two_issuers_is_two_patients(model, tmp_path):
    folder = write_set(
        tmp_path / "d", PatientID=lambda n: str(1 + n // 2), IssuerOfPatientID=lambda n: "AB"[n % 2]
    )
    intervals = evaluate(folder, model, tmp_path)["intervals"]
    assert (intervals["method"], intervals["patients"]) == ("bootstrap over patients", 12)


def test_no_mistake_is_no_proof_that_there_are_none(folder, tmp_path):
    """A threshold of 0 calls everything: sensitivity 1 in every resample, specificity 0."""
    model = save_tiny(tmp_path / "models", operating_points={"default": 0.0})
    report = evaluate(folder, model, tmp_path)
    assert report["sensitivity"] == pytest.approx({"value": 1, "low": 0.8389, "high": 1}, abs=1e-4)
    assert report["specificity"] == pytest.approx({"value": 0, "low": 0, "high": 0.1611}, abs=1e-4)
    assert {"sensitivity", "specificity"} <= set(report["intervals"]["of_no_width"])
    assert "accuracy" not in report["intervals"]["of_no_width"]


def test_images_that_set_the_threshold_are_told(folder, tmp_path, capsys):
    paths = sorted((folder / "Normal").glob("IM*.png"))[:3]
    images = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in paths]
    hashes = [bytes.fromhex(content_hash(image))[:16] for image in images]
    near = [perceptual_hash(shrink(image)) for image in images]
    data = {
        "calibration_content_hashes": pack_hashes(hashes),
        "calibration_perceptual_hashes": pack_hashes(near),
    }
    model = save_tiny(tmp_path / "models", data=data)
    report = evaluate(folder, model, tmp_path)
    assert report["overlap_with_calibration"] >= 3
    assert report["overlap_with_training"] == 0
    said = capsys.readouterr().err
    assert "the threshold of" in said
    assert "was trained on" not in said


@pytest.mark.slow
@pytest.mark.parametrize("key", ["content_hashes", "calibration_perceptual_hashes"])
@pytest.mark.parametrize("text", ["!!!!", "abc", "AAAA", 7])
def test_damaged_hashes_are_told_before_the_scoring(folder, tmp_path, key, text, capsys):
    model = save_tiny(tmp_path / "models", data={key: text})
    (model / "model.keras").write_bytes(b"scoring would stumble over this")
    assert run("evaluate", folder, "-o", tmp_path / "r.json", "--model", model) == 1
    assert f"{key!r} holds no list of hashes" in capsys.readouterr().err
    assert not list(tmp_path.glob("r.json*"))


@pytest.mark.parametrize("made", [[], ["cats", "dogs"]])
def test_a_folder_without_labels(model, tmp_path, made, capsys):
    for name in made:
        (tmp_path / "d" / name).mkdir(parents=True)
    (tmp_path / "d").mkdir(exist_ok=True)
    code = run("evaluate", tmp_path / "d", "-o", tmp_path / "r.json", "--model", model)
    assert code == 1
    assert "no subfolder NORMAL or PNEUMONIA" in capsys.readouterr().err


def test_a_folder_that_is_not_there(model, tmp_path):
    assert run("evaluate", tmp_path / "no", "-o", tmp_path / "r.json", "--model", model) == 2


def test_no_report_into_the_folder(folder, model):
    assert run("evaluate", folder, "-o", folder / "r.json", "--model", model) == 2
    assert not (folder / "r.json").exists()


def test_class_folders_without_an_image_are_no_report(tmp_path, capsys):
    for name in ("NORMAL", "PNEUMONIA"):
        (tmp_path / "data" / name).mkdir(parents=True)
    report = tmp_path / "figures.json"
    assert main(["evaluate", str(tmp_path / "data"), "-o", str(report)]) == 1
    assert "hold no images" in capsys.readouterr().err
    assert not report.exists()
