"""The serving form gives what the network gives, and is read with suspicion."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tiny_model import SIZE, save_tiny, tiny_card, wide_gate

from app.core.base.errors import ModelError
from app.core.model.card import ModelCard
from app.inference.runtime import check, serving
from app.inference.runtime.check import check_serving
from app.inference.runtime.classifier import Classifier
from app.inference.runtime.keras import KerasRuntime
from app.inference.runtime.onnx import OnnxRuntime
from app.inference.scoring.out_of_distribution import load_fitness
from app.training.result.bundle import save_bundle
from model_zoo import BUNDLED, architecture

ROOT = Path(__file__).resolve().parents[3]
TOLERANCE = 1e-4


def both(folder: Path):
    """The two engines of a model."""
    card = ModelCard.load(folder / "card.json")
    gate = load_fitness(folder, card)
    layers = (*(gate.layers if gate else ()), *card.heads)
    columns = sum(len(s.mean) for s in gate.spreads) if gate else 0
    data = serving.read_form(folder, card)
    return KerasRuntime(folder, card, layers), OnnxRuntime(data, card, columns + len(card.heads))


def assert_equal(folder: Path, inputs) -> None:
    network, form = both(folder)
    assert form.constant == pytest.approx(network.constant, abs=1e-6)
    for maps in (False, True):
        expected, got = network.run(inputs, maps), form.run(inputs, maps)
        assert got.logits.dtype == np.float64
        np.testing.assert_allclose(got.logits, expected.logits, atol=TOLERANCE)
        assert got.features.shape == expected.features.shape
        # Sums over many channels, of values up to some thousands.
        np.testing.assert_allclose(got.features, expected.features, rtol=1e-4, atol=TOLERANCE)
        assert (got.maps is None) == (not maps)
    # Untrained networks have faint maps.
    span = float(np.ptp(expected.maps))
    assert span > 0
    np.testing.assert_allclose(got.maps, expected.maps, atol=min(TOLERANCE, span / 1000))


def noise(size: int, count: int = 5):
    random = np.random.default_rng(7)
    blocks = random.uniform(0, 255, (count, 8, 8))
    smooth = np.kron(blocks, np.ones((-(-size // 8), -(-size // 8))))[:, :size, :size]
    return (smooth * 0.8 + random.uniform(0, 50, smooth.shape)).astype(np.float32)[..., None]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["best-2", "cnn-1", "dense-1"])
def test_a_bundled_model_gives_the_same_in_both_forms(name):
    card = ModelCard.load(BUNDLED / name / "card.json")
    assert_equal(BUNDLED / name, noise(card.input_size))


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.parametrize("name", ["best-2", "cnn-1", "dense-1"])
def test_a_bundled_model_gives_the_same_of_real_images(name, shared_data):
    from app.core.image.preprocess import frame_of, model_input
    from app.core.image.reader import read_radiograph

    size = ModelCard.load(BUNDLED / name / "card.json").input_size
    folders = (shared_data / "fullsize" / kind for kind in ("NORMAL", "PNEUMONIA"))
    paths = [path for folder in folders for path in sorted(folder.iterdir())[:12]]
    assert len(paths) == 24
    inputs = [model_input(frame_of(read_radiograph(path)), size) for path in paths]
    assert_equal(BUNDLED / name, np.stack(inputs))


@pytest.mark.slow
@pytest.mark.parametrize("cam", [True, False])
@pytest.mark.parametrize("gate", [True, False])
def test_a_trained_model_gives_the_same(tmp_path, cam, gate):
    gates = {"gate": wide_gate()} if gate and cam else {}
    folder = save_tiny(tmp_path, cam_layer="features" if cam else "", **gates)
    assert_equal(folder, noise(SIZE))


def settings(arch, **changes):
    from app.core.settings.training import SCRATCH, TrainConfig

    zoo = architecture(arch)
    return TrainConfig(data=".", arch=arch, start=SCRATCH, **{**zoo.DEFAULTS, **changes})


@pytest.mark.slow
@pytest.mark.parametrize("activation_dense", ["relu", "elu"])
@pytest.mark.parametrize(
    ("arch", "own"),
    [("dense", {}), ("cnn", {"activation_cnn": "relu"}), ("cnn", {"activation_cnn": "softmax"})],
)
def test_what_a_sweep_trains_gives_the_same(tmp_path, arch, own, activation_dense):
    zoo = architecture(arch)
    config = settings(arch, activation_dense=activation_dense, **own)
    model = zoo.build(config, zoo.INPUT_SIZE, 1)
    card = tiny_card(arch=arch, cam_layer=zoo.CAM_LAYER, input_size=zoo.INPUT_SIZE)
    assert_equal(save_bundle(model, card, tmp_path), noise(zoo.INPUT_SIZE))


def deep(ends):
    """A network whose way from the grid to the logit ends in some layers."""
    import keras

    keras.utils.set_random_seed(3)
    image = keras.Input((SIZE, SIZE, 1))
    x = keras.layers.Rescaling(1 / 255)(image)
    x = keras.layers.Conv2D(6, 5, strides=2, activation="relu", name="features")(x)
    for layer in ends(keras.layers):
        x = layer(x)
    return keras.Model(image, keras.layers.Dense(1, name="logit")(x))


@pytest.mark.slow
@pytest.mark.parametrize(
    "ends",
    [
        lambda k: [k.Flatten()],
        lambda k: [k.MaxPooling2D(3, strides=2), k.GlobalAveragePooling2D()],
        lambda k: [k.AveragePooling2D(2), k.Dropout(0.5), k.Flatten(), k.Dense(7, "elu")],
        lambda k: [k.GlobalAveragePooling2D(), k.Dense(9, "relu"), k.Dense(5, "elu")],
    ],
    ids=["flatten", "pools that overlap", "mean pools", "two hidden layers"],
)
def test_grad_cam_needs_no_backward_pass(tmp_path, ends):
    folder = save_bundle(deep(ends), tiny_card(), tmp_path)
    assert both(folder)[1].has_maps
    assert_equal(folder, noise(SIZE))


@pytest.mark.slow
def test_a_network_of_other_layers_gets_its_map_from_tensorflow(tmp_path):
    def ends(k):
        return [k.Conv2D(4, 3, activation="tanh"), k.GlobalMaxPooling2D()]

    folder = save_bundle(deep(ends), tiny_card(), tmp_path)
    network, form = both(folder)
    assert not form.has_maps
    inputs = noise(SIZE)
    answers = Classifier(folder).answers(inputs, maps=True)
    np.testing.assert_allclose(answers.maps, network.run(inputs, True).maps, atol=1e-6)
    np.testing.assert_allclose(answers.logits, form.run(inputs, False).logits, atol=TOLERANCE)


@pytest.mark.slow
def test_three_classes_have_a_serving_form_too(tmp_path):
    zoo = architecture("dense")
    model = zoo.build(settings("dense"), 48, 3)
    folder = save_bundle(
        model, tiny_card(classes=("a", "b", "c"), cam_layer="", input_size=48), tmp_path
    )
    card = ModelCard.load(folder / "card.json")
    form = OnnxRuntime(serving.read_form(folder, card), card, 0)
    expected = np.asarray(model(noise(48)))[:, 0]
    np.testing.assert_allclose(form.run(noise(48), False).logits, expected, atol=0.05)


def test_no_image_changes_another(tmp_path):
    form = both(save_tiny(tmp_path))[1]
    inputs = noise(SIZE, 7)
    together = form.run(inputs, True)
    for at in range(7):
        alone = form.run(inputs[at : at + 1], True)
        np.testing.assert_allclose(alone.logits[0], together.logits[at], atol=1e-5)
        np.testing.assert_allclose(alone.maps[0], together.maps[at], atol=1e-5)


# --- a model that came without one ---


@pytest.fixture
def bare(tmp_path):
    """A model folder as an older Opacity wrote it."""
    folder = save_tiny(tmp_path / "old")
    (folder / serving.FILE).unlink()
    card = json.loads((folder / "card.json").read_text())
    del card["serving"]
    (folder / "card.json").write_text(json.dumps(card))
    return folder


@pytest.mark.slow
def test_an_older_model_gets_its_form_at_the_first_use_and_keeps_it(bare, monkeypatch):
    before = {path.name: path.read_bytes() for path in bare.iterdir()}
    notices: list[str] = []
    # As a process that scores does it: without TensorFlow of its own.
    monkeypatch.setattr(serving, "make_form", serving._made_elsewhere)
    p = Classifier(bare, notices.append).predict(noise(SIZE))
    assert notices == ["The model tiny 1.0 is prepared for quick scoring, once."]
    assert {path.name: path.read_bytes() for path in bare.iterdir()} == before
    monkeypatch.setattr(serving, "make_form", lambda folder: pytest.fail("it was made again"))
    again = Classifier(bare, notices.append)
    np.testing.assert_array_equal(again.predict(noise(SIZE)), p)
    assert type(again._runtime) is OnnxRuntime
    card = ModelCard.load(bare / "card.json")
    logits = KerasRuntime(bare, card, ()).run(noise(SIZE), False).logits
    np.testing.assert_allclose(p, 1 / (1 + np.exp(-logits)), atol=1e-5)


def test_a_kept_form_that_was_damaged_is_made_again(bare):
    card = ModelCard.load(bare / "card.json")
    data, _ = serving.form_of(bare, card)
    (kept,) = (serving.home() / "serving").iterdir()
    (kept / serving.FILE).write_bytes(data[:100])
    again, _ = serving.form_of(bare, card)
    assert len(again) == len(data)


def test_where_no_form_can_be_made_tensorflow_scores(bare, monkeypatch):
    monkeypatch.setattr("app.inference.runtime.serving.make_form", lambda folder: None)
    classifier = Classifier(bare, lambda text: None)
    p, _ = classifier.predict_with_evidence(noise(SIZE))
    assert type(classifier._runtime) is KerasRuntime
    assert p.shape == (5,)


def test_another_network_under_the_same_card_gets_another_form(tmp_path):
    """What was made of other weights, another gate or another grid is not taken."""
    folder = save_tiny(tmp_path)
    card = ModelCard.load(folder / "card.json")
    assert serving.has_form(card)
    for changes in (
        {"weights_sha256": "0" * 64},
        {"cam_layer": ""},
        {"input_size": 64},
        {"fitness": {"sha256": "1", "caution": 1.0, "refuse": 2.0}},
        {"heads": {"kind": {}}},
    ):
        assert not serving.has_form(dataclasses.replace(card, **changes))


# --- files that must not be trusted ---


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return save_tiny(tmp_path_factory.mktemp("forms"))


def form(saved):
    import onnx

    return onnx.load(saved / serving.FILE)


def with_form(saved, tmp_path, data: bytes) -> Path:
    """The model with another form, whose hash its card gives."""
    folder = Path(shutil.copytree(saved, tmp_path / "model"))
    (folder / serving.FILE).write_bytes(data)
    card = ModelCard.load(folder / "card.json")
    told = {**card.serving, "sha256": hashlib.sha256(data).hexdigest()}
    (folder / "card.json").write_text(dataclasses.replace(card, serving=told).to_json())
    return folder


def test_a_missing_and_another_form(saved, tmp_path):
    folder = Path(shutil.copytree(saved, tmp_path / "tiny"))
    data = (folder / serving.FILE).read_bytes()
    (folder / serving.FILE).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(ModelError, match="not the one its card describes"):
        Classifier(folder).load()
    with pytest.raises(ModelError, match="not the one its card describes"):
        Classifier(folder).check_file()
    (folder / serving.FILE).unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        Classifier(folder).load()


def external(model):
    import onnx

    tensor = model.graph.initializer[0]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")


def external_in_a_node(model):
    import onnx

    node = model.graph.node.add(op_type="Constant", output=["x"])
    node.attribute.add(name="value", type=onnx.AttributeProto.TENSOR)
    node.attribute[0].t.CopyFrom(model.graph.initializer[0])
    node.attribute[0].t.external_data.add(key="location", value="../other")


def custom_operator(model):
    model.graph.node[0].op_type = "Anything"


def custom_domain(model):
    model.opset_import.add(domain="com.microsoft", version=1)
    model.graph.node[0].domain = "com.microsoft"


def loop(model):
    import onnx

    node = model.graph.node.add(op_type="Identity", input=["t0"], output=["x"])
    node.attribute.add(name="body", type=onnx.AttributeProto.GRAPH)
    node.attribute[0].g.name = "body"


def own_function(model):
    model.functions.add(name="f", domain="x")


def no_size(model):
    model.graph.initializer[0].dims[:] = [2**40]


def negative_size(model):
    model.graph.initializer[0].dims[:] = [-1, -1]


def many_operators(model):
    for number in range(check.MAX_NODES + 1):
        model.graph.node.add(op_type="Identity", input=["inputs"], output=[f"x{number}"])


def outer_product(model):
    """Two vectors whose product has 2.5 GB: a session would fold it when it is made."""
    from onnx import numpy_helper

    side = np.ones((25_000, 1), np.float32)
    model.graph.initializer.append(numpy_helper.from_array(side, "column"))
    model.graph.initializer.append(numpy_helper.from_array(side.T.copy(), "row"))
    model.graph.node.add(op_type="MatMul", input=["column", "row"], output=["x"])


def doubled(model):
    """Each value is twice the one before."""
    model.graph.node.add(op_type="Concat", input=["inputs", "inputs"], output=["x0"])
    for number in range(40):
        model.graph.node.add(op_type="Concat", input=[f"x{number}"] * 2, output=[f"x{number + 1}"])
    for node in model.graph.node:
        if node.op_type == "Concat" and not node.attribute:
            node.attribute.add(name="axis", type=2, i=1)


def filled(model):
    from onnx import numpy_helper

    shape = np.array([100_000, 100_000], np.int64)
    model.graph.initializer.append(numpy_helper.from_array(shape, "shape"))
    model.graph.node.add(op_type="ConstantOfShape", input=["shape"], output=["x"])


def no_stride(model):
    node = next(node for node in model.graph.node if node.op_type == "Conv")
    for each in node.attribute:
        if each.name == "strides":
            each.ints[:] = [0, 0]


def padded(model):
    node = next(node for node in model.graph.node if node.op_type == "Conv")
    node.attribute.add(name="pads", type=7, ints=[2**30] * 4)


def two_inputs(model):
    model.graph.input.add().CopyFrom(model.graph.input[0])
    model.graph.input[1].name = "other"


def large_input(model):
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 2**30


HOSTILE = (
    *(external, external_in_a_node, custom_operator, custom_domain, loop, own_function),
    *(no_size, negative_size, many_operators, outer_product, doubled, filled, no_stride, padded),
    *(two_inputs, large_input),
)


@pytest.mark.parametrize("change", HOSTILE, ids=lambda change: change.__name__)
def test_a_hostile_form_is_refused_before_a_session_is_made(saved, tmp_path, change, monkeypatch):
    model = form(saved)
    change(model)
    folder = with_form(saved, tmp_path, model.SerializeToString())

    def never(*args, **kwargs):
        raise AssertionError("ONNX Runtime was given it")

    monkeypatch.setattr("onnxruntime.InferenceSession", never)
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ModelError, match="cannot be used"):
        Classifier(folder).load()
    assert time.monotonic() - began < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500 * 1024


def field(number: int, data: bytes) -> bytes:
    size, length = len(data), b""
    while size > 127:
        length, size = length + bytes([size & 127 | 128]), size >> 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        bytes(1000),
        b"\xff" * 1000,
        field(7, field(1, b"") * 3_000_000),
        field(7, field(5, b"") * 3_000_000),
        field(7, field(5, field(9, b"") * 3_000_000)),
        field(7, field(1, b"") + field(3, b"x" * 2_000_000)),
        field(7, b"")[:-1] + b"\x7f",
    ],
    ids=["empty", "text", "zeros", "ones", "nodes", "weights", "parts", "words", "cut off"],
)
def test_what_is_no_form(saved, tmp_path, data):
    folder = with_form(saved, tmp_path, data)
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ModelError, match="cannot be used"):
        Classifier(folder).load()
    assert time.monotonic() - began < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500 * 1024


def test_a_form_cut_anywhere_is_refused(saved, tmp_path):
    whole = (saved / serving.FILE).read_bytes()
    card = ModelCard.load(saved / "card.json")
    for size in range(1, len(whole), max(1, len(whole) // 40)):
        data = whole[:size]
        told = {**card.serving, "sha256": hashlib.sha256(data).hexdigest()}
        with pytest.raises(ModelError, match="cannot be used"):
            check_serving(data, dataclasses.replace(card, serving=told))


def test_a_form_of_another_shape_does_not_fit_the_card(saved, tmp_path):
    model = form(saved)
    model.graph.output[0].name = "something"
    model.graph.node[-1].output[0] = "something"
    folder = with_form(saved, tmp_path, model.SerializeToString())
    with pytest.raises(ModelError):
        Classifier(folder).load()


@pytest.mark.parametrize(
    "part", [{"sha256": "0"}, {"sha256": 1, "made_of": "", "constant": 0}, [1], {"x": 1},
             {"sha256": "0", "made_of": "0", "constant": float("nan")}]
)  # fmt: skip
def test_a_card_whose_form_makes_no_sense(saved, tmp_path, part):
    card = json.loads((saved / "card.json").read_text())
    (tmp_path / "card.json").write_text(json.dumps({**card, "serving": part}))
    with pytest.raises(ModelError, match="is not valid"):
        ModelCard.load(tmp_path / "card.json")


# --- what a process that scores never loads ---


@pytest.mark.slow
@pytest.mark.parametrize("task", ["score", "heatmaps", "evaluate", "audit"])
def test_tensorflow_is_never_imported_to_score(tmp_path, task):
    import cv2
    from factories import chest_like

    for kind in ("NORMAL", "PNEUMONIA"):
        (tmp_path / "images" / kind).mkdir(parents=True)
        for number in range(2):
            path = tmp_path / "images" / kind / f"{kind}{number}.png"
            cv2.imwrite(str(path), chest_like(seed=number))
    images = str(tmp_path / "images")
    command = {
        "score": ["score", images, "-o", str(tmp_path / "scores.csv")],
        "heatmaps": ["score", images, "-o", str(tmp_path / "scores.csv"),
                     "--heatmaps", str(tmp_path / "maps")],
        "evaluate": ["evaluate", images, "-o", str(tmp_path / "figures.json")],
        "audit": ["audit", images, "-o", str(tmp_path / "report.html")],
    }[task]  # fmt: skip
    code = (
        "import sys; from app.cli import main; code = main(sys.argv[1:]);"
        "print('HEAVY', [n for n in ('tensorflow', 'keras', 'tf2onnx', 'PySide6', 'onnx') "
        "if n in sys.modules]); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "HEAVY []" in done.stdout
