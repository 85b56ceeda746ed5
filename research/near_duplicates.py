"""How far apart perceptual hashes of copies and of strangers are: sets NEAR_DUPLICATE_BITS.

``python -m research.near_duplicates ../shared/data`` compares each full-size original with its
224 x 224 copy, and each training image with those of all other patients.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from app.core.image.preprocess import NEAR_DUPLICATE_BITS, frame_of, perceptual_hash
from app.core.image.reader import read_radiograph
from app.core.worklist.patients import naming_of


def hash_of(path: Path) -> np.ndarray:
    """The perceptual hash of a file, shape (32,), uint8."""
    return np.frombuffer(perceptual_hash(frame_of(read_radiograph(path))), dtype=np.uint8)


def main(data: Path) -> None:
    """Print both distributions and where the limit lies between them."""
    paths = sorted((data / "kermany-train").rglob("*.jpeg"))
    hashes = np.stack([hash_of(path) for path in paths])
    naming = naming_of(path.name for path in paths)
    patients = np.array([naming.patient_of(path.name) for path in paths])
    position = {path.relative_to(data / "kermany-train"): i for i, path in enumerate(paths)}
    copies = [
        int(np.bitwise_count(hash_of(path) ^ hashes[position[path.relative_to(folder)]]).sum())
        for folder in (data / "fullsize",)
        for path in sorted(folder.rglob("*.jpeg"))
    ]
    strangers = [
        int(np.bitwise_count(hashes[patients != patients[i]] ^ hashes[i]).sum(axis=1).min())
        for i in range(len(paths))
    ]
    print(f"{len(copies)} originals and their copies: at most {max(copies)} of 256 bits apart")
    print(
        f"{len(paths)} images and the nearest other patient: at least {min(strangers)} bits apart"
    )
    print(f"the limit is {NEAR_DUPLICATE_BITS} bits")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
