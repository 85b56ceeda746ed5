"""Audits of made-up scores, for tests that need no network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tiny_model import tiny_card

from app.review.audit import Audit, AuditRow


def made_audit(
    n: int = 300, seed: int = 0, *, images_a_patient: int = 3, apart: float = 1.2, decimals: int = 2
) -> Audit:
    """``n`` scored images; with few ``decimals`` scores are tied. 0 images: no patient known."""
    random = np.random.default_rng(seed)
    labels = (random.random(n) < 0.6).astype(int)
    logits = random.normal(size=n) * 1.3 + np.where(labels, apart, -apart)
    p = np.round(1 / (1 + np.exp(-logits)), decimals)
    rows = tuple(
        AuditRow(
            name=f"images/{i:05}.png",
            path=Path("/nowhere", f"{i:05}.png"),
            label=int(labels[i]),
            patient=f"csv|{i // images_a_patient}" if images_a_patient else None,
            content_hash=f"{i:064x}",
            columns={"view": "AP" if i % 3 else "PA", "sex": "FM"[i % 2]},
            p=float(p[i]),
        )
        for i in range(n)
    )
    return Audit(rows, tiny_card(), Path("/nowhere"), Path("/model"), "made up")
