"""The images of a sweep, decoded once and handed to each worker through its standard input.

They pass from the coordinator to its own children through a pipe and lie on no disk.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, field
from typing import IO, Self

import numpy as np
from numpy.typing import NDArray

from app.core.settings.training import TrainConfig
from app.core.worklist.patients import bucket_of
from app.training.data.dataset import Dataset
from app.training.fit.epochs import as_inputs
from app.training.fit.network import input_size_of

_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True)
class SweepData:
    """What the trials train and validate on; the outer patients are not in it.

    Parameters
    ----------
    classes
        Class names.
    labels
        Shape (n,), int64.
    patients
        Shape (n,), int64: the same number for images of the same patient.
    parts
        Shape (n,), int64: which of the four inner folds validates on the image.
    inputs
        Shape (n, s, s, 1), uint8: what a network without augmentation sees; else empty.
    frames
        Shape (n, 224, 224), uint8, where trials augment or differ in image size; else empty.
    weights
        Shape (n,), float64: how much each image counts.
    """

    classes: tuple[str, ...]
    labels: NDArray[np.int64] = field(repr=False)
    patients: NDArray[np.int64] = field(repr=False)
    parts: NDArray[np.int64] = field(repr=False)
    inputs: NDArray[np.uint8] = field(repr=False)
    frames: NDArray[np.uint8] = field(repr=False)
    weights: NDArray[np.float64] = field(repr=False)

    @classmethod
    def of(cls, dataset: Dataset, config: TrainConfig, need_frames: bool) -> Self:
        """Leave out the patients of ``config.fold``, and divide the others into inner folds."""
        buckets = np.array([bucket_of(group) for group in dataset.groups])
        # The outer patients are those of buckets 2k and 2k + 1; see
        # app.core.worklist.patients.side_of.
        parts = (buckets // 2 - config.fold - 1) % 5
        kept = np.flatnonzero(parts < 4)
        frames = dataset.frames[kept]
        _, patients = np.unique([dataset.groups[i] for i in kept], return_inverse=True)
        nothing = np.empty((0, 1, 1), dtype=np.uint8)
        return cls(
            dataset.classes,
            dataset.labels[kept],
            patients.astype(np.int64),
            parts[kept],
            nothing if need_frames else as_inputs(frames, input_size_of(config)),
            frames if need_frames else nothing,
            np.ones(len(kept)) if dataset.weights is None else dataset.weights[kept],
        )

    def dataset(self) -> Dataset:
        """As the trainer wants it, without names."""
        nobody = ("",) * len(self.labels)
        return Dataset(
            self.classes,
            self.frames,
            self.labels,
            nobody,
            nobody,
            nobody,
            (b"",) * len(nobody),
            weights=self.weights,
        )

    def send(self, stream: IO[bytes]) -> None:
        """Write it to a worker's standard input."""
        packed = io.BytesIO()
        np.savez(
            packed,
            classes=np.array(self.classes),
            labels=self.labels,
            patients=self.patients,
            parts=self.parts,
            inputs=self.inputs,
            frames=self.frames,
            weights=self.weights,
        )
        content = packed.getbuffer()
        stream.write(_LENGTH.pack(len(content)))
        stream.write(content)
        stream.flush()

    @classmethod
    def receive(cls, stream: IO[bytes]) -> Self:
        """Read what ``send`` wrote.

        Raises
        ------
        EOFError
            When the stream ends before.
        """
        (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
        with np.load(io.BytesIO(_exactly(stream, length)), allow_pickle=False) as packed:
            return cls(
                tuple(str(name) for name in packed["classes"]),
                packed["labels"],
                packed["patients"],
                packed["parts"],
                packed["inputs"],
                packed["frames"],
                packed["weights"],
            )


def _exactly(stream: IO[bytes], length: int) -> bytes:
    content = bytearray()
    while len(content) < length:  # a pipe gives what it has
        part = stream.read(min(length - len(content), 1 << 20))
        if not part:
            raise EOFError("the coordinator has gone")
        content += part
    return bytes(content)
