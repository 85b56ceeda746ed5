"""Input-gradient maps: the gradient is tf-keras-vis', a cell is what it adds to the logit."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_model import SIZE, build_tiny, save_tiny

from app.core.model.results import INPUT_GRADIENT
from app.inference.heatmap.heatmaps import SALIENCY_CELLS, full_scale, score_and_evidence
from app.inference.runtime.classifier import Classifier


@pytest.fixture(scope="module")
def inputs():
    random = np.random.default_rng(3)
    return random.uniform(0, 255, (5, SIZE, SIZE, 1)).astype(np.float32)


def dense(seed=1, activation="relu", size=28):
    """A network with one hidden layer and no convolution; 28 is two pixels a cell."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(seed)
    image = keras.Input((size, size, 1))
    x = layers.Flatten()(layers.Rescaling(1 / 255)(image))
    x = layers.Dense(12, activation=activation)(x)
    return keras.Model(image, layers.Dense(1, name="logit")(x))


@pytest.mark.parametrize("activation", ["relu", "elu"])
def test_the_gradient_is_that_of_tf_keras_vis(activation):
    """On an image of ones, with one pixel a cell, the map is the gradient where it is positive.

    tf-keras-vis gives its absolute value: what is left is the map of the logit turned round.
    """
    from tf_keras_vis.saliency import Saliency

    model = dense(2, activation, SALIENCY_CELLS)
    ones = np.ones((1, SALIENCY_CELLS, SALIENCY_CELLS, 1), np.float32)
    expected = np.asarray(
        Saliency(model, clone=False)(lambda output: output[:, 0], ones, normalize_map=False)
    )[0]
    _, maps = score_and_evidence(model, "")(ones)
    logit = model.get_layer("logit")
    logit.set_weights([-logit.get_weights()[0], logit.get_weights()[1]])
    _, against = score_and_evidence(model, "")(ones)
    assert maps.max() > 0 < against.max()
    np.testing.assert_allclose(maps[0] + against[0], expected, rtol=1e-4, atol=1e-9)


@pytest.mark.parametrize("size", [28, 32, 64])
def test_the_map_adds_up_to_the_logit(size):
    """Exactly so for a network of positive weights without biases, whole pixels a cell or not."""
    import keras
    from keras import layers

    image = keras.Input((size, size, 1))
    model = keras.Model(image, layers.Dense(1, use_bias=False)(layers.Flatten()(image)))
    model.layers[-1].set_weights([np.abs(model.layers[-1].get_weights()[0])])
    random = np.random.default_rng(5)
    inputs = random.uniform(0, 255, (1, size, size, 1)).astype(np.float32)
    run = score_and_evidence(model, "")
    whole, maps = run(inputs)
    np.testing.assert_allclose(maps.sum(), whole[0], rtol=1e-4)
    if size == 28:
        # A cell is what the logit loses when the cell is blacked out.
        inputs[0, 6:8, 10:12] = 0
        assert whole[0] - run(inputs)[0][0] == pytest.approx(maps[0, 3, 5], rel=1e-3)


def test_the_map_lies_where_the_evidence_is():
    model = dense()
    for layer in model.layers:
        if layer.weights:
            layer.set_weights([np.abs(values) for values in layer.get_weights()])
    image = np.zeros((1, 28, 28, 1), np.float32)
    image[0, 2:6, 20:26] = 255
    _, maps = score_and_evidence(model, "")(image)
    assert (maps[0, 1:3, 10:13] > 0).all()
    maps[0, 1:3, 10:13] = 0
    assert not maps.any()


def test_weak_evidence_stays_weak_and_none_is_an_empty_map():
    model = dense(4)
    random = np.random.default_rng(6)
    inputs = random.uniform(0, 255, (3, 28, 28, 1)).astype(np.float32)
    _, strong = score_and_evidence(model, "")(inputs)
    kernel, bias = model.get_layer("logit").get_weights()
    model.get_layer("logit").set_weights([kernel / 100, bias])
    _, weak = score_and_evidence(model, "")(inputs)
    np.testing.assert_allclose(weak, strong / 100, rtol=1e-3, atol=1e-8)
    model.get_layer("logit").set_weights([0 * kernel, bias])
    _, none = score_and_evidence(model, "")(inputs)
    assert not none.any()


@pytest.mark.parametrize("cam_layer", ["features", ""])
def test_the_full_scale_is_near_the_highest_values(inputs, cam_layer):
    model = build_tiny(seed=2)
    peaks = score_and_evidence(model, cam_layer)(inputs)[1].max(axis=(1, 2))
    scale = full_scale(model, cam_layer, inputs)
    assert np.median(peaks) <= scale <= peaks.max()
    kernel, bias = model.get_layer("logit").get_weights()
    model.get_layer("logit").set_weights([0 * kernel, bias])
    assert full_scale(model, cam_layer, inputs) > 0


def test_explain_through_the_classifier(tmp_path, inputs):
    classifier = Classifier(save_tiny(tmp_path, cam_layer="", cam_full_scale=0.25))
    p, heatmap = classifier.explain(inputs[:1])
    assert p == pytest.approx(classifier.predict(inputs[:1])[0], abs=1e-6)
    assert heatmap.method == INPUT_GRADIENT
    assert heatmap.full_scale == 0.25
    assert heatmap.evidence.shape == (SALIENCY_CELLS, SALIENCY_CELLS)
    assert heatmap.evidence.dtype == np.float32
    probabilities, maps = classifier.predict_with_evidence(inputs)
    assert maps.shape == (5, SALIENCY_CELLS, SALIENCY_CELLS)
    np.testing.assert_allclose(maps[0], heatmap.evidence, atol=1e-5)
    assert probabilities[0] == pytest.approx(p, abs=1e-6)
