"""The best CNN: EfficientNet-Lite0 from ImageNet weights, fine-tuned on grey radiographs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.core.model.heads import KIND, SPREAD
from app.core.settings.training import PRETRAINED
from model_zoo import efficientnet_lite

if TYPE_CHECKING:
    from app.core.settings.training import TrainConfig

TITLE = "Transfer learning: EfficientNet-Lite0 from ImageNet, 192 x 192 grey"
INPUT_SIZE = 192
CAM_LAYER = efficientnet_lite.FEATURES
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
    features = efficientnet_lite.backbone(input_size)
    if config.start == PRETRAINED:
        efficientnet_lite.load_imagenet(features)
    return on_backbone(features, config, outputs)


def on_backbone(features: Any, config: TrainConfig, outputs: int) -> Any:
    """The same network on another backbone; parameters as for ``build``."""
    import keras
    from keras import layers

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
