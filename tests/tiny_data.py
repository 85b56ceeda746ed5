"""A small labelled folder whose classes a network can learn in a few steps."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from factories import chest_like


def write_training_folder(folder: Path, per_class: int = 24, side: int = 96) -> Path:
    """NORMAL and PNEUMONIA, one patient an image, named as in Kermany's collection.

    The pneumonias have a bright patch in a lung; enough patients for every side of the split.
    """
    random = np.random.default_rng(11)
    for label, name in enumerate(("NORMAL", "PNEUMONIA")):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(per_class):
            image = chest_like(side, side, seed=1000 * label + number)
            if label:
                centre = (int(random.integers(20, 40)), int(random.integers(30, 70)))
                cv2.circle(image, centre, side // 6, 255, -1)
            stem = f"person{number}_virus_{number}" if label else f"IM-{number:04}-0001"
            cv2.imwrite(str(folder / name / f"{stem}.png"), image)
    return folder
