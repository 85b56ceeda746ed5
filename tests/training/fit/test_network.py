"""Networks: first weights, optimizers, rates, precision, classes."""

import dataclasses

import numpy as np
import pytest
from tiny_settings import tiny

from app.core.base.errors import ReviewError
from app.core.base.home import models_dir
from app.core.model.card import ModelCard
from app.core.settings.training import TrainConfig
from app.training.fit.network import build_network, compile_network, in_float32, input_size_of
from app.training.result.bundle import save_bundle


def kernels(model):
    return [w for w in model.get_weights() if w.ndim > 1]


def keep(model, config, name):
    """Put a network into the registry, as a run does."""
    card = ModelCard(
        name=name,
        version="1.0",
        arch=config.arch,
        created="2026-01-01T00:00:00+00:00",
        classes=("NORMAL", "PNEUMONIA"),
        input_size=input_size_of(config),
        cam_layer="",
        cam_full_scale=1.0,
        preprocessing="p",
        operating_points={"default": 0.5},
        weights_sha256="",
    )
    save_bundle(model, card, models_dir())


@pytest.mark.slow
def test_from_scratch_follows_from_the_seed():
    scratch = tiny("best", start="scratch")
    one, same, other = (
        kernels(build_network(dataclasses.replace(scratch, seed=seed), 2)) for seed in (1, 1, 3)
    )
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    pretrained = kernels(build_network(tiny("best"), 2))
    assert not np.array_equal(one[0], pretrained[0])


@pytest.mark.parametrize("classes", [2, 3])
def test_from_a_model_all_but_another_head(classes):
    config = tiny("cnn", seed=9)
    source = build_network(config, 2)
    keep(source, config, "mine")
    model = build_network(tiny("cnn", start="mine"), classes)
    for layer in source.layers:
        ours = model.get_layer(layer.name).get_weights()
        if classes == 3 and layer.name == "logit":
            assert ours[0].shape[-1] == 3
            continue
        for a, b in zip(ours, layer.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-3)  # models are kept in half precision


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"arch": "dense"}, "architecture cnn"),
        ({"nodes_dense": 7}, "another shape"),
        ({"image_size": 32}, "another shape"),
        ({"start": "other"}, "other"),
    ],
)
def test_a_model_that_does_not_fit(changes, words):
    config = tiny("cnn")
    keep(build_network(config, 2), config, "mine")
    with pytest.raises(ReviewError, match=words):
        build_network(tiny(**{"arch": "cnn", "start": "mine", **changes}), 2)


@pytest.mark.parametrize("optimizer", ["adamw", "adam", "sgd"])
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_the_optimizer_is_the_one_asked_for(optimizer, decay):
    config = tiny("dense", optimizer=optimizer, weight_decay=decay, learning_rate=0.25)
    model = build_network(config, 2)
    compile_network(model, config, 10)
    assert type(model.optimizer).__name__.lower() == optimizer
    assert float(model.optimizer.learning_rate) == 0.25
    assert (model.optimizer.weight_decay or 0.0) == decay
    model.optimizer.build(model.trainable_variables)
    spared = {
        variable.name
        for variable in model.trainable_variables
        if decay and not model.optimizer._use_weight_decay(variable)
    }
    assert spared == ({"bias"} if decay else set())


def test_the_rate_warms_up_and_fades_out():
    config = tiny("dense", schedule="cosine", learning_rate=0.1)
    model = build_network(config, 2)
    compile_network(model, config, 1000)
    rates = []
    for step in (0, 50, 100, 500, 1000, 1100):
        model.optimizer.iterations.assign(step)
        rates.append(float(model.optimizer.learning_rate))
    assert rates[0] == 0.0
    assert rates[1] == pytest.approx(0.05)
    assert rates[2] == pytest.approx(0.1) == max(rates)
    assert rates[2] > rates[3] > rates[4]
    assert rates[4] < 0.01
    assert TrainConfig(data="x", learning_rate=0.0, optimizer="sgd").peak_rate == 0.01


def test_mixed_precision_is_saved_as_32_bits():
    import keras

    x = np.random.default_rng(1).uniform(0, 255, (4, 16, 16, 1)).astype(np.float32)
    mixed = build_network(tiny("cnn", precision="mixed"), 2)
    assert mixed.get_layer("features").compute_dtype == "float16"
    compile_network(mixed, tiny("cnn", precision="mixed"), 10)
    assert type(mixed.optimizer).__name__ == "LossScaleOptimizer"
    assert keras.config.dtype_policy().name == "float32"
    plain = in_float32(mixed, tiny("cnn", precision="mixed"), 2)
    assert all(layer.compute_dtype == "float32" for layer in plain.layers)
    np.testing.assert_allclose(plain(x), mixed(x), atol=0.02)
    assert in_float32(plain, tiny("cnn"), 2) is plain


def test_on_the_cpu_auto_means_32_bits():
    from app.inference.runtime.device import gpu_name

    wanted = "float32" if gpu_name() is None else "float16"
    model = build_network(tiny("cnn"), 2)
    if wanted == "float32":
        assert model.get_layer("features").compute_dtype == "float32"
    forced = build_network(tiny("cnn", device="cpu"), 2)
    assert forced.get_layer("features").compute_dtype == "float32"
