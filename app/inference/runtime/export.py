"""The serving form of a network: its ONNX, made of ``model.keras`` in TensorFlow.

It gives the logit, what the fitness gate looks at, the further heads and the map, all of them
from one pass. The map needs no backward pass: the few layers between the last convolutional grid
(or the input) and the logit are gone back through in forward operations. A network with other
layers there has no map in its serving form, and gets it from TensorFlow.

Run as ``python -m app.inference.runtime.export FOLDER FILE`` for a model that came without one:
it writes the form, and one line of JSON (``{"serving": ...}`` or ``{"error": [...]}``). Without
FILE the form goes into the model's folder and its card: so the bundled models got theirs.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import math
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import ReviewError
from app.core.model.card import ModelCard
from app.inference.heatmap.heatmaps import SALIENCY_CELLS, constant_of
from app.inference.runtime.device import native_log, tensorflow
from app.inference.runtime.model_file import load_keras
from app.inference.runtime.onnx import FEATURES, INPUT, LOGITS, MAPS
from app.inference.runtime.serving import FILE, made_of
from app.inference.scoring.features import logit_of, outputs_of, pooled
from app.inference.scoring.out_of_distribution import load_fitness

OPSET = 18
_SMALL = 1024
"""Values fewer than these are stored as they are."""


def export(folder: Path, card: ModelCard) -> tuple[bytes, dict[str, Any]]:
    """The serving form of a model, and what the card says of it.

    Parameters
    ----------
    folder
        Holds ``model.keras`` and, where the card has a gate, its file.
    card
        Its ``serving`` is not looked at.

    Raises
    ------
    ModelError
        When the model itself is damaged or unsafe.
    """
    model = load_keras(folder / "model.keras", card)
    gate = load_fitness(folder, card)
    layers = (*(gate.layers if gate else ()), *card.heads)
    proto = _convert(model, card, layers)
    _halve(proto.graph, model)
    _rename(proto.graph)
    data = proto.SerializeToString(deterministic=True)
    digest, constant = hashlib.sha256(data).hexdigest(), constant_of(model)
    # A broken network is told by its scores.
    constant = constant if math.isfinite(constant) else 0.0
    return data, {"sha256": digest, "made_of": made_of(card), "constant": constant}


def _convert(model: Any, card: ModelCard, layers: tuple[str, ...]) -> Any:
    tf = tensorflow()
    import keras
    import tf2onnx

    logit = logit_of(model)
    steps = _steps(model, card) if len(card.classes) == 2 else None
    inner = [step.output for step in steps or ()]
    grid = model.get_layer(card.cam_layer).output if card.cam_layer else model.input
    outputs = [logit, grid, *inner, *outputs_of(model, layers)]
    whole = keras.Model(model.input, outputs)

    def run(inputs: Any) -> dict[str, Any]:
        logits, cells, *others = whole(inputs, training=False)
        said = {LOGITS: logits}
        if layers:
            said[FEATURES] = pooled(others[len(inner) :], inputs)
        if steps is not None:
            cam = bool(card.cam_layer)
            said[MAPS] = _map(_gone_back(steps, others[: len(inner)], cam), cells, cam)
        return said

    shape = (None, *model.input_shape[1:])
    signature = [tf.TensorSpec(shape, tf.float32, name=INPUT)]
    with native_log(), tf.device("/CPU:0"):
        function = tf.function(run, input_signature=signature, autograph=False)
        proto, _ = tf2onnx.convert.from_function(function, signature, opset=OPSET)
    return proto


# The map without a backward pass -----------------------------------------------------------------


def _steps(model: Any, card: ModelCard) -> list[Any] | None:
    """The layers from the grid (or the input) to the logit; None when one of them is unknown."""
    import keras

    known = keras.layers
    plain = (known.Dropout, known.Flatten, known.Rescaling, known.GlobalAveragePooling2D)
    pools = (known.MaxPooling2D, known.AveragePooling2D)
    start = model.get_layer(card.cam_layer).output if card.cam_layer else model.input
    tensor: Any = logit_of(model)
    found: list[Any] = []
    while tensor is not start:
        layer = tensor._keras_history.operation
        inputs: Any = layer.input if isinstance(layer, known.Layer) else None
        if not hasattr(inputs, "shape"):  # none, or several
            return None
        if isinstance(layer, known.Dense):
            last = not found
            name = keras.activations.serialize(layer.activation)
            # The logit is evidence as it is; of the others the slope must follow from the output.
            ok = name == "linear" if last else name in ("linear", "relu", "elu")
            ok = ok and len(inputs.shape) == 2
        elif isinstance(layer, pools):
            # A cell's gradient goes to one cell below, or is shared out: the sum stays.
            ok = bool(card.cam_layer) and inputs is start and layer.padding == "valid"
        elif isinstance(layer, known.Rescaling):
            ok = np.ndim(layer.scale) == 0
        else:
            ok = isinstance(layer, plain)
        if not ok:
            return None
        found.append(layer)
        tensor = inputs
    return found[::-1]


def _gone_back(steps: list[Any], outputs: list[Any], cam: bool) -> Any:
    """The gradient of the logit with respect to the grid or the input.

    For Grad-CAM only its sum over each channel counts: below a pool the gradient to the pools
    stands for it, below a global average one cell for all.
    """
    tf = tensorflow()
    import keras

    gradient: Any = None
    for layer, output in reversed(list(zip(steps, outputs, strict=True))):
        if isinstance(layer, keras.layers.Dense):
            kernel = tf.convert_to_tensor(layer.kernel.value)
            if gradient is None:
                gradient = tf.transpose(kernel)
                continue
            name = keras.activations.serialize(layer.activation)
            if name == "relu":
                gradient *= tf.cast(output > 0, tf.float32)
            elif name == "elu":  # its slope below zero is its value plus one
                gradient *= tf.minimum(output, 0.0) + 1.0
            gradient = tf.matmul(gradient, kernel, transpose_b=True)
        elif isinstance(layer, keras.layers.Rescaling):
            gradient *= float(layer.scale)
        elif isinstance(layer, keras.layers.Flatten):
            gradient = tf.reshape(gradient, (-1, *layer.input.shape[1:]))
        elif isinstance(layer, keras.layers.GlobalAveragePooling2D):
            gradient = tf.reshape(gradient, (-1, 1, 1, layer.input.shape[3]))
            if not cam:
                rows, columns = layer.input.shape[1:3]
                gradient = tf.tile(gradient / (rows * columns), (1, rows, columns, 1))
    return gradient


def _map(gradient: Any, grid: Any, cam: bool) -> Any:
    """See ``app.inference.heatmap.heatmaps``: Grad-CAM, or the input gradient over cells."""
    tf = tensorflow()
    if cam:
        cells = int(grid.shape[1]) * int(grid.shape[2])
        weights = tf.reduce_sum(gradient, axis=(1, 2), keepdims=True) / cells
        return tf.reduce_sum(weights * grid, axis=-1)
    added = (gradient * grid)[..., 0]
    share = tf.constant(_shares(int(grid.shape[1])))
    return tf.matmul(tf.matmul(share, added), share, transpose_b=True)


def _shares(size: int) -> NDArray[np.float32]:
    """Shape (cells, size): which share of each pixel belongs to each cell, along one side."""
    cells = min(SALIENCY_CELLS, size)
    edges = np.arange(cells + 1) * size / cells
    pixels = np.arange(size)
    low = np.maximum(edges[:-1, None], pixels)
    high = np.minimum(edges[1:, None], pixels + 1)
    return np.clip(high - low, 0, None).astype(np.float32)


# The file ----------------------------------------------------------------------------------------


def _rename(graph: Any) -> None:
    """Name what lies between input and outputs by its place: the converter counts its calls."""
    from itertools import count

    for value in (*graph.input, *graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "n"
    del graph.value_info[:]
    names = {value.name: value.name for value in (*graph.input, *graph.output)}
    stored, made = {tensor.name for tensor in graph.initializer}, (f"t{i}" for i in count())
    weights = (f"w{i:04}" for i in count())
    for node in graph.node:
        node.name = ""
        for ends in (node.input, node.output):
            for at, name in enumerate(ends):
                if name and name not in names:
                    names[name] = next(weights if name in stored else made)
                ends[at] = names.get(name, "")
    kept = [tensor for tensor in graph.initializer if tensor.name in names]
    for tensor in kept:
        tensor.name = names[tensor.name]
    kept.sort(key=lambda tensor: str(tensor.name))
    del graph.initializer[:]
    graph.initializer.extend(kept)
    graph.name = "network"


def _halve(graph: Any, model: Any) -> None:
    """Store kernels as they lie in ``model.keras``, in 16 bits, wherever nothing is lost by it.

    The converter multiplies a normalisation's scale into the kernel before it, and the product
    needs 32 bits. Kernel and scale apart do not, and give the same product when they are loaded.
    """
    from onnx import TensorProto, helper, numpy_helper

    kernels = [
        np.asarray(weight)
        for layer in model.layers
        for weight in layer.get_weights()
        if np.ndim(weight) == 4 and np.size(weight) >= _SMALL
    ]
    nodes = []
    matrices: dict[bytes, str] = {}
    for tensor in list(graph.initializer):
        value, name = numpy_helper.to_array(tensor), tensor.name
        if value.dtype != np.float32 or value.size < _SMALL:
            continue
        if (found := _in_16_bits(value, kernels)) is None:
            continue
        half, scale = found
        graph.initializer.remove(tensor)
        if half.ndim == 2:  # the way back takes the same matrix, turned
            if turned := matrices.get(half.T.tobytes()):
                nodes.append(helper.make_node("Transpose", [turned], [name], perm=[1, 0]))
                continue
            matrices[half.tobytes()] = name
        graph.initializer.append(numpy_helper.from_array(half, f"{name}:16"))
        wide = name if scale is None else f"{name}:32"
        nodes.append(helper.make_node("Cast", [f"{name}:16"], [wide], to=TensorProto.FLOAT))
        if scale is not None:
            graph.initializer.append(numpy_helper.from_array(scale, f"{name}:scale"))
            nodes.append(helper.make_node("Mul", [wide, f"{name}:scale"], [name]))
    rest = list(graph.node)
    del graph.node[:]
    graph.node.extend([*nodes, *rest])


def _in_16_bits(
    value: NDArray[np.float32], kernels: list[NDArray[Any]]
) -> tuple[NDArray[np.float16], NDArray[np.float32] | None] | None:
    """Half-precision values and, where one is needed, a scale for each channel; None for none."""
    with np.errstate(over="ignore"):
        half = value.astype(np.float16)
    if np.array_equal(half.astype(np.float32), value):
        return half, None
    if value.ndim != 4:
        return None
    for kernel in kernels:
        for turned in (kernel.transpose(3, 2, 0, 1), kernel.transpose(2, 3, 0, 1)):
            if turned.shape != value.shape:
                continue
            squares = np.square(turned, dtype=np.float64).sum((1, 2, 3), keepdims=True)
            products = (turned.astype(np.float64) * value).sum((1, 2, 3), keepdims=True)
            scale = (products / np.where(squares > 0, squares, 1)).astype(np.float32)
            half = turned.astype(np.float16)
            again = half.astype(np.float32) * scale
            most = np.abs(value).max((1, 2, 3), keepdims=True)
            if (np.abs(again - value) <= 3e-7 * most + 1e-12).all():
                return np.ascontiguousarray(half), scale
    return None


def main(argv: list[str]) -> int:
    """Write the form of the model in a folder; see the module."""
    from app.core.base.worker_io import private_stdout

    out = private_stdout()
    folder = Path(argv[0])
    said: dict[str, Any]
    try:
        card = ModelCard.load(folder / "card.json")
        data, serving = export(folder, card)
        said = {"serving": serving}
        if len(argv) > 1:
            Path(argv[1]).write_bytes(data)
        else:
            (folder / FILE).write_bytes(data)
            card = dataclasses.replace(card, serving=serving)
            (folder / "card.json").write_text(card.to_json() + "\n", encoding="utf-8")
    except ReviewError as error:
        said = {"error": [error.what, error.expected, error.fix]}
    with contextlib.suppress(OSError):
        print(json.dumps(said), file=out, flush=True)
    return 0


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main(sys.argv[1:]))
