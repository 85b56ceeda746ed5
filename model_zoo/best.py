"""The best CNN: EfficientNet-Lite0 from ImageNet weights, fine-tuned on grey radiographs.

Architecture: Tan and Le, EfficientNet, ICML 2019 (arXiv:1905.11946), in the Lite variant (no
squeeze-and-excitation, ReLU6). The stem takes one grey channel: its kernel is the ImageNet one
summed over colour, which is what three equal channels would have computed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.core.config import PRETRAINED
from app.core.heads import KIND, SPREAD

if TYPE_CHECKING:
    from app.core.config import TrainConfig

TITLE = "Transfer learning: EfficientNet-Lite0 from ImageNet, 192 x 192 grey"
INPUT_SIZE = 192
CAM_LAYER = "features"
FITNESS_LAYERS = ("block10_add", "block13_add", "block15_project_bn")
"""Middle and late layers: the early ones see how an image was compressed, the last one hardly
anything but lungs."""
DEFAULTS: dict[str, Any] = {}
OWN_SETTINGS = ("frozen_blocks", "dropout")
SPACE: dict[str, Any] = {
    "learning_rate": ("log", 1e-4, 2e-3),
    "weight_decay": ("log", 1e-4, 1e-1),
    "image_size": ("choice", (128, 160, 192, 224)),
    "augmentation": ("linear", 0.0, 2.0),
    "label_smoothing": ("choice", (0.0, 0.05, 0.1)),
    "frozen_blocks": ("choice", (0, 3, 5)),
}
"""What a sweep draws from: the kind of scale and its ends, or the choices."""

WEIGHTS_LICENCE = "Started from EfficientNet-Lite0's ImageNet weights (Apache-2.0)."
IMAGENET_WEIGHTS = Path(__file__).parent / "imagenet" / "efficientnet_lite0.npz"

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


def backbone(input_size: int) -> Any:
    """EfficientNet-Lite0 without its classifier, random weights.

    Parameters
    ----------
    input_size
        Side of the square input, pixels.

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
    for repeats, kernel, first_stride, expansion, filters in _STAGES:
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
    return keras.Model(inputs, layers.ReLU(6.0, name=CAM_LAYER)(x), name="efficientnet_lite0")


def load_imagenet(model: Any) -> None:
    """Set the backbone's weights from the ported file, by layer name.

    The file is written by ``python -m model_zoo.port_efficientnet_lite`` (extra ``port``).
    """
    with np.load(IMAGENET_WEIGHTS) as stored:
        for layer in model.layers:
            if layer.weights:
                values = [stored[f"{layer.name}/{i}"] for i in range(len(layer.weights))]
                layer.set_weights([value.astype(np.float32) for value in values])


def build(config: TrainConfig, input_size: int = INPUT_SIZE, outputs: int = 1) -> Any:
    """The network for training: pre-trained backbone, global average, dropout, the logits.

    The stem and the first blocks keep their ImageNet weights: edges and textures are the same
    everywhere, and they are the dearest layers to train (1.6 times faster on a CPU).

    Parameters
    ----------
    config
        Its ``start``, ``frozen_blocks``, ``dropout`` and ``seed`` are used.
    input_size
        Side of the square input, pixels.
    outputs
        1 for two classes, else their number.
    """
    import keras
    from keras import layers

    features = backbone(input_size)
    if config.start == PRETRAINED:
        load_imagenet(features)
    frozen = ("stem_", *(f"block{number}_" for number in range(config.frozen_blocks)))
    if config.frozen_blocks:
        for layer in features.layers:
            layer.trainable = not layer.name.startswith(frozen)
    x = layers.GlobalAveragePooling2D(name="average")(features.output)
    x = layers.Dropout(config.dropout, seed=config.seed, name="dropout")(x)
    logits = layers.Dense(outputs, name="logit", dtype="float32")(x)
    return keras.Model(features.input, logits, name="best")


def with_heads(model: Any) -> Any:
    """The same network with further answers beside the logit, from the same features.

    Parameters
    ----------
    model
        From ``build``, for two classes.

    Returns
    -------
    keras.Model
        To three outputs, each (n, 1): ``logit`` as before; ``kind``, the logit of bacterial
        against viral pneumonia; ``spread``, the natural logarithm of the standard deviation of
        the logits that several networks would give.
    """
    import keras
    from keras import layers

    x = model.get_layer("dropout").output
    further = [layers.Dense(1, name=name, dtype="float32")(x) for name in (KIND, SPREAD)]
    return keras.Model(model.input, [model.get_layer("logit").output, *further], name=model.name)
