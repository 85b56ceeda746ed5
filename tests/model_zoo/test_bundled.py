"""The models in the repository: whole, small, and what their cards say is so."""

from __future__ import annotations

import csv
import itertools

import numpy as np
import pytest

from app.core.model.card import CONTENT_HASH_BYTES, ModelCard, missing_parts, unpack_hashes
from app.core.worklist.patients import side_of
from app.inference.runtime.classifier import Classifier
from app.review.holdout.out_of_fold import read_oof
from app.review.statistics import calibration, figures, operating_points
from model_zoo import BUNDLED, architecture
from research.cross_validation import cross_validated

FOLDERS = sorted(path.parent for path in BUNDLED.glob("*/card.json"))
CROSS_VALIDATED = [BUNDLED / "best-2"]
SWEPT = [BUNDLED / "cnn-1", BUNDLED / "dense-1"]


def of_models(folders):
    return pytest.mark.parametrize("folder", folders, ids=lambda folder: folder.name)


def test_there_is_one_for_each_rung_of_the_ladder():
    assert sorted([*CROSS_VALIDATED, *SWEPT]) == FOLDERS


def test_all_models_together_are_small():
    folders = [path for path in BUNDLED.iterdir() if path.is_dir()]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert {".keras", ".onnx", ".npz"} <= {path.suffix for path in files}
    assert sum(path.stat().st_size for path in files if path.suffix != ".pyc") <= 32 * 2**20


@of_models(FOLDERS)
def test_loads_and_scores(folder):
    classifier = Classifier(folder)
    size = classifier.card.input_size
    assert classifier.card.name == folder.name
    assert classifier.card.input_colour == "grey"
    # What the small networks make of a picture does not tell a chest from other things.
    gate = hasattr(architecture(classifier.card.arch), "FITNESS_LAYERS")
    assert missing_parts(classifier.card) == (() if gate else ("a fitness gate",))
    assert 0 <= classifier.predict(np.zeros((1, size, size, 1), np.float32))[0] <= 1


@of_models(SWEPT)
class TestSwept:
    def test_the_ledger_has_all_216_and_the_card_names_its_best(self, folder):
        card = ModelCard.load(folder / "card.json")
        with (folder / "sweep.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        grid = architecture(card.arch).GRID
        tried = {tuple(row[name] for name in grid) for row in rows}
        assert tried == {tuple(map(str, each)) for each in itertools.product(*grid.values())}
        assert len(rows) == 216
        assert {row["state"] for row in rows} == {"complete"}
        best = max(rows, key=lambda row: (float(row["val_accuracy"]), -float(row["val_loss"])))
        swept = card.metrics["sweep"]
        assert swept["trials"] == 216
        assert float(best["val_accuracy"]) == pytest.approx(
            swept["values"]["val_accuracy"], abs=1e-4
        )
        assert {name: str(swept["settings"][name]) for name in grid} == {
            name: best[name] for name in grid
        }
        assert {name: card.settings[name] for name in grid} == swept["settings"]

    def test_a_file_is_small(self, folder):
        assert (folder / "model.keras").stat().st_size < 10 * 2**20

    def test_the_held_out_patients_are_those_of_the_best_network(self, folder):
        """All rungs are measured on the same people, and were trained on the same."""
        ours, theirs = (ModelCard.load(f / "card.json") for f in (folder, CROSS_VALIDATED[0]))
        for key in ("content_hashes", "calibration_content_hashes"):
            assert ours.data[key] == theirs.data[key]


def _own(card, rows):
    """The rows by the shipped weights: what is known of them alone."""
    return [row for row in rows if int(row["fold"]) == card.data["oof_fold"]]


def _logits(rows):
    p = np.clip([float(row["p"]) for row in rows], 1e-10, 1 - 1e-10)
    return np.log(p) - np.log1p(-p)


def _calibrated(card, rows):
    """What the shipped model says of these patients, and their labels."""
    return card.calibrated.probabilities(_logits(rows)), np.array([int(r["label"]) for r in rows])


@of_models(CROSS_VALIDATED)
class TestBundled:
    def test_the_cards_figures_follow_from_the_scores_beside_it(self, folder):
        card = ModelCard.load(folder / "card.json")
        rows = read_oof([folder / "oof_scores.csv"])
        again = cross_validated(rows)
        said = card.metrics["cross_validation"]
        for name in ("auc", "sensitivity", "specificity", "specificity_at_sensitivity_0.95"):
            assert again[name]["value"] == pytest.approx(said[name]["value"], abs=1e-4)
        own = _own(card, rows)
        p, labels = _calibrated(card, own)
        held_out = card.metrics["held_out"]
        assert held_out["n"] == len(own)
        assert held_out["auc"]["value"] == pytest.approx(figures.auc(p, labels), abs=1e-4)
        reached = figures.threshold_at_sensitivity(p, labels, 0.95)
        assert card.threshold == pytest.approx(reached, abs=1e-3)

    def test_the_operating_points_follow_from_the_scores_beside_it(self, folder):
        card = ModelCard.load(folder / "card.json")
        rows = read_oof([folder / "oof_scores.csv"])
        own = _own(card, rows)
        p, labels = _calibrated(card, own)
        again = operating_points.measure(p, labels, [row["patient"] for row in own])
        said = card.metrics["operating_points"]
        assert set(said) == set(again) == set(card.operating_points)
        for name, point in said.items():
            assert point["threshold"] == card.operating_points[name]
            assert again[name]["threshold"] == pytest.approx(point["threshold"], abs=1e-3)
            for figure in ("sensitivity", "specificity"):
                assert again[name][figure] == pytest.approx(point[figure], abs=3e-3)

    def test_the_calibration_follows_from_the_scores_beside_it(self, folder):
        card = ModelCard.load(folder / "card.json")
        rows = read_oof([folder / "oof_scores.csv"])
        own = _own(card, rows)
        logits, labels = _logits(own), np.array([int(row["label"]) for row in own])
        line = calibration.fit(logits, labels)
        assert line.as_dict() == pytest.approx(card.calibration, abs=1e-3)
        honest = calibration.cross_fitted(logits, labels, [row["patient"] for row in own])
        assert card.metrics["calibration"]["ece"]["value"] == pytest.approx(
            figures.calibration_error(honest, labels), abs=1e-4
        )
        pooled = cross_validated(rows)["calibration"]
        said = card.metrics["cross_validation"]["calibration"]
        for name in ("ece", "slope", "brier"):
            assert pooled[name] == pytest.approx(said[name], abs=1e-6)

    def test_the_probabilities_hold(self, folder):
        """The target of the honest network: an expected calibration error of at most 0.02."""
        metrics = ModelCard.load(folder / "card.json").metrics
        for said in (metrics["calibration"], metrics["cross_validation"]["calibration"]):
            assert said["ece"]["value"] <= 0.02
            middle = said["middle"]
            assert middle["found"]["low"] <= middle["said"] <= middle["found"]["high"]

    def test_the_gates_limits_follow_from_its_figures(self, folder):
        card = ModelCard.load(folder / "card.json")
        said = card.metrics["fitness"]
        assert card.fitness["caution"] == 1
        assert card.fitness["refuse"] == pytest.approx(2 * said["highest"])
        assert said["fitted_on"] + said["calibration"] < sum(
            sum(counts.values()) for counts in card.data["images"].values()
        )
        assert said["cautioned"] / said["calibration"] < 0.03

    def test_first_targets(self, folder):
        said = ModelCard.load(folder / "card.json").metrics["cross_validation"]
        assert said["auc"]["value"] >= 0.990
        assert said["specificity_at_sensitivity_0.95"]["value"] >= 0.90

    def test_each_patient_was_scored_by_the_fold_that_never_saw_them(self, folder):
        with (folder / "oof_scores.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert list(rows[0]) == ["content_hash", "patient", "fold", "label", "p"]
        card = ModelCard.load(folder / "card.json")
        folds: dict[str, set[str]] = {}
        for row in rows:
            folds.setdefault(row["patient"], set()).add(row["fold"])
        # One of a patient's images may be on the calibration side only if all are.
        assert all(len(own) == 1 for own in folds.values())
        for patient, (fold,) in folds.items():
            held_out = side_of(patient, card.data["fold"]) == "calibration"
            assert held_out == (int(fold) == card.data["oof_fold"])
        assert len(set().union(*folds.values())) == card.metrics["spread"]["teachers"] + 1

    def test_no_calibration_image_is_among_the_training_hashes(self, folder):
        card = ModelCard.load(folder / "card.json")
        trained = set(unpack_hashes(card.data["content_hashes"], CONTENT_HASH_BYTES))
        with (folder / "oof_scores.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        own = [bytes.fromhex(row["content_hash"]) for row in _own(card, rows)]
        others = {bytes.fromhex(row["content_hash"]) for row in rows} - set(own)
        assert not trained & set(own)
        assert trained == others

    @pytest.mark.data
    def test_the_hashes_are_those_of_the_real_images(self, folder, shared_data):
        from app.core.image.display import render
        from app.core.image.preprocess import content_hash
        from app.core.image.reader import read_radiograph

        rows = {row["content_hash"] for row in read_oof([folder / "oof_scores.csv"])}
        paths = sorted((shared_data / "kermany-train").rglob("*.jpeg"))[::40]
        hashes = {content_hash(render(read_radiograph(path)))[:32] for path in paths}
        assert hashes <= rows
