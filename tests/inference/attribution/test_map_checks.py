"""Whether maps depend on the weights, and whether the score depends on where they point."""

from __future__ import annotations

import numpy as np
import pytest
from maps_networks import bright_corner, tiny
from tiny_model import SIZE

from app.core.model.calibration import logistic
from app.inference.attribution import METHODS, methods
from app.inference.attribution.deletion import Areas, areas, mean_areas
from app.inference.attribution.methods import Method
from app.inference.attribution.sanity import ALL, LAST, randomised, rank_correlation, sanity


@pytest.fixture(scope="module")
def inputs():
    random = np.random.default_rng(3)
    return random.uniform(0, 255, (4, SIZE, SIZE, 1)).astype(np.float32)


@pytest.mark.slow
def test_a_map_of_the_image_alone_is_flagged_and_grad_cam_is_not(inputs, monkeypatch):
    def brightness(network, layer, given):
        return given[..., 0] / 255

    blind = Method("Brightness", "", False, brightness)
    monkeypatch.setitem(methods.METHODS, "brightness", blind)
    model = tiny()
    found = sanity(model, inputs, "brightness")
    assert found.flagged
    assert found.every.value == pytest.approx(1)
    assert found.as_dict()["flagged"] is True
    real = sanity(model, inputs, "grad-cam")
    assert not real.flagged
    assert real.images == 4
    assert real.every.low <= real.every.value <= real.every.high < 0.9


def test_what_is_drawn_anew_and_what_stays():
    network, _ = tiny()
    before = network.get_layer("features").get_weights()[0].copy()
    last, every = randomised(network, 1, LAST), randomised(network, 1, ALL)
    np.testing.assert_array_equal(last.get_layer("features").get_weights()[0], before)
    assert (every.get_layer("features").get_weights()[0] != before).any()
    logit = network.get_layer("logit").get_weights()[0]
    for copy in (last, every):
        assert (copy.get_layer("logit").get_weights()[0] != logit).all()
    np.testing.assert_array_equal(network.get_layer("features").get_weights()[0], before)
    again = randomised(network, 1, ALL).get_layer("features").get_weights()[0]
    np.testing.assert_array_equal(every.get_layer("features").get_weights()[0], again)


def test_rank_correlation():
    rising = np.arange(16, dtype=np.float32).reshape(4, 4)
    assert rank_correlation(rising, rising**3) == pytest.approx(1)
    assert rank_correlation(rising, -rising) == pytest.approx(-1)
    assert rank_correlation(rising, np.zeros((4, 4), np.float32)) == 0


def test_a_right_map_beats_a_wrong_one_and_a_random_order():
    """The network looks at the upper left quarter alone."""
    network, _ = bright_corner()
    image = np.zeros((SIZE, SIZE, 1), np.float32)
    image[: SIZE // 2, : SIZE // 2] = 255
    right, wrong = np.zeros((4, 4), np.float32), np.zeros((4, 4), np.float32)
    right[:2, :2], wrong[2:, 2:] = 1, 1
    good, bad = (areas(network, image, each, lambda v: v) for each in (right, wrong))
    assert good.deletion < min(good.random_deletion, bad.deletion)
    assert good.insertion > max(good.random_insertion, bad.insertion)
    assert areas(network, image, right, lambda v: v) == good  # the same each time


def test_the_ends_of_the_curves():
    """Where nothing changes, the area is the probability itself."""
    network, _ = bright_corner()
    image = np.full((SIZE, SIZE, 1), 200, np.float32)
    found = areas(network, image, np.ones((4, 4), np.float32), logistic)
    p = float(logistic(np.array([10 * 200 / 255 - 3]))[0])
    for value in (found.deletion, found.insertion, found.random_deletion):
        assert value == pytest.approx(p, abs=1e-3)


def test_means():
    assert mean_areas([]) is None
    found = mean_areas([Areas(0.0, 1.0, 0.5, 0.5), Areas(0.5, 0.0, 0.5, 1.0)])
    assert found == Areas(0.25, 0.5, 0.5, 0.75)


def test_every_method_has_words():
    assert all(method.title and method.says for method in METHODS.values())
