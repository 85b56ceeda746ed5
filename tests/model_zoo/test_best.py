"""The best CNN: its ImageNet features are the original's, and it trains from them."""

from __future__ import annotations

import numpy as np
import pytest

from app.core.settings.training import TrainConfig
from model_zoo import architecture, architectures, best, efficientnet_lite
from model_zoo.port_efficientnet_lite import REFERENCE, reference_inputs


@pytest.mark.slow
def test_the_ported_features_equal_those_of_the_original():
    """PyTorch's features of the original RGB weights, committed by the port, mean over the grid.

    The kernels are stored in half precision: that is the tolerance.
    """
    model = efficientnet_lite.backbone(reference_inputs().shape[1])
    efficientnet_lite.load_imagenet(model)
    features = model.predict(reference_inputs(), verbose=0).mean(axis=(1, 2))
    with np.load(REFERENCE) as stored:
        expected = stored["features"]
    assert expected.shape == (3, 1280)
    assert expected.max() > 1
    assert np.abs(features - expected).max() < 0.05
    assert np.corrcoef(features.ravel(), expected.ravel())[0, 1] > 0.9999


@pytest.mark.slow
def test_random_weights_do_not_have_them():
    """The comparison can fail."""
    features = (
        efficientnet_lite.backbone(64).predict(reference_inputs(), verbose=0).mean(axis=(1, 2))
    )
    with np.load(REFERENCE) as stored:
        assert np.abs(features - stored["features"]).max() > 0.5


def test_the_network_has_the_parts_its_module_names():
    model = best.build(TrainConfig(data="unused"))
    size = best.INPUT_SIZE
    assert model.input_shape == (None, size, size, 1)
    assert model.output_shape == (None, 1)
    grid = model.get_layer(best.CAM_LAYER).output
    assert tuple(grid.shape) == (None, size // 32, size // 32, 1280)


def test_every_architecture_is_described():
    for name, title in architectures().items():
        assert title
        assert architecture(name).INPUT_SIZE > 0
