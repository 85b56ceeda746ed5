"""What is measured in an image: lengths, angles, the cardiothoracic ratio, and in which unit.

Points are (column, row) in pixels of the stored image, as in ``app.core.reading.verdicts.Region``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.core.base.translation import tr
from app.core.gate.view_words import view_named
from app.core.image.radiograph import Header, PixelSpacing

Point = tuple[float, float]

INFANT_YEARS = 1.0
CHILD_YEARS = 6.0
"""Below the first a ratio up to 0.60 is usual, below the second more than 0.50 may be."""

_STEPS = (1.0, 2.0, 5.0)
_LYING = frozenset({"supine", "prone", "decubitus", "recumbent", "semi-erect", "bedside"})


def unit(spacing: PixelSpacing | None) -> str:
    """The unit of a length with what it holds for, short enough to stand beside the figure.

    ``mm`` alone is only said of a length in the patient.
    """
    if spacing is None:
        return tr("px")
    words = {
        "patient": tr("mm"),
        "estimated": tr("mm, estimated"),
        "detector": tr("mm at detector"),
        "unknown": tr("mm, calibration unknown"),
    }
    return words[spacing.at]


def length(start: Point, end: Point, spacing: PixelSpacing | None) -> float:
    """The distance of two points, in millimetres with a spacing, else in pixels."""
    across, down = end[0] - start[0], end[1] - start[1]
    if spacing is None:
        return math.hypot(across, down)
    return math.hypot(across * spacing.column, down * spacing.row)


def angle(first: Point, vertex: Point, last: Point, spacing: PixelSpacing | None) -> float | None:
    """The angle at ``vertex`` in degrees, 0 to 180; None when a leg has no length.

    Pixels that are wider than high are taken as such where the spacing tells so.
    """
    wide, high = (spacing.column, spacing.row) if spacing else (1.0, 1.0)
    a = ((first[0] - vertex[0]) * wide, (first[1] - vertex[1]) * high)
    b = ((last[0] - vertex[0]) * wide, (last[1] - vertex[1]) * high)
    if math.hypot(*a) == 0 or math.hypot(*b) == 0:
        return None
    cross, dot = a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1]
    return math.degrees(math.atan2(abs(cross), dot))


def cardiothoracic_ratio(heart: tuple[Point, Point], thorax: tuple[Point, Point]) -> float | None:
    """The greatest width of the heart over the inner width of the thorax (Danzer 1919).

    Both lines run along the same axis of the image, so that neither the spacing nor its unequal
    sides change the ratio. None when the thorax has no width.
    """
    across = abs(thorax[1][0] - thorax[0][0]) >= abs(thorax[1][1] - thorax[0][1])
    axis = 0 if across else 1
    inner = abs(thorax[1][axis] - thorax[0][axis])
    return abs(heart[1][axis] - heart[0][axis]) / inner if inner else None


def projection(header: Header) -> str:
    """``PA``, ``AP``, ``LATERAL``, or '' when the header does not say."""
    # A code may say lateral beside a ViewPosition that does not.
    lateral = any(view.kind == "lateral" and view.by == "element" for view in header.views)
    kind = "lateral" if lateral else view_named(header.view)
    return {"PA": "PA", "AP": "AP", "lateral": "LATERAL"}.get(kind or "", "")


def ratio_cautions(header: Header) -> tuple[str, ...]:
    """Why a cardiothoracic ratio may mislead; empty for an upright PA view past early childhood.

    The limit of 0.50 is one of upright PA views of adults and older children.
    """
    cautions = []
    seen = projection(header)
    if seen == "AP":
        cautions.append(tr("AP view: the heart looks larger"))
    elif seen == "LATERAL":
        cautions.append(tr("Lateral view: the ratio means nothing"))
    elif not seen:
        cautions.append(tr("Unknown projection: on an AP view the heart looks larger"))
    if header.posture in _LYING:
        cautions.append(tr("Not upright: the heart looks larger"))
    if header.age_years is None:
        cautions.append(tr("Unknown age: in a young child more than 0.50 may be normal"))
    elif header.age_years < INFANT_YEARS:
        cautions.append(tr("Infant: up to 0.60 may be normal"))
    elif header.age_years < CHILD_YEARS:
        cautions.append(tr("Young child: more than 0.50 may be normal"))
    return tuple(cautions)


@dataclass(frozen=True)
class ScaleBar:
    """A bar of a round length.

    Parameters
    ----------
    pixels
        Its length in image pixels.
    figure
        Such as ``5 cm`` or ``200 px``.
    note
        What the figure holds for (``at detector``); empty for the patient and for pixels.
    """

    pixels: float
    figure: str
    note: str = ""


def scale_bar(spacing: PixelSpacing | None, along_rows: bool, most: float) -> ScaleBar | None:
    """The longest bar of 1, 2 or 5 times a power of ten that fits.

    Parameters
    ----------
    spacing
        None for a bar in pixels.
    along_rows
        Whether the bar lies along the image's rows (and so takes the spacing of columns).
    most
        Pixels of the image that it may take.

    Returns
    -------
    ScaleBar or None
        None where not even one pixel, or a tenth of a millimetre, fits.
    """
    each = 1.0 if spacing is None else spacing.column if along_rows else spacing.row
    room = most * each
    if room < (1.0 if spacing is None else 0.1):
        return None
    power = 10.0 ** math.floor(math.log10(room))
    size = max(step * power for step in _STEPS if step * power <= room)
    if spacing is None:
        return ScaleBar(size, tr("{size} px", size=f"{size:g}"))
    figure = (
        tr("{size} cm", size=f"{size / 10:g}") if size >= 10 else tr("{size} mm", size=f"{size:g}")
    )
    notes = {
        "patient": "",
        "estimated": tr("estimated"),
        "detector": tr("at detector"),
        "unknown": tr("calibration unknown"),
    }
    return ScaleBar(size / each, figure, notes[spacing.at])
