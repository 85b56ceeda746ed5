"""The methods by name, and maps of images by one of them.

Grad-CAM is that of the reading window. Grad-CAM++, Score-CAM, LayerCAM and SmoothGrad come from
tf-keras-vis, none of them scaled by its own maximum, as it does unless told otherwise: a gallery
has one scale. Occlusion is our own (``occlusion``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import ModelError
from app.core.base.translation import mark, tr
from app.core.model.card import ModelCard
from app.core.model.results import GRAD_CAM
from app.inference.attribution import keras_vis
from app.inference.attribution.occlusion import occlusion
from app.inference.heatmap.heatmaps import score_and_evidence
from app.inference.runtime.model_file import load_keras
from app.inference.scoring.features import logit_of

Inputs = NDArray[np.float32]
Maps = NDArray[np.float32]

_LOGIT = mark("What each place adds to the logit.")


@dataclass(frozen=True)
class Method:
    """One way to make a heatmap.

    Parameters
    ----------
    title
        As papers call it.
    says
        What a map's values are, in English, marked for translation.
    needs_grid
        Whether it needs a convolution, whose grid it shows.
    compute
        From a network, the name of its grid and inputs (n, s, s, 1) to maps (n, rows, columns),
        float32, >= 0.
    """

    title: str
    says: str
    needs_grid: bool
    compute: Callable[[Any, str, Inputs], Maps]


def _grad_cam(network: Any, layer: str, inputs: Inputs) -> Maps:
    return score_and_evidence(network, layer)(inputs)[1]


METHODS: dict[str, Method] = {
    "grad-cam": Method(GRAD_CAM, _LOGIT, True, _grad_cam),
    "grad-cam++": Method(
        "Grad-CAM++",
        mark(
            "As Grad-CAM, but each channel of the grid is weighted by the places where it raises "
            "the logit; what speaks against is left out, so that it does not add up."
        ),
        True,
        keras_vis.grad_cam_plus_plus,
    ),
    "score-cam": Method(
        "Score-CAM",
        mark(
            "Each channel of the grid is laid over the image as a mask and weighted by the logit "
            "that is left, over that of a black image. No gradient; of the 64 channels that vary "
            "most."
        ),
        True,
        keras_vis.score_cam,
    ),
    "layer-cam": Method(
        "LayerCAM",
        mark("What each place adds to the logit; channels that speak against are left out."),
        True,
        keras_vis.layer_cam,
    ),
    "smoothgrad": Method(
        "SmoothGrad",
        mark(
            "How touchy the score is at each place, up or down: the mean size of the gradient over "
            "20 noisy copies. It does not say what speaks for pneumonia."
        ),
        False,
        keras_vis.smooth_grad,
    ),
    "occlusion": Method(
        mark("Occlusion"),
        mark("How much the logit falls when a square of the image is replaced by its mean."),
        False,
        occlusion,
    ),
}
"""By the name that a command or a setting has."""


def load_network(folder: Path) -> tuple[Any, ModelCard]:
    """A model's network down to the one logit, and its card.

    Raises
    ------
    ModelError
        As for ``app.inference.runtime.model_file.load_keras``.
    """
    card = ModelCard.load(folder / "card.json")
    whole = load_keras(folder / "model.keras", card)
    import keras

    # tf-keras-vis wants a score for every output, and the further heads are not its business.
    return keras.Model(whole.input, logit_of(whole)), card


def heatmaps(model: Path | tuple[Any, ModelCard], inputs: Inputs, method: str) -> Maps:
    """Maps of images by one method.

    Parameters
    ----------
    model
        A model's folder, or what ``load_network`` made of it.
    inputs
        Shape (n, s, s, 1), float32, from ``app.core.image.preprocess.model_input``.
    method
        A key of ``METHODS``.

    Returns
    -------
    ndarray
        Shape (n, rows, columns), float32, >= 0, over the whole input edge to edge. Not scaled: the
        maps of one method and one network can be compared.

    Raises
    ------
    ModelError
        When the network has no convolution and the method needs one.
    KeyError
        For a method that is none.
    """
    chosen = METHODS[method]
    network, card = load_network(model) if isinstance(model, Path) else model
    if chosen.needs_grid and not card.cam_layer:
        raise ModelError(
            tr(
                "{method} shows the grid of a network's last convolution, and {model} has none.",
                method=tr(chosen.title),
                model=card.title,
            ),
            tr("A convolutional network was expected."),
            tr("Choose SmoothGrad or Occlusion, or another model."),
        )
    if not len(inputs):
        return np.empty((0, 1, 1), np.float32)
    maps = chosen.compute(network, card.cam_layer, inputs)
    # A gradient that is no number is no evidence; it would spoil every mean.
    return np.nan_to_num(np.asarray(maps, np.float32), nan=0.0, posinf=0.0, neginf=0.0)
