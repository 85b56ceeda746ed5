"""What the tool tip of an audited image says; identity passes through ``privacy``."""

from __future__ import annotations

from app.core.base.reasons import texts
from app.core.base.translation import mark, tr
from app.gui.audit import text as words
from app.gui.common.privacy import privacy
from app.review.audit import AuditRow

COLUMNS = {
    "view": mark("View"),
    "sex": mark("Sex"),
    "age group": mark("Age group"),
    "pneumonia kind": mark("Pneumonia kind"),
    "image size": mark("Image size"),
}
"""Columns that name nobody. Any other comes from folders or a CSV, and may hold anything."""


def tooltip(row: AuditRow, threshold: float) -> str:
    """Everything that is known of an image, a line each."""
    cell = words.cell_of(row, threshold)
    lines = [privacy.image_path(row.path, row.name)]
    if cell is not None:
        lines.append(
            tr(
                "{what} ({name}): score {score}, threshold {threshold:.3f}",
                what=tr(words.SHORT[cell]),
                name=tr(words.NAMES[cell]),
                score=words.score_words(row),
                threshold=threshold,
            )
        )
    lines.append(tr("label: {label}", label=words.label_words(row)))
    for name, value in row.columns.items():
        shown = value if name in COLUMNS else privacy.shown(value)
        lines.append(f"{tr(COLUMNS[name]) if name in COLUMNS else name}: {shown}")
    if row.patient:
        lines.append(tr("patient: {patient}", patient=privacy.shown(row.patient)))
    lines.extend(filter(None, (words.source_words(row), *texts(row.reasons))))
    return "\n".join(lines)
