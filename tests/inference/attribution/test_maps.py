"""Maps by every method: where the evidence is, on one scale, and no trick of the library."""

from __future__ import annotations

import numpy as np
import pytest
from maps_networks import bright_corner, tiny
from tiny_model import SIZE, save_tiny, tiny_card

from app.core.base.errors import ModelError
from app.inference.attribution import METHODS, heatmaps, load_network
from app.inference.attribution.occlusion import drops, logits
from app.inference.heatmap.heatmaps import score_and_evidence


@pytest.fixture(scope="module")
def inputs():
    random = np.random.default_rng(3)
    return random.uniform(0, 255, (3, SIZE, SIZE, 1)).astype(np.float32)


@pytest.fixture(scope="module")
def corner():
    return bright_corner()


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_the_evidence_lies_where_the_network_looks(corner, inputs, method):
    maps = heatmaps(corner, inputs, method)
    assert maps.dtype == np.float32
    assert maps.shape[0] == 3
    assert (maps >= 0).all()
    rows, columns = maps.shape[1:]
    for each in maps:
        quarter = each[: rows // 2, : columns // 2].sum()
        # These weigh a whole channel: they say that it counts, not where in it.
        by_channel = method in ("grad-cam", "grad-cam++", "score-cam")
        least = 0.2 if by_channel else 0.9
        assert quarter / each.sum() > least
        assert each.sum() > 0


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_a_map_is_the_same_alone_and_among_others(inputs, method):
    model = tiny()
    together = heatmaps(model, inputs, method)
    alone = heatmaps(model, inputs[1:2], method)
    np.testing.assert_allclose(together[1], alone[0], rtol=1e-3, atol=1e-5)
    np.testing.assert_array_equal(alone, heatmaps(model, inputs[1:2], method))


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_a_tenth_of_the_evidence_is_a_tenth_of_the_map(inputs, method):
    """No map is scaled by its own maximum, and none grows with the exponential of the score."""
    network, card = tiny()
    strong = heatmaps((network, card), inputs, method)
    assert strong.max() > 0
    kernel, bias = network.get_layer("logit").get_weights()
    network.get_layer("logit").set_weights([kernel / 10, bias])
    weak = heatmaps((network, card), inputs, method)
    np.testing.assert_allclose(weak, strong / 10, rtol=2e-2, atol=2e-3 * strong.max())


def test_grad_cam_is_that_of_the_reading_window(inputs):
    network, card = tiny()
    expected = score_and_evidence(network, "features")(inputs)[1]
    np.testing.assert_allclose(heatmaps((network, card), inputs, "grad-cam"), expected, rtol=1e-5)


def test_grad_cam_of_the_library_not_scaled_is_ours(inputs):
    from tf_keras_vis.gradcam import Gradcam

    network, card = tiny()
    theirs = Gradcam(network, clone=False)(
        lambda out: out[:, 0],
        inputs,
        penultimate_layer="features",
        seek_penultimate_conv_layer=False,
        expand_cam=False,
        normalize_cam=False,
    )
    np.testing.assert_allclose(heatmaps((network, card), inputs, "grad-cam"), theirs, rtol=1e-4)


def test_layer_cam_adds_up_what_speaks_for_it(inputs):
    """Of a global average and one dense layer: the positive weights' part of the logit."""
    network, card = tiny()
    kernel, bias = network.get_layer("logit").get_weights()
    network.get_layer("logit").set_weights([np.maximum(kernel, 0), 0 * bias])
    maps = heatmaps((network, card), inputs, "layer-cam")
    np.testing.assert_allclose(maps.sum(axis=(1, 2)), logits(network, inputs), rtol=1e-3)


def test_score_cam_follows_the_weights(inputs):
    """The library's softmax of one output would be 1 for any network: the same map for all."""
    network, card = tiny()
    before = heatmaps((network, card), inputs, "score-cam")
    kernel, bias = network.get_layer("logit").get_weights()
    network.get_layer("logit").set_weights([-kernel, bias])
    after = heatmaps((network, card), inputs, "score-cam")
    assert np.abs(before - after).max() > 0.1 * before.max()


@pytest.mark.slow
def test_score_cam_of_a_network_whose_layers_have_the_names_that_keras_makes_up(inputs):
    import keras
    from keras import layers

    image = keras.Input((SIZE, SIZE, 1))
    x = layers.Rescaling(1 / 255, name="rescaling")(image)
    x = layers.Conv2D(4, 5, strides=4, activation="relu", name="features")(x)
    x = layers.GlobalAveragePooling2D()(layers.Concatenate(name="concatenate")([x, x]))
    model = keras.Model(image, layers.Dense(1, name="logit")(x))
    keras.utils.clear_session()
    assert len(heatmaps((model, tiny_card()), inputs[:1], "score-cam")) == 1


def test_occlusion_of_a_known_network(corner):
    """Each hidden square of the quarter takes its part of the logit, the others nothing."""
    image = np.zeros((SIZE, SIZE, 1), np.float32)
    image[: SIZE // 2, : SIZE // 2] = 255
    lost = drops(corner[0], image)
    # 10 x (1 - mean 0.25) / 16 squares
    np.testing.assert_allclose(lost[:4, :4], 10 * 0.75 / 16, rtol=1e-4)
    assert np.abs(lost[4:]).max() < 1e-4
    image = 255 - image
    assert (drops(corner[0], image)[:4, :4] < 0).all()  # hidden, it looks brighter
    assert heatmaps(corner, image[None], "occlusion").max() < 1e-4


def test_a_network_without_a_convolution(tmp_path, inputs):
    model = load_network(save_tiny(tmp_path, cam_layer=""))
    with pytest.raises(ModelError, match="has none"):
        heatmaps(model, inputs, "layer-cam")
    assert heatmaps(model, inputs, "smoothgrad").max() > 0
    with pytest.raises(KeyError):
        heatmaps(model, inputs, "no-such-map")


def test_a_model_by_its_folder(tmp_path, inputs):
    folder = save_tiny(tmp_path)
    by_folder = heatmaps(folder, inputs, "grad-cam")
    np.testing.assert_allclose(by_folder, heatmaps(load_network(folder), inputs, "grad-cam"))
    assert len(heatmaps(folder, inputs[:0], "grad-cam")) == 0


def test_noise_is_drawn_aside(inputs):
    """SmoothGrad seeds the global generator: what others draw from it goes on as it was."""
    model = tiny()
    np.random.seed(5)  # noqa: NPY002
    expected = np.random.random(3)  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    heatmaps(model, inputs[:1], "smoothgrad")
    np.testing.assert_array_equal(np.random.random(3), expected)  # noqa: NPY002
