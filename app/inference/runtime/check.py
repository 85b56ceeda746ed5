"""A serving form is read with suspicion before ONNX Runtime, which is native code, sees it.

First its hash is compared with the card's. A form that did not come with the program is then
taken apart: plain arithmetic of the standard's own operators, weights inside the file, and no
value on the way that needs more memory than a network of this kind can.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from typing import Any

from app.core.base.errors import ModelError
from app.core.base.translation import tr
from app.core.model.card import ModelCard

MAX_BYTES = 2**27
MAX_OTHER_BYTES = 2**20
"""Of all that is no weights: nodes, names, shapes."""
MAX_FIELDS = 2**17
MAX_NODES = 4000
MAX_VALUES = 2**26
"""Numbers in all that a pass over one image makes, weights included."""

_NAMES = """Abs Add And AveragePool BatchNormalization Cast Clip Concat Constant ConstantOfShape
    Conv Div
    Elu Equal Erf Exp Expand Flatten Gather Gemm GlobalAveragePool GlobalMaxPool Greater
    GreaterOrEqual HardSigmoid Identity LeakyRelu Less LessOrEqual Log MatMul Max MaxPool Min Mul
    Neg Not Or PRelu Pad Pow Reciprocal ReduceMax ReduceMean ReduceMin ReduceSum Relu Reshape Selu
    Shape Sigmoid Sign Slice Softmax Softplus Softsign Split Sqrt Squeeze Sub Sum Tanh Tile
    Transpose Unsqueeze Where"""
OPERATORS = frozenset(_NAMES.split())
_POSITIVE = frozenset(("strides", "dilations", "kernel_shape", "group"))
_LARGEST = 2**31


def check_serving(
    data: bytes, card: ModelCard, path: str = "model.onnx", trusted: bool = False
) -> None:
    """Check that bytes are the serving form of a card, and safe to run.

    Parameters
    ----------
    data, path
        The file.
    card
        Of the model; its ``serving`` tells of the form.
    trusted
        Whether the card came with the program: then its hash is enough.

    Raises
    ------
    ModelError
        When they are not.
    """
    if len(data) > MAX_BYTES or hashlib.sha256(data).hexdigest() != card.serving.get("sha256"):
        raise ModelError(
            tr("The serving form {path} is not the one its card describes.", path=path),
            tr("Its SHA-256 must equal that under serving in card.json."),
            tr("Copy the model's folder again, or train it again."),
        )
    if trusted:
        return
    try:
        _check(data)
    except Exception as error:  # the parser and the inference of shapes have kinds of their own
        said = error if type(error) is ValueError else type(error).__name__
        raise ModelError(
            tr("The serving form {path} cannot be used: {error}.", path=path, error=said),
            tr("Layers and their weights were expected, and nothing else."),
            tr("Do not use it unless you know where it comes from; train it again."),
        ) from error


def _check(data: bytes) -> None:
    """Raise ``ValueError``, or the parser's own error, for what no network of ours holds."""
    if _other_bytes(memoryview(data)) > MAX_OTHER_BYTES:
        raise ValueError(tr("it holds more than a network of this kind can need"))
    import onnx

    model = onnx.ModelProto.FromString(data)
    graph = model.graph
    if model.functions or model.training_info:
        raise ValueError(tr("it holds functions of its own"))
    if graph.sparse_initializer or graph.quantization_annotation:
        raise ValueError(tr("its weights are no plain arrays"))
    if len(graph.node) > MAX_NODES:
        raise ValueError(tr("it has {count} operators", count=len(graph.node)))
    for tensor in graph.initializer:
        _check_tensor(tensor)
    for node in graph.node:
        _check_node(node)
    _check_sizes(model)


def _check_tensor(tensor: Any) -> None:
    import numpy as np
    from onnx import helper

    if tensor.data_location or tensor.external_data:
        raise ValueError(tr("its weights lie in another file"))
    kind = np.dtype(helper.tensor_dtype_to_np_dtype(tensor.data_type))
    if kind.kind not in "fiub" or min(tensor.dims, default=0) < 0:
        raise ValueError(tr("its weights are no plain arrays"))
    if math.prod(tensor.dims) * kind.itemsize != len(tensor.raw_data):
        raise ValueError(tr("its weights have another size than they say"))


def _check_node(node: Any) -> None:
    if node.domain not in ("", "ai.onnx") or node.op_type not in OPERATORS:
        name = f"{node.domain}.{node.op_type}".strip(".")[:60]
        raise ValueError(tr("it holds the operator {name!r}", name=name))
    for each in node.attribute:
        if each.HasField("g") or each.graphs or each.ref_attr_name or each.tensors:
            raise ValueError(tr("it holds functions of its own"))
        if each.HasField("sparse_tensor") or each.sparse_tensors:
            raise ValueError(tr("its weights are no plain arrays"))
        if each.HasField("t"):
            _check_tensor(each.t)
        numbers = [*each.ints, each.i] if each.HasField("i") else list(each.ints)
        least = 1 if each.name in _POSITIVE else -_LARGEST
        if any(not least <= number < _LARGEST for number in numbers):
            raise ValueError(tr("its {name} make no sense", name=each.name[:60]))


def _check_sizes(model: Any) -> None:
    """All values of a pass over one image have a known size, and a moderate one together."""
    from onnx import shape_inference

    graph = model.graph
    if len(graph.input) != 1:
        raise ValueError(tr("it has {count} inputs", count=len(graph.input)))
    shape = graph.input[0].type.tensor_type.shape.dim
    if len(shape) != 4 or any(not 0 < each.dim_value <= 4096 for each in list(shape)[1:]):
        raise ValueError(tr("its input is no image"))
    shape[0].dim_value = 1
    # What it says of the values on the way may be a lie.
    del graph.value_info[:]
    for output in graph.output:
        output.type.tensor_type.ClearField("shape")
    found = shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    sizes = {
        value.name: _size(value.type.tensor_type)
        for value in (*found.graph.value_info, *found.graph.output)
    }
    made = {name for node in graph.node for name in node.output if name}
    if any(sizes.get(name) is None for name in made):
        raise ValueError(tr("the size of its values is not known"))
    known = sum(size for size in sizes.values() if size is not None)
    if known + sum(math.prod(tensor.dims) for tensor in graph.initializer) > MAX_VALUES:
        raise ValueError(tr("its values need more memory than a network of this kind can"))


def _size(kind: Any) -> int | None:
    if not kind.HasField("shape") or any(not d.HasField("dim_value") for d in kind.shape.dim):
        return None
    return math.prod(int(d.dim_value) for d in kind.shape.dim)


# The file before it is parsed: many tiny parts would fill the memory -----------------------------

_GRAPH, _INITIALIZER, _RAW_DATA = 7, 5, 9


def _other_bytes(model: memoryview) -> int:
    """How many bytes of a file are no raw weights."""
    raw, left = 0, [MAX_FIELDS]
    for number, part in _fields(model, left):
        if number != _GRAPH:
            continue
        for inner, tensor in _fields(part, left):
            if inner == _INITIALIZER:
                raw += sum(len(value) for kind, value in _fields(tensor, left) if kind == _RAW_DATA)
    return len(model) - raw


def _fields(data: memoryview, left: list[int]) -> Iterator[tuple[int, memoryview]]:
    """The fields of a protobuf message that have a length, by number; ``left`` counts down."""
    at = 0
    while at < len(data):
        left[0] -= 1
        if left[0] < 0:
            raise ValueError(tr("it holds more than a network of this kind can need"))
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            _, at = _varint(data, at)
        elif kind == 2:
            length, at = _varint(data, at)
            if at + length > len(data):
                raise ValueError(tr("it is cut off"))
            yield key >> 3, data[at : at + length]
            at += length
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        else:
            raise ValueError(tr("it is damaged"))


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 64:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
    raise ValueError(tr("it is damaged"))
