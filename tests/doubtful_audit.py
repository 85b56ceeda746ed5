"""An audit of a few made images, some with labels that are likely wrong."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np
from factories import chest_like
from tiny_model import tiny_card

from app.core.image.preprocess import perceptual_hash
from app.review.audit import Audit, AuditRow


def doubtful_audit(folder: Path, per_class: int = 15, **changes) -> Audit:
    """Two of the pneumonias score as normals surely do; one is a copy of a normal."""
    rows = []
    for label, name in enumerate(("NORMAL", "PNEUMONIA")):
        (folder / name).mkdir(parents=True)
        for number in range(per_class):
            seed = 0 if label and number == 5 else 100 * label + number
            image = chest_like(224, 224, seed=seed)
            path = folder / name / f"image{number}.png"
            cv2.imwrite(str(path), image)
            p = {0: 0.05 + number / 200, 1: 0.95 - number / 200}[label]
            p = {3: 0.01, 7: 0.02, 5: 0.05}.get(number, p) if label else p
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            rows.append(
                AuditRow(
                    f"{name}/{path.name}",
                    path,
                    label,
                    content_hash=f"{content[:60]}{label}{number:03}",
                    perceptual_hash=perceptual_hash(np.asarray(image)),
                    p=p,
                    **changes,
                )
            )
    return Audit(tuple(rows), tiny_card("m"), folder)
