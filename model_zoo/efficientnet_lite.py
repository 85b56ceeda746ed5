"""The backbones EfficientNet-Lite0, 1 and 2, on one grey channel.

Architecture: Tan and Le, EfficientNet, ICML 2019 (arXiv:1905.11946), in the Lite variants (no
squeeze-and-excitation, ReLU6, stem and head of one size). The stem takes one grey channel: its
kernel is the ImageNet one summed over colour, which is what three equal channels would have
computed. Lite0's weights are bundled; ``model_zoo.port_efficientnet_lite`` reads the others'.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

LITE0, LITE1, LITE2 = "efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2"
SCALES = {LITE0: (1.0, 1.0), LITE1: (1.0, 1.1), LITE2: (1.1, 1.2)}
"""Of each variant, how many times Lite0's channels and layers."""
FEATURES = "features"
"""Name of the last layer."""
IMAGENET_WEIGHTS = Path(__file__).parent / "imagenet" / f"{LITE0}.npz"

# repeats, kernel, stride, expansion, channels out
_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
_DIVISOR = 8
"""Channels come in multiples of it."""


def stages(variant: str) -> tuple[tuple[int, int, int, int, int], ...]:
    """Repeats, kernel, first stride, expansion and channels of each stage of a variant."""
    width, depth = SCALES[variant]
    last = len(_STAGES) - 1
    return tuple(
        (
            repeats if number in (0, last) else math.ceil(depth * repeats),
            kernel,
            stride,
            expansion,
            _rounded(channels * width),
        )
        for number, (repeats, kernel, stride, expansion, channels) in enumerate(_STAGES)
    )


def _rounded(channels: float) -> int:
    """The nearest multiple of the divisor that is no less than nine tenths of it."""
    nearest = max(_DIVISOR, int(channels + _DIVISOR / 2) // _DIVISOR * _DIVISOR)
    return nearest + _DIVISOR if nearest < 0.9 * channels else nearest


def backbone(input_size: int, variant: str = LITE0) -> Any:
    """An EfficientNet-Lite without its classifier, random weights.

    Parameters
    ----------
    input_size
        Side of the square input, pixels.
    variant
        A key of ``SCALES``.

    Returns
    -------
    keras.Model
        From (n, s, s, 1) with values 0..255 to features (n, s/32, s/32, 1280).
    """
    import keras
    from keras import layers

    def convolution(x: Any, filters: int, kernel: int, stride: int, name: str) -> Any:
        x = layers.Conv2D(
            filters, kernel, strides=stride, padding="same", use_bias=False, name=f"{name}_conv"
        )(x)
        return layers.BatchNormalization(epsilon=1e-3, name=f"{name}_bn")(x)

    inputs = keras.Input((input_size, input_size, 1), name="radiograph")
    x = layers.Rescaling(1 / 128, offset=-127 / 128, name="rescaling")(inputs)
    x = layers.ReLU(6.0, name="stem_relu")(convolution(x, 32, 3, 2, "stem"))
    number, channels = 0, 32
    for repeats, kernel, first_stride, expansion, filters in stages(variant):
        for repeat in range(repeats):
            name, skip = f"block{number}", x
            stride = first_stride if repeat == 0 else 1
            if expansion != 1:
                x = convolution(x, channels * expansion, 1, 1, f"{name}_expand")
                x = layers.ReLU(6.0, name=f"{name}_expand_relu")(x)
            x = layers.DepthwiseConv2D(
                kernel,
                strides=stride,
                padding="same",
                use_bias=False,
                name=f"{name}_depthwise_conv",
            )(x)
            x = layers.BatchNormalization(epsilon=1e-3, name=f"{name}_depthwise_bn")(x)
            x = layers.ReLU(6.0, name=f"{name}_depthwise_relu")(x)
            x = convolution(x, filters, 1, 1, f"{name}_project")
            if stride == 1 and channels == filters:
                x = layers.Add(name=f"{name}_add")([x, skip])
            number, channels = number + 1, filters
    x = convolution(x, 1280, 1, 1, "head")
    return keras.Model(inputs, layers.ReLU(6.0, name=FEATURES)(x), name=variant)


def load_imagenet(model: Any) -> None:
    """Set Lite0's weights from the ported file, by layer name.

    The file is written by ``python -m model_zoo.port_efficientnet_lite`` (extra ``port``).
    """
    with np.load(IMAGENET_WEIGHTS) as stored:
        set_weights(model, stored)


def set_weights(model: Any, stored: Any) -> None:
    """Set a backbone's weights from arrays named ``layer/index``."""
    for layer in model.layers:
        if layer.weights:
            values = [stored[f"{layer.name}/{i}"] for i in range(len(layer.weights))]
            layer.set_weights([value.astype(np.float32) for value in values])
