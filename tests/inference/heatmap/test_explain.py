"""Heatmaps: equal to tf-keras-vis' Grad-CAM, in logit units, empty where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_model import SIZE, build_tiny, save_tiny, tiny_card

from app.core.model.results import GRAD_CAM, Call, Heatmap
from app.inference.heatmap.heatmaps import constant_of, heatmap_of, score_and_evidence
from app.inference.heatmap.heatmaps import score_evidence_and_features as signed
from app.inference.runtime.classifier import Classifier
from app.inference.scoring.features import logit_of

TOLERANCE = 1e-3
"""Largest difference from tf-keras-vis' map, which scales each map from its minimum to 0 to 1."""


@pytest.fixture(scope="module")
def inputs():
    random = np.random.default_rng(3)
    return random.uniform(0, 255, (5, SIZE, SIZE, 1)).astype(np.float32)


def reference_maps(model, layer, inputs):
    """tf-keras-vis' Grad-CAM on the logit, at the size of the grid, each map scaled to 0..1."""
    from tf_keras_vis.gradcam import Gradcam

    return np.asarray(
        Gradcam(model, clone=False)(
            lambda output: output[:, 0],
            inputs,
            penultimate_layer=layer,
            # Else it goes back to the convolution before its normalisation and activation.
            seek_penultimate_conv_layer=False,
            expand_cam=False,
            normalize_cam=True,
        )
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_equals_tf_keras_vis(inputs, seed):
    model = build_tiny(seed)
    _, maps = score_and_evidence(model, "features")(inputs)
    expected = reference_maps(model, "features", inputs)
    assert maps.shape == expected.shape
    assert maps.max() > 0
    for ours, theirs in zip(maps, expected, strict=True):
        scaled = (ours - ours.min()) / max(float(np.ptp(ours)), 1e-12)
        np.testing.assert_allclose(scaled, theirs, atol=TOLERANCE)


def test_scores_come_from_the_same_pass(inputs):
    model = build_tiny()
    logits, _ = score_and_evidence(model, "features")(inputs)
    np.testing.assert_allclose(logits, np.asarray(model(inputs))[:, 0], rtol=1e-4, atol=1e-4)


def test_the_map_before_its_cut_adds_up_to_the_logit(inputs):
    """For global average and one dense layer a cell's evidence is what it adds to the logit."""
    model = build_tiny(seed=2)
    kernel, bias = model.get_layer("logit").get_weights()
    # With only positive weights on positive features nothing is cut at zero.
    model.get_layer("logit").set_weights([np.abs(kernel), bias])
    logits, maps = score_and_evidence(model, "features")(inputs)
    np.testing.assert_allclose(maps.sum(axis=(1, 2)), logits - bias[0], rtol=1e-4)


def test_the_two_maps_account_for_all_of_the_logit(inputs):
    """Evidence for, less evidence against, and the bias: nothing is left over."""
    model = build_tiny(seed=2)
    kernel, _ = model.get_layer("logit").get_weights()
    model.get_layer("logit").set_weights([kernel, np.array([0.7])])
    logits, maps, _ = signed(model, "features")(inputs)
    assert constant_of(model) == pytest.approx(0.7)
    for logit, values in zip(logits, maps, strict=True):
        heatmap = heatmap_of(values, tiny_card(), float(logit), constant_of(model))
        balance = heatmap.balance
        assert balance.toward_pneumonia == pytest.approx(heatmap.evidence.sum(), rel=1e-5)
        assert balance.toward_normal == pytest.approx(heatmap.other.sum(), rel=1e-5)
        assert balance.rest == 0
        assert balance.share == 1
        total = 0.7 + balance.toward_pneumonia - balance.toward_normal
        assert total == pytest.approx(logit, abs=1e-3)


def test_a_hidden_layer_leaves_a_rest_and_says_so(inputs):
    import keras
    from keras import layers

    keras.utils.set_random_seed(4)
    image = keras.Input((SIZE, SIZE, 1))
    x = layers.Conv2D(4, 5, strides=4, activation="relu", name="features")(image)
    x = layers.Dense(6, activation="sigmoid")(layers.Flatten()(x))
    model = keras.Model(image, layers.Dense(1, name="logit")(x))
    logits, maps, _ = signed(model, "features")(inputs / 255)
    balance = heatmap_of(maps[0], tiny_card(), float(logits[0]), constant_of(model)).balance
    assert balance.share < 0.99
    parts = balance.constant + balance.toward_pneumonia - balance.toward_normal + balance.rest
    assert parts == pytest.approx(logits[0], rel=1e-5)


def test_evidence_toward_normal_is_what_would_be_evidence_for_the_turned_logit(inputs):
    model = build_tiny(seed=2)
    _, maps, _ = signed(model, "features")(inputs)
    heatmap = heatmap_of(maps[0], tiny_card(cam_full_scale=0.5), 0.0, 0.0)
    turned = heatmap.turned()
    assert turned.toward is Call.NORMAL
    assert turned.full_scale == 0.5  # one scale for both
    assert turned.turned().toward is Call.PNEUMONIA
    np.testing.assert_array_equal(turned.turned().evidence, heatmap.evidence)
    kernel, bias = model.get_layer("logit").get_weights()
    model.get_layer("logit").set_weights([-kernel, bias])
    _, against = score_and_evidence(model, "features")(inputs)
    np.testing.assert_allclose(turned.evidence, against[0], rtol=1e-5, atol=1e-7)


def test_further_heads_change_neither_logit_nor_map(inputs):
    """The layer named ``logit`` counts, wherever it stands among the outputs."""
    import keras
    from keras import layers

    model = build_tiny(seed=2)
    expected = signed(model, "features")(inputs)
    pooled = model.layers[-2].output
    kind, spread = (layers.Dense(1, name=name)(pooled) for name in ("kind", "spread"))
    headed = keras.Model(model.input, [kind, model.get_layer("logit").output, spread])
    for theirs, ours in zip(expected, signed(headed, "features")(inputs), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)
    assert constant_of(headed) == constant_of(model)


def test_the_map_lies_where_the_evidence_is():
    model = build_tiny()
    kernel, bias = model.get_layer("features").get_weights()
    model.get_layer("features").set_weights([np.abs(kernel), bias])
    weights = model.get_layer("logit").get_weights()
    model.get_layer("logit").set_weights([np.abs(weights[0]), weights[1]])
    image = np.zeros((1, SIZE, SIZE, 1), np.float32)
    image[0, 2:8, 22:30] = 255
    _, maps = score_and_evidence(model, "features")(image)
    row, column = np.unravel_index(maps[0].argmax(), maps[0].shape)
    assert row <= 1
    assert column >= 5


@pytest.mark.parametrize("kind", ["all negative", "flat"])
def test_no_evidence_is_an_empty_map_and_no_division_by_zero(kind):
    model = build_tiny()
    kernel, bias = model.get_layer("logit").get_weights()
    image = np.full((1, SIZE, SIZE, 1), 128, np.float32)
    kernel = -np.abs(kernel) if kind == "all negative" else np.zeros_like(kernel)
    model.get_layer("logit").set_weights([kernel, bias])
    with np.errstate(all="raise"):
        _, maps = score_and_evidence(model, "features")(image)
        heatmap = Heatmap(maps[0], 1.0, "Grad-CAM")
    assert (maps == 0).all()
    assert heatmap.is_empty


def test_weak_evidence_stays_weak(inputs):
    """The scale belongs to the model: a hundredth of the evidence is a hundredth of the map."""
    model = build_tiny(seed=2)
    _, strong = score_and_evidence(model, "features")(inputs)
    kernel, bias = model.get_layer("logit").get_weights()
    model.get_layer("logit").set_weights([kernel / 100, bias])
    _, weak = score_and_evidence(model, "features")(inputs)
    np.testing.assert_allclose(weak, strong / 100, rtol=1e-3, atol=1e-7)


def test_explain_through_the_classifier(tmp_path, inputs):
    classifier = Classifier(save_tiny(tmp_path, cam_full_scale=0.5))
    p, heatmap = classifier.explain(inputs[:1])
    assert p == pytest.approx(classifier.predict(inputs[:1])[0], abs=1e-6)
    assert heatmap.full_scale == 0.5
    assert heatmap.method == GRAD_CAM
    assert heatmap.evidence.dtype == np.float32


@pytest.mark.slow
@pytest.mark.data
def test_the_bundled_network_equals_tf_keras_vis(shared_data):
    import keras

    from app.core.image.preprocess import frame_of, model_input
    from app.core.image.reader import read_radiograph
    from app.inference.registry.models import find_model
    from app.inference.runtime.model_file import load_keras

    classifier = Classifier(find_model())
    model = load_keras(classifier.folder / "model.keras", classifier.card)
    paths = sorted((shared_data / "fullsize" / "PNEUMONIA").iterdir())[:4]
    size = classifier.card.input_size
    images = np.stack([model_input(frame_of(read_radiograph(path)), size) for path in paths])
    _, maps = classifier.predict_with_evidence(images)
    # Down to the logit: tf-keras-vis wants a score for each of a network's outputs.
    network = keras.Model(model.input, logit_of(model))
    expected = reference_maps(network, classifier.card.cam_layer, images)
    for ours, theirs in zip(maps, expected, strict=True):
        scaled = (ours - ours.min()) / max(float(np.ptp(ours)), 1e-12)
        np.testing.assert_allclose(scaled, theirs, atol=TOLERANCE)
