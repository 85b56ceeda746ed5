"""The serving form, in ONNX Runtime (MIT): the CPU's engine, which never imports TensorFlow."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import ModelError
from app.core.base.translation import tr
from app.core.model.card import ModelCard
from app.inference.runtime import Outputs, device

INPUT, LOGITS, FEATURES, MAPS = "inputs", "logits", "features", "maps"
"""Names in the serving form: the input, and the outputs in their order."""


_TOGETHER = 4
"""Images in one pass: what lies between the layers of more does not stay in the caches, and 32 take
a tenth more time an image and 300 MB more memory."""


class OnnxRuntime:
    """See ``app.inference.runtime.Runtime``.

    Parameters
    ----------
    data
        The serving form, already accepted by ``app.inference.runtime.check``.
    card
        The model's.
    features
        How many columns the features have, those of the heads included.

    Raises
    ------
    ModelError
        When it cannot be loaded, or does not fit the card.
    """

    def __init__(self, data: bytes, card: ModelCard, features: int) -> None:
        import onnxruntime

        self.device = device.cpu_name()
        self.constant = float(card.serving["constant"])
        self._columns = features
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        # Decoding and preparing an image takes four times as long as its pass.
        options.intra_op_num_threads = max(1, device.cores() // 4)
        # A thread that waits for the next image by spinning takes the core from those that decode.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            onnxruntime.disable_telemetry_events()
            session = onnxruntime.InferenceSession(
                data, options, providers=["CPUExecutionProvider"]
            )
            self._check(session, card)
        except Exception as error:  # ONNX Runtime has kinds of its own
            if device.is_out_of_memory(error):
                raise
            raise ModelError(
                tr(
                    "The serving form of {name} cannot be loaded: {error}.",
                    name=card.name,
                    error=str(error).rstrip("."),
                ),
                tr("A network as its card describes was expected."),
                tr("Choose another model, or train it again."),
            ) from error
        self._session = session
        self._options = onnxruntime.RunOptions()
        # What was not asked for (the map) is not computed.
        self._options.only_execute_path_to_fetches = True
        self.has_maps = MAPS in {output.name for output in session.get_outputs()}

    def run(self, inputs: NDArray[np.float32], maps: bool) -> Outputs:
        """See ``Runtime``."""
        names = [LOGITS, *([FEATURES] if self._columns else []), *([MAPS] if maps else [])]
        parts = [
            self._session.run(
                names,
                {INPUT: np.ascontiguousarray(inputs[at : at + _TOGETHER], np.float32)},
                self._options,
            )
            for at in range(0, len(inputs), _TOGETHER)
        ]
        found = {
            name: np.concatenate(values)
            for name, values in zip(names, zip(*parts, strict=True), strict=True)
        }
        features = found.get(FEATURES, np.zeros((len(inputs), 0), np.float32))
        return Outputs(found[LOGITS][:, 0].astype(np.float64), features, found.get(MAPS))

    def agrees_with(self, other: OnnxRuntime, size: int) -> bool:
        """Whether another form gives the same for some inputs of a side of ``size`` pixels."""
        images = np.random.default_rng(0).uniform(0, 255, (4, size, size, 1)).astype(np.float32)
        images[0] = 128
        if self.has_maps != other.has_maps:
            return False
        pairs: Any = zip(
            self.run(images, self.has_maps), other.run(images, self.has_maps), strict=True
        )
        return all(np.allclose(a, b, 1e-3, 1e-3, True) for a, b in pairs if not (a is b is None))

    def _check(self, session: Any, card: ModelCard) -> None:
        """Raise ``ValueError`` unless inputs and outputs are those that the card needs."""
        inputs = {each.name: list(each.shape)[1:] for each in session.get_inputs()}
        size = card.input_size
        if inputs != {INPUT: [size, size, 1]}:
            raise ValueError(tr("its inputs are {inputs}", inputs=inputs))
        outputs = {each.name: list(each.shape)[1:] for each in session.get_outputs()}
        wanted: dict[str, list[int]] = {
            LOGITS: [1 if len(card.classes) == 2 else len(card.classes)],
            **({FEATURES: [self._columns]} if self._columns else {}),
        }
        given = {name: shape for name, shape in outputs.items() if name != MAPS}
        if given != wanted or len(outputs.get(MAPS, (1, 1))) != 2:
            raise ValueError(tr("its outputs are {outputs}", outputs=outputs))
        if not math.isfinite(self.constant):
            raise ValueError(tr("its constant is no number"))
