"""The pictures of the worst misses: each image beside its heatmap, on the model's one scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from app.core.base.translation import tr
from app.core.image.heatmap_paint import blend
from app.core.model.results import Heatmap
from app.core.worklist.scan import Item
from app.inference.runtime.classifier import Classifier
from app.inference.scoring.pipeline import score
from app.review.audit import AuditRow
from app.review.export.pdf_parts import jpeg
from app.review.report.document.blocks import Picture
from app.review.report.findings import Findings

_LONGEST_SIDE = 420


def pictures(
    found: Findings,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Picture, ...]:
    """Read the worst misses anew, with the heatmap of the audited model; none for none.

    Parameters
    ----------
    found
        Whose misses.
    on_progress
        Called with the images done and their number.
    cancelled
        Asked between images; what is done comes back.

    Raises
    ------
    ModelError
        When the model has gone since the audit.
    """
    rows = [found.audit.scored[place] for place in found.misses]
    if not rows:
        return ()
    made: list[Picture] = []
    for row, (shown, heatmap) in zip(
        rows, with_heatmaps(rows, found.audit.model_folder, cancelled), strict=False
    ):
        made.append(_picture(found, len(made) + 1, row, shown, heatmap))
        on_progress(len(made), len(rows))
    return tuple(made)


Shown = tuple[NDArray[np.uint8] | None, Heatmap | None]


def with_heatmaps(
    rows: Sequence[AuditRow],
    model_folder: Path,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[Shown]:
    """Each image as shown, (rows, columns) uint8, and its heatmap; None for what has gone."""
    items = [Item(row.path, row.name) for row in rows]
    results = score(
        items, Classifier(model_folder), heatmaps=True, hashes=True, batch_size=4,
        cancelled=cancelled,
    )  # fmt: skip
    found: list[Shown] = []
    for row, scored in zip(rows, results, strict=False):
        same = scored.content_hash == row.content_hash
        # Another image may have taken the file's place since it was scored.
        found.append((scored.shown, scored.heatmap) if same else (None, None))
    return found


def side_by_side(shown: NDArray[np.uint8], heatmap: Heatmap | None) -> tuple[bytes, bytes]:
    """The image, and the image with its heatmap, as small JPEG files."""
    rows, columns = shown.shape
    scale = min(1.0, _LONGEST_SIDE / max(rows, columns))
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    small = np.asarray(cv2.resize(shown, size, interpolation=cv2.INTER_AREA), np.uint8)
    coloured = np.repeat(small[..., None], 3, axis=2) if heatmap is None else blend(small, heatmap)
    return jpeg(small).getvalue(), jpeg(coloured).getvalue()


def _picture(
    found: Findings, number: int, row: AuditRow, shown: NDArray[np.uint8] | None,
    heatmap: Heatmap | None,
) -> Picture:  # fmt: skip
    first = tr("{number}. Probability {p:.3f}", number=number, p=row.p)
    lines = [found.names.picture(row)]
    known = [row.columns[name] for name in ("view", "sex", "age group", "pneumonia kind")
             if row.columns.get(name)]  # fmt: skip
    if known:
        lines.append(", ".join(known))
    if shown is None:
        lines.append(tr("The image cannot be read any more, or is another one now."))
        return Picture((), (first, *lines))
    if heatmap is not None and heatmap.is_empty:
        lines.append(tr("the heatmap is empty"))
    if row.out_of_fold:
        lines.append(tr("out-of-fold score"))
    words = tr("Missed pneumonia {number}: the image, and its heatmap", number=number)
    return Picture(side_by_side(shown, heatmap), (first, *lines), words)
