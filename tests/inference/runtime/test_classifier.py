"""The classifier: probabilities, devices, memory, and model files that must not be trusted."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from tiny_model import SIZE, build_tiny, save_tiny, tiny_card

from app.core.base.errors import ModelError
from app.inference.runtime import device
from app.inference.runtime.classifier import Classifier, load_keras
from app.training.result.bundle import save_bundle

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return save_tiny(tmp_path_factory.mktemp("models"))


@pytest.fixture
def folder(saved, tmp_path):
    return Path(shutil.copytree(saved, tmp_path / "tiny"))


@pytest.fixture
def inputs():
    return np.random.default_rng(0).uniform(0, 255, (7, SIZE, SIZE, 1)).astype(np.float32)


def rewrite_card(folder: Path, **changes) -> None:
    from app.core.model.card import ModelCard

    card = dataclasses.replace(ModelCard.load(folder / "card.json"), **changes)
    (folder / "card.json").write_text(card.to_json())


def rehash(folder: Path) -> None:
    import hashlib

    digest = hashlib.sha256((folder / "model.keras").read_bytes()).hexdigest()
    rewrite_card(folder, weights_sha256=digest)


def test_probabilities_are_the_logistic_of_the_logit(folder, inputs):
    classifier = Classifier(folder)
    model = load_keras(folder / "model.keras", classifier.card)
    logits = np.asarray(model(inputs))[:, 0].astype(np.float64)
    p = classifier.predict(inputs)
    assert p.dtype == np.float64
    assert p.shape == (7,)
    np.testing.assert_allclose(p, 1 / (1 + np.exp(-logits)), rtol=1e-5)
    assert classifier.device_name


def test_the_batch_does_not_change_a_score(folder, inputs):
    classifier = Classifier(folder)
    together = classifier.predict(inputs)
    alone = [classifier.predict(inputs[i : i + 1])[0] for i in range(len(inputs))]
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_no_image_gives_no_score(folder):
    assert Classifier(folder).predict(np.empty((0, SIZE, SIZE, 1), np.float32)).shape == (0,)


def test_half_precision_on_disk_changes_little(folder, inputs):
    whole, stored = build_tiny(), load_keras(folder / "model.keras", tiny_card_of(folder))
    assert all(weight.dtype == "float32" for weight in stored.weights)
    np.testing.assert_allclose(np.asarray(whole(inputs)), np.asarray(stored(inputs)), atol=0.02)


def tiny_card_of(folder: Path):
    from app.core.model.card import ModelCard

    return ModelCard.load(folder / "card.json")


# --- memory and devices; the GPU is injected, everything else is real ---


class Exhausted:
    """An engine that first runs out of memory some times, as a GPU would."""

    def __init__(self, times: int, real):
        self.times, self.real = times, real

    def __getattr__(self, name):
        return getattr(self.real, name)

    def run(self, inputs, maps):
        if self.times > 0:
            self.times -= 1
            tf = device.tensorflow()
            raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating")
        return self.real.run(inputs, maps)


@pytest.fixture
def gpu(monkeypatch):
    """A GPU that the driver tells of, wanted from the first image on."""
    monkeypatch.setattr(device, "has_nvidia", lambda: True)
    monkeypatch.setattr(device, "gpu_name", lambda: "Imaginary GPU")
    monkeypatch.setattr("app.inference.runtime.classifier.GPU_AFTER", 0)


def on_gpu(classifier: Classifier, inputs) -> Classifier:
    """The classifier, after it has moved to its GPU."""
    classifier.predict(inputs[:1])
    classifier._gpu.thread.join()
    classifier.predict(inputs[:1])
    assert classifier.device_name == "Imaginary GPU"
    return classifier


def test_out_of_memory_means_a_smaller_batch_and_a_notice(folder, inputs):
    notices: list[str] = []
    classifier = Classifier(folder, notices.append)
    expected = classifier.predict(inputs)
    classifier._runtime = Exhausted(2, classifier._runtime)
    np.testing.assert_allclose(classifier.predict(inputs), expected, atol=1e-6)
    assert classifier.batch_limit == 1
    assert notices == [
        "Out of memory: going on with fewer images a batch: 3.",
        "Out of memory: going on with fewer images a batch: 1.",
    ]


def test_the_first_images_are_scored_on_the_cpu_while_the_gpu_is_made_ready(folder, inputs, gpu):
    classifier = Classifier(folder)
    before = classifier.predict(inputs)
    assert classifier.device_name == device.cpu_name()
    np.testing.assert_allclose(on_gpu(classifier, inputs).predict(inputs), before, atol=1e-5)


def test_few_images_do_not_wake_the_gpu(folder, inputs, gpu, monkeypatch):
    monkeypatch.setattr("app.inference.runtime.classifier.GPU_AFTER", 64)
    classifier = Classifier(folder)
    for _ in range(9):
        classifier.predict(inputs)
    assert classifier._gpu is None
    classifier.predict(inputs)
    assert classifier._gpu is not None
    classifier._gpu.thread.join()


def test_a_gpu_that_tensorflow_cannot_use_leaves_the_cpu(folder, inputs, gpu, monkeypatch):
    monkeypatch.setattr(device, "gpu_name", lambda: None)
    classifier = Classifier(folder)
    classifier.predict(inputs)
    classifier._gpu.thread.join()
    runtime = classifier._runtime
    classifier.predict(inputs)
    assert classifier._runtime is runtime


def test_a_gpu_too_small_for_one_image_gives_way_to_the_cpu(folder, inputs, gpu):
    notices: list[str] = []
    classifier = on_gpu(Classifier(folder, notices.append), inputs)
    classifier._runtime = Exhausted(10, classifier._runtime)
    p = classifier.predict(inputs[:2])
    assert p.shape == (2,)
    assert classifier.device_name == device.cpu_name()
    assert notices[-1] == "The GPU's memory is too small: going on with the CPU."


def test_heatmaps_move_to_the_cpu_too(folder, inputs, gpu):
    notices: list[str] = []
    classifier = on_gpu(Classifier(folder, notices.append), inputs)
    expected, maps = classifier.predict_with_evidence(inputs[:2])
    classifier._runtime = Exhausted(10, classifier._runtime)
    again, maps_again = classifier.predict_with_evidence(inputs[:2])
    np.testing.assert_allclose(again, expected, atol=1e-6)
    np.testing.assert_allclose(maps_again, maps, atol=1e-5)
    assert classifier.device_name == device.cpu_name()
    assert notices[-1] == "The GPU's memory is too small: going on with the CPU."


def test_no_memory_at_all_is_an_error_with_words(folder, inputs):
    classifier = Classifier(folder, lambda text: None)
    classifier.load()
    classifier._runtime = Exhausted(100, classifier._runtime)
    with pytest.raises(ModelError, match="not enough memory"):
        classifier.predict(inputs)


def test_another_error_is_not_taken_for_memory(folder, inputs, monkeypatch):
    classifier = Classifier(folder)
    classifier.load()

    def broken(inputs, maps):
        raise RuntimeError("something else")

    monkeypatch.setattr(classifier._runtime, "run", broken)
    with pytest.raises(RuntimeError, match="something else"):
        classifier.predict(inputs)


def test_memory_growth_is_asked_for_on_every_gpu(monkeypatch):
    tf = device.tensorflow()
    asked = []
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["GPU:0", "GPU:1"])
    monkeypatch.setattr(
        tf.config.experimental, "set_memory_growth", lambda gpu, on: asked.append((gpu, on))
    )
    device.tensorflow.cache_clear()
    device.tensorflow()
    assert asked == [("GPU:0", True), ("GPU:1", True)]


def test_a_command_is_not_buried_in_native_logs():
    code = "from app.inference.runtime import device; device.tensorflow(); device.gpu_name()"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, cwd=ROOT
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_gpus_name_is_what_tensorflow_says(monkeypatch):
    tf = device.tensorflow()
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["GPU:0"])
    monkeypatch.setattr(
        tf.config.experimental, "get_device_details", lambda gpu: {"device_name": "NVIDIA X"}
    )
    assert device.gpu_name() == "NVIDIA X"


# --- model files ---


def test_a_damaged_model_file(folder):
    data = (folder / "model.keras").read_bytes()
    (folder / "model.keras").write_bytes(data[: len(data) // 2])
    with pytest.raises(ModelError, match="cannot be read"):
        Classifier(folder).load()


def test_a_model_file_that_is_no_model(folder):
    (folder / "model.keras").write_text("hello")
    with pytest.raises(ModelError, match="cannot be read"):
        Classifier(folder).load()


def test_a_missing_model_file(folder):
    (folder / "model.keras").unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        Classifier(folder).load()


def test_other_weights_than_the_cards(folder, tmp_path):
    other = save_tiny(tmp_path / "other", seed=2)
    shutil.copy(other / "model.keras", folder / "model.keras")
    with pytest.raises(ModelError, match="not the one its card describes"):
        Classifier(folder).load()


def test_damaged_weights_in_a_whole_archive(folder):
    with zipfile.ZipFile(folder / "model.keras") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["model.weights.h5"] = parts["model.weights.h5"][:100]
    with zipfile.ZipFile(folder / "model.keras", "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    rehash(folder)
    with pytest.raises(ModelError, match=r"weights in model\.keras cannot be read"):
        Classifier(folder).load()


def test_a_lambda_layer_is_refused_before_keras_sees_it(folder, monkeypatch):
    device.tensorflow()
    import keras

    inputs = keras.Input((SIZE, SIZE, 1))
    x = keras.layers.Lambda(lambda t: t * 2, output_shape=(SIZE, SIZE, 1))(inputs)
    x = keras.layers.Dense(1)(keras.layers.Flatten()(x))
    keras.Model(inputs, x).save(folder / "model.keras")
    rehash(folder)

    def never(*args, **kwargs):
        raise AssertionError("Keras was given a model with code in it")

    monkeypatch.setattr(keras.saving, "load_model", never)
    with pytest.raises(ModelError, match="Lambda"):
        Classifier(folder).load()


def test_a_layer_that_is_not_keras_own_is_refused(folder):
    with zipfile.ZipFile(folder / "model.keras") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(parts["config.json"])
    config["config"]["layers"][1]["module"] = "somebodys.package"
    parts["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(folder / "model.keras", "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    rehash(folder)
    with pytest.raises(ModelError, match=r"somebodys\.package"):
        Classifier(folder).load()


def test_a_damaged_stream_in_the_archive(folder):
    data = bytearray((folder / "model.keras").read_bytes())
    start = data.index(b"config.json") + 60
    data[start : start + 200] = bytes(200)
    (folder / "model.keras").write_bytes(data)
    with pytest.raises(ModelError, match="cannot be read"):
        Classifier(folder).load()


def test_an_archive_that_unpacks_to_too_much(folder, monkeypatch):
    monkeypatch.setattr("app.inference.runtime.model_file.MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(ModelError, match="unpacks to more"):
        Classifier(folder).load()


def test_a_model_that_does_not_fit_its_card(folder):
    rewrite_card(folder, input_size=64)
    with pytest.raises(ModelError, match="cannot be loaded"):
        Classifier(folder).load()


def test_a_missing_cam_layer(folder):
    rewrite_card(folder, cam_layer="nowhere")
    with pytest.raises(ModelError, match="cannot be loaded"):
        Classifier(folder).load()


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "not json", '{"format": 99}', "\x00\x01"],
    ids=["empty", "no keys", "a list", "text", "newer", "binary"],
)
def test_a_card_that_is_no_card(folder, text):
    (folder / "card.json").write_text(text)
    with pytest.raises(ModelError):
        Classifier(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"operating_points": {"default": 1.5}},
        {"operating_points": {"default": "low"}},
        {"operating_points": [0.5]},
        {"input_size": 0},
        {"input_size": 32.5},
        {"licence": ["MIT"]},
        {"limits": ["none", 3]},
        {"cam_full_scale": True},
        {"data": []},
    ],
    ids=str,
)
def test_a_card_that_makes_no_sense(folder, changes):
    raw = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**raw, **changes}))
    with pytest.raises(ModelError, match="not valid"):
        Classifier(folder)


def test_a_model_of_other_preprocessing(folder):
    rewrite_card(folder, preprocessing="something-2")
    with pytest.raises(ModelError, match="preprocessing"):
        Classifier(folder)


def test_a_model_of_other_classes_cannot_score(folder):
    rewrite_card(folder, classes=("cat", "dog"))
    with pytest.raises(ModelError, match="cat from dog"):
        Classifier(folder).require_pneumonia()


def test_a_score_that_is_not_a_number_is_an_error(tmp_path, inputs):
    broken = build_tiny()
    layer = broken.get_layer("logit")
    layer.set_weights([weight * np.nan for weight in layer.get_weights()])
    folder = save_bundle(broken, tiny_card(), tmp_path)
    with pytest.raises(ModelError, match="not a number"):
        Classifier(folder).predict(inputs)
