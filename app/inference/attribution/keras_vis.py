"""Maps from tf-keras-vis (MIT), asked so that they keep their size and follow the one logit.

Three of its habits are worked around, each with a test: it scales each map by its own maximum,
Grad-CAM++ grows with the exponential of the score, and Score-CAM takes a softmax over the outputs,
which of a single one is 1 for every image.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.inference.runtime.device import tensorflow

Inputs = NDArray[np.float32]
Maps = NDArray[np.float32]

SCORE_CAM_CHANNELS = 64
SMOOTH_SAMPLES = 20
SMOOTH_NOISE = 0.2
"""Standard deviation, share of the image's range."""
_SMOOTH_CELLS = 28
_BATCH = 8


def _on_grid(layer: str) -> dict[str, Any]:
    """What is said to every method that shows the grid of a layer."""
    return {
        "penultimate_layer": layer,
        # Else it goes back to the convolution before its normalisation and activation.
        "seek_penultimate_conv_layer": False,
        "expand_cam": False,
        "normalize_cam": False,
    }


def _in_batches(call: Any, inputs: Inputs, size: int = _BATCH) -> Maps:
    parts = [np.asarray(call(inputs[at : at + size])) for at in range(0, len(inputs), size)]
    return np.concatenate(parts).astype(np.float32)


def grad_cam_plus_plus(network: Any, layer: str, inputs: Inputs) -> Maps:
    """Grad-CAM++ (Chattopadhay et al., WACV 2018, arXiv:1710.11063), in units of the logit.

    The paper takes the exponential of the score S for the derivative, so a map grows with
    exp(S). The score is given less its own value, whose gradient is the same: the factor is 1.
    """
    tf = tensorflow()
    from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus

    vis = GradcamPlusPlus(network, clone=False)

    def score(output: Any) -> Any:
        return output[:, 0] - tf.stop_gradient(output[:, 0])

    return _in_batches(lambda part: vis(score, part, **_on_grid(layer)), inputs)


def layer_cam(network: Any, layer: str, inputs: Inputs) -> Maps:
    """LayerCAM (Jiang et al., IEEE TIP 2021): the grid times its positive gradient."""
    tensorflow()
    from tf_keras_vis.layercam import Layercam

    vis = Layercam(network, clone=False)
    return _in_batches(lambda part: vis(lambda out: out[:, 0], part, **_on_grid(layer)), inputs)


def score_cam(network: Any, layer: str, inputs: Inputs) -> Maps:
    """Score-CAM (Wang et al., CVPR workshops 2020, arXiv:1910.01279), of the logit.

    A second output of 0 beside the logit makes of the softmax the probability, and its log-odds
    are the logit again. From it goes that of a black image, as the paper has it. Only the
    channels that vary most are looked at (its "faster" variant).
    """
    tf = tensorflow()
    import keras
    from tf_keras_vis.scorecam import Scorecam

    logit = network.outputs[0]
    # Named, since a name that Keras makes up may be one of the network's own.
    nought = keras.layers.Rescaling(0.0, name="score_cam_nought")(logit)
    pair = keras.layers.Concatenate(name="score_cam_pair")([nought, logit])
    two = keras.Model(network.input, pair)
    black = float(network(np.zeros_like(inputs[:1]), training=False)[0, 0])
    least = np.finfo(np.float32).tiny

    def score(softmax: Any) -> Any:
        safe = tf.maximum(softmax, least)
        return tf.math.log(safe[:, 1]) - tf.math.log(safe[:, 0]) - black

    vis = Scorecam(two, clone=False)
    most = min(SCORE_CAM_CHANNELS, int(network.get_layer(layer).output.shape[-1]))
    talks = keras.config.is_interactive_logging_enabled()
    keras.config.disable_interactive_logging()  # it predicts with a progress bar
    try:
        # One by one: which channels vary most is decided over all images of a call.
        return _in_batches(lambda part: vis(score, part, max_N=most, **_on_grid(layer)), inputs, 1)
    finally:
        if talks:
            keras.config.enable_interactive_logging()


def smooth_grad(network: Any, layer: str, inputs: Inputs) -> Maps:
    """SmoothGrad (Smilkov et al., 2017, arXiv:1706.03825): mean size of the gradient, summed up.

    The same noise for every image and every call, so that a map is the same each time.
    """
    tensorflow()
    from tf_keras_vis.saliency import Saliency

    vis = Saliency(network, clone=False)
    before = np.random.get_state()  # noqa: NPY002 - it draws from the global generator
    try:
        parts = []
        for each in inputs:
            np.random.seed(0)  # noqa: NPY002
            sizes = vis(
                lambda out: out[:, 0],
                each[None],
                smooth_samples=SMOOTH_SAMPLES,
                smooth_noise=SMOOTH_NOISE,
                normalize_map=False,
            )
            parts.append(_cell_sums(np.asarray(sizes, np.float32)[0]))
    finally:
        np.random.set_state(before)  # noqa: NPY002
    return np.stack(parts)


def _cell_sums(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pixels added up over cells; single ones are noise."""
    cells = min(_SMOOTH_CELLS, values.shape[0])
    means = cv2.resize(values, (cells, cells), interpolation=cv2.INTER_AREA)
    return np.asarray(means * np.float32((values.shape[0] / cells) ** 2), np.float32)
