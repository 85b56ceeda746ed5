"""Audits with made scores, for tests of what is worked out from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from tiny_model import tiny_card

from app.review.audit import Audit, AuditRow


def audit_of(
    p: Sequence[float],
    labels: Sequence[int],
    patients: Sequence[str | None] | None = None,
    columns: Sequence[Mapping[str, str]] | None = None,
    folder: Path = Path("labelled"),
    model: str = "m",
    **card: Any,
) -> Audit:
    """An audit of as many images, each of a patient of its own unless told otherwise."""
    patients = patients or [f"p{i}" for i in range(len(p))]
    rows = [
        AuditRow(
            f"{'PNEUMONIA' if label else 'NORMAL'}/{i:04d}.png",
            folder / ("PNEUMONIA" if label else "NORMAL") / f"{i:04d}.png",
            int(label),
            patients[i],
            f"{i:064x}",
            columns[i] if columns else {},
            p=float(value),
            perceptual_hash=bytes(32),
        )
        for i, (value, label) in enumerate(zip(p, labels, strict=True))
    ]
    return Audit(tuple(rows), tiny_card(model, **card), folder)


def changed(audit: Audit, at: int, **fields: Any) -> Audit:
    """The same audit with one row changed."""
    rows = list(audit.rows)
    rows[at] = replace(rows[at], **fields)
    return replace(audit, rows=tuple(rows))


def failing_in_ap(n: int = 240, seed: int = 4) -> Audit:
    """Two images a patient; the model fails in view AP."""
    random = np.random.default_rng(seed)
    labels = np.repeat(random.integers(0, 2, n // 2), 2)
    folders = ("one", "two", "three")
    columns = [
        {
            "view": "AP" if i // 2 % 3 == 0 else "PA",
            "folder": folders[int(i // 2 >= n // 3) + int(i // 2 >= n // 2 - 3)],
        }
        for i in range(n)
    ]
    bad = np.array([row["view"] == "AP" for row in columns])
    p = 1 / (1 + np.exp(-(2 * labels - 1) * np.where(bad, 0.3, 2.5) - random.normal(0, 1, n)))
    return audit_of(p.tolist(), labels.tolist(), [f"p{i // 2}" for i in range(n)], columns)
