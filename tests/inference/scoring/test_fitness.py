"""The fitness gate of a network: the statistics, the file, and what becomes of an image."""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from factories import chest_like
from real_dicoms import real_files
from tiny_model import SIZE, build_tiny, save_tiny, wide_gate

from app.core.base.errors import ModelError, UnreadableImage
from app.core.gate.rules import GateResult
from app.core.image.display import render
from app.core.image.preprocess import model_input, shrink
from app.core.image.reader import read_radiograph
from app.core.model.card import ModelCard
from app.core.model.results import Status
from app.core.worklist.patients import Naming, side_of
from app.core.worklist.scan import scan
from app.inference.runtime import device
from app.inference.runtime.classifier import Classifier
from app.inference.scoring.features import score_and_features
from app.inference.scoring.out_of_distribution import (
    FILE,
    OutOfDistribution,
    judge_unlikeness,
    load_fitness,
)
from app.inference.scoring.pipeline import score, score_one
from app.training.data.dataset import Dataset
from app.training.result.out_of_distribution import QUANTILE, REFUSE_TIMES, fit, fit_gate
from model_zoo import BUNDLED

LAYERS = ("features",)


def stripes(period: int) -> np.ndarray:
    """What is no chest: a grid of bright lines."""
    y, x = np.mgrid[:200, :240]
    bright = (y % period < period // 2) ^ (x % period < period // 2)
    return (150 * bright + 20 + x // 6).astype(np.uint8)


def features_of(pictures) -> np.ndarray:
    inputs = np.stack([model_input(shrink(picture), SIZE) for picture in pictures])
    return score_and_features(build_tiny(), LAYERS)(inputs)[1]


@pytest.fixture(scope="module")
def gate() -> OutOfDistribution:
    """Fitted on drawn chests that vary in size and noise."""
    features = features_of([chest_like(100 + n % 40, 120, seed=n) for n in range(300)])
    return fit(LAYERS, [features[:200]], [features[200:]])


@pytest.fixture(scope="module")
def classifier(gate, tmp_path_factory) -> Classifier:
    folder = save_tiny(tmp_path_factory.mktemp("models"), gate=gate, gate_limits=(1.0, 300.0))
    return Classifier(folder)


@pytest.fixture
def folder(gate, tmp_path) -> Path:
    return save_tiny(tmp_path, gate=gate)


# --- the statistics ---


def test_it_is_the_mahalanobis_distance_of_the_full_matrix():
    """The factor in half precision against the shrunk covariance in double, several layers."""
    from sklearn.covariance import LedoitWolf

    random = np.random.default_rng(3)
    mix = [random.normal(0, 1, (d, d)) * 10.0 ** random.uniform(-2, 2, d) for d in (20, 90)]
    draw = [
        [(random.normal(0, 1, (n, len(m))) @ m + 5).astype(np.float32) for m in mix]
        for n in (400, 150, 60)
    ]
    trained, unseen, new = draw
    new = [values * 1.5 for values in new]
    fitness = fit(("a", "b"), trained, unseen)
    expected = []
    for own, other, strange in zip(trained, unseen, new, strict=True):
        mean, scale = own.mean(0, dtype=float), own.std(0, dtype=float)
        shrunk = LedoitWolf(assume_centered=False).fit((own - mean) / scale)
        usual = np.quantile(shrunk.mahalanobis((other - mean) / scale), QUANTILE)
        shares = [shrunk.mahalanobis((x - mean) / scale) / usual for x in (other, strange)]
        expected.append(shares)
    of_unseen, of_new = (np.mean(each, axis=0) for each in zip(*expected, strict=True))
    expected_new = of_new / np.quantile(of_unseen, QUANTILE)
    found = OutOfDistribution.from_bytes(fitness.to_bytes()).unlikeness(np.concatenate(new, axis=1))
    np.testing.assert_allclose(found, expected_new, rtol=0.01)


def test_98_of_100_unseen_images_are_below_one(gate):
    features = features_of([chest_like(100 + n % 40, 120, seed=n) for n in range(200, 300)])
    assert (gate.unlikeness(features) > 1).sum() == 2


def test_what_is_not_finite_is_as_unlike_as_can_be(gate):
    features = np.full((2, 16), np.nan, np.float32)
    assert np.isinf(gate.unlikeness(features)).all()
    with pytest.raises(ValueError, match="expected"):
        gate.unlikeness(features[:, :5])


@pytest.mark.parametrize("unlikeness", [np.nan, np.inf])
def test_an_unlikeness_that_is_no_number_is_refused_in_words(
    unlikeness, classifier, tmp_path, monkeypatch
):
    (refusal,) = judge_unlikeness(unlikeness, classifier.card).refusals
    assert "cannot be told" in refusal.text()
    answers = classifier.answers

    def without_numbers(*args, **kwargs):
        found = answers(*args, **kwargs)
        return dataclasses.replace(found, unlikeness=np.full_like(found.unlikeness, unlikeness))

    cv2.imwrite(str(tmp_path / "chest.png"), chest_like(100, 120))
    monkeypatch.setattr(classifier, "answers", without_numbers)
    (scored,) = score(scan([str(tmp_path)]), classifier)
    assert scored.prediction.status is Status.REFUSED
    assert scored.prediction.p_pneumonia is None
    assert scored.prediction.reasons == (refusal,)


def test_at_a_limit_an_image_still_passes(classifier):
    limits = classifier.card.fitness
    assert judge_unlikeness(limits["caution"], classifier.card) == GateResult()
    assert not judge_unlikeness(limits["refuse"], classifier.card).refusals
    assert judge_unlikeness(None, classifier.card) == GateResult()


def data_set(frames: list[np.ndarray]) -> Dataset:
    n = len(frames)
    return Dataset(
        ("NORMAL", "PNEUMONIA"),
        np.stack([shrink(frame) for frame in frames]),
        np.arange(n) % 2,
        *(tuple(f"{kind}{i}" for i in range(n)) for kind in ("name", "group", "hash")),
        tuple(bytes(32) for _ in range(n)),
    )


def test_a_gate_is_fitted_with_a_network():
    frames = data_set([chest_like(100 + n % 40, 120, seed=n) for n in range(330)])
    model, numbers = build_tiny(), np.arange(330)
    assert fit_gate(model, (), frames, numbers[:220], numbers[220:]) is None
    assert fit_gate(model, LAYERS, frames, numbers[:190], numbers[220:]) is None
    assert fit_gate(model, LAYERS, frames, numbers[:220], numbers[300:]) is None
    made = fit_gate(model, LAYERS, frames, numbers[:220], numbers[220:])
    assert made is not None
    inputs = np.stack([model_input(frame, SIZE) for frame in frames.frames[220:]])
    features = score_and_features(model, LAYERS)(inputs)[1]
    unlikeness = OutOfDistribution.from_bytes(made.data).unlikeness(features)
    assert made.part["refuse"] == pytest.approx(REFUSE_TIMES * unlikeness.max(), rel=1e-3)
    assert made.measured["cautioned"] == (unlikeness > 1).sum()
    assert made.measured["fitted_on"] == 220


# --- the file ---


def test_the_file_is_the_gate(gate):
    data = gate.to_bytes()
    again = OutOfDistribution.from_bytes(data)
    assert again.to_bytes() == data
    features = features_of([chest_like(), stripes(20)])
    np.testing.assert_array_equal(again.unlikeness(features), gate.unlikeness(features))


def altered(data: bytes, **changes) -> bytes:
    with np.load(io.BytesIO(data)) as stored:
        arrays = {**stored, **{name.replace("__", "/"): value for name, value in changes.items()}}
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


@pytest.mark.parametrize(
    "changes",
    [
        {"usual": np.array(0.0)},
        {"0__mean": np.full(16, np.nan, np.float32)},
        {"0__scale": np.zeros(16, np.float32)},
        {"0__factor": np.eye(15, dtype=np.float16)},
        {"0__factor": np.eye(16)},
        {"0__usual": np.array([{}], dtype=object)},
        {"layers": np.array([], dtype=str)},
        {"layers": np.array(["one", "two"])},
    ],
)
def test_a_file_that_makes_no_sense(gate, changes):
    with pytest.raises(ModelError, match="fitness gate"):
        OutOfDistribution.from_bytes(altered(gate.to_bytes(), **changes))


def test_what_is_no_file_of_a_gate(gate):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("usual.npy", bytes(2**27))
    for data in (b"", b"hello", gate.to_bytes()[:-200], out.getvalue()):
        with pytest.raises(ModelError, match="cannot be read"):
            OutOfDistribution.from_bytes(data)


def test_a_file_that_is_not_the_cards_is_refused(folder, gate):
    wider = dataclasses.replace(gate, usual=gate.usual * 100)
    (folder / FILE).write_bytes(wider.to_bytes())
    with pytest.raises(ModelError, match="not the one its card describes"):
        Classifier(folder).load()
    with pytest.raises(ModelError, match="not the one its card describes"):
        Classifier(folder).check_file()
    (folder / FILE).unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        Classifier(folder).load()


def test_a_gate_of_another_network(tmp_path, gate):
    elsewhere = dataclasses.replace(gate.spreads[0], layer="nowhere")
    made = save_tiny(tmp_path, gate=OutOfDistribution((elsewhere,), gate.usual))
    with pytest.raises(ModelError, match="of another network"):
        Classifier(made).load()


@pytest.mark.slow
@pytest.mark.parametrize(
    "part", [{"sha256": "0"}, {"sha256": 5, "caution": 1, "refuse": 2}, {"caution": 3}, [1]]
)
def test_a_card_whose_gate_makes_no_sense(folder, part):
    card = json.loads((folder / "card.json").read_text())
    for fitness in (part, {**card["fitness"], "refuse": 0.5}, {**card["fitness"], "caution": -1}):
        (folder / "card.json").write_text(json.dumps({**card, "fitness": fitness}))
        with pytest.raises(ModelError, match="is not valid"):
            ModelCard.load(folder / "card.json")


def test_a_card_from_before_there_were_gates_still_scores(tmp_path):
    made = save_tiny(tmp_path)
    card = json.loads((made / "card.json").read_text())
    del card["fitness"]
    (made / "card.json").write_text(json.dumps(card))
    old = Classifier(made)
    assert load_fitness(made, old.card) is None
    inputs = np.stack([model_input(shrink(stripes(20)), SIZE)])
    assert old.answers(inputs).unlikeness is None
    cv2.imwrite(str(tmp_path / "stripes.png"), stripes(20))
    prediction, _ = score_one(read_radiograph(tmp_path / "stripes.png"), old)
    assert prediction.status is Status.OK
    assert prediction.reasons == ()


# --- what becomes of an image ---


@pytest.fixture
def images(tmp_path) -> Path:
    """Chests, one that is too bright at a side, and grids."""
    where = tmp_path / "images"
    where.mkdir()
    for number in range(3):
        cv2.imwrite(str(where / f"chest{number}.png"), chest_like(110, 120, seed=900 + number))
    odd = chest_like(110, 120, seed=950)
    odd[:, :30] = 255
    cv2.imwrite(str(where / "odd.png"), odd)
    for period in (16, 60):
        cv2.imwrite(str(where / f"stripes{period}.png"), stripes(period))
    return where


def test_every_path_judges_alike(images, classifier):
    items = list(scan([images]))
    told = list(score(items, classifier, batch_size=4))
    mapped = list(score(items, classifier, heatmaps=True))
    said = {}
    for one, two in zip(told, mapped, strict=True):
        radiograph = read_radiograph(one.item.path)
        three, heatmap = score_one(radiograph, classifier)
        four, none = score_one(radiograph, classifier, with_heatmap=False)
        assert none is None
        for other in (two.prediction, three, four):
            assert other.status is one.prediction.status
            assert other.reasons == one.prediction.reasons
            assert other.steps == one.prediction.steps
        if one.prediction.status is Status.REFUSED:
            assert (two.heatmap, two.shown, heatmap) == (None, None, None)
            assert one.prediction.p_pneumonia is one.prediction.threshold is None
        else:
            assert three.p_pneumonia == pytest.approx(one.prediction.p_pneumonia, abs=1e-6)
            assert two.heatmap is not None
            assert two.shown is not None
        said[one.item.path.stem] = one.prediction
    assert {name for name, p in said.items() if p.status is Status.REFUSED} == {
        "stripes16",
        "stripes60",
    }
    (reason,) = said["stripes60"].reasons
    assert reason.text().startswith(
        "The image is unlike the chest X-rays that the network learnt from ("
    )
    assert reason.text().endswith("times the usual limit): it may be no chest X-ray")
    # It has few greys, too: the gates before this one have their say as well.
    unlike = "The image is unlike the training images ("
    assert [reason.text().startswith(unlike) for reason in said["odd"].reasons].count(True) == 1
    assert all(said[f"chest{number}"].reasons == () for number in range(3))


def test_a_score_that_is_known_comes_with_the_cautions_that_scoring_gives(images, classifier):
    """An audit of training images has their scores from elsewhere: its cautions are the same."""
    items = list(scan([images]))
    told = list(score(items, classifier, hashes=True))
    known = list(score(items, classifier, hashes=True, known=lambda _hash: 0.25))
    assert {each.prediction.p_pneumonia for each in known} == {0.25}
    for one, other in zip(told, known, strict=True):
        assert set(one.prediction.reasons) <= set(other.prediction.reasons)
    assert sum(bool(each.prediction.reasons) for each in known) >= 3


def test_the_score_is_what_it_was_without_the_gate(tmp_path, classifier):
    plain = Classifier(save_tiny(tmp_path))
    inputs = np.stack([model_input(shrink(chest_like(seed=n)), SIZE) for n in range(5)])
    np.testing.assert_allclose(classifier.predict(inputs), plain.predict(inputs), atol=1e-7)
    for ours, theirs in zip(
        classifier.predict_with_evidence(inputs), plain.predict_with_evidence(inputs), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("maps", [False, True])
def test_out_of_memory_changes_no_judgement(folder, gate, maps, monkeypatch):
    monkeypatch.setattr(device, "has_nvidia", lambda: True)
    monkeypatch.setattr(device, "gpu_name", lambda: "Imaginary GPU")
    monkeypatch.setattr("app.inference.runtime.classifier.GPU_AFTER", 0)
    pictures = [chest_like(seed=1), stripes(20), chest_like(seed=2), stripes(50), stripes(90)]
    inputs = np.stack([model_input(shrink(picture), SIZE) for picture in pictures])
    classifier = Classifier(folder, lambda text: None)
    classifier.predict(inputs)
    classifier._gpu.thread.join()
    expected = classifier.answers(inputs, maps)
    assert classifier.device_name == "Imaginary GPU"
    real, tries = classifier._runtime.run, iter(range(4))

    def exhausted(some, maps):
        if next(tries, None) is not None:
            tf = device.tensorflow()
            raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating")
        return real(some, maps)

    monkeypatch.setattr(classifier._runtime, "run", exhausted)
    again = classifier.answers(inputs, maps)
    np.testing.assert_allclose(again.unlikeness, expected.unlikeness, rtol=1e-4)
    np.testing.assert_allclose(again.p, expected.p, atol=1e-6)
    assert classifier.device_name == device.cpu_name()


def test_a_gate_may_be_wide(tmp_path):
    wide = Classifier(save_tiny(tmp_path, gate=wide_gate()))
    inputs = np.stack([model_input(shrink(stripes(20)), SIZE)])
    assert 0 <= wide.answers(inputs).unlikeness[0] < 1


# --- the bundled network and real pictures ---


@pytest.fixture(scope="module")
def best() -> Classifier:
    return Classifier(BUNDLED / "best-2")


def judged_as_png(paths, folder: Path, classifier: Classifier) -> dict:
    """What becomes of some images whose headers are gone."""
    folder.mkdir()
    for path in paths:
        try:
            cv2.imwrite(str(folder / f"{path.stem}.png"), render(read_radiograph(path)))
        except UnreadableImage:
            continue
    return {s.item.path.stem: s.prediction for s in score(scan([folder]), classifier)}


def test_what_is_no_chest_is_refused_without_its_header(best, tmp_path):
    # One of each picture: the same slice lies there in many transfer syntaxes.
    names = ("CT_small.dcm", "MR_small.dcm", "693_UNCI.dcm", "examples_overlay.dcm", "eCT_*.dcm")
    paths = [path for name in names for path in real_files(name)]
    paths += [
        p for kind in ("RG3", "MR*", "CT*", "US*", "OT*") for p in real_files(f"{kind}_UNC?.dcm")
    ]
    said = judged_as_png(paths, tmp_path / "png", best)
    assert len(said) >= 8
    assert {p.status for p in said.values()} == {Status.REFUSED}
    unlike = [p for p in said.values() if "it may be no chest X-ray" in p.reasons[0].text()]
    assert len(unlike) >= 6
    assert all(p.p_pneumonia is None for p in said.values())


@pytest.mark.slow
def test_a_real_adult_without_header_is_scored_with_a_caution(best, tmp_path):
    said = judged_as_png(real_files("RG1_*.dcm"), tmp_path / "png", best)
    assert len(said) == 4
    for prediction in said.values():
        assert prediction.status is Status.OK
        (caution,) = prediction.reasons
        assert caution.text().startswith("The image is unlike the training images")
        assert "adult" not in caution.text()


@pytest.mark.slow
@pytest.mark.data
def test_children_pass_and_adults_get_the_caution(best, shared_data):
    children = [
        path
        for path in sorted((shared_data / "kermany-train").rglob("*.jpeg"))
        if side_of(Naming(is_kermany=True).patient_of(path.name), 0) == "calibration"
    ][::20]
    adults = sorted((shared_data / "nih-adult-dev").rglob("*.jpg"))[::8]
    large = sorted((shared_data / "fullsize").rglob("*.jpeg"))[::3]
    said = {
        kind: [score_one(read_radiograph(path), best, with_heatmap=False)[0] for path in paths]
        for kind, paths in (("children", children), ("adults", adults), ("large", large))
    }
    assert all(p.status is Status.OK for kind in said for p in said[kind])
    unlike = {
        kind: [[r for r in p.reasons if "Look yourself" not in r.text()] for p in said[kind]]
        for kind in said
    }
    cautioned = {kind: np.mean([bool(reasons) for reasons in unlike[kind]]) for kind in said}
    assert len(children) > 50
    assert cautioned["children"] <= 0.05
    assert cautioned["large"] <= 0.2
    assert cautioned["adults"] >= 0.9
